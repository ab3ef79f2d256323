package org.sallyport.cpu.vmx.simd;

import java.util.function.LongBinaryOperator;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/**
 * Packing, unpacking and horizontal instructions. Packing and horizontal ones make the lower half of the result of the destination, the
 * upper half of the source; unpacking ones make both halves of the same half of both operands.
 */
final class PackedPairs {
  private PackedPairs() {}

  static Op bind(Instruction in, Cpu cpu) {
    Mnemonic m = in.mnemonic;
    boolean mmx = in.kind[0] == OperandKind.MMX;
    LongBinaryOperator pairs = pairs(m);
    LongBinaryOperator low = pairs == null ? low(m) : null;
    if (pairs == null && low == null || !cpu.has(PackedFeature.of(m, mmx))) {
      return null;
    }
    if (pairs != null) {
      return mmx ? mmx(in, cpu, pairs) : horizontal(in, cpu, pairs);
    }
    LongBinaryOperator high = high(m);
    boolean upper = takesUpperHalves(m);
    if (mmx) {
      return mmx(in, cpu, upper ? high : low);
    }
    return upper ? unpackHigh(in, cpu, low, high) : unpackLow(in, cpu, low, high);
  }

  private static Op mmx(Instruction in, Cpu cpu, LongBinaryOperator function) {
    return new MmxOp(in, cpu) {
      @Override
      long apply(long destination, long value) {
        return function.applyAsLong(destination, value);
      }
    };
  }

  private static Op horizontal(Instruction in, Cpu cpu, LongBinaryOperator function) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        x[d] = function.applyAsLong(x[d], x[d + 1]);
        x[d + 1] = function.applyAsLong(low, high);
      }
    };
  }

  private static Op unpackLow(Instruction in, Cpu cpu, LongBinaryOperator first, LongBinaryOperator second) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        long a = x[d];
        x[d] = first.applyAsLong(a, low);
        x[d + 1] = second.applyAsLong(a, low);
      }
    };
  }

  private static Op unpackHigh(Instruction in, Cpu cpu, LongBinaryOperator first, LongBinaryOperator second) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        long a = x[d + 1];
        x[d] = first.applyAsLong(a, high);
        x[d + 1] = second.applyAsLong(a, high);
      }
    };
  }

  private static LongBinaryOperator pairs(Mnemonic m) {
    return switch (m) {
      case PACKSSWB -> Packing::signedBytes;
      case PACKUSWB -> Packing::unsignedBytes;
      case PACKSSDW -> Packing::signedWords;
      case PACKUSDW -> Packing::unsignedWords;
      case PHADDW -> Packing::addWords;
      case PHSUBW -> Packing::subWords;
      case PHADDD -> Packing::addDoublewords;
      case PHSUBD -> Packing::subDoublewords;
      case PHADDSW -> Packing::addWordsSaturated;
      case PHSUBSW -> Packing::subWordsSaturated;
      default -> null;
    };
  }

  private static boolean takesUpperHalves(Mnemonic m) {
    return switch (m) {
      case PUNPCKHBW, PUNPCKHWD, PUNPCKHDQ, PUNPCKHQDQ, UNPCKHPS, UNPCKHPD -> true;
      default -> false;
    };
  }

  /** What makes the lower half of the result. */
  private static LongBinaryOperator low(Mnemonic m) {
    return switch (m) {
      case PUNPCKLBW, PUNPCKHBW -> Packing::lowBytes;
      case PUNPCKLWD, PUNPCKHWD -> Packing::lowWords;
      case PUNPCKLDQ, PUNPCKHDQ, UNPCKLPS, UNPCKHPS -> Packing::lowDoublewords;
      case PUNPCKLQDQ, PUNPCKHQDQ, UNPCKLPD, UNPCKHPD -> (a, b) -> a;
      default -> null;
    };
  }

  /** What makes the upper half of the result. */
  private static LongBinaryOperator high(Mnemonic m) {
    return switch (m) {
      case PUNPCKLBW, PUNPCKHBW -> Packing::highBytes;
      case PUNPCKLWD, PUNPCKHWD -> Packing::highWords;
      case PUNPCKLDQ, PUNPCKHDQ, UNPCKLPS, UNPCKHPS -> Packing::highDoublewords;
      default -> (a, b) -> b;
    };
  }
}
