package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Transfers between MMX registers and everything else. */
final class MmxMoves {
  private MmxMoves() {}

  static Op bind(Instruction in, Cpu cpu) {
    if (in.kind[0] != OperandKind.MMX && in.kind[1] != OperandKind.MMX) {
      return null;
    }
    Op op =
        switch (in.mnemonic) {
          case MOVD, MOVQ, MOVNTQ -> move(in, cpu);
          case MOVQ2DQ -> toXmm(2 * in.reg[0], in.reg[1]);
          case MOVDQ2Q -> fromXmm(in.reg[0], 2 * in.reg[1]);
          case PMOVMSKB -> byteMask(in.reg[0], in.reg[1]);
          case PEXTRW -> extract(in.reg[0], in.reg[1], 16 * ((int) in.immediate & 3));
          case PINSRW -> insert(in, cpu, 16 * ((int) in.immediate & 3));
          default -> null;
        };
    return op != null && cpu.has(feature(in)) ? op : null;
  }

  private static CpuFeature feature(Instruction in) {
    return switch (in.mnemonic) {
      case MOVNTQ -> CpuFeature.SSE;
      case MOVQ2DQ, MOVDQ2Q -> CpuFeature.SSE2;
      default -> PackedFeature.of(in.mnemonic, true);
    };
  }

  private static Op move(Instruction in, Cpu cpu) {
    int size = in.size[0] == 4 || in.size[1] == 4 ? 4 : 8;
    if (in.kind[0] == OperandKind.MEMORY) {
      return store(in, cpu, in.reg[1], size);
    }
    if (in.kind[0] == OperandKind.GPR) {
      return toGeneral(in.reg[0], in.reg[1], -1L >>> 64 - 8 * size);
    }
    int d = in.reg[0];
    return switch (in.kind[1]) {
      case MEMORY -> load(in, cpu, d, size);
      case GPR -> fromGeneral(d, in.reg[1], -1L >>> 64 - 8 * size);
      default -> copy(d, in.reg[1]);
    };
  }

  private static Op load(Instruction in, Cpu cpu, int d, int size) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkMmx(c);
        long value = c.read(readAddress(c, size), size);
        c.fpu.enterMmx();
        c.fpu.setMmx(d, value);
        return next;
      }
    };
  }

  private static Op store(Instruction in, Cpu cpu, int s, int size) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkMmx(c);
        c.write(writeAddress(c, size), size, c.fpu.mmx(s));
        c.fpu.enterMmx();
        return next;
      }
    };
  }

  private static Op fromGeneral(int d, int s, long mask) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkMmx(c);
        c.fpu.enterMmx();
        c.fpu.setMmx(d, c.r[s] & mask);
        return next;
      }
    };
  }

  private static Op toGeneral(int d, int s, long mask) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkMmx(c);
        c.fpu.enterMmx();
        c.r[d] = c.fpu.mmx(s) & mask;
        return next;
      }
    };
  }

  private static Op copy(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkMmx(c);
        c.fpu.enterMmx();
        c.fpu.setMmx(d, c.fpu.mmx(s));
        return next;
      }
    };
  }

  /** MOVQ2DQ. */
  private static Op toXmm(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        SimdOp.checkX87(c);
        c.fpu.enterMmx();
        c.xmm.x[d] = c.fpu.mmx(s);
        c.xmm.x[d + 1] = 0;
        return next;
      }
    };
  }

  /** MOVDQ2Q. */
  private static Op fromXmm(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        SimdOp.checkX87(c);
        c.fpu.enterMmx();
        c.fpu.setMmx(d, c.xmm.x[s]);
        return next;
      }
    };
  }

  private static Op byteMask(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkMmx(c);
        c.fpu.enterMmx();
        c.r[d] = Shuffles.topBits(c.fpu.mmx(s));
        return next;
      }
    };
  }

  private static Op extract(int d, int s, int shift) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkMmx(c);
        c.fpu.enterMmx();
        c.r[d] = c.fpu.mmx(s) >>> shift & 0xffff;
        return next;
      }
    };
  }

  private static Op insert(Instruction in, Cpu cpu, int shift) {
    int d = in.reg[0];
    int s = in.kind[1] == OperandKind.GPR ? in.reg[1] : SimdOp.MEMORY;
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkMmx(c);
        long value = s >= 0 ? c.r[s] & 0xffff : c.read16(readAddress(c, 2));
        c.fpu.enterMmx();
        c.fpu.setMmx(d, c.fpu.mmx(d) & ~(0xffffL << shift) | value << shift);
        return next;
      }
    };
  }
}
