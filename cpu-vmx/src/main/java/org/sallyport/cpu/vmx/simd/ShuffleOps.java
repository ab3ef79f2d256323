package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Instructions that choose lanes by an immediate or by a register: shuffles, PALIGNR, PSHUFB, blends, extensions, INSERTPS. */
final class ShuffleOps {
  private static final long LOW32 = 0xffffffffL;

  private ShuffleOps() {}

  static Op bind(Instruction in, Cpu cpu) {
    boolean mmx = in.kind[0] == OperandKind.MMX;
    Op op = mmx ? mmx(in, cpu) : byImmediate(in, cpu);
    if (op == null && !mmx) {
      op = byRegister(in, cpu);
    }
    if (op == null && !mmx) {
      op = extension(in, cpu);
    }
    return op == null || !cpu.has(PackedFeature.of(in.mnemonic, mmx)) ? null : op;
  }

  private static Op byImmediate(Instruction in, Cpu cpu) {
    int immediate = (int) in.immediate & 0xff;
    return switch (in.mnemonic) {
      case PSHUFD -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Shuffles.doublewords(low, high, immediate);
          x[d + 1] = Shuffles.doublewords(low, high, immediate >> 4);
        }
      };
      case PSHUFLW -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Shuffles.words(low, immediate);
          x[d + 1] = high;
        }
      };
      case PSHUFHW -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = low;
          x[d + 1] = Shuffles.words(high, immediate);
        }
      };
      case SHUFPS -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = Shuffles.doublewords(x[d], x[d + 1], immediate);
          x[d + 1] = Shuffles.doublewords(low, high, immediate >> 4);
        }
      };
      case SHUFPD -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          x[d] = x[d + (immediate & 1)];
          x[d + 1] = (immediate & 2) == 0 ? low : high;
        }
      };
      case PALIGNR -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          long a0 = x[d];
          long a1 = x[d + 1];
          x[d] = Shuffles.window(low, high, a0, a1, 8 * immediate);
          x[d + 1] = Shuffles.window(low, high, a0, a1, 8 * immediate + 64);
        }
      };
      case BLENDPS -> blend(in, cpu, Shuffles.mask(immediate, 0, 32), Shuffles.mask(immediate, 2, 32));
      case BLENDPD -> blend(in, cpu, -(immediate & 1), -(immediate >> 1 & 1));
      case PBLENDW -> blend(in, cpu, Shuffles.mask(immediate, 0, 16), Shuffles.mask(immediate, 4, 16));
      case INSERTPS -> insertps(in, cpu, immediate);
      default -> null;
    };
  }

  private static Op blend(Instruction in, Cpu cpu, long maskLow, long maskHigh) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        x[d] = Lanes.select(maskLow, low, x[d]);
        x[d + 1] = Lanes.select(maskHigh, high, x[d + 1]);
      }
    };
  }

  /** INSERTPS: one single (bits 7:6 choose it in a register) goes to the lane of bits 5:4, then lanes of bits 3:0 are cleared. */
  private static Op insertps(Instruction in, Cpu cpu, int immediate) {
    int chosen = in.kind[1] == OperandKind.MEMORY ? 0 : immediate >> 6;
    int s = in.kind[1] == OperandKind.MEMORY ? 0 : 2 * in.reg[1];
    int lane = immediate >> 4 & 3;
    long keepLow = ~Shuffles.mask(immediate, 0, 32);
    long keepHigh = ~Shuffles.mask(immediate, 2, 32);
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        long single = chosen == 0 ? value & LOW32 : Shuffles.doubleword(x[s], x[s + 1], chosen);
        int at = d + (lane >> 1);
        int shift = 32 * (lane & 1);
        x[at] = x[at] & ~(LOW32 << shift) | single << shift;
        x[d] &= keepLow;
        x[d + 1] &= keepHigh;
      }
    };
  }

  private static Op byRegister(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case PSHUFB -> new XmmOp(in, cpu) {
        @Override
        void apply(Cpu c, long[] x, long low, long high) {
          long a0 = x[d];
          long a1 = x[d + 1];
          x[d] = Shuffles.bytes(a0, a1, low);
          x[d + 1] = Shuffles.bytes(a0, a1, high);
        }
      };
      case PBLENDVB -> blendByXmm0(in, cpu, Lanes.B);
      case BLENDVPS -> blendByXmm0(in, cpu, Lanes.D);
      case BLENDVPD -> blendByXmm0(in, cpu, Long.MIN_VALUE);
      default -> null;
    };
  }

  private static Op blendByXmm0(Instruction in, Cpu cpu, long tops) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        long maskLow = Lanes.spread(x[0] & tops, tops);
        long maskHigh = Lanes.spread(x[1] & tops, tops);
        x[d] = Lanes.select(maskLow, low, x[d]);
        x[d + 1] = Lanes.select(maskHigh, high, x[d + 1]);
      }
    };
  }

  private static Op extension(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case PMOVSXBW -> extend(in, cpu, 8, 16, true);
      case PMOVSXBD -> extend(in, cpu, 8, 32, true);
      case PMOVSXBQ -> extend(in, cpu, 8, 64, true);
      case PMOVSXWD -> extend(in, cpu, 16, 32, true);
      case PMOVSXWQ -> extend(in, cpu, 16, 64, true);
      case PMOVSXDQ -> extend(in, cpu, 32, 64, true);
      case PMOVZXBW -> extend(in, cpu, 8, 16, false);
      case PMOVZXBD -> extend(in, cpu, 8, 32, false);
      case PMOVZXBQ -> extend(in, cpu, 8, 64, false);
      case PMOVZXWD -> extend(in, cpu, 16, 32, false);
      case PMOVZXWQ -> extend(in, cpu, 16, 64, false);
      case PMOVZXDQ -> extend(in, cpu, 32, 64, false);
      default -> null;
    };
  }

  private static Op extend(Instruction in, Cpu cpu, int from, int to, boolean signed) {
    int used = 64 / to * from;
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        x[d] = Shuffles.widen(value, from, to, signed);
        x[d + 1] = Shuffles.widen(value >>> used, from, to, signed);
      }
    };
  }

  private static Op mmx(Instruction in, Cpu cpu) {
    int immediate = (int) in.immediate & 0xff;
    return switch (in.mnemonic) {
      case PSHUFW -> new MmxOp(in, cpu) {
        @Override
        long apply(long destination, long value) {
          return Shuffles.words(value, immediate);
        }
      };
      case PALIGNR -> new MmxOp(in, cpu) {
        @Override
        long apply(long destination, long value) {
          return Shuffles.window(value, destination, 0, 0, 8 * immediate);
        }
      };
      case PSHUFB -> new MmxOp(in, cpu) {
        @Override
        long apply(long destination, long value) {
          return Shuffles.bytes(destination, destination, value);
        }
      };
      default -> null;
    };
  }
}
