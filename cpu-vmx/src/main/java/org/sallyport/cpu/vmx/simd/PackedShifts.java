package org.sallyport.cpu.vmx.simd;

import java.util.function.LongBinaryOperator;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Shifts of lanes by one count, and of whole registers by bytes. */
final class PackedShifts {
  private PackedShifts() {}

  static Op bind(Instruction in, Cpu cpu) {
    Mnemonic m = in.mnemonic;
    boolean mmx = in.kind[0] == OperandKind.MMX;
    if (m == Mnemonic.PSLLDQ || m == Mnemonic.PSRLDQ) {
      return cpu.has(PackedFeature.of(m, mmx)) ? bytes(2 * in.reg[0], (int) in.immediate, m == Mnemonic.PSLLDQ) : null;
    }
    LongBinaryOperator function = function(m);
    if (function == null || !cpu.has(PackedFeature.of(m, mmx))) {
      return null;
    }
    if (in.kind[1] == OperandKind.IMMEDIATE) {
      long count = in.immediate & 0xff;
      return mmx ? mmxByConstant(in.reg[0], function, count) : byConstant(2 * in.reg[0], function, count);
    }
    if (mmx) {
      return new MmxOp(in, cpu) {
        @Override
        long apply(long destination, long value) {
          return function.applyAsLong(destination, value);
        }
      };
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        x[d] = function.applyAsLong(x[d], low);
        x[d + 1] = function.applyAsLong(x[d + 1], low);
      }
    };
  }

  private static Op byConstant(int d, LongBinaryOperator function, long count) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        x[d] = function.applyAsLong(x[d], count);
        x[d + 1] = function.applyAsLong(x[d + 1], count);
        return next;
      }
    };
  }

  private static Op mmxByConstant(int d, LongBinaryOperator function, long count) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkMmx(c);
        c.fpu.enterMmx();
        c.fpu.setMmx(d, function.applyAsLong(c.fpu.mmx(d), count));
        return next;
      }
    };
  }

  /** PSLLDQ and PSRLDQ. */
  private static Op bytes(int d, int immediate, boolean left) {
    int bits = 8 * Math.min(immediate & 0xff, 16);
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        long low = x[d];
        long high = x[d + 1];
        x[d] = left ? Shuffles.window(0, 0, low, high, 128 - bits) : Shuffles.window(low, high, 0, 0, bits);
        x[d + 1] = left ? Shuffles.window(0, 0, low, high, 192 - bits) : Shuffles.window(low, high, 0, 0, bits + 64);
        return next;
      }
    };
  }

  private static LongBinaryOperator function(Mnemonic m) {
    return switch (m) {
      case PSLLW -> (a, n) -> Lanes.shiftLeft(a, n, Lanes.W);
      case PSLLD -> (a, n) -> Lanes.shiftLeft(a, n, Lanes.D);
      case PSLLQ -> (a, n) -> (n & ~63) == 0 ? a << n : 0;
      case PSRLW -> (a, n) -> Lanes.shiftRight(a, n, Lanes.W);
      case PSRLD -> (a, n) -> Lanes.shiftRight(a, n, Lanes.D);
      case PSRLQ -> (a, n) -> (n & ~63) == 0 ? a >>> n : 0;
      case PSRAW -> (a, n) -> Lanes.shiftRightSigned(a, n, Lanes.W);
      case PSRAD -> (a, n) -> Lanes.shiftRightSigned(a, n, Lanes.D);
      default -> null;
    };
  }
}
