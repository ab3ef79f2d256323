package org.sallyport.cpu.vmx.simd;

/** What makes narrower lanes of wider ones, interleaves lanes and adds neighbours, on 64 bits at a time. */
public final class Packing {
  private static final long EVEN = 0x0000ffff0000ffffL;

  private Packing() {}

  public static int saturateByte(int value) {
    return Math.clamp(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  public static int saturateWord(int value) {
    return Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  private static long packWords(long a, int minimum, int maximum) {
    long result = 0;
    for (int i = 0; i < 4; i++) {
      result |= (Math.clamp((short) (a >>> 16 * i), minimum, maximum) & 0xffL) << 8 * i;
    }
    return result;
  }

  private static long packDoublewords(long a, int minimum, int maximum) {
    return Math.clamp((int) a, minimum, maximum) & 0xffffL
        | (Math.clamp((int) (a >>> 32), minimum, maximum) & 0xffffL) << 16;
  }

  /** PACKSSWB: the words of a, then those of b. */
  public static long signedBytes(long a, long b) {
    return packWords(a, Byte.MIN_VALUE, Byte.MAX_VALUE) | packWords(b, Byte.MIN_VALUE, Byte.MAX_VALUE) << 32;
  }

  /** PACKUSWB. */
  public static long unsignedBytes(long a, long b) {
    return packWords(a, 0, 0xff) | packWords(b, 0, 0xff) << 32;
  }

  /** PACKSSDW. */
  public static long signedWords(long a, long b) {
    return packDoublewords(a, Short.MIN_VALUE, Short.MAX_VALUE)
        | packDoublewords(b, Short.MIN_VALUE, Short.MAX_VALUE) << 32;
  }

  /** PACKUSDW. */
  public static long unsignedWords(long a, long b) {
    return packDoublewords(a, 0, 0xffff) | packDoublewords(b, 0, 0xffff) << 32;
  }

  /** Puts each of the 4 low bytes in a word of its own. */
  private static long spaceBytes(long a) {
    long words = a & 0xffff | (a & 0xffff0000L) << 16;
    return words & 0x000000ff000000ffL | (words & 0x0000ff000000ff00L) << 8;
  }

  /** PUNPCKLBW: bytes of the lower halves, alternating. */
  public static long lowBytes(long a, long b) {
    return spaceBytes(a) | spaceBytes(b) << 8;
  }

  /** PUNPCKHBW: bytes of the upper halves, alternating. */
  public static long highBytes(long a, long b) {
    return lowBytes(a >>> 32, b >>> 32);
  }

  /** PUNPCKLWD. */
  public static long lowWords(long a, long b) {
    return a & 0xffff | (a & 0xffff0000L) << 16 | (b & 0xffff) << 16 | (b & 0xffff0000L) << 32;
  }

  /** PUNPCKHWD. */
  public static long highWords(long a, long b) {
    return lowWords(a >>> 32, b >>> 32);
  }

  /** PUNPCKLDQ. */
  public static long lowDoublewords(long a, long b) {
    return a & 0xffffffffL | b << 32;
  }

  /** PUNPCKHDQ. */
  public static long highDoublewords(long a, long b) {
    return a >>> 32 | b & 0xffffffff00000000L;
  }

  /** PHADDW: sums of the words of a, then of b. */
  public static long addWords(long a, long b) {
    return evenWords((a & EVEN) + (a >>> 16 & EVEN)) | evenWords((b & EVEN) + (b >>> 16 & EVEN)) << 32;
  }

  /** PHSUBW. */
  public static long subWords(long a, long b) {
    return evenWords((a | ~EVEN) - (a >>> 16 & EVEN)) | evenWords((b | ~EVEN) - (b >>> 16 & EVEN)) << 32;
  }

  /** The even words as the two low ones. */
  private static long evenWords(long a) {
    return a & 0xffff | a >>> 16 & 0xffff0000L;
  }

  /** PHADDD. */
  public static long addDoublewords(long a, long b) {
    return a + (a >>> 32) & 0xffffffffL | b + (b >>> 32) << 32;
  }

  /** PHSUBD. */
  public static long subDoublewords(long a, long b) {
    return a - (a >>> 32) & 0xffffffffL | b - (b >>> 32) << 32;
  }

  /** PHADDSW. */
  public static long addWordsSaturated(long a, long b) {
    return pairs(a, 1) | pairs(b, 1) << 32;
  }

  /** PHSUBSW. */
  public static long subWordsSaturated(long a, long b) {
    return pairs(a, -1) | pairs(b, -1) << 32;
  }

  private static long pairs(long a, int sign) {
    int low = saturateWord((short) a + sign * (short) (a >>> 16));
    int high = saturateWord((short) (a >>> 32) + sign * (short) (a >>> 48));
    return low & 0xffff | (high & 0xffffL) << 16;
  }
}
