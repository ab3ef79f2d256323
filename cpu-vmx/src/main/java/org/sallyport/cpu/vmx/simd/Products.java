package org.sallyport.cpu.vmx.simd;

/** Packed multiplications, and sums across lanes, on 64 bits at a time. */
public final class Products {
  private Products() {}

  /** PMULLW. */
  public static long lowWords(long a, long b) {
    long result = 0;
    for (int i = 0; i < 64; i += 16) {
      result |= ((a >>> i) * (b >>> i) & 0xffff) << i;
    }
    return result;
  }

  /** PMULHW. */
  public static long highWords(long a, long b) {
    long result = 0;
    for (int i = 0; i < 64; i += 16) {
      result |= ((short) (a >>> i) * (short) (b >>> i) >>> 16 & 0xffffL) << i;
    }
    return result;
  }

  /** PMULHUW. */
  public static long highUnsignedWords(long a, long b) {
    long result = 0;
    for (int i = 0; i < 64; i += 16) {
      result |= ((a >>> i & 0xffff) * (b >>> i & 0xffff) >>> 16) << i;
    }
    return result;
  }

  /** PMULHRSW: bits 30:15 of the product, rounded. */
  public static long roundedWords(long a, long b) {
    long result = 0;
    for (int i = 0; i < 64; i += 16) {
      int product = (short) (a >>> i) * (short) (b >>> i);
      result |= ((product >> 14) + 1 >> 1 & 0xffffL) << i;
    }
    return result;
  }

  /** PMULLD. */
  public static long lowDoublewords(long a, long b) {
    return (a >>> 32) * (b >>> 32) << 32 | a * b & 0xffffffffL;
  }

  /** PMADDWD: only the least words on both sides overflow, and wrap. */
  public static long addPairsOfWords(long a, long b) {
    int low = (short) a * (short) b + (short) (a >>> 16) * (short) (b >>> 16);
    int high = (short) (a >>> 32) * (short) (b >>> 32) + (short) (a >>> 48) * (short) (b >>> 48);
    return (long) high << 32 | low & 0xffffffffL;
  }

  /** PMADDUBSW: a is unsigned, b signed. */
  public static long addPairsOfBytes(long a, long b) {
    long result = 0;
    for (int i = 0; i < 64; i += 16) {
      int sum = (int) (a >>> i & 0xff) * (byte) (b >>> i) + (int) (a >>> i + 8 & 0xff) * (byte) (b >>> i + 8);
      result |= (long) (Packing.saturateWord(sum) & 0xffff) << i;
    }
    return result;
  }

  /** PSADBW. */
  public static long sumOfDifferences(long a, long b) {
    long larger = Lanes.maxUnsigned(a, b, Lanes.B);
    long differences = Lanes.sub(larger, Lanes.minUnsigned(a, b, Lanes.B), Lanes.B);
    long words = (differences & 0x00ff00ff00ff00ffL) + (differences >>> 8 & 0x00ff00ff00ff00ffL);
    return words * 0x0001000100010001L >>> 48;
  }
}
