package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;

/**
 * The instructions that manage shadow stacks (SDM volume 2). RDSSP is no operation where there is no shadow stack, so
 * that it is bound elsewhere; the others are #UD.
 */
final class ShadowStackOps {
  private static final long PREVIOUS = 2; // bit of a previous-SSP token

  private ShadowStackOps() {}

  static PlainOp.Action action(Instruction in) {
    return switch (in.mnemonic) {
      case INCSSP -> ShadowStackOps::incssp;
      case SAVEPREVSSP -> ShadowStackOps::saveprevssp;
      case RSTORSSP -> ShadowStackOps::rstorssp;
      case WRSS -> ShadowStackOps::wrss;
      case WRUSS -> ShadowStackOps::wruss;
      case SETSSBSY -> ShadowStackOps::setssbsy;
      case CLRSSBSY -> ShadowStackOps::clrssbsy;
      default -> null;
    };
  }

  private static void require(Cpu cpu) {
    if (!cpu.cet.shadowStack(cpu.cpl)) {
      throw cpu.ud();
    }
  }

  /** Of the supervisor, whatever the present level is. */
  private static void requireSupervisors(Cpu cpu) {
    if (cpu.realOrV86() || !cpu.cet.shadowStack(0)) {
      throw cpu.ud();
    }
    Privilege.require0(cpu);
  }

  private static boolean user(Cpu cpu) {
    return cpu.cpl == 3;
  }

  static void incssp(Cpu cpu, PlainOp op) {
    require(cpu);
    int size = op.operandBytes(0);
    long count = cpu.r[op.number(0)] & 0xff;
    cpu.readShadow(cpu.ssp, size, user(cpu));
    if (count > 1) {
      cpu.readShadow(cpu.ssp + (count - 1) * size, size, user(cpu));
    }
    cpu.ssp += count * size;
  }

  static void saveprevssp(Cpu cpu, PlainOp op) {
    require(cpu);
    long ssp = cpu.ssp;
    boolean to64 = cpu.mode64();
    if ((ssp & 7) != 0) {
      throw cpu.gp();
    }
    long token = cpu.readShadow(ssp, 8, user(cpu));
    ssp += 8;
    if (cpu.cf()) { // RSTORSSP has found a stack whose pointer was not a multiple of 8
      if (to64 || cpu.readShadow(ssp, 4, user(cpu)) != 0) {
        throw cpu.gp();
      }
      ssp += 4;
    }
    if ((token & PREVIOUS) == 0 || !to64 && token >>> 32 != 0) {
      throw cpu.gp();
    }
    long old = token & ~3L;
    long top = old & ~7L;
    if (top != old) {
      cpu.writeShadow(old - 4, 4, 0, user(cpu));
    }
    cpu.writeShadow(top - 8, 8, old | (to64 ? 1 : 0), user(cpu));
    cpu.ssp = ssp;
  }

  static void rstorssp(Cpu cpu, PlainOp op) {
    require(cpu);
    long at = op.writable(cpu, 0, 8);
    if ((at & 7) != 0) {
      throw cpu.gp();
    }
    int wide = cpu.mode64() ? 1 : 0;
    long replacement = cpu.ssp | wide | PREVIOUS;
    long token;
    do {
      token = cpu.readShadow(at, 8, user(cpu));
      boolean valid = (token & 3) == wide && (wide == 1 || token >>> 32 == 0) && ((token & ~1L) - 8 & ~7L) == at;
      if (!valid) {
        cpu.compareAndSetShadow(at, token, token, user(cpu)); // the access is a write even so
        throw cpu.cet.violation(ControlFlow.RSTORSSP);
      }
    } while (cpu.compareAndSetShadow(at, token, replacement, user(cpu)) != token);
    cpu.ssp = at;
    cpu.setStatus((token & 4) != 0 ? Flag.CF : 0);
  }

  static void wrss(Cpu cpu, PlainOp op) {
    if (!cpu.cet.shadowStackWrites(cpu.cpl)) {
      throw cpu.ud();
    }
    write(cpu, op, user(cpu));
  }

  static void wruss(Cpu cpu, PlainOp op) {
    if ((cpu.cr4 & Flag.CR4_CET) == 0 || cpu.realOrV86()) {
      throw cpu.ud();
    }
    Privilege.require0(cpu);
    write(cpu, op, true);
  }

  private static void write(Cpu cpu, PlainOp op, boolean user) {
    int size = op.operandBytes(1);
    long at = op.writable(cpu, 0, size);
    if ((at & size - 1) != 0) {
      throw cpu.gp();
    }
    cpu.writeShadow(at, size, cpu.reg(op.number(1), size), user);
  }

  static void setssbsy(Cpu cpu, PlainOp op) {
    requireSupervisors(cpu);
    long ssp = cpu.cet.levelSsp(0);
    if ((ssp & 7) != 0) {
      throw cpu.gp();
    }
    if (cpu.compareAndSetShadow(ssp, ssp, ssp | ShadowStack.BUSY, false) != ssp) {
      throw cpu.cet.violation(ControlFlow.SETSSBSY);
    }
    cpu.ssp = ssp;
  }

  static void clrssbsy(Cpu cpu, PlainOp op) {
    requireSupervisors(cpu);
    long at = op.writable(cpu, 0, 8);
    if ((at & 7) != 0) {
      throw cpu.gp();
    }
    long busy = at | ShadowStack.BUSY;
    boolean invalid = cpu.compareAndSetShadow(at, busy, at, false) != busy;
    cpu.ssp = 0;
    cpu.setStatus(invalid ? Flag.CF : 0);
  }
}
