package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Transfers between XMM registers and general registers or memory: MOVD, MOVQ, sign masks, insertion and extraction of lanes. */
final class TransferOps {
  private static final long LOW32 = 0xffffffffL;

  private TransferOps() {}

  static Op bind(Instruction in, Cpu cpu) {
    if (in.kind[0] == OperandKind.MMX || in.kind[1] == OperandKind.MMX) {
      return null;
    }
    Op op =
        switch (in.mnemonic) {
          case MOVD, MOVQ -> move(in, cpu);
          case PMOVMSKB -> byteMask(in.reg[0], 2 * in.reg[1]);
          case MOVMSKPS -> singleMask(in.reg[0], 2 * in.reg[1]);
          case MOVMSKPD -> doubleMask(in.reg[0], 2 * in.reg[1]);
          case PEXTRB -> extract(in, cpu, 1);
          case PEXTRW -> extract(in, cpu, 2);
          case PEXTRD, EXTRACTPS -> extract(in, cpu, 4);
          case PEXTRQ -> extract(in, cpu, 8);
          case PINSRB -> insert(in, cpu, 1);
          case PINSRW -> insert(in, cpu, 2);
          case PINSRD -> insert(in, cpu, 4);
          case PINSRQ -> insert(in, cpu, 8);
          default -> null;
        };
    return op != null && cpu.has(feature(in)) ? op : null;
  }

  private static CpuFeature feature(Instruction in) {
    boolean extractToMemory = in.mnemonic == Mnemonic.PEXTRW && in.map == 3;
    return extractToMemory ? CpuFeature.SSE4_1 : PackedFeature.of(in.mnemonic, false);
  }

  private static Op move(Instruction in, Cpu cpu) {
    boolean quad = in.mnemonic == Mnemonic.MOVQ;
    if (in.kind[0] == OperandKind.XMM) {
      int d = 2 * in.reg[0];
      return switch (in.kind[1]) {
        case MEMORY -> quad ? XmmMoves.load64(in, cpu, d) : XmmMoves.load32(in, cpu, d);
        case GPR -> fromGeneral(d, in.reg[1], quad ? -1 : LOW32);
        default -> lowHalf(d, 2 * in.reg[1]);
      };
    }
    int s = 2 * in.reg[1];
    if (in.kind[0] == OperandKind.MEMORY) {
      return quad ? XmmMoves.store64(in, cpu, s) : XmmMoves.store32(in, cpu, s);
    }
    return toGeneral(in.reg[0], s, quad ? -1 : LOW32);
  }

  private static Op fromGeneral(int d, int s, long mask) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        x[d] = c.r[s] & mask;
        x[d + 1] = 0;
        return next;
      }
    };
  }

  private static Op toGeneral(int d, int s, long mask) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        c.r[d] = c.xmm.x[s] & mask;
        return next;
      }
    };
  }

  private static Op lowHalf(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        x[d] = x[s];
        x[d + 1] = 0;
        return next;
      }
    };
  }

  private static Op byteMask(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        c.r[d] = Shuffles.topBits(x[s]) | Shuffles.topBits(x[s + 1]) << 8;
        return next;
      }
    };
  }

  private static Op singleMask(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        c.r[d] = x[s] >>> 31 & 1 | x[s] >>> 62 & 2 | x[s + 1] >>> 29 & 4 | x[s + 1] >>> 60 & 8;
        return next;
      }
    };
  }

  private static Op doubleMask(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        c.r[d] = x[s] >>> 63 | x[s + 1] >>> 62 & 2;
        return next;
      }
    };
  }

  /** First bit of the lane of {@code size} bytes that the immediate names; its upper bits do not matter. */
  private static int lanePosition(Instruction in, int size) {
    return ((int) in.immediate & 15 / size) * size * 8;
  }

  private static Op extract(Instruction in, Cpu cpu, int size) {
    int position = lanePosition(in, size);
    int s = 2 * in.reg[1] + (position >> 6);
    int shift = position & 63;
    long mask = -1L >>> 64 - 8 * size;
    if (in.kind[0] == OperandKind.GPR) {
      int d = in.reg[0];
      return new Op() {
        @Override
        public Op execute(Cpu c) {
          SimdOp.checkSse(c);
          c.r[d] = c.xmm.x[s] >>> shift & mask;
          return next;
        }
      };
    }
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        c.write(writeAddress(c, size), size, c.xmm.x[s] >>> shift & mask);
        return next;
      }
    };
  }

  private static Op insert(Instruction in, Cpu cpu, int size) {
    int position = lanePosition(in, size);
    int d = 2 * in.reg[0] + (position >> 6);
    int shift = position & 63;
    long mask = -1L >>> 64 - 8 * size;
    int s = in.kind[1] == OperandKind.GPR ? in.reg[1] : SimdOp.MEMORY;
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long value = s >= 0 ? c.r[s] & mask : c.read(readAddress(c, size), size);
        long[] x = c.xmm.x;
        x[d] = x[d] & ~(mask << shift) | value << shift;
        return next;
      }
    };
  }
}
