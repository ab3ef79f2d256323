package org.sallyport.cpu.vmx.simd;

import static java.lang.Double.doubleToRawLongBits;
import static java.lang.Double.longBitsToDouble;

/**
 * Arithmetic on doubles by the host's, which rounds to nearest, wherever it provably gives SSE's result and exceptions: neither operands
 * nor result are denormal, infinite or NaN, and the result is exact unless nothing notices. {@link SoftFloat} does the rest.
 *
 * <p>Whether a result is exact is decided without error: the residual of the operation is itself computed exactly.
 */
public final class DoubleMath {
  private static final Format F = Format.DOUBLE;
  private static final long TWICE_DENORMALS = 0x001f_ffff_ffff_ffffL;
  private static final int INEXACT_UNNOTICED = Mxcsr.PE | Mxcsr.PM;
  private static final int FIELD = 0x7ff;

  /** Least exponent field of a number whose residuals are representable. */
  private static final int RESIDUAL_FIELD = 128;

  private DoubleMath() {}

  public static boolean isDenormal(long x) {
    return Long.compareUnsigned((x << 1) - 1, TWICE_DENORMALS) < 0;
  }

  /** Neither zero, tiny, infinite nor NaN; and not of the least exponent, which rounding might have led to. */
  public static boolean isPlain(long x) {
    return Integer.compareUnsigned(((int) (x >>> 52) & FIELD) - 2, FIELD - 2) < 0;
  }

  public static boolean isZero(long x) {
    return x << 1 == 0;
  }

  private static boolean hasResiduals(long x) {
    return ((int) (x >>> 52) & FIELD) >= RESIDUAL_FIELD;
  }

  /** Round to nearest. */
  static boolean nearest(int mxcsr) {
    return (mxcsr & Mxcsr.RC) == 0;
  }

  /** PE is set already, and masked: results need not be exact. */
  static boolean mayBeInexact(int mxcsr) {
    return (mxcsr & INEXACT_UNNOTICED) == INEXACT_UNNOTICED;
  }

  /** Whether results that are rounded to nearest are right, and leave no trace in MXCSR. */
  public static boolean roundsUnnoticed(int mxcsr) {
    return (mxcsr & (INEXACT_UNNOTICED | Mxcsr.RC)) == INEXACT_UNNOTICED;
  }

  static long add(SoftFloat s, long x, long y) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    double sum = a + b;
    long r = doubleToRawLongBits(sum);
    int m = s.mxcsr;
    if (nearest(m) && !isDenormal(x) && !isDenormal(y) && (isPlain(r) || isZero(r))
        && (mayBeInexact(m) || isExactSum(a, b, sum))) {
      return r;
    }
    return s.add(F, x, y);
  }

  static long sub(SoftFloat s, long x, long y) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    double difference = a - b;
    long r = doubleToRawLongBits(difference);
    int m = s.mxcsr;
    if (nearest(m) && !isDenormal(x) && !isDenormal(y) && (isPlain(r) || isZero(r))
        && (mayBeInexact(m) || isExactSum(a, -b, difference))) {
      return r;
    }
    return s.sub(F, x, y);
  }

  /** The error of a sum is representable, and this computes it (Knuth's TwoSum). */
  private static boolean isExactSum(double a, double b, double sum) {
    double bPart = sum - a;
    double aPart = sum - bPart;
    return a - aPart + (b - bPart) == 0;
  }

  static long mul(SoftFloat s, long x, long y) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    double product = a * b;
    long r = doubleToRawLongBits(product);
    int m = s.mxcsr;
    if (nearest(m) && !isDenormal(x) && !isDenormal(y)) {
      if (isPlain(r) && (mayBeInexact(m) || hasResiduals(r) && Math.fma(a, b, -product) == 0)) {
        return r;
      }
      if (isZero(r) && (isZero(x) || isZero(y))) {
        return r;
      }
    }
    return s.mul(F, x, y);
  }

  static long div(SoftFloat s, long x, long y) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    double quotient = a / b;
    long r = doubleToRawLongBits(quotient);
    int m = s.mxcsr;
    if (nearest(m) && !isDenormal(x) && !isDenormal(y)) {
      if (isPlain(r) && (mayBeInexact(m) || hasResiduals(x) && Math.fma(quotient, b, -a) == 0)) {
        return r;
      }
      if (isZero(r) && isZero(x)) {
        return r;
      }
    }
    return s.div(F, x, y);
  }

  static long sqrt(SoftFloat s, long x) {
    double a = longBitsToDouble(x);
    double root = Math.sqrt(a);
    long r = doubleToRawLongBits(root);
    int m = s.mxcsr;
    if (nearest(m) && isPlain(x) && isPlain(r)
        && (mayBeInexact(m) || hasResiduals(x) && Math.fma(root, root, -a) == 0)) {
      return r;
    }
    return s.sqrt(F, x);
  }

  static long min(SoftFloat s, long x, long y) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    if (a == a && b == b && !isDenormal(x) && !isDenormal(y)) {
      return a < b ? x : y;
    }
    return SoftCompare.min(s, F, x, y);
  }

  static long max(SoftFloat s, long x, long y) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    if (a == a && b == b && !isDenormal(x) && !isDenormal(y)) {
      return a > b ? x : y;
    }
    return SoftCompare.max(s, F, x, y);
  }

  /** {@link SoftCompare#compare} on doubles. */
  static int compare(SoftFloat s, long x, long y, boolean signalling) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    if (!isDenormal(x) && !isDenormal(y)) {
      if (a < b) {
        return SoftCompare.LESS;
      }
      if (a > b) {
        return SoftCompare.GREATER;
      }
      if (a == b) {
        return SoftCompare.EQUAL;
      }
    }
    return SoftCompare.compare(s, F, x, y, signalling);
  }

  /** CVTSI2SD. */
  static long fromInteger(SoftFloat s, long value) {
    boolean exact = Math.abs(value) <= 1L << 53 && value != Long.MIN_VALUE;
    if (exact || nearest(s.mxcsr) && mayBeInexact(s.mxcsr)) {
      return doubleToRawLongBits((double) value);
    }
    return SoftConvert.fromInteger(s, F, value);
  }

  /** CVTTSD2SI and CVTSD2SI. */
  static long toInteger(SoftFloat s, long x, int bits, int rounding) {
    double a = longBitsToDouble(x);
    long value = bits == 32 ? (int) a : (long) a;
    if (value == a && value != Long.MAX_VALUE) {
      return value;
    }
    if (rounding == Mxcsr.TRUNCATE && Math.abs(a) < 0x1p31 && mayBeInexact(s.mxcsr)) {
      return value;
    }
    return SoftConvert.toInteger(s, F, x, bits, rounding);
  }

  /** CVTSS2SD; the source is the lower 32 bits. */
  static long fromSingle(SoftFloat s, long x) {
    int bits = (int) x;
    float a = Float.intBitsToFloat(bits);
    if (a == a && !SingleMath.isDenormal(bits)) {
      return doubleToRawLongBits((double) a);
    }
    return SoftConvert.convert(s, Format.SINGLE, F, x & 0xffffffffL);
  }
}
