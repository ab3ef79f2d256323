package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;

/** Checks that many system instructions begin with. */
final class Privilege {
  private Privilege() {}

  /** #GP(0) unless CPL is 0, as it is in real-address mode. */
  static void require0(Cpu cpu) {
    if (cpu.cpl != 0) {
      throw cpu.gp();
    }
  }

  /** #UD in real-address and virtual-8086 mode. */
  static void requireProtectedMode(Cpu cpu) {
    if (cpu.realOrV86()) {
      throw cpu.ud();
    }
  }

  /** User-mode instruction prevention: #GP(0) for SGDT, SIDT, SLDT, SMSW and STR outside CPL 0. */
  static void checkUmip(Cpu cpu) {
    if (cpu.cpl != 0 && (cpu.cr4 & Flag.CR4_UMIP) != 0) {
      throw cpu.gp();
    }
  }
}
