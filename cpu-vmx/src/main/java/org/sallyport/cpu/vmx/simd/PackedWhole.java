package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Flag;

/** Instructions whose result depends on whole registers: PTEST, PHMINPOSUW, MPSADBW, DPPS, DPPD, PCLMULQDQ. */
final class PackedWhole {
  private static final long LOW32 = 0xffffffffL;

  private PackedWhole() {}

  static Op bind(Instruction in, Cpu cpu) {
    int immediate = (int) in.immediate & 0xff;
    return switch (in.mnemonic) {
      case PTEST -> cpu.has(CpuFeature.SSE4_1) ? ptest(in, cpu) : null;
      case PHMINPOSUW -> cpu.has(CpuFeature.SSE4_1) ? phminposuw(in, cpu) : null;
      case MPSADBW -> cpu.has(CpuFeature.SSE4_1) ? mpsadbw(in, cpu, immediate) : null;
      case DPPS -> cpu.has(CpuFeature.SSE4_1) ? dpps(in, cpu, immediate) : null;
      case DPPD -> cpu.has(CpuFeature.SSE4_1) ? dppd(in, cpu, immediate) : null;
      case PCLMULQDQ -> cpu.has(CpuFeature.PCLMULQDQ) ? pclmulqdq(in, cpu, immediate) : null;
      default -> null;
    };
  }

  private static Op ptest(Instruction in, Cpu cpu) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        boolean zero = (x[d] & low | x[d + 1] & high) == 0;
        boolean covered = (~x[d] & low | ~x[d + 1] & high) == 0;
        c.setStatus((zero ? Flag.ZF : 0) | (covered ? Flag.CF : 0));
      }
    };
  }

  private static Op phminposuw(Instruction in, Cpu cpu) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        long least = low & 0xffff;
        long position = 0;
        for (int i = 1; i < 8; i++) {
          long word = (i < 4 ? low : high) >>> 16 * (i & 3) & 0xffff;
          if (word < least) {
            least = word;
            position = i;
          }
        }
        x[d] = least | position << 16;
        x[d + 1] = 0;
      }
    };
  }

  /** Eight sums of absolute differences between 4 bytes of the source and 4 bytes of the destination, each at the next byte. */
  private static Op mpsadbw(Instruction in, Cpu cpu, int immediate) {
    int block = immediate & 3;
    int offset = 8 * (immediate & 4);
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        long four = Shuffles.doubleword(low, high, block);
        long a = x[d];
        long b = x[d + 1];
        long first = 0;
        long second = 0;
        for (int i = 0; i < 4; i++) {
          first |= Products.sumOfDifferences(Shuffles.window(a, b, 0, 0, offset + 8 * i) & LOW32, four) << 16 * i;
          second |= Products.sumOfDifferences(Shuffles.window(a, b, 0, 0, offset + 32 + 8 * i) & LOW32, four) << 16 * i;
        }
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  /** Each of the multiplications and additions raises its exceptions before the next one begins. */
  private static Op dpps(Instruction in, Cpu cpu, int immediate) {
    long storeLow = Shuffles.mask(immediate, 0, 32);
    long storeHigh = Shuffles.mask(immediate, 2, 32);
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long p0 = (immediate & 0x10) == 0 ? 0 : SingleMath.mul(s, x[d], low);
        long p1 = (immediate & 0x20) == 0 ? 0 : SingleMath.mul(s, x[d] >>> 32, low >>> 32);
        long p2 = (immediate & 0x40) == 0 ? 0 : SingleMath.mul(s, x[d + 1], high);
        long p3 = (immediate & 0x80) == 0 ? 0 : SingleMath.mul(s, x[d + 1] >>> 32, high >>> 32);
        s.finish(c);
        s.begin(c.xmm.mxcsr);
        long first = SingleMath.add(s, p0, p1);
        long second = SingleMath.add(s, p2, p3);
        s.finish(c);
        s.begin(c.xmm.mxcsr);
        long sum = SingleMath.add(s, first, second);
        s.finish(c);
        long both = sum | sum << 32;
        x[d] = both & storeLow;
        x[d + 1] = both & storeHigh;
      }
    };
  }

  private static Op dppd(Instruction in, Cpu cpu, int immediate) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long p0 = (immediate & 0x10) == 0 ? 0 : DoubleMath.mul(s, x[d], low);
        long p1 = (immediate & 0x20) == 0 ? 0 : DoubleMath.mul(s, x[d + 1], high);
        s.finish(c);
        s.begin(c.xmm.mxcsr);
        long sum = DoubleMath.add(s, p0, p1);
        s.finish(c);
        x[d] = (immediate & 1) == 0 ? 0 : sum;
        x[d + 1] = (immediate & 2) == 0 ? 0 : sum;
      }
    };
  }

  private static Op pclmulqdq(Instruction in, Cpu cpu, int immediate) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        long a = x[d + (immediate & 1)];
        long b = (immediate & 0x10) == 0 ? low : high;
        long productLow = 0;
        long productHigh = 0;
        for (int i = 0; i < 64; i++) {
          long chosen = -(b >>> i & 1);
          productLow ^= a << i & chosen;
          productHigh ^= a >>> 1 >>> 63 - i & chosen;
        }
        x[d] = productLow;
        x[d + 1] = productHigh;
      }
    };
  }
}
