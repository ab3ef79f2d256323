package org.sallyport.cpu.vmx.system;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;

/**
 * VMX instructions in VMX non-root operation: all of them leave for the monitor (SDM volume 3, "Instructions That
 * Cause VM Exits").
 */
final class VmxOps {
  // @formatter:off
  static final int VMCALL   = 18;
  static final int VMCLEAR  = 19;
  static final int VMLAUNCH = 20;
  static final int VMPTRLD  = 21;
  static final int VMPTRST  = 22;
  static final int VMREAD   = 23;
  static final int VMRESUME = 24;
  static final int VMWRITE  = 25;
  static final int VMXOFF   = 26;
  static final int VMXON    = 27;
  static final int INVEPT   = 50;
  static final int INVVPID  = 53;
  // @formatter:on

  private VmxOps() {}

  static void vmcall(Cpu cpu, SystemOp op) {
    if (!cpu.controls.nonRoot) {
      throw cpu.ud();
    }
    throw cpu.exit(VMCALL, 0);
  }

  /** An instruction that exists only for a guest that sees VMX itself. */
  static SystemOp.Action exit(int reason) {
    return (cpu, op) -> {
      boolean announced = cpu.controls.nonRoot && cpu.has(CpuFeature.VMX) && (cpu.cr4 & Flag.CR4_VMXE) != 0;
      if (!announced || cpu.realOrV86() || cpu.longMode() && !cpu.mode64()) {
        throw cpu.ud();
      }
      throw cpu.exit(reason, 0);
    };
  }
}
