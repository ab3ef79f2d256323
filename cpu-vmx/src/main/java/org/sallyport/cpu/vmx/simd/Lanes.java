package org.sallyport.cpu.vmx.simd;

/**
 * Packed integer arithmetic on 64 bits at a time: lanes of 8, 16 or 32 bits in a long, without taking them apart. The lane width is given
 * by {@code high}, the lanes' top bits: {@link #B}, {@link #W} or {@link #D}.
 */
public final class Lanes {
  /** Top bits of bytes. */
  public static final long B = 0x8080808080808080L;

  /** Top bits of words. */
  public static final long W = 0x8000800080008000L;

  /** Top bits of doublewords. */
  public static final long D = 0x8000000080000000L;

  private Lanes() {}

  /** Makes lanes of ones from the lanes' top bits; all other bits are to be 0. */
  public static long spread(long tops, long high) {
    return (tops << 1) - (tops >>> Long.numberOfTrailingZeros(high));
  }

  public static long select(long mask, long yes, long no) {
    return yes & mask | no & ~mask;
  }

  public static long add(long a, long b, long high) {
    return (a & ~high) + (b & ~high) ^ (a ^ b) & high;
  }

  public static long sub(long a, long b, long high) {
    return (a | high) - (b & ~high) ^ (a ^ ~b) & high;
  }

  public static long equal(long a, long b, long high) {
    long t = a ^ b;
    return spread(~((t & ~high) + ~high | t) & high, high);
  }

  /** Ones where a is below b, both unsigned. */
  public static long below(long a, long b, long high) {
    return spread((~a & b | ~(a ^ b) & sub(a, b, high)) & high, high);
  }

  /** Ones where a is greater than b, both signed. */
  public static long greater(long a, long b, long high) {
    return below(b ^ high, a ^ high, high);
  }

  public static long minUnsigned(long a, long b, long high) {
    return select(below(a, b, high), a, b);
  }

  public static long maxUnsigned(long a, long b, long high) {
    return select(below(a, b, high), b, a);
  }

  public static long minSigned(long a, long b, long high) {
    return select(greater(a, b, high), b, a);
  }

  public static long maxSigned(long a, long b, long high) {
    return select(greater(a, b, high), a, b);
  }

  public static long addUnsignedSaturated(long a, long b, long high) {
    long sum = add(a, b, high);
    return sum | spread((a & b | (a | b) & ~sum) & high, high);
  }

  public static long subUnsignedSaturated(long a, long b, long high) {
    return sub(a, b, high) & ~below(a, b, high);
  }

  public static long addSignedSaturated(long a, long b, long high) {
    long sum = add(a, b, high);
    return saturate(a, sum, ~(a ^ b) & (a ^ sum), high);
  }

  public static long subSignedSaturated(long a, long b, long high) {
    long difference = sub(a, b, high);
    return saturate(a, difference, (a ^ b) & (a ^ difference), high);
  }

  /** Where the top bit of {@code overflow} is set: the greatest value, or the least where a is negative. */
  private static long saturate(long a, long value, long overflow, long high) {
    long bound = ~high ^ spread(a & high, high);
    return select(spread(overflow & high, high), bound, value);
  }

  /** Rounded-up average of unsigned lanes. */
  public static long average(long a, long b, long high) {
    return (a | b) - ((a ^ b) >>> 1 & ~high);
  }

  public static long absolute(long a, long high) {
    long negative = spread(a & high, high);
    return sub(a ^ negative, negative, high);
  }

  /** PSIGN: a, 0 or -a as b is positive, zero or negative. */
  public static long sign(long a, long b, long high) {
    long negative = spread(b & high, high);
    return sub(a ^ negative, negative, high) & ~equal(b, 0, high);
  }

  /** Width of the lanes in bits. */
  private static int width(long high) {
    return Long.numberOfTrailingZeros(high) + 1;
  }

  /** Logical left shift; 0 when the count is not below the width. */
  public static long shiftLeft(long a, long count, long high) {
    int width = width(high);
    if (Long.compareUnsigned(count, width) >= 0) {
      return 0;
    }
    long ones = high >>> width - 1;
    return a << count & ~((ones << count) - ones);
  }

  /** Logical right shift; 0 when the count is not below the width. */
  public static long shiftRight(long a, long count, long high) {
    int width = width(high);
    if (Long.compareUnsigned(count, width) >= 0) {
      return 0;
    }
    long ones = high >>> width - 1;
    return a >>> count & (ones << width - count) - ones;
  }

  /** Arithmetic right shift; counts beyond the width give the sign. */
  public static long shiftRightSigned(long a, long count, long high) {
    long negative = spread(a & high, high);
    return shiftRight(a ^ negative, count, high) ^ negative;
  }
}
