package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Registers;

/** MASKMOVDQU and MASKMOVQ: store those bytes whose mask byte has its top bit set, at DS:rDI. */
final class MaskedStores {
  private MaskedStores() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case MASKMOVDQU -> cpu.has(CpuFeature.SSE2) ? xmm(in) : null;
      case MASKMOVQ -> cpu.has(CpuFeature.SSE) ? mmx(in) : null;
      default -> null;
    };
  }

  private static Op xmm(Instruction in) {
    int s = 2 * in.reg[0];
    int m = 2 * in.reg[1];
    int segment = in.segment;
    long addressMask = -1L >>> 64 - 8 * in.addressSize;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkSse(c);
        long[] x = c.xmm.x;
        int mask = Shuffles.topBits(x[m]) | Shuffles.topBits(x[m + 1]) << 8;
        store(c, segment, addressMask, x[s], x[s + 1], mask);
        return next;
      }
    };
  }

  private static Op mmx(Instruction in) {
    int s = in.reg[0];
    int m = in.reg[1];
    int segment = in.segment;
    long addressMask = -1L >>> 64 - 8 * in.addressSize;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        SimdOp.checkMmx(c);
        store(c, segment, addressMask, c.fpu.mmx(s), 0, Shuffles.topBits(c.fpu.mmx(m)));
        c.fpu.enterMmx();
        return next;
      }
    };
  }

  /** Bytes that are not chosen cause no faults. */
  private static void store(Cpu c, int segment, long addressMask, long low, long high, int mask) {
    if (mask == 0) {
      return;
    }
    long start = c.r[Registers.RDI];
    int first = Integer.numberOfTrailingZeros(mask);
    int last = 31 - Integer.numberOfLeadingZeros(mask);
    c.checkWrite(c.linear(segment, start + first & addressMask, 1, true), 1);
    c.checkWrite(c.linear(segment, start + last & addressMask, 1, true), 1);
    for (int i = first; i <= last; i++) {
      if ((mask >> i & 1) != 0) {
        long value = i < 8 ? low >>> 8 * i : high >>> 8 * i - 64;
        c.write8(c.linear(segment, start + i & addressMask, 1, true), (int) value & 0xff);
      }
    }
  }
}
