package org.sallyport.cpu.vmx.fpu;

import java.util.SplittableRandom;

/**
 * Random operands that favour the places where something happens: all classes, the edges of formats, ties,
 * near-cancellation.
 */
final class Operands {
  private static final long ONE = 1L << 63;

  // @formatter:off
  private static final int[] EDGE_EXPONENTS = {
    0, 1, 2, 63, 64, 65,
    0x3fff - 1075, 0x3fff - 1074, 0x3fff - 1023, 0x3fff - 1022, 0x3fff - 150, 0x3fff - 149, 0x3fff - 127, 0x3fff - 126,
    0x3ffd, 0x3ffe, 0x3fff, 0x4000, 0x4001,
    0x3fff + 14, 0x3fff + 15, 0x3fff + 16, 0x3fff + 30, 0x3fff + 31, 0x3fff + 32, 0x3fff + 59, 0x3fff + 60,
    0x3fff + 62, 0x3fff + 63, 0x3fff + 64,
    0x3fff + 127, 0x3fff + 128, 0x3fff + 1023, 0x3fff + 1024, 0x7ffd, 0x7ffe, 0x7fff,
  };
  // @formatter:on

  private final SplittableRandom random;

  Operands(SplittableRandom random) {
    this.random = random;
  }

  int below(int n) {
    return random.nextInt(n);
  }

  long bits() {
    return random.nextLong();
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /** A mantissa without regard to the integer bit: anything, or runs of ones and zeros. */
  private long pattern() {
    long m = bits();
    switch (below(8)) {
      case 0 -> m = 0;
      case 1 -> m = -1L;
      case 2 -> m = m << below(64);
      case 3 -> m = m >>> below(64);
      case 4 -> m = -1L << below(64);
      case 5 -> m = 1L << below(64);
      case 6 -> m = (m & -1L << below(64)) + (below(3) - 1);
      default -> {}
    }
    return m;
  }

  /** Fills ST(st) with a value of any class. */
  void fill(X87Record r, int st) {
    int sign = below(2) << 15;
    long normal = pattern() | ONE;
    switch (below(24)) {
      case 0 -> r.st(st, sign, 0);
      case 1 -> r.st(st, sign, pattern() & ~ONE);
      case 2 -> r.st(st, sign, normal);
      case 3 -> r.st(st, sign | 0x7fff, ONE);
      case 4 -> r.st(st, sign | 0x7fff, normal);
      case 5 -> r.st(st, sign | 0x7fff, normal | 1L << 62);
      case 6 -> r.st(st, sign | below(0x8000), pattern() & ~ONE);
      case 7, 8, 9, 10 -> r.st(st, sign | EDGE_EXPONENTS[below(EDGE_EXPONENTS.length)], normal);
      case 11, 12 -> r.st(st, sign | below(0x8000), normal);
      case 13 -> integer(r, st, bits() >> below(64));
      case 14 -> integer(r, st, below(40) - 20);
      case 15 -> integer(r, st, below(70000) - 35000);
      default -> r.st(st, sign | 0x3fff + below(80) - 40, normal);
    }
  }

  private static void integer(X87Record r, int st, long value) {
    Conversion v = new Conversion();
    v.fromLong(value);
    r.st(st, v.signExponent, v.mantissa);
  }

  /** Makes ST(1) a close relation of ST(0), now and then. */
  void relate(X87Record r) {
    if (chance(25)) {
      int se = r.signExponent(0) ^ below(2) << 15;
      int e = (se & 0x7fff) + below(5) - 2;
      r.st(1, chance(50) ? se : se & 0x8000 | e & 0x7fff, r.mantissa(0) + below(3) - 1);
    }
  }

  /** 16 bytes for a memory operand: floats, doubles, extended, integers, BCD. */
  void memory(X87Record r, int kind) {
    long low = pattern();
    switch (kind) {
      case 0 -> { // single
        int e = switch (below(4)) {
          case 0 -> 0;
          case 1 -> 255;
          default -> below(256);
        };
        low = below(2) << 31 | e << 23 | pattern() >>> 41;
      }
      case 1 -> { // double
        long e = switch (below(4)) {
          case 0 -> 0;
          case 1 -> 2047;
          default -> below(2048);
        };
        low = (long) below(2) << 63 | e << 52 | pattern() >>> 12;
      }
      case 2 -> { // packed BCD
        low = 0;
        for (int i = 0; i < 64; i += 4) {
          low |= (long) below(10) << i;
        }
      }
      default -> {}
    }
    r.memory(0, low);
    r.memory(8, kind == 2 ? below(2) << 15 | below(10) << 4 | below(10) : bits());
  }
}
