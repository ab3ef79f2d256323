package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.interpret.Cpu;

/**
 * Floating-point operations by number, with all their roundings and exceptions: what translated code calls where the host's arithmetic
 * does not obviously give the same. Exceptions come before any register has changed.
 */
public final class SseArithmetic {
  // @formatter:off
  public static final int ADD = 0, SUB = 1, MUL = 2, DIV = 3, MIN = 4, MAX = 5, SQRT = 6;

  /** Comparisons: this plus the predicate, 0 to 7 (SDM volume 2, CMPPD). */
  public static final int COMPARE = 8;
  // @formatter:on

  private static final long LOW32 = 0xffffffffL;

  private SseArithmetic() {}

  private static long onDoubles(SoftFloat s, int operation, long x, long y) {
    return switch (operation) {
      case ADD -> DoubleMath.add(s, x, y);
      case SUB -> DoubleMath.sub(s, x, y);
      case MUL -> DoubleMath.mul(s, x, y);
      case DIV -> DoubleMath.div(s, x, y);
      case MIN -> DoubleMath.min(s, x, y);
      case MAX -> DoubleMath.max(s, x, y);
      case SQRT -> DoubleMath.sqrt(s, y);
      default -> SoftCompare.holds(s, Format.DOUBLE, x, y, operation - COMPARE) ? -1 : 0;
    };
  }

  private static long onSingles(SoftFloat s, int operation, long x, long y) {
    return switch (operation) {
      case ADD -> SingleMath.add(s, x, y);
      case SUB -> SingleMath.sub(s, x, y);
      case MUL -> SingleMath.mul(s, x, y);
      case DIV -> SingleMath.div(s, x, y);
      case MIN -> SingleMath.min(s, x, y);
      case MAX -> SingleMath.max(s, x, y);
      case SQRT -> SingleMath.sqrt(s, y);
      default -> SoftCompare.holds(s, Format.SINGLE, x & LOW32, y & LOW32, operation - COMPARE) ? LOW32 : 0;
    };
  }

  private static long onPairs(SoftFloat s, int operation, long x, long y) {
    return onSingles(s, operation, x, y) | onSingles(s, operation, x >>> 32, y >>> 32) << 32;
  }

  private static SoftFloat begin(Cpu c) {
    SoftFloat s = c.xmm.soft;
    s.begin(c.xmm.mxcsr);
    return s;
  }

  /** On the double in {@code x[d]}. */
  public static void scalarDouble(Cpu c, long[] x, int d, long y, int operation) {
    SoftFloat s = begin(c);
    long result = onDoubles(s, operation, x[d], y);
    s.finish(c);
    x[d] = result;
  }

  /** On the doubles in {@code x[d]} and {@code x[d + 1]}. */
  public static void packedDouble(Cpu c, long[] x, int d, long low, long high, int operation) {
    SoftFloat s = begin(c);
    long first = onDoubles(s, operation, x[d], low);
    long second = onDoubles(s, operation, x[d + 1], high);
    s.finish(c);
    x[d] = first;
    x[d + 1] = second;
  }

  /** On the single in the lower half of {@code x[d]}. */
  public static void scalarSingle(Cpu c, long[] x, int d, long y, int operation) {
    SoftFloat s = begin(c);
    long result = onSingles(s, operation, x[d], y);
    s.finish(c);
    x[d] = x[d] & ~LOW32 | result;
  }

  /** On the four singles in {@code x[d]} and {@code x[d + 1]}. */
  public static void packedSingle(Cpu c, long[] x, int d, long low, long high, int operation) {
    SoftFloat s = begin(c);
    long first = onPairs(s, operation, x[d], low);
    long second = onPairs(s, operation, x[d + 1], high);
    s.finish(c);
    x[d] = first;
    x[d + 1] = second;
  }

  /** -1, 0, 1 for less, equal, greater, or 2 where they have no order. */
  public static int compareDoubles(Cpu c, long x, long y, boolean signalling) {
    SoftFloat s = begin(c);
    int order = DoubleMath.compare(s, x, y, signalling);
    s.finish(c);
    return order;
  }

  /** As {@link #compareDoubles}, of the lower 32 bits. */
  public static int compareSingles(Cpu c, long x, long y, boolean signalling) {
    SoftFloat s = begin(c);
    int order = SingleMath.compare(s, x, y, signalling);
    s.finish(c);
    return order;
  }

  public static long doubleOfInteger(Cpu c, long value) {
    SoftFloat s = begin(c);
    long result = DoubleMath.fromInteger(s, value);
    s.finish(c);
    return result;
  }

  public static long singleOfInteger(Cpu c, long value) {
    SoftFloat s = begin(c);
    long result = SingleMath.fromInteger(s, value);
    s.finish(c);
    return result;
  }

  /** An integer of 32 or 64 bits; rounds as MXCSR says, or towards zero. */
  public static long integerOfDouble(Cpu c, long x, int bits, boolean truncate) {
    SoftFloat s = begin(c);
    long result = DoubleMath.toInteger(s, x, bits, truncate ? Mxcsr.TRUNCATE : s.rounding());
    s.finish(c);
    return result;
  }

  /** An integer of 32 or 64 bits; rounds as MXCSR says, or towards zero. */
  public static long integerOfSingle(Cpu c, long x, int bits, boolean truncate) {
    SoftFloat s = begin(c);
    long result = SingleMath.toInteger(s, x, bits, truncate ? Mxcsr.TRUNCATE : s.rounding());
    s.finish(c);
    return result;
  }

  public static long doubleOfSingle(Cpu c, long x) {
    SoftFloat s = begin(c);
    long result = DoubleMath.fromSingle(s, x);
    s.finish(c);
    return result;
  }

  public static long singleOfDouble(Cpu c, long x) {
    SoftFloat s = begin(c);
    long result = SingleMath.fromDouble(s, x);
    s.finish(c);
    return result;
  }
}
