package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** What moves registers, their sign or the top of the stack: no arithmetic, any bits are welcome. */
final class RegisterOps {
  private RegisterOps() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case FXCH -> FpuOp.of(in, cpu, (c, op) -> exchange(c.fpu, op.st));
      case FCHS -> FpuOp.of(in, cpu, (c, op) -> {
        if (topValid(c.fpu)) {
          c.fpu.signExponent[c.fpu.top] ^= Rounding.SIGN;
        }
      });
      case FABS -> FpuOp.of(in, cpu, (c, op) -> {
        if (topValid(c.fpu)) {
          c.fpu.signExponent[c.fpu.top] &= ~Rounding.SIGN;
        }
      });
      case FINCSTP -> FpuOp.of(in, cpu, (c, op) -> turn(c.fpu, 1));
      case FDECSTP -> FpuOp.of(in, cpu, (c, op) -> turn(c.fpu, -1));
      case FFREE -> FpuOp.of(in, cpu, (c, op) -> free(c.fpu, op.st));
      case FFREEP -> FpuOp.of(in, cpu, (c, op) -> {
        free(c.fpu, op.st);
        c.fpu.pop();
      });
      default -> null;
    };
  }

  /** Clears C1. If ST(0) is empty: the stack underflow with its masked response. */
  static boolean topValid(Fpu f) {
    f.clearC1();
    if (!f.stEmpty(0)) {
      return true;
    }
    if (f.stackFault(false)) {
      f.setIndefinite(0);
    }
    return false;
  }

  private static void exchange(Fpu f, int st) {
    f.clearC1();
    if (f.stEmpty(0) || f.stEmpty(st)) {
      if (!f.stackFault(false)) {
        return;
      }
      if (f.stEmpty(0)) {
        f.setIndefinite(0);
      }
      if (f.stEmpty(st)) {
        f.setIndefinite(st);
      }
    }
    int a = f.physical(0);
    int b = f.physical(st);
    int signExponent = f.signExponent[a];
    long mantissa = f.mantissa[a];
    f.setSt(0, f.signExponent[b], f.mantissa[b]);
    f.setSt(st, signExponent, mantissa);
  }

  private static void free(Fpu f, int st) {
    f.clearC1();
    f.empty |= 1 << f.physical(st);
  }

  private static void turn(Fpu f, int by) {
    f.clearC1();
    f.top = f.top + by & 7;
  }
}
