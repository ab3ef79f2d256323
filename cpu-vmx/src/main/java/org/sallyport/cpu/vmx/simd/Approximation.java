package org.sallyport.cpu.vmx.simd;

/**
 * RCPPS and RSQRTPS: approximations whose relative error is at most 1.5 &times; 2<sup>-12</sup> (SDM volume 2). Ours are the exact results
 * rounded to 12 bits. Denormals count as zeros, tiny results are zeros, and there are no exceptions.
 */
final class Approximation {
  private static final int SIGN = 0x80000000;
  private static final int INFINITY = 0x7f800000;
  private static final int QUIET = 0x00400000;
  private static final int DEFAULT_NAN = 0xffc00000;
  private static final int LEAST_NORMAL = 0x00800000;
  private static final int DROPPED_BITS = 12;
  private static final long BITS = 0xffffffffL;

  private Approximation() {}

  static long reciprocal(int x) {
    int magnitude = x & ~SIGN;
    int sign = x & SIGN;
    if (magnitude > INFINITY) {
      return (x | QUIET) & BITS;
    }
    if (magnitude < LEAST_NORMAL) {
      return (sign | INFINITY) & BITS;
    }
    int result = shorten((float) (1.0 / Float.intBitsToFloat(magnitude)));
    return (result < LEAST_NORMAL ? sign : sign | result) & BITS;
  }

  static long reciprocalRoot(int x) {
    int magnitude = x & ~SIGN;
    if (magnitude > INFINITY) {
      return (x | QUIET) & BITS;
    }
    if (magnitude < LEAST_NORMAL) {
      return (x & SIGN | INFINITY) & BITS;
    }
    if (x < 0) {
      return DEFAULT_NAN & BITS;
    }
    return shorten((float) (1.0 / Math.sqrt(Float.intBitsToFloat(x)))) & BITS;
  }

  /** Rounds a positive number to 12 bits; a carry into the exponent is right as it is. */
  private static int shorten(float value) {
    int bits = Float.floatToRawIntBits(value);
    return bits + (1 << DROPPED_BITS - 1) & -1 << DROPPED_BITS;
  }
}
