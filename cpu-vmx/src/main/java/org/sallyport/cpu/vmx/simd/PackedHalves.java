package org.sallyport.cpu.vmx.simd;

import java.util.function.LongBinaryOperator;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/**
 * Packed-integer instructions that treat the two halves of an XMM register alike and apart, so that one function of two longs serves both
 * halves, and the MMX form too.
 */
final class PackedHalves {
  private static final long B = Lanes.B;
  private static final long W = Lanes.W;
  private static final long D = Lanes.D;

  private PackedHalves() {}

  static Op bind(Instruction in, Cpu cpu) {
    Mnemonic m = in.mnemonic;
    boolean mmx = in.kind[0] == OperandKind.MMX;
    LongBinaryOperator function = addition(m);
    function = function == null ? comparison(m) : function;
    function = function == null ? multiplication(m) : function;
    if (function == null || !cpu.has(PackedFeature.of(m, mmx))) {
      return null;
    }
    return mmx ? mmx(in, cpu, function) : xmm(in, cpu, function);
  }

  private static Op mmx(Instruction in, Cpu cpu, LongBinaryOperator function) {
    return new MmxOp(in, cpu) {
      @Override
      long apply(long destination, long value) {
        return function.applyAsLong(destination, value);
      }
    };
  }

  private static Op xmm(Instruction in, Cpu cpu, LongBinaryOperator function) {
    return switch (in.mnemonic) {
      case PCMPEQB -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Lanes.equal(x[d], low, B);
          x[d + 1] = Lanes.equal(x[d + 1], high, B);
        }
      };
      case PCMPEQD -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Lanes.equal(x[d], low, D);
          x[d + 1] = Lanes.equal(x[d + 1], high, D);
        }
      };
      case PMINUB -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Lanes.minUnsigned(x[d], low, B);
          x[d + 1] = Lanes.minUnsigned(x[d + 1], high, B);
        }
      };
      case PSUBB -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Lanes.sub(x[d], low, B);
          x[d + 1] = Lanes.sub(x[d + 1], high, B);
        }
      };
      case PADDD -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Lanes.add(x[d], low, D);
          x[d + 1] = Lanes.add(x[d + 1], high, D);
        }
      };
      case PADDQ -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] += low;
          x[d + 1] += high;
        }
      };
      default -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = function.applyAsLong(x[d], low);
          x[d + 1] = function.applyAsLong(x[d + 1], high);
        }
      };
    };
  }

  private static LongBinaryOperator addition(Mnemonic m) {
    return switch (m) {
      case PADDB -> (a, b) -> Lanes.add(a, b, B);
      case PADDW -> (a, b) -> Lanes.add(a, b, W);
      case PADDD -> (a, b) -> Lanes.add(a, b, D);
      case PADDQ -> (a, b) -> a + b;
      case PSUBB -> (a, b) -> Lanes.sub(a, b, B);
      case PSUBW -> (a, b) -> Lanes.sub(a, b, W);
      case PSUBD -> (a, b) -> Lanes.sub(a, b, D);
      case PSUBQ -> (a, b) -> a - b;
      case PADDUSB -> (a, b) -> Lanes.addUnsignedSaturated(a, b, B);
      case PADDUSW -> (a, b) -> Lanes.addUnsignedSaturated(a, b, W);
      case PADDSB -> (a, b) -> Lanes.addSignedSaturated(a, b, B);
      case PADDSW -> (a, b) -> Lanes.addSignedSaturated(a, b, W);
      case PSUBUSB -> (a, b) -> Lanes.subUnsignedSaturated(a, b, B);
      case PSUBUSW -> (a, b) -> Lanes.subUnsignedSaturated(a, b, W);
      case PSUBSB -> (a, b) -> Lanes.subSignedSaturated(a, b, B);
      case PSUBSW -> (a, b) -> Lanes.subSignedSaturated(a, b, W);
      case PAVGB -> (a, b) -> Lanes.average(a, b, B);
      case PAVGW -> (a, b) -> Lanes.average(a, b, W);
      case PABSB -> (a, b) -> Lanes.absolute(b, B);
      case PABSW -> (a, b) -> Lanes.absolute(b, W);
      case PABSD -> (a, b) -> Lanes.absolute(b, D);
      case PSIGNB -> (a, b) -> Lanes.sign(a, b, B);
      case PSIGNW -> (a, b) -> Lanes.sign(a, b, W);
      case PSIGND -> (a, b) -> Lanes.sign(a, b, D);
      case PAND -> (a, b) -> a & b;
      case PANDN -> (a, b) -> ~a & b;
      case POR -> (a, b) -> a | b;
      case PXOR -> (a, b) -> a ^ b;
      default -> null;
    };
  }

  private static LongBinaryOperator comparison(Mnemonic m) {
    return switch (m) {
      case PCMPEQB -> (a, b) -> Lanes.equal(a, b, B);
      case PCMPEQW -> (a, b) -> Lanes.equal(a, b, W);
      case PCMPEQD -> (a, b) -> Lanes.equal(a, b, D);
      case PCMPEQQ -> (a, b) -> a == b ? -1 : 0;
      case PCMPGTB -> (a, b) -> Lanes.greater(a, b, B);
      case PCMPGTW -> (a, b) -> Lanes.greater(a, b, W);
      case PCMPGTD -> (a, b) -> Lanes.greater(a, b, D);
      case PCMPGTQ -> (a, b) -> a > b ? -1 : 0;
      case PMINUB -> (a, b) -> Lanes.minUnsigned(a, b, B);
      case PMINUW -> (a, b) -> Lanes.minUnsigned(a, b, W);
      case PMINUD -> (a, b) -> Lanes.minUnsigned(a, b, D);
      case PMINSB -> (a, b) -> Lanes.minSigned(a, b, B);
      case PMINSW -> (a, b) -> Lanes.minSigned(a, b, W);
      case PMINSD -> (a, b) -> Lanes.minSigned(a, b, D);
      case PMAXUB -> (a, b) -> Lanes.maxUnsigned(a, b, B);
      case PMAXUW -> (a, b) -> Lanes.maxUnsigned(a, b, W);
      case PMAXUD -> (a, b) -> Lanes.maxUnsigned(a, b, D);
      case PMAXSB -> (a, b) -> Lanes.maxSigned(a, b, B);
      case PMAXSW -> (a, b) -> Lanes.maxSigned(a, b, W);
      case PMAXSD -> (a, b) -> Lanes.maxSigned(a, b, D);
      default -> null;
    };
  }

  private static LongBinaryOperator multiplication(Mnemonic m) {
    return switch (m) {
      case PMULLW -> Products::lowWords;
      case PMULHW -> Products::highWords;
      case PMULHUW -> Products::highUnsignedWords;
      case PMULHRSW -> Products::roundedWords;
      case PMULLD -> Products::lowDoublewords;
      case PMULUDQ -> (a, b) -> (a & 0xffffffffL) * (b & 0xffffffffL);
      case PMULDQ -> (a, b) -> (long) (int) a * (int) b;
      case PMADDWD -> Products::addPairsOfWords;
      case PMADDUBSW -> Products::addPairsOfBytes;
      case PSADBW -> Products::sumOfDifferences;
      default -> null;
    };
  }
}
