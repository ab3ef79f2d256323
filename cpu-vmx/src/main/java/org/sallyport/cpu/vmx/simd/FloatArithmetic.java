package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/**
 * Floating-point instructions that work lane by lane: addition to square root, minimum and maximum, comparisons that make masks,
 * rounding to integers, horizontal and alternating additions.
 */
final class FloatArithmetic {
  private static final long LOW32 = 0xffffffffL;

  private FloatArithmetic() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case ADDSD -> cpu.has(CpuFeature.SSE2) ? addDouble(in, cpu) : null;
      case SUBSD -> cpu.has(CpuFeature.SSE2) ? subDouble(in, cpu) : null;
      case MULSD -> cpu.has(CpuFeature.SSE2) ? mulDouble(in, cpu) : null;
      case DIVSD, SQRTSD, MINSD, MAXSD, CMPSD, ROUNDSD -> scalarDouble(in, cpu, doubles(in));
      case ADDPD, SUBPD, MULPD, DIVPD, SQRTPD, MINPD, MAXPD, CMPPD, ROUNDPD -> packedDouble(in, cpu, doubles(in));
      case ADDSS, SUBSS, MULSS, DIVSS, SQRTSS, MINSS, MAXSS, CMPSS, ROUNDSS, RCPSS, RSQRTSS ->
        scalarSingle(in, cpu, singles(in));
      case ADDPS, SUBPS, MULPS, DIVPS, SQRTPS, MINPS, MAXPS, CMPPS, ROUNDPS, RCPPS, RSQRTPS ->
        packedSingle(in, cpu, singles(in));
      case HADDPD -> horizontalDouble(in, cpu, DoubleMath::add);
      case HSUBPD -> horizontalDouble(in, cpu, DoubleMath::sub);
      case HADDPS -> horizontalSingle(in, cpu, SingleMath::add);
      case HSUBPS -> horizontalSingle(in, cpu, SingleMath::sub);
      case ADDSUBPD -> alternatingDouble(in, cpu);
      case ADDSUBPS -> alternatingSingle(in, cpu);
      default -> null;
    };
  }

  private static LaneFunction doubles(Instruction in) {
    int immediate = (int) in.immediate & 0xff;
    return switch (in.mnemonic) {
      case ADDPD -> DoubleMath::add;
      case SUBPD -> DoubleMath::sub;
      case MULPD -> DoubleMath::mul;
      case DIVPD, DIVSD -> DoubleMath::div;
      case MINPD, MINSD -> DoubleMath::min;
      case MAXPD, MAXSD -> DoubleMath::max;
      case SQRTPD, SQRTSD -> (s, x, y) -> DoubleMath.sqrt(s, y);
      case CMPPD, CMPSD -> (s, x, y) -> SoftCompare.holds(s, Format.DOUBLE, x, y, immediate & 7) ? -1 : 0;
      default -> (s, x, y) -> round(s, Format.DOUBLE, y, immediate);
    };
  }

  private static LaneFunction singles(Instruction in) {
    int immediate = (int) in.immediate & 0xff;
    return switch (in.mnemonic) {
      case ADDPS, ADDSS -> SingleMath::add;
      case SUBPS, SUBSS -> SingleMath::sub;
      case MULPS, MULSS -> SingleMath::mul;
      case DIVPS, DIVSS -> SingleMath::div;
      case MINPS, MINSS -> SingleMath::min;
      case MAXPS, MAXSS -> SingleMath::max;
      case SQRTPS, SQRTSS -> (s, x, y) -> SingleMath.sqrt(s, y);
      case RCPPS, RCPSS -> (s, x, y) -> Approximation.reciprocal((int) y);
      case RSQRTPS, RSQRTSS -> (s, x, y) -> Approximation.reciprocalRoot((int) y);
      case CMPPS, CMPSS ->
        (s, x, y) -> SoftCompare.holds(s, Format.SINGLE, x & LOW32, y & LOW32, immediate & 7) ? LOW32 : 0;
      default -> (s, x, y) -> round(s, Format.SINGLE, y & LOW32, immediate);
    };
  }

  /** ROUNDPD: bit 2 of the immediate chooses MXCSR.RC, bit 3 suppresses the precision exception. */
  private static long round(SoftFloat s, Format f, long y, int immediate) {
    int rounding = (immediate & 4) != 0 ? s.rounding() : immediate & 3;
    return SoftConvert.round(s, f, y, rounding, (immediate & 8) != 0);
  }

  private static boolean announced(Cpu cpu, Mnemonic m) {
    return cpu.has(
        switch (m) {
          case ROUNDPS, ROUNDPD, ROUNDSS, ROUNDSD -> CpuFeature.SSE4_1;
          case HADDPS, HADDPD, HSUBPS, HSUBPD, ADDSUBPS, ADDSUBPD -> CpuFeature.SSE3;
          case DIVSD, SQRTSD, MINSD, MAXSD, CMPSD, ADDPD, SUBPD, MULPD, DIVPD, SQRTPD, MINPD, MAXPD, CMPPD ->
            CpuFeature.SSE2;
          default -> CpuFeature.SSE;
        });
  }

  // ---- scalars -----------------------------------------------------------------------------------------------------------------------

  private static Op addDouble(Instruction in, Cpu cpu) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = DoubleMath.add(s, x[d], value);
        s.finish(c);
        x[d] = result;
      }
    };
  }

  private static Op subDouble(Instruction in, Cpu cpu) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = DoubleMath.sub(s, x[d], value);
        s.finish(c);
        x[d] = result;
      }
    };
  }

  private static Op mulDouble(Instruction in, Cpu cpu) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = DoubleMath.mul(s, x[d], value);
        s.finish(c);
        x[d] = result;
      }
    };
  }

  private static Op scalarDouble(Instruction in, Cpu cpu, LaneFunction function) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = function.apply(s, x[d], value);
        s.finish(c);
        x[d] = result;
      }
    };
  }

  private static Op scalarSingle(Instruction in, Cpu cpu, LaneFunction function) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long result = function.apply(s, x[d], value);
        s.finish(c);
        x[d] = x[d] & ~LOW32 | result;
      }
    };
  }

  // ---- packed ------------------------------------------------------------------------------------------------------------------------

  private static Op packedDouble(Instruction in, Cpu cpu, LaneFunction function) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = function.apply(s, x[d], low);
        long second = function.apply(s, x[d + 1], high);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  private static Op packedSingle(Instruction in, Cpu cpu, LaneFunction function) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = singles(s, function, x[d], low);
        long second = singles(s, function, x[d + 1], high);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  /** Both singles of a half register. */
  private static long singles(SoftFloat s, LaneFunction function, long x, long y) {
    return function.apply(s, x, y) | function.apply(s, x >>> 32, y >>> 32) << 32;
  }

  private static Op horizontalDouble(Instruction in, Cpu cpu, LaneFunction function) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = function.apply(s, x[d], x[d + 1]);
        long second = function.apply(s, low, high);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  private static Op horizontalSingle(Instruction in, Cpu cpu, LaneFunction function) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long a = x[d];
        long b = x[d + 1];
        long first = function.apply(s, a, a >>> 32) | function.apply(s, b, b >>> 32) << 32;
        long second = function.apply(s, low, low >>> 32) | function.apply(s, high, high >>> 32) << 32;
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  /** ADDSUBPD: subtracts in even lanes, adds in odd ones. */
  private static Op alternatingDouble(Instruction in, Cpu cpu) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = DoubleMath.sub(s, x[d], low);
        long second = DoubleMath.add(s, x[d + 1], high);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  private static Op alternatingSingle(Instruction in, Cpu cpu) {
    if (!announced(cpu, in.mnemonic)) {
      return null;
    }
    return new XmmOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long low, long high) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        long first = alternate(s, x[d], low);
        long second = alternate(s, x[d + 1], high);
        s.finish(c);
        x[d] = first;
        x[d + 1] = second;
      }
    };
  }

  private static long alternate(SoftFloat s, long x, long y) {
    return SingleMath.sub(s, x, y) | SingleMath.add(s, x >>> 32, y >>> 32) << 32;
  }
}
