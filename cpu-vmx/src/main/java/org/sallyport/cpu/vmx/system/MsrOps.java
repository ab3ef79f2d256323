package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Registers;

/** RDMSR and WRMSR (SDM volume 2). */
final class MsrOps {
  private static final int EXIT_RDMSR = 31;
  private static final int EXIT_WRMSR = 32;

  private MsrOps() {}

  static void rdmsr(Cpu cpu, PlainOp op) {
    Privilege.require0(cpu);
    int index = (int) cpu.r[Registers.RCX];
    if (cpu.controls.msrExits(index, false)) {
      throw cpu.exit(EXIT_RDMSR, 0);
    }
    Misc.setEdxEax(cpu, cpu.msrs.read(index));
  }

  static void wrmsr(Cpu cpu, SystemOp op) {
    Privilege.require0(cpu);
    int index = (int) cpu.r[Registers.RCX];
    if (cpu.controls.msrExits(index, true)) {
      throw cpu.exit(EXIT_WRMSR, 0);
    }
    cpu.msrs.write(index, Misc.edxEax(cpu));
  }
}
