package org.sallyport.cpu.vmx.differential;

import java.util.random.RandomGenerator;

/** Random operands that favour the places where something happens: edges of integers, floating-point numbers of all classes. */
final class Values {
  // @formatter:off
  private static final long[] INTEGERS = {
    0, 1, 2, -1, -2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L,
    Long.MAX_VALUE, Long.MIN_VALUE, 31, 32, 63, 64, 0x8000000080000000L, 0x0080008000800080L, 0x7fff7fff7fff7fffL, 0x0101010101010101L,
  };
  private static final long[] DOUBLES = {
    0, 1, 0x000fffffffffffffL, 0x0010000000000000L, 0x0010000000000001L, 0x3ff0000000000000L, 0x3ff0000000000001L, 0x3fefffffffffffffL,
    0x3fe0000000000000L, 0x3ff8000000000000L, 0x4000000000000000L, 0x41dfffffffc00000L, 0x41dfffffffe00000L, 0x41e0000000000000L,
    0x43e0000000000000L, 0x43dfffffffffffffL, 0x4330000000000000L, 0x4330000000000001L, 0x7fefffffffffffffL, 0x7ff0000000000000L,
    0x7ff0000000000001L, 0x7ff8000000000000L, 0x7ff8000000001234L, 0x7ff4000000000000L, 0x36a0000000000000L, 0x380fffffe0000000L,
    0x380fffffffffffffL, 0x47efffffe0000000L, 0x47efffffefffffffL, 0x47effffff0000000L,
  };
  private static final int[] SINGLES = {
    0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x3f800000, 0x3f800001, 0x3f7fffff, 0x3f000000, 0x3fc00000, 0x40000000, 0x4effffff,
    0x4f000000, 0x5effffff, 0x5f000000, 0x4b000000, 0x4b000001, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fc01234, 0x7fa00000,
  };
  private static final int[] EXPONENTS = {
    0, 1, 2, 63, 64, 65, 0x3fff - 1075, 0x3fff - 1074, 0x3fff - 1023, 0x3fff - 1022, 0x3fff - 150, 0x3fff - 149, 0x3fff - 127,
    0x3fff - 126, 0x3ffd, 0x3ffe, 0x3fff, 0x4000, 0x4001, 0x3fff + 14, 0x3fff + 15, 0x3fff + 16, 0x3fff + 30, 0x3fff + 31, 0x3fff + 32,
    0x3fff + 59, 0x3fff + 60, 0x3fff + 62, 0x3fff + 63, 0x3fff + 64, 0x3fff + 127, 0x3fff + 128, 0x3fff + 1023, 0x3fff + 1024, 0x7ffd,
    0x7ffe, 0x7fff,
  };
  // @formatter:on

  private static final int STYLES = 9;

  private final RandomGenerator random;
  private int style;
  private int exponent;

  Values(RandomGenerator random) {
    this.random = random;
  }

  /** Chooses what kind of numbers the next ones will mostly be. */
  void begin() {
    style = random.nextInt(STYLES);
    exponent = random.nextInt();
  }

