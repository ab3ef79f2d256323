package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** AND, AND NOT, OR and XOR of XMM registers. Those of MMX registers are with the {@linkplain PackedHalves packed integers}. */
final class PackedLogic {
  private PackedLogic() {}

  static Op bind(Instruction in, Cpu cpu) {
    if (in.kind[0] != OperandKind.XMM) {
      return null;
    }
    return switch (in.mnemonic) {
      case PXOR, XORPD -> cpu.has(CpuFeature.SSE2) ? xor(in, cpu) : null;
      case PAND, ANDPD -> cpu.has(CpuFeature.SSE2) ? and(in, cpu) : null;
      case PANDN, ANDNPD -> cpu.has(CpuFeature.SSE2) ? andNot(in, cpu) : null;
      case POR, ORPD -> cpu.has(CpuFeature.SSE2) ? or(in, cpu) : null;
      case XORPS -> cpu.has(CpuFeature.SSE) ? xor(in, cpu) : null;
      case ANDPS -> cpu.has(CpuFeature.SSE) ? and(in, cpu) : null;
      case ANDNPS -> cpu.has(CpuFeature.SSE) ? andNot(in, cpu) : null;
      case ORPS -> cpu.has(CpuFeature.SSE) ? or(in, cpu) : null;
      default -> null;
    };
  }

  private static Op xor(Instruction in, Cpu cpu) {
    if (in.kind[1] == OperandKind.XMM) {
      int d = 2 * in.reg[0];
      int s = 2 * in.reg[1];
      return d == s ? zero(d) : xor(d, s);
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        x[d] ^= low;
        x[d + 1] ^= high;
      }
    };
  }

  private static Op zero(int d) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        c.xmm.x[d] = 0;
        c.xmm.x[d + 1] = 0;
        return next;
      }
    };
  }

  private static Op xor(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        x[d] ^= x[s];
        x[d + 1] ^= x[s + 1];
        return next;
      }
    };
  }

  private static Op and(Instruction in, Cpu cpu) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        x[d] &= low;
        x[d + 1] &= high;
      }
    };
  }

  private static Op andNot(Instruction in, Cpu cpu) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        x[d] = ~x[d] & low;
        x[d + 1] = ~x[d + 1] & high;
      }
    };
  }

  private static Op or(Instruction in, Cpu cpu) {
    if (in.kind[1] == OperandKind.XMM) {
      return or(2 * in.reg[0], 2 * in.reg[1]);
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        x[d] |= low;
        x[d + 1] |= high;
      }
    };
  }

  private static Op or(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        x[d] |= x[s];
        x[d + 1] |= x[s + 1];
        return next;
      }
    };
  }
}
