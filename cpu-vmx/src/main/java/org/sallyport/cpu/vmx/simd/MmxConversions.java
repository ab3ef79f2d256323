package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Conversions between floating-point numbers in XMM registers and doublewords in MMX registers. */
final class MmxConversions {
  private MmxConversions() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case CVTPI2PS -> cpu.has(CpuFeature.SSE) ? toSingles(in, cpu) : null;
      case CVTPI2PD -> cpu.has(CpuFeature.SSE2) ? toDoubles(in, cpu) : null;
      case CVTPS2PI -> cpu.has(CpuFeature.SSE) ? ofSingles(in, cpu, Conversions.CURRENT) : null;
      case CVTTPS2PI -> cpu.has(CpuFeature.SSE) ? ofSingles(in, cpu, Mxcsr.TRUNCATE) : null;
      case CVTPD2PI -> cpu.has(CpuFeature.SSE2) ? ofDoubles(in, cpu, Conversions.CURRENT) : null;
      case CVTTPD2PI -> cpu.has(CpuFeature.SSE2) ? ofDoubles(in, cpu, Mxcsr.TRUNCATE) : null;
      default -> null;
    };
  }

  private static Op toSingles(Instruction in, Cpu cpu) {
    int d = 2 * in.reg[0];
    int source = SimdOp.mmxIndex(in, 1);
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        checkX87(c);
        long value = source >= 0 ? c.fpu.mmx(source) : c.read64(readAddress(c, 8));
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = Conversions.singlesOf(s, value);
        s.finish(c);
        c.fpu.enterMmx();
        c.xmm.x[d] = result;
        return next;
      }
    };
  }

  /** Exact. From memory, it has nothing to do with the x87 registers. */
  private static Op toDoubles(Instruction in, Cpu cpu) {
    int d = 2 * in.reg[0];
    int source = SimdOp.mmxIndex(in, 1);
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long value;
        if (source >= 0) {
          checkX87(c);
          c.fpu.enterMmx();
          value = c.fpu.mmx(source);
        } else {
          value = c.read64(readAddress(c, 8));
        }
        long[] x = c.xmm.x;
        x[d] = Double.doubleToRawLongBits((double) (int) value);
        x[d + 1] = Double.doubleToRawLongBits((double) (int) (value >>> 32));
        return next;
      }
    };
  }

  private static Op ofSingles(Instruction in, Cpu cpu, int rounding) {
    int d = in.reg[0];
    int source = in.kind[1] == OperandKind.XMM ? 2 * in.reg[1] : SimdOp.MEMORY;
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        checkX87(c);
        long value = source >= 0 ? c.xmm.x[source] : c.read64(readAddress(c, 8));
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = Conversions.doublewordsOf(s, value, rounding);
        s.finish(c);
        c.fpu.enterMmx();
        c.fpu.setMmx(d, result);
        return next;
      }
    };
  }

  private static Op ofDoubles(Instruction in, Cpu cpu, int rounding) {
    int d = in.reg[0];
    int source = SimdOp.xmmIndex(in, 1);
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        checkX87(c);
        long a = source >= 0 ? 0 : alignedRead(c);
        long low = source >= 0 ? c.xmm.x[source] : c.read64(a);
        long high = source >= 0 ? c.xmm.x[source + 1] : c.read64(a + 8);
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = Conversions.doublewordsOf(s, low, high, rounding);
        s.finish(c);
        c.fpu.enterMmx();
        c.fpu.setMmx(d, result);
        return next;
      }
    };
  }
}