  int below(int n) {
    return random.nextInt(n);
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  long bits() {
    return random.nextLong();
  }

  /** For a general register. */
  long integer() {
    long v = oneIn(3) ? INTEGERS[below(INTEGERS.length)] : bits();
    return oneIn(3) ? v >> below(64) : v;
  }

  /** For a vector register or memory. */
  long word() {
    return switch (oneIn(6) ? below(STYLES) : style) {
      case 0 -> bits();
      case 1 -> DOUBLES[below(DOUBLES.length)] | bits() & Long.MIN_VALUE;
      case 2 -> pair(SINGLES[below(SINGLES.length)] | random.nextInt() & 1 << 31,
          SINGLES[below(SINGLES.length)] | random.nextInt() & 1 << 31);
      case 3 -> nearDouble();
      case 4 -> pair(nearSingle(), nearSingle());
      case 5 -> pair((int) INTEGERS[below(INTEGERS.length)], (int) INTEGERS[below(INTEGERS.length)]);
      case 6 -> text();
      case 7 -> INTEGERS[below(INTEGERS.length)];
      default -> Double.doubleToRawLongBits((below(2000) - 1000) / (double) (1 << below(4)));
    };
  }

  private static long pair(int low, int high) {
    return low & 0xffffffffL | (long) high << 32;
  }

  /** A fraction with few ones or few zeros makes results exact, or ties. */
  private long fraction(int bits) {
    long all = bits() >>> 64 - bits;
    return switch (below(4)) {
      case 0 -> all;
      case 1 -> all & -1L << below(bits);
      case 2 -> 1L << below(bits);
      default -> (1L << bits) - 1 & -1L << below(bits);
    };
  }

  private long nearDouble() {
    int field = switch (exponent & 7) {
      case 0 -> below(60);
      case 1 -> 0x7fe - below(60);
      case 2 -> 512 + below(110) - 55;
      case 3 -> 1536 + below(110) - 55;
      case 4 -> 1023 + below(70);
      default -> (exponent >>> 3) % 1900 + below(60);
    };
    return bits() & Long.MIN_VALUE | (long) field << 52 | fraction(52);
  }

  private int nearSingle() {
    int field = switch (exponent & 7) {
      case 0 -> below(30);
      case 1 -> 0xfe - below(30);
      case 2 -> 64 + below(50) - 25;
      case 3 -> 191 + below(50) - 25;
      case 4 -> 127 + below(40);
      default -> (exponent >>> 3) % 200 + below(30);
    };
    return random.nextInt() & 1 << 31 | field << 23 | (int) fraction(23);
  }

  /** Few different bytes, zeros among them. */
  private long text() {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (oneIn(12) ? 0 : 'a' + below(4));
    }
    return value;
  }

  /** Eight digits of packed BCD. */
  long decimal() {
    long v = 0;
    for (int i = 0; i < 64; i += 4) {
      v |= (long) below(10) << i;
    }
    return v;
  }

  /** A mantissa without regard to the integer bit. */
  private long pattern() {
    long m = bits();
    return switch (below(8)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> m << below(64);
      case 3 -> m >>> below(64);
      case 4 -> -1L << below(64);
      case 5 -> 1L << below(64);
      case 6 -> (m & -1L << below(64)) + (below(3) - 1);
      default -> m;
    };
  }

  /** Fills ST(i) with a value of any class. */
  void st(MachineState s, int i) {
    int sign = below(2) << 15;
    long normal = pattern() | Long.MIN_VALUE;
    switch (below(24)) {
      case 0 -> s.st(i, sign, 0);
      case 1 -> s.st(i, sign, pattern() & Long.MAX_VALUE);
      case 2 -> s.st(i, sign, normal);
      case 3 -> s.st(i, sign | 0x7fff, Long.MIN_VALUE);
      case 4 -> s.st(i, sign | 0x7fff, normal);
      case 5 -> s.st(i, sign | 0x7fff, normal | 1L << 62);
      case 6 -> s.st(i, sign | below(0x8000), pattern() & Long.MAX_VALUE);
      case 7, 8, 9, 10 -> s.st(i, sign | EXPONENTS[below(EXPONENTS.length)], normal);
      case 11 -> s.st(i, sign | below(0x8000), normal);
      case 12 -> s.st(i, 0xffff, word()); // an MMX register
      case 13 -> integer(s, i, bits() >> below(64));
      case 14 -> integer(s, i, below(40) - 20);
      case 15 -> integer(s, i, below(70000) - 35000);
      default -> s.st(i, sign | 0x3fff + below(80) - 40, normal);
    }
  }

  private static void integer(MachineState s, int i, long value) {
    if (value == 0) {
      s.st(i, 0, 0);
      return;
    }
    long magnitude = Math.abs(value);
    int zeros = Long.numberOfLeadingZeros(magnitude);
    s.st(i, (value < 0 ? 0x8000 : 0) | 0x3fff + 63 - zeros, magnitude << zeros);
  }
}
