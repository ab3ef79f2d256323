package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Moves of whole XMM registers, and of scalars and halves between XMM registers and memory. */
final class XmmMoves {
  private static final long LOW32 = 0xffffffffL;

  private XmmMoves() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case MOVAPS, MOVNTPS -> announced(cpu, CpuFeature.SSE, in, true);
      case MOVUPS -> announced(cpu, CpuFeature.SSE, in, false);
      case MOVAPD, MOVDQA, MOVNTPD, MOVNTDQ -> announced(cpu, CpuFeature.SSE2, in, true);
      case MOVUPD, MOVDQU -> announced(cpu, CpuFeature.SSE2, in, false);
      case LDDQU -> announced(cpu, CpuFeature.SSE3, in, false);
      case MOVNTDQA -> announced(cpu, CpuFeature.SSE4_1, in, true);
      case MOVSS -> cpu.has(CpuFeature.SSE) ? movss(in, cpu) : null;
      case MOVSD -> cpu.has(CpuFeature.SSE2) ? movsd(in, cpu) : null;
      case MOVLPS, MOVHPS, MOVHLPS, MOVLHPS -> cpu.has(CpuFeature.SSE) ? half(in, cpu) : null;
      case MOVLPD, MOVHPD -> cpu.has(CpuFeature.SSE2) ? half(in, cpu) : null;
      case MOVDDUP, MOVSLDUP, MOVSHDUP -> cpu.has(CpuFeature.SSE3) ? duplicate(in, cpu) : null;
      default -> null;
    };
  }

  private static Op announced(Cpu cpu, CpuFeature feature, Instruction in, boolean aligned) {
    if (!cpu.has(feature)) {
      return null;
    }
    if (in.kind[0] == OperandKind.MEMORY) {
      return aligned ? storeAligned(in, cpu, 2 * in.reg[1]) : store(in, cpu, 2 * in.reg[1]);
    }
    int d = 2 * in.reg[0];
    if (in.kind[1] == OperandKind.MEMORY) {
      return aligned ? loadAligned(in, cpu, d) : load(in, cpu, d);
    }
    return copy(d, 2 * in.reg[1]);
  }

  private static Op copy(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        x[d] = x[s];
        x[d + 1] = x[s + 1];
        return next;
      }
    };
  }

  private static Op load(Instruction in, Cpu cpu, int d) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long a = readAddress(c, 16);
        long low = c.read64(a);
        long high = c.read64(a + 8 & c.linearMask);
        long[] x = c.xmm.x;
        x[d] = low;
        x[d + 1] = high;
        return next;
      }
    };
  }

  private static Op loadAligned(Instruction in, Cpu cpu, int d) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long a = alignedRead(c);
        long low = c.read64(a);
        long high = c.read64(a + 8);
        long[] x = c.xmm.x;
        x[d] = low;
        x[d + 1] = high;
        return next;
      }
    };
  }

  private static Op store(Instruction in, Cpu cpu, int s) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long[] x = c.xmm.x;
        c.write128(writeAddress(c, 16), x[s], x[s + 1]);
        return next;
      }
    };
  }

  private static Op storeAligned(Instruction in, Cpu cpu, int s) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long[] x = c.xmm.x;
        c.write128(alignedWrite(c), x[s], x[s + 1]);
        return next;
      }
    };
  }

  private static Op movsd(Instruction in, Cpu cpu) {
    if (in.kind[0] == OperandKind.MEMORY) {
      return store64(in, cpu, 2 * in.reg[1]);
    }
    int d = 2 * in.reg[0];
    return in.kind[1] == OperandKind.MEMORY ? load64(in, cpu, d) : copy64(d, 2 * in.reg[1]);
  }

  /** Loads 8 bytes and clears the upper half: MOVSD and MOVQ from memory. */
  static Op load64(Instruction in, Cpu cpu, int d) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long value = c.read64(readAddress(c, 8));
        long[] x = c.xmm.x;
        x[d] = value;
        x[d + 1] = 0;
        return next;
      }
    };
  }

  /** Stores the half register at this index. */
  static Op store64(Instruction in, Cpu cpu, int s) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        c.write64(writeAddress(c, 8), c.xmm.x[s]);
        return next;
      }
    };
  }

  /** Copies one half register to another one. */
  private static Op copy64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        c.xmm.x[d] = c.xmm.x[s];
        return next;
      }
    };
  }

  private static Op movss(Instruction in, Cpu cpu) {
    if (in.kind[0] == OperandKind.MEMORY) {
      return store32(in, cpu, 2 * in.reg[1]);
    }
    int d = 2 * in.reg[0];
    return in.kind[1] == OperandKind.MEMORY ? load32(in, cpu, d) : copy32(d, 2 * in.reg[1]);
  }

  /** Loads 4 bytes and clears the rest: MOVSS and MOVD from memory. */
  static Op load32(Instruction in, Cpu cpu, int d) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long value = c.read32(readAddress(c, 4)) & LOW32;
        long[] x = c.xmm.x;
        x[d] = value;
        x[d + 1] = 0;
        return next;
      }
    };
  }

  /** Stores the lowest 4 bytes. */
  static Op store32(Instruction in, Cpu cpu, int s) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        c.write32(writeAddress(c, 4), (int) c.xmm.x[s]);
        return next;
      }
    };
  }

  private static Op copy32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        x[d] = x[d] & ~LOW32 | x[s] & LOW32;
        return next;
      }
    };
  }

  /** MOVLPS, MOVHPS, MOVLPD, MOVHPD, MOVHLPS, MOVLHPS: one half changes. */
  private static Op half(Instruction in, Cpu cpu) {
    int high =
        switch (in.mnemonic) {
          case MOVHPS, MOVHPD, MOVLHPS -> 1;
          default -> 0;
        };
    if (in.kind[0] == OperandKind.MEMORY) {
      return store64(in, cpu, 2 * in.reg[1] + high);
    }
    int d = 2 * in.reg[0] + high;
    if (in.kind[1] == OperandKind.XMM) {
      return copy64(d, 2 * in.reg[1] + 1 - high);
    }
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        c.xmm.x[d] = c.read64(readAddress(c, 8));
        return next;
      }
    };
  }

  private static Op duplicate(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case MOVDDUP -> new XmmPartOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long value) {
          x[d] = value;
          x[d + 1] = value;
        }
      };
      case MOVSLDUP -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = low & LOW32 | low << 32;
          x[d + 1] = high & LOW32 | high << 32;
        }
      };
      default -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = low & ~LOW32 | low >>> 32;
          x[d + 1] = high & ~LOW32 | high >>> 32;
        }
      };
    };
  }
}
