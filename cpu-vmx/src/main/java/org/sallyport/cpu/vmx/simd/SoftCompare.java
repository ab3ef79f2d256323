package org.sallyport.cpu.vmx.simd;

/** Comparisons, minimum and maximum with SSE's exceptions. */
final class SoftCompare {
  static final int LESS = -1;
  static final int EQUAL = 0;
  static final int GREATER = 1;
  static final int UNORDERED = 2;

  private SoftCompare() {}

  /**
   * Compares two numbers.
   *
   * @param signalling whether a quiet NaN is invalid too
   */
  static int compare(SoftFloat s, Format f, long x, long y, boolean signalling) {
    if (f.isNan(x) || f.isNan(y)) {
      if (signalling || f.isSignalling(x) || f.isSignalling(y)) {
        s.flags |= Mxcsr.IE;
      }
      return UNORDERED;
    }
    return ordered(s, f, x, y);
  }

  private static int ordered(SoftFloat s, Format f, long x, long y) {
    return Long.compare(rank(s, f, x), rank(s, f, y));
  }

  /** A number whose order is that of the values, the zeros being equal. */
  private static long rank(SoftFloat s, Format f, long x) {
    long magnitude = x & ~f.signBit;
    if (f.isDenormal(x)) {
      if (s.denormalsAreZeros()) {
        magnitude = 0;
      } else {
        s.flags |= Mxcsr.DE;
      }
    }
    return (x & f.signBit) != 0 ? -magnitude : magnitude;
  }

  /** The predicates 0 to 7 of CMPPS: EQ, LT, LE, UNORD, NEQ, NLT, NLE, ORD. */
  static boolean holds(SoftFloat s, Format f, long x, long y, int predicate) {
    int base = predicate & 3;
    int order = compare(s, f, x, y, base == 1 || base == 2);
    boolean yes =
        switch (base) {
          case 0 -> order == EQUAL;
          case 1 -> order == LESS;
          case 2 -> order == LESS || order == EQUAL;
          default -> order == UNORDERED;
        };
    return yes != (predicate >= 4);
  }

  /** The source where either is a NaN, or both are zeros. */
  static long min(SoftFloat s, Format f, long x, long y) {
    return choose(s, f, x, y, LESS);
  }

  /** The source where either is a NaN, or both are zeros. */
  static long max(SoftFloat s, Format f, long x, long y) {
    return choose(s, f, x, y, GREATER);
  }

  private static long choose(SoftFloat s, Format f, long x, long y, int wanted) {
    long chosen = compare(s, f, x, y, true) == wanted ? x : y;
    return s.denormalsAreZeros() && f.isDenormal(chosen) ? chosen & f.signBit : chosen;
  }
}
