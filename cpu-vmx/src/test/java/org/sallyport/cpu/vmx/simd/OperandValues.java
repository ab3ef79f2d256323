package org.sallyport.cpu.vmx.simd;

import java.util.SplittableRandom;

/** Random operands: plain bits, and numbers of the kinds where floating-point and saturating arithmetic have their edges. */
final class OperandValues {
  private static final long[] DOUBLES = {0, 1, 0x000fffffffffffffL, 0x0010000000000000L, 0x0010000000000001L,
      0x3ff0000000000000L, 0x3ff0000000000001L, 0x3fefffffffffffffL, 0x3fe0000000000000L, 0x3ff8000000000000L,
      0x4000000000000000L, 0x41dfffffffc00000L, 0x41dfffffffe00000L, 0x41e0000000000000L, 0x43e0000000000000L,
      0x43dfffffffffffffL, 0x4330000000000000L, 0x4330000000000001L, 0x7fefffffffffffffL, 0x7ff0000000000000L,
      0x7ff0000000000001L, 0x7ff8000000000000L, 0x7ff8000000001234L, 0x7ff4000000000000L, 0x36a0000000000000L,
      0x380fffffe0000000L, 0x380fffffffffffffL, 0x47efffffe0000000L, 0x47efffffefffffffL, 0x47effffff0000000L};
  private static final int[] SINGLES = {0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x3f800000, 0x3f800001, 0x3f7fffff,
      0x3f000000, 0x3fc00000, 0x40000000, 0x4effffff, 0x4f000000, 0x5effffff, 0x5f000000, 0x4b000000, 0x4b000001,
      0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fc01234, 0x7fa00000};
  private static final int[] INTEGERS = {0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
      0x01000001};

  private final SplittableRandom random;

  OperandValues(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Fills in all registers; half of the time with numbers that are close to each other. */
  void fill(VectorState s) {
    int style = random.nextInt(8);
    int exponent = random.nextInt();
    fill(s.xmm, style, exponent);
    fill(s.mmx, style, exponent);
    fill(s.memory, style, exponent);
    fill(s.general, random.nextBoolean() ? 0 : 5, exponent);
    s.mxcsr = random.nextInt(4) == 0
        ? random.nextInt(0x10000)
        : 0x1f80 | random.nextInt(0x10000) & (random.nextBoolean() ? 0xe07f : 0x20);
  }

  private void fill(long[] values, int style, int exponent) {
    for (int i = 0; i < values.length; i++) {
      values[i] = value(random.nextInt(6) == 0 ? random.nextInt(8) : style, exponent);
    }
  }

  private long value(int style, int exponent) {
    return switch (style) {
      case 0 -> random.nextLong();
      case 1 -> DOUBLES[random.nextInt(DOUBLES.length)] | random.nextLong() & 1L << 63;
      case 2 -> pair(this::specialSingle);
      case 3 -> nearDouble(exponent);
      case 4 -> pair(() -> nearSingle(exponent));
      case 5 -> pair(() -> INTEGERS[random.nextInt(INTEGERS.length)]);
      case 6 -> bytes();
      default -> Double.doubleToRawLongBits((random.nextInt(2000) - 1000) / (double) (1 << random.nextInt(4)));
    };
  }

  private long pair(java.util.function.IntSupplier single) {
    return single.getAsInt() & 0xffffffffL | (long) single.getAsInt() << 32;
  }

  private int specialSingle() {
    return SINGLES[random.nextInt(SINGLES.length)] | random.nextInt() & 0x80000000;
  }

  /** A fraction with few ones or few zeros makes results exact, or ties. */
  private long fraction(int bits) {
    long all = random.nextLong() >>> 64 - bits;
    return switch (random.nextInt(4)) {
      case 0 -> all;
      case 1 -> all & -1L << random.nextInt(bits);
      case 2 -> 1L << random.nextInt(bits);
      default -> (1L << bits) - 1 & -1L << random.nextInt(bits);
    };
  }

  private long nearDouble(int exponent) {
    int field = switch (exponent & 7) {
      case 0 -> random.nextInt(60);
      case 1 -> 0x7fe - random.nextInt(60);
      case 2 -> 512 + random.nextInt(110) - 55;
      case 3 -> 1536 + random.nextInt(110) - 55;
      case 4 -> 1023 + random.nextInt(70);
      default -> (exponent >>> 3) % 1900 + random.nextInt(60);
    };
    return (random.nextLong() & 1L << 63) | (long) field << 52 | fraction(52);
  }

  private int nearSingle(int exponent) {
    int field = switch (exponent & 7) {
      case 0 -> random.nextInt(30);
      case 1 -> 0xfe - random.nextInt(30);
      case 2 -> 64 + random.nextInt(50) - 25;
      case 3 -> 191 + random.nextInt(50) - 25;
      case 4 -> 127 + random.nextInt(40);
      default -> (exponent >>> 3) % 200 + random.nextInt(30);
    };
    return random.nextInt() & 0x80000000 | field << 23 | (int) fraction(23);
  }

  /** Few different bytes, zeros among them, as in texts. */
  private long bytes() {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (random.nextInt(12) == 0 ? 0 : 'a' + random.nextInt(4));
    }
    return value;
  }

  int choice(int bound) {
    return random.nextInt(bound);
  }
}
