package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;

/** MOV to and from debug registers (SDM volume 2, MOV; volume 3, "Debug Registers"). */
final class DebugRegisters {
  private static final int EXIT_MOV_DR = 29;
  private static final int FROM = 1 << 4;

  private DebugRegisters() {}

  /** MOV DRn, r. */
  static void write(Cpu cpu, SystemOp op) {
    int register = check(cpu, op.register(0), 0, op.register(1));
    long value = cpu.reg(op.register(1), op.size(1));
    if (register >= 6 && value >>> 32 != 0) {
      throw cpu.gp();
    }
    switch (register) {
      case 6 -> cpu.dr[6] = value & Debug.DR6_MASK | Debug.DR6_FIXED;
      case 7 -> {
        cpu.dr[7] = value & Debug.DR7_MASK | Debug.DR7_FIXED;
        cpu.debug.refresh();
      }
      default -> {
        cpu.dr[register] = value;
        cpu.debug.refresh();
      }
    }
  }

  /** MOV r, DRn. */
  static void read(Cpu cpu, PlainOp op) {
    int register = check(cpu, op.number(1), FROM, op.number(0));
    cpu.setReg(op.number(0), op.operandBytes(0), cpu.dr[register]);
  }

  /** All checks; returns the register's number with DR4 and DR5 resolved. */
  private static int check(Cpu cpu, int number, int direction, int general) {
    boolean alias = number == 4 || number == 5;
    if (alias && (cpu.cr4 & Flag.CR4_DE) != 0) {
      throw cpu.ud();
    }
    Privilege.require0(cpu);
    if (cpu.controls.nonRoot && cpu.controls.movDrExiting) {
      throw cpu.exit(EXIT_MOV_DR, number | direction | general << 8);
    }
    if ((cpu.dr[7] & Debug.DR7_GD) != 0) {
      throw cpu.debug.generalDetect();
    }
    return alias ? number + 2 : number;
  }
}
