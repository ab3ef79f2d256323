package org.sallyport.cpu.vmx.simd;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

/**
 * Arithmetic on singles by the host's wherever it provably gives SSE's result and exceptions, as {@link DoubleMath} does it. Operands are
 * the lower 32 bits of longs, results are zero-extended. Products of two singles are exact as doubles, which is what shows whether a
 * result is exact.
 */
public final class SingleMath {
  private static final Format F = Format.SINGLE;
  private static final long BITS = 0xffffffffL;
  private static final int TWICE_DENORMALS = 0x00ff_ffff;
  private static final int FIELD = 0xff;

  private SingleMath() {}

  public static boolean isDenormal(int x) {
    return Integer.compareUnsigned((x << 1) - 1, TWICE_DENORMALS) < 0;
  }

  public static boolean isPlain(int x) {
    return Integer.compareUnsigned((x >>> 23 & FIELD) - 2, FIELD - 2) < 0;
  }

  public static boolean isZero(int x) {
    return x << 1 == 0;
  }

  static long add(SoftFloat s, long x, long y) {
    float a = intBitsToFloat((int) x);
    float b = intBitsToFloat((int) y);
    float sum = a + b;
    int r = floatToRawIntBits(sum);
    int m = s.mxcsr;
    if (DoubleMath.nearest(m) && !isDenormal((int) x) && !isDenormal((int) y) && (isPlain(r) || isZero(r))
        && (DoubleMath.mayBeInexact(m) || isExactSum(a, b, sum))) {
      return r & BITS;
    }
    return s.add(F, x & BITS, y & BITS);
  }

  static long sub(SoftFloat s, long x, long y) {
    float a = intBitsToFloat((int) x);
    float b = intBitsToFloat((int) y);
    float difference = a - b;
    int r = floatToRawIntBits(difference);
    int m = s.mxcsr;
    if (DoubleMath.nearest(m) && !isDenormal((int) x) && !isDenormal((int) y) && (isPlain(r) || isZero(r))
        && (DoubleMath.mayBeInexact(m) || isExactSum(a, -b, difference))) {
      return r & BITS;
    }
    return s.sub(F, x & BITS, y & BITS);
  }

  private static boolean isExactSum(float a, float b, float sum) {
    float bPart = sum - a;
    float aPart = sum - bPart;
    return a - aPart + (b - bPart) == 0;
  }

  static long mul(SoftFloat s, long x, long y) {
    float a = intBitsToFloat((int) x);
    float b = intBitsToFloat((int) y);
    float product = a * b;
    int r = floatToRawIntBits(product);
    int m = s.mxcsr;
    if (DoubleMath.nearest(m) && !isDenormal((int) x) && !isDenormal((int) y)) {
      if (isPlain(r) && (DoubleMath.mayBeInexact(m) || (double) a * b == product)) {
        return r & BITS;
      }
      if (isZero(r) && (isZero((int) x) || isZero((int) y))) {
        return r & BITS;
      }
    }
    return s.mul(F, x & BITS, y & BITS);
  }

  static long div(SoftFloat s, long x, long y) {
    float a = intBitsToFloat((int) x);
    float b = intBitsToFloat((int) y);
    float quotient = a / b;
    int r = floatToRawIntBits(quotient);
    int m = s.mxcsr;
    if (DoubleMath.nearest(m) && !isDenormal((int) x) && !isDenormal((int) y)) {
      if (isPlain(r) && (DoubleMath.mayBeInexact(m) || (double) quotient * b == a)) {
        return r & BITS;
      }
      if (isZero(r) && isZero((int) x)) {
        return r & BITS;
      }
    }
    return s.div(F, x & BITS, y & BITS);
  }

  static long sqrt(SoftFloat s, long x) {
    float a = intBitsToFloat((int) x);
    float root = (float) Math.sqrt(a); // correct: a double has more than twice the bits
    int r = floatToRawIntBits(root);
    int m = s.mxcsr;
    if (DoubleMath.nearest(m) && isPlain((int) x) && isPlain(r)
        && (DoubleMath.mayBeInexact(m) || (double) root * root == a)) {
      return r & BITS;
    }
    return s.sqrt(F, x & BITS);
  }

  static long min(SoftFloat s, long x, long y) {
    float a = intBitsToFloat((int) x);
    float b = intBitsToFloat((int) y);
    if (a == a && b == b && !isDenormal((int) x) && !isDenormal((int) y)) {
      return (a < b ? x : y) & BITS;
    }
    return SoftCompare.min(s, F, x & BITS, y & BITS);
  }

  static long max(SoftFloat s, long x, long y) {
    float a = intBitsToFloat((int) x);
    float b = intBitsToFloat((int) y);
    if (a == a && b == b && !isDenormal((int) x) && !isDenormal((int) y)) {
      return (a > b ? x : y) & BITS;
    }
    return SoftCompare.max(s, F, x & BITS, y & BITS);
  }

  /** {@link SoftCompare#compare} on singles. */
  static int compare(SoftFloat s, long x, long y, boolean signalling) {
    float a = intBitsToFloat((int) x);
    float b = intBitsToFloat((int) y);
    if (!isDenormal((int) x) && !isDenormal((int) y)) {
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
    return SoftCompare.compare(s, F, x & BITS, y & BITS, signalling);
  }

  /** CVTSI2SS, CVTDQ2PS. */
  static long fromInteger(SoftFloat s, long value) {
    boolean exact = Math.abs(value) <= 1L << 24 && value != Long.MIN_VALUE;
    if (exact || DoubleMath.nearest(s.mxcsr) && DoubleMath.mayBeInexact(s.mxcsr)) {
      return floatToRawIntBits((float) value) & BITS;
    }
    return SoftConvert.fromInteger(s, F, value);
  }

  /** CVTTSS2SI and CVTSS2SI. */
  static long toInteger(SoftFloat s, long x, int bits, int rounding) {
    float a = intBitsToFloat((int) x);
    int value = (int) a;
    if (value == (double) a) {
      return value;
    }
    if (rounding == Mxcsr.TRUNCATE && Math.abs(a) < 0x1p31f && DoubleMath.mayBeInexact(s.mxcsr)) {
      return value;
    }
    return SoftConvert.toInteger(s, F, x & BITS, bits, rounding);
  }

  /** CVTSD2SS. */
  static long fromDouble(SoftFloat s, long x) {
    double a = Double.longBitsToDouble(x);
    float single = (float) a;
    int r = floatToRawIntBits(single);
    int m = s.mxcsr;
    if (DoubleMath.nearest(m) && (isPlain(r) && (DoubleMath.mayBeInexact(m) || single == a) || x << 1 == 0)) {
      return r & BITS;
    }
    return SoftConvert.convert(s, Format.DOUBLE, F, x);
  }
}
