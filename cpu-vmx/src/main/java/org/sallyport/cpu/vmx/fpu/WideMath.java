package org.sallyport.cpu.vmx.fpu;

/** Integer division and root of 128 bits. */
final class WideMath {
  private static final long LOW = 0xffffffffL;

  private WideMath() {}

  /**
   * high:low / divisor, unsigned; the divisor has bit 63 set and is above high. (Two digits of 32 bits: Knuth's
   * algorithm D.)
   */
  static long divide(long high, long low, long divisor) {
    long q1 = digit(high, low >>> 32, divisor);
    long rest = (high << 32 | low >>> 32) - q1 * divisor;
    long q0 = digit(rest, low & LOW, divisor);
    return (q1 << 32) + q0;
  }

  /** One digit: (high * 2^32 + next) / divisor. */
  private static long digit(long high, long next, long divisor) {
    long top = divisor >>> 32;
    long bottom = divisor & LOW;
    long q = Long.divideUnsigned(high, top);
    long r = high - q * top;
    while (q > LOW || Long.compareUnsigned(q * bottom, r << 32 | next) > 0) {
      q--;
      r += top;
      if (r > LOW) {
        break;
      }
    }
    return q;
  }

  /** The root of high:low, cut to an integer; high has bit 63 or 62 set. */
  static long squareRoot(long high, long low) {
    double estimate = Math.sqrt((high >>> 1) * 0x1p65);
    // A root near 2^64 must not become 2^64; too large is fine, for Newton's step to come down from above.
    long x = estimate >= 0x1.fffffffffffffp63 ? -1L : (long) (estimate * 0.5) << 1;
    if (Long.compareUnsigned(high, x) >= 0) {
      x = -1L;
    }
    long q = Long.compareUnsigned(high, x) >= 0 ? -1L : divide(high, low, x);
    x = (x >>> 1) + (q >>> 1) + (x & q & 1);
    while (above(x, high, low)) {
      x--;
    }
    while (x != -1L && !above(x + 1, high, low)) {
      x++;
    }
    return x;
  }

  /** Whether x * x > high:low. */
  private static boolean above(long x, long high, long low) {
    int order = Long.compareUnsigned(Math.unsignedMultiplyHigh(x, x), high);
    return order > 0 || order == 0 && Long.compareUnsigned(x * x, low) > 0;
  }
}
