package org.sallyport.cpu.vmx.simd;

/** Rearranging lanes, as functions of longs. */
public final class Shuffles {
  private Shuffles() {}

  /** 64 bits from bit {@code at} on of the 256 bits w3:w2:w1:w0, beyond which there are zeros. */
  public static long window(long w0, long w1, long w2, long w3, int at) {
    int i = at >>> 6;
    long low = word(w0, w1, w2, w3, i);
    int shift = at & 63;
    return shift == 0 ? low : low >>> shift | word(w0, w1, w2, w3, i + 1) << 64 - shift;
  }

  private static long word(long w0, long w1, long w2, long w3, int i) {
    return switch (i) {
      case 0 -> w0;
      case 1 -> w1;
      case 2 -> w2;
      case 3 -> w3;
      default -> 0;
    };
  }

  /** Four words chosen by the 2-bit fields of {@code order}. */
  public static long words(long a, int order) {
    return a >>> 16 * (order & 3) & 0xffff | (a >>> 16 * (order >> 2 & 3) & 0xffff) << 16
        | (a >>> 16 * (order >> 4 & 3) & 0xffff) << 32 | a >>> 16 * (order >> 6 & 3) << 48;
  }

  /** Doubleword number {@code i}, 0 to 3, of high:low. */
  public static long doubleword(long low, long high, int i) {
    return ((i & 2) == 0 ? low : high) >>> 32 * (i & 1) & 0xffffffffL;
  }

  /** Two doublewords of high:low, chosen by the two low 2-bit fields of {@code order}. */
  public static long doublewords(long low, long high, int order) {
    return doubleword(low, high, order & 3) | doubleword(low, high, order >> 2 & 3) << 32;
  }

  /** PSHUFB: the bytes of high:low that 8 bytes choose; 0 where bit 7 is set. */
  public static long bytes(long low, long high, long order) {
    long result = 0;
    for (int i = 0; i < 64; i += 8) {
      int choice = (int) (order >>> i);
      if ((choice & 0x80) == 0) {
        result |= (((choice & 8) == 0 ? low : high) >>> 8 * (choice & 7) & 0xff) << i;
      }
    }
    return result;
  }

  /** 64 bits of lanes that are made wider: the lanes of {@code from} bits at the bottom of a become lanes of {@code to} bits. */
  public static long widen(long a, int from, int to, boolean signed) {
    long result = 0;
    for (int i = 0; i < 64 / to; i++) {
      long lane = a << 64 - from * (i + 1);
      lane = signed ? lane >> 64 - from : lane >>> 64 - from;
      result |= lane << 64 - to >>> 64 - to << to * i;
    }
    return result;
  }

  /** The top bits of the 8 bytes as bits 7:0. */
  public static int topBits(long a) {
    return (int) ((a & Lanes.B) * 0x0002040810204081L >>> 56);
  }

  /** A mask with ones in the lanes of {@code width} bits that bits of {@code choice} name; bit {@code first} is the lowest lane. */
  public static long mask(int choice, int first, int width) {
    long mask = 0;
    for (int i = 0; i < 64 / width; i++) {
      if ((choice >> first + i & 1) != 0) {
        mask |= -1L >>> 64 - width << width * i;
      }
    }
    return mask;
  }
}
