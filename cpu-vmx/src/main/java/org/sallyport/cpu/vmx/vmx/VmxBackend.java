package org.sallyport.cpu.vmx.vmx;

import static org.sallyport.api.cpu.CpuFeature.*;

import java.util.EnumSet;
import java.util.Set;
import org.osgi.service.component.annotations.Component;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuBackend;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuClusterSpec;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.CpuFeature;

/** The backend {@code vmx}: an x86-64 processor with VMX in software. Runs everywhere Java runs. */
@Component(property = CpuBackend.PROPERTY + "=vmx")
public final class VmxBackend implements CpuBackend {
  /** What is implemented, and nothing else. */
  static final Set<CpuFeature> FEATURES =
      EnumSet.of(FPU, VME, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE36, CLFLUSH, MMX,
          FXSR, SSE, SSE2,
          SS, SSE3, SSSE3, CX16, SSE4_1, SSE4_2, PCLMULQDQ, AES, X2APIC, MOVBE, POPCNT, TSC_DEADLINE, XSAVE, HYPERVISOR,
          ARAT, FSGSBASE,
          TSC_ADJUST,
          SMEP, ERMS, SMAP, CLFLUSHOPT, CLWB, SHA, UMIP, PKU, SHSTK, RDPID, PKS, FSRM, IBT, LAM, SPEC_CTRL,
          ARCH_CAPABILITIES, SYSCALL, NX,
          PDPE1GB,
          RDTSCP, LM, LAHF_LM,
          PREFETCHW, INVARIANT_TSC);

  /** Hosts whose loads and stores have the order that guests expect (TSO), so that several processors need no fences. */
  private static final Set<String> HOSTS_IN_ORDER = Set.of("amd64", "x86_64");

  @Override
  public String name() {
    return "vmx";
  }

  @Override
  public Availability probe() {
    return Availability.yes("x86-64 processor with VMX, in software");
  }

  @Override
  public Set<CpuFeature> features() {
    return EnumSet.copyOf(FEATURES);
  }

  @Override
  public CpuCluster open(CpuClusterSpec spec) throws CpuException {
    if (spec.cpus() > 16) {
      throw new CpuException("backend vmx has at most 16 processors, not " + spec.cpus() + ": cpus=16");
    }
    String host = System.getProperty("os.arch");
    if (spec.cpus() > 1 && !HOSTS_IN_ORDER.contains(host)) {
      throw new CpuException("backend vmx has one processor only on a host of architecture " + host
          + ", whose memory order is weaker than the guest's: cpus=1");
    }
    return new VmxCluster(spec);
  }
}
