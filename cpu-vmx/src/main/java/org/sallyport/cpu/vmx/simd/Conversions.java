package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** Conversions between singles, doubles and integers in XMM and general registers. */
final class Conversions {
  private static final long LOW32 = 0xffffffffL;

  /** {@code rounding} that stands for MXCSR.RC. */
  static final int CURRENT = -1;

  private Conversions() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case CVTSI2SD -> cpu.has(CpuFeature.SSE2) ? fromInteger(in, cpu, true) : null;
      case CVTSI2SS -> cpu.has(CpuFeature.SSE) ? fromInteger(in, cpu, false) : null;
      case CVTTSD2SI -> cpu.has(CpuFeature.SSE2) ? doubleToInteger(in, cpu, Mxcsr.TRUNCATE) : null;
      case CVTSD2SI -> cpu.has(CpuFeature.SSE2) ? doubleToInteger(in, cpu, CURRENT) : null;
      case CVTTSS2SI -> cpu.has(CpuFeature.SSE) ? singleToInteger(in, cpu, Mxcsr.TRUNCATE) : null;
      case CVTSS2SI -> cpu.has(CpuFeature.SSE) ? singleToInteger(in, cpu, CURRENT) : null;
      default -> cpu.has(CpuFeature.SSE2) ? sse2(in, cpu) : null;
    };
  }

  private static Op sse2(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case CVTSS2SD -> singleToDouble(in, cpu);
      case CVTSD2SS -> doubleToSingle(in, cpu);
      case CVTPS2PD -> singlesToDoubles(in, cpu);
      case CVTPD2PS -> doublesToSingles(in, cpu);
      case CVTDQ2PD -> doublewordsToDoubles(in, cpu);
      case CVTDQ2PS -> doublewordsToSingles(in, cpu);
      case CVTPD2DQ -> doublesToDoublewords(in, cpu, CURRENT);
      case CVTTPD2DQ -> doublesToDoublewords(in, cpu, Mxcsr.TRUNCATE);
      case CVTPS2DQ -> singlesToDoublewords(in, cpu, CURRENT);
      case CVTTPS2DQ -> singlesToDoublewords(in, cpu, Mxcsr.TRUNCATE);
      default -> null;
    };
  }

  private static Op fromInteger(Instruction in, Cpu cpu, boolean toDouble) {
    int d = 2 * in.reg[0];
    int size = in.size[1];
    int s = in.kind[1] == OperandKind.GPR ? in.reg[1] : SimdOp.MEMORY;
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        long value = s >= 0 ? c.r[s] : c.read(readAddress(c, size), size);
        long integer = size == 8 ? value : (int) value;
        SoftFloat soft = c.xmm.soft;
        soft.begin(c.xmm.mxcsr);
        long[] x = c.xmm.x;
        long result = toDouble
            ? DoubleMath.fromInteger(soft, integer)
            : x[d] & ~LOW32 | SingleMath.fromInteger(soft, integer);
        soft.finish(c);
        x[d] = result;
        return next;
      }
    };
  }

  private static Op doubleToInteger(Instruction in, Cpu cpu, int rounding) {
    int to = in.reg[0];
    int size = in.size[0];
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = DoubleMath.toInteger(s, value, 8 * size, rounding == CURRENT ? s.rounding() : rounding);
        s.finish(c);
        c.setReg(to, size, result);
      }
    };
  }

  private static Op singleToInteger(Instruction in, Cpu cpu, int rounding) {
    int to = in.reg[0];
    int size = in.size[0];
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = SingleMath.toInteger(s, value, 8 * size, rounding == CURRENT ? s.rounding() : rounding);
        s.finish(c);
        c.setReg(to, size, result);
      }
    };
  }

  private static Op singleToDouble(Instruction in, Cpu cpu) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = DoubleMath.fromSingle(s, value);
        s.finish(c);
        x[d] = result;
      }
    };
  }

  private static Op doubleToSingle(Instruction in, Cpu cpu) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = SingleMath.fromDouble(s, value);
        s.finish(c);
        x[d] = x[d] & ~LOW32 | result;
      }
    };
  }

  private static Op singlesToDoubles(Instruction in, Cpu cpu) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = DoubleMath.fromSingle(s, value);
        long second = DoubleMath.fromSingle(s, value >>> 32);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  private static Op doublesToSingles(Instruction in, Cpu cpu) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = SingleMath.fromDouble(s, low) | SingleMath.fromDouble(s, high) << 32;
        s.finish(c);
        x[d] = result;
        x[d + 1] = 0;
      }
    };
  }

  /** CVTDQ2PD is exact. */
  private static Op doublewordsToDoubles(Instruction in, Cpu cpu) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        x[d] = Double.doubleToRawLongBits((double) (int) value);
        x[d + 1] = Double.doubleToRawLongBits((double) (int) (value >>> 32));
      }
    };
  }

  private static Op doublewordsToSingles(Instruction in, Cpu cpu) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = singlesOf(s, low);
        long second = singlesOf(s, high);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  /** Two singles of two signed doublewords. */
  static long singlesOf(SoftFloat s, long doublewords) {
    return SingleMath.fromInteger(s, (int) doublewords) | SingleMath.fromInteger(s, (int) (doublewords >>> 32)) << 32;
  }

  /** Two doublewords of two singles. */
  static long doublewordsOf(SoftFloat s, long singles, int rounding) {
    int r = rounding == CURRENT ? s.rounding() : rounding;
    return SingleMath.toInteger(s, singles, 32, r) & LOW32 | SingleMath.toInteger(s, singles >>> 32, 32, r) << 32;
  }

  /** Two doublewords of two doubles. */
  static long doublewordsOf(SoftFloat s, long first, long second, int rounding) {
    int r = rounding == CURRENT ? s.rounding() : rounding;
    return DoubleMath.toInteger(s, first, 32, r) & LOW32 | DoubleMath.toInteger(s, second, 32, r) << 32;
  }

  private static Op doublesToDoublewords(Instruction in, Cpu cpu, int rounding) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = doublewordsOf(s, low, high, rounding);
        s.finish(c);
        x[d] = result;
        x[d + 1] = 0;
      }
    };
  }

  private static Op singlesToDoublewords(Instruction in, Cpu cpu, int rounding) {
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = doublewordsOf(s, low, rounding);
        long second = doublewordsOf(s, high, rounding);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }
}
