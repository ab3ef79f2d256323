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
      case FSIN -> trigonometric(in, cpu, false, (f, se, m) -> f.trigonometry.sine(se, m));
      case FCOS -> trigonometric(in, cpu, false, (f, se, m) -> f.trigonometry.cosine(se, m));
      case FPTAN -> trigonometric(in, cpu, true, Functions::tangentAndOne);
      case FSINCOS -> trigonometric(in, cpu, true, (f, se, m) -> f.trigonometry.sineAndCosine(se, m));
      case F2XM1 -> FpuOp.of(in, cpu, (c, op) -> powerMinusOne(c.fpu));
      case FPATAN -> FpuOp.of(in, cpu, (c, op) -> binary(c.fpu, c.fpu.trigonometry, Trigonometry::arcTangent));
      case FYL2X -> FpuOp.of(in, cpu, (c, op) -> binary(c.fpu, c.fpu.exponentials, Exponentials::logarithm));
      case FYL2XP1 -> FpuOp.of(in, cpu, (c, op) -> binary(c.fpu, c.fpu.exponentials, Exponentials::logarithmPlusOne));
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

  // ---- transcendental functions -------------------------------------------------------------------------------------

  private static void powerMinusOne(Fpu f) {
    if (!RegisterOps.topValid(f)) {
      return;
    }
    Exponentials e = f.exponentials;
    e.begin(f.control, 0);
    e.powerMinusOne(f.signExponent[f.top], f.mantissa[f.top]);
    if (f.commit(e.flags)) {
      f.setSt(0, e.signExponent, e.mantissa);
    }
  }

  /** A function of an angle, with results in {@link Fpu#trigonometry}. */
  @FunctionalInterface
  private interface OfAngle {
    void apply(Fpu f, int signExponent, long mantissa);
  }

  private static void tangentAndOne(Fpu f, int signExponent, long mantissa) {
    Trigonometry t = f.trigonometry;
    t.tangent(signExponent, mantissa);
    boolean number = !Rounding.nan(t.signExponent, t.mantissa);
    t.cosineSignExponent = number ? Rounding.BIAS : t.signExponent;
    t.cosineMantissa = number ? Rounding.INTEGER_BIT : t.mantissa;
  }

  private static Op trigonometric(Instruction in, Cpu cpu, boolean pushes, OfAngle function) {
    return FpuOp.of(in, cpu, (c, op) -> trigonometric(c.fpu, pushes, function));
  }

  private static void trigonometric(Fpu f, boolean pushes, OfAngle function) {
    f.status &= ~(Fpu.C1 | Fpu.C2);
    boolean underflow = f.stEmpty(0);
    if (underflow || pushes && !f.stEmpty(-1)) {
      if (f.stackFault(!underflow)) {
        f.setIndefinite(0);
        if (pushes) {
          f.push(Rounding.INDEFINITE_EXPONENT, Rounding.INDEFINITE_MANTISSA);
        }
      }
      return;
    }
    int signExponent = f.signExponent[f.top];
    long mantissa = f.mantissa[f.top];
    if (Trigonometry.outOfRange(signExponent, mantissa)) {
      f.status |= Fpu.C2;
      return;
    }
    Trigonometry t = f.trigonometry;
    t.begin(f.control, 0);
    function.apply(f, signExponent, mantissa);
    if (f.commit(t.flags)) {
      f.setSt(0, t.signExponent, t.mantissa);
      if (pushes) {
        f.push(t.cosineSignExponent, t.cosineMantissa);
      }
    }
  }

  /** A function of ST(1) and ST(0). */
  @FunctionalInterface
  private interface Binary<R extends Rounding> {
    void apply(R unit, int signExponent1, long mantissa1, int signExponent0, long mantissa0);
  }

  /** The result replaces ST(1), and ST(0) is popped. */
  private static <R extends Rounding> void binary(Fpu f, R unit, Binary<R> function) {
    f.clearC1();
    if (f.stEmpty(0) || f.stEmpty(1)) {
      if (f.stackFault(false)) {
        f.setIndefinite(1);
        f.pop();
      }
      return;
    }
    int p = f.physical(1);
    unit.begin(f.control, 0);
    function.apply(unit, f.signExponent[p], f.mantissa[p], f.signExponent[f.top], f.mantissa[f.top]);
    if (f.commit(unit.flags)) {
      f.setSt(1, unit.signExponent, unit.mantissa);
      f.pop();
    }
  }
}
