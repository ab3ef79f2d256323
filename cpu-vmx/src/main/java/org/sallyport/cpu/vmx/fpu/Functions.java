package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Functions of ST(0), or of ST(0) and ST(1): roots, remainders, scaling and the transcendental functions. */
final class Functions {
  private Functions() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case FSQRT -> unary(in, cpu, Arithmetic::squareRoot);
      case FRNDINT -> unary(in, cpu, Arithmetic::roundToInteger);
      case FSCALE -> FpuOp.of(in, cpu, (c, op) -> scale(c.fpu));
      case FPREM, FPREM1 -> {
        boolean nearest = in.mnemonic == Mnemonic.FPREM1;
        yield FpuOp.of(in, cpu, (c, op) -> remainder(c.fpu, nearest));
      }
      case FXTRACT -> FpuOp.of(in, cpu, (c, op) -> extract(c.fpu));
      default -> null;
    };
  }

  @FunctionalInterface
  private interface Unary {
    void apply(Arithmetic a, int signExponent, long mantissa);
  }

  private static Op unary(Instruction in, Cpu cpu, Unary function) {
    return FpuOp.of(in, cpu, (c, op) -> {
      Fpu f = c.fpu;
      if (!RegisterOps.topValid(f)) {
        return;
      }
      Arithmetic a = f.arithmetic;
      a.begin(f.control, 0);
      function.apply(a, f.signExponent[f.top], f.mantissa[f.top]);
      if (f.commit(a.flags)) {
        f.setSt(0, a.signExponent, a.mantissa);
      }
    });
  }

  /** Clears C1. If ST(0) or ST(1) is empty: the stack underflow; its masked response goes to ST(destination). */
  private static boolean bothValid(Fpu f) {
    f.clearC1();
    if (!f.stEmpty(0) && !f.stEmpty(1)) {
      return true;
    }
    if (f.stackFault(false)) {
      f.setIndefinite(0);
    }
    return false;
  }

  private static void scale(Fpu f) {
    if (!bothValid(f)) {
      return;
    }
    Arithmetic a = f.arithmetic;
    int p = f.physical(1);
    a.begin(f.control, 0);
    a.scale(f.signExponent[f.top], f.mantissa[f.top], f.signExponent[p], f.mantissa[p]);
    if (f.commit(a.flags)) {
      f.setSt(0, a.signExponent, a.mantissa);
    }
  }

  private static void remainder(Fpu f, boolean nearest) {
    f.status &= ~Fpu.C2; // a loop around it must end, whatever happens
    if (!bothValid(f)) {
      return;
    }
    Arithmetic a = f.arithmetic;
    int p = f.physical(1);
    a.begin(f.control, 0);
    a.remainder(f.signExponent[f.top], f.mantissa[f.top], f.signExponent[p], f.mantissa[p], nearest);
    if (f.commit(a.flags)) {
      f.setSt(0, a.signExponent, a.mantissa);
      if (a.conditions >= 0) {
        f.status = f.status & ~(Fpu.C0 | Fpu.C1 | Fpu.C2 | Fpu.C3) | a.conditions;
      }
    }
  }

  /** The exponent replaces ST(0), the mantissa is pushed. */
  private static void extract(Fpu f) {
    f.clearC1();
    boolean underflow = f.stEmpty(0);
    if (underflow || !f.stEmpty(-1)) {
      if (f.stackFault(!underflow)) {
        f.setIndefinite(0);
        f.push(Rounding.INDEFINITE_EXPONENT, Rounding.INDEFINITE_MANTISSA);
      }
      return;
    }
    Arithmetic a = f.arithmetic;
    a.begin(f.control, 0);
    a.extract(f.signExponent[f.top], f.mantissa[f.top]);
    if (f.commit(a.flags)) {
      f.setSt(0, a.extractedSignExponent, a.extractedMantissa);
      f.push(a.signExponent, a.mantissa);
    }
  }
}
