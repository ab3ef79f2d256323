package org.sallyport.cpu.vmx.system;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;

/** Canonical addresses (SDM volume 1, "Canonical Addressing"): the upper bits repeat the highest implemented one. */
final class Canonical {
  private Canonical() {}

  /** Whether an address can be one of code or data in the present paging mode. */
  static boolean is(Cpu cpu, long address) {
    int unused = (cpu.cr4 & Flag.CR4_LA57) != 0 ? 7 : 16;
    return address << unused >> unused == address;
  }

  /**
   * Whether a base register (of a descriptor table, of FS, an MSR) takes this address: the widest that the processor
   * has decides.
   */
  static boolean isBase(Cpu cpu, long address) {
    int unused = cpu.has(CpuFeature.LA57) ? 7 : 16;
    return address << unused >> unused == address;
  }
}
