package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** What pushes a value: FLD, FILD, FBLD and the constants. */
final class Loads {
  private Loads() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case FLD -> !in.hasMemory() ? FpuOp.of(in, cpu, Loads::loadRegister) : switch (in.size[0]) {
        case 4 -> FpuOp.of(in, cpu, Loads::loadFloat);
        case 8 -> FpuOp.of(in, cpu, Loads::loadDouble);
        default -> FpuOp.of(in, cpu, Loads::loadExtended);
      };
      case FILD -> FpuOp.of(in, cpu, Loads::loadInteger);
      case FBLD -> FpuOp.of(in, cpu, Loads::loadBcd);
      case FLDZ -> FpuOp.of(in, cpu, (c, op) -> loadConstant(c, 0, 0));
      case FLD1 -> FpuOp.of(in, cpu, (c, op) -> loadConstant(c, Rounding.BIAS, Rounding.INTEGER_BIT));
      case FLDPI -> constant(in, cpu, Constant.PI);
      case FLDL2E -> constant(in, cpu, Constant.LOG2_E);
      case FLDL2T -> constant(in, cpu, Constant.LOG2_10);
      case FLDLG2 -> constant(in, cpu, Constant.LOG10_2);
      case FLDLN2 -> constant(in, cpu, Constant.LN_2);
      default -> null;
    };
  }

  private static Op constant(Instruction in, Cpu cpu, Constant constant) {
    return FpuOp.of(in, cpu, (c, op) -> {
      c.fpu.arithmetic.begin(c.fpu.control, 0);
      loadConstant(c, constant.signExponent, constant.rounded(c.fpu.arithmetic.mode()));
    });
  }

  private static void loadConstant(Cpu c, int signExponent, long mantissa) {
    if (mayPush(c.fpu)) {
      c.fpu.push(signExponent, mantissa);
    }
  }

  /** Clears C1. If the stack is full: the stack overflow, whose masked response is pushed. */
  static boolean mayPush(Fpu f) {
    f.clearC1();
    if (f.stEmpty(-1)) {
      return true;
    }
    if (f.stackFault(true)) {
      f.push(Rounding.INDEFINITE_EXPONENT, Rounding.INDEFINITE_MANTISSA);
    }
    return false;
  }

  private static void loadRegister(Cpu c, FpuOp op) {
    Fpu f = c.fpu;
    if (f.stEmpty(op.st)) { // which takes precedence over a stack overflow
      if (f.stackFault(false)) {
        f.push(Rounding.INDEFINITE_EXPONENT, Rounding.INDEFINITE_MANTISSA);
      }
    } else {
      int p = f.physical(op.st);
      loadConstant(c, f.signExponent[p], f.mantissa[p]);
    }
  }

  private static void loadFloat(Cpu c, FpuOp op) {
    int value = c.read32(op.source(c, 4));
    Conversion v = c.fpu.conversion;
    v.begin(c.fpu.control, 0);
    v.fromFloat(value);
    pushConverted(c.fpu, v);
  }

  private static void loadDouble(Cpu c, FpuOp op) {
    long value = c.read64(op.source(c, 8));
    Conversion v = c.fpu.conversion;
    v.begin(c.fpu.control, 0);
    v.fromDouble(value);
    pushConverted(c.fpu, v);
  }

  private static void pushConverted(Fpu f, Conversion v) {
    v.quiet();
    // Conversion is done on the way: a denormal operand is reported, but loaded also when that is not masked.
    if (mayPush(f) && (f.commit(v.flags) || (v.flags & Fpu.IE) == 0)) {
      f.push(v.signExponent, v.mantissa);
    }
  }

  private static void loadExtended(Cpu c, FpuOp op) {
    long mantissa = c.read64(op.source(c, 10));
    int signExponent = c.read16(op.part(c, 8, 2));
    loadConstant(c, signExponent, mantissa);
  }

  private static void loadInteger(Cpu c, FpuOp op) {
    Conversion v = c.fpu.conversion;
    v.fromLong(op.readInteger(c));
    loadConstant(c, v.signExponent, v.mantissa);
  }

  private static void loadBcd(Cpu c, FpuOp op) {
    long low = c.read64(op.source(c, 10));
    int high = c.read16(op.part(c, 8, 2));
    c.fpu.conversion.fromBcd(low, high);
    loadConstant(c, c.fpu.conversion.signExponent, c.fpu.conversion.mantissa);
  }
}
