package org.sallyport.cpu.vmx.vmx;

import java.util.Arrays;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuClusterSpec;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.translate.Translator;

/** The software processors of one machine. */
final class VmxCluster implements CpuCluster {
  private final GuestSlots slots = new GuestSlots();
  private final VmxCpu[] cpus;
  private final Translator translator;

  VmxCluster(CpuClusterSpec spec) throws CpuException {
    CpuidTable cpuid = new CpuidTable(spec.cpuid());
    translator = new Translator(mode());
    Cpu[] processors = new Cpu[spec.cpus()];
    cpus = new VmxCpu[spec.cpus()];
    for (int i = 0; i < processors.length; i++) {
      Cpu cpu = new Cpu(i, slots, spec.time(), spec.tscHz());
      for (CpuFeature feature : VmxBackend.FEATURES) {
        if (cpuid.announces(feature)) {
          cpu.features.add(feature);
        }
      }
      cpu.physicalBits = spec.physicalAddressBits();
      cpu.gigabytePages = cpu.has(CpuFeature.PDPE1GB);
      cpu.amd = cpuid.isAmd();
      cpu.smp = processors.length > 1;
      processors[i] = cpu;
      translator.serve(cpu);
    }
    for (int i = 0; i < processors.length; i++) {
      processors[i].peers = processors.length > 1 ? processors : new Cpu[0];
      cpus[i] = new VmxCpu(processors[i], cpuid, processors.length > 1);
      cpus[i].restore(
          VcpuState.powerOn(cpuid.signature(), i == 0 ? VcpuState.Activity.ACTIVE : VcpuState.Activity.WAIT_FOR_SIPI));
    }
  }

  /** When code is translated, for all machines of the process: {@code -Dsallyport.translate}. */
  private static Translator.Mode mode() throws CpuException {
    String name = System.getProperty("sallyport.translate", "hot");
    for (Translator.Mode mode : Translator.Mode.values()) {
      if (mode.name().equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw new CpuException("sallyport.translate is off, hot or always, not '" + name + "'");
  }

  @Override
  public VirtualCpu cpu(int index) {
    return cpus[index];
  }

  @Override
  public void map(MemorySlot slot) {
    slots.map(slot);
    forgetTranslations();
  }

  @Override
  public void unmap(MemorySlot slot) {
    slots.unmap(slot);
    forgetTranslations();
  }

  private void forgetTranslations() {
    for (VmxCpu cpu : cpus) {
      cpu.cpu.flushTlb();
      cpu.cpu.forgetAllCode();
    }
  }

  @Override
  public void memoryWritten(long guestAddress, long length) {
    if (!slots.anyCode(guestAddress, length)) {
      return;
    }
    for (VmxCpu cpu : cpus) {
      cpu.cpu.request(() -> cpu.cpu.forgetCode(guestAddress, length));
    }
  }

  @Override
  public void close() {
    translator.close();
    Arrays.stream(slots.all()).forEach(slots::unmap);
    forgetTranslations();
  }
}
