package org.sallyport.cpu.vmx.simd;

/**
 * The steps of AES (FIPS 197) on a state of two longs: byte n of the block is byte n of the pair, columns are doublewords. Each function
 * gives one half of the result.
 */
final class Aes {
  private static final byte[] S_BOX = new byte[256];
  private static final byte[] INVERSE_S_BOX = new byte[256];

  static {
    for (int i = 0; i < 256; i++) {
      int inverse = power254(i);
      int s = inverse ^ rotate(inverse, 1) ^ rotate(inverse, 2) ^ rotate(inverse, 3) ^ rotate(inverse, 4) ^ 0x63;
      S_BOX[i] = (byte) s;
      INVERSE_S_BOX[s] = (byte) i;
    }
  }

  private Aes() {}

  private static int rotate(int b, int n) {
    return (b << n | b >>> 8 - n) & 0xff;
  }

  /** The inverse in GF(2<sup>8</sup>), and 0 for 0. */
  private static int power254(int x) {
    int result = 1;
    for (int i = 0; i < 254; i++) {
      result = multiply(result, x);
    }
    return result;
  }

  /** The product in GF(2<sup>8</sup>) modulo x<sup>8</sup> + x<sup>4</sup> + x<sup>3</sup> + x + 1. */
  private static int multiply(int a, int b) {
    int product = 0;
    int shifted = a;
    for (int rest = b; rest != 0; rest >>= 1) {
      product ^= shifted & -(rest & 1);
      shifted = shifted << 1 ^ (shifted >> 7) * 0x11b;
    }
    return product;
  }

  /** ShiftRows and SubBytes: row r of column c comes from column c + r. */
  static long encrypt(long low, long high, int firstColumn) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      int row = i & 3;
      int column = firstColumn + (i >> 2) + row & 3;
      result |= (S_BOX[at(low, high, 4 * column + row)] & 0xffL) << 8 * i;
    }
    return result;
  }

  /** InvShiftRows and InvSubBytes. */
  static long decrypt(long low, long high, int firstColumn) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      int row = i & 3;
      int column = firstColumn + (i >> 2) - row & 3;
      result |= (INVERSE_S_BOX[at(low, high, 4 * column + row)] & 0xffL) << 8 * i;
    }
    return result;
  }

  private static int at(long low, long high, int i) {
    return (int) ((i < 8 ? low : high) >>> 8 * (i & 7)) & 0xff;
  }

  /** All bytes doubled in GF(2<sup>8</sup>). */
  private static long twice(long a) {
    return (a & ~Lanes.B) << 1 ^ ((a & Lanes.B) >>> 7) * 0x1b;
  }

  /** Each doubleword rotated right by bytes. */
  private static long rotateColumns(long a, int bytes) {
    int n = 8 * bytes;
    return Integer.rotateRight((int) a, n) & 0xffffffffL | (long) Integer.rotateRight((int) (a >>> 32), n) << 32;
  }

  /** MixColumns on two columns. */
  static long mix(long a) {
    long twice = twice(a);
    return twice ^ rotateColumns(twice ^ a, 1) ^ rotateColumns(a, 2) ^ rotateColumns(a, 3);
  }

  /** InvMixColumns on two columns: MixColumns after multiplying by 4x<sup>2</sup> + 5. */
  static long inverseMix(long a) {
    long four = twice(twice(a));
    return mix(a ^ four ^ rotateColumns(four, 2));
  }

  /** SubBytes on a doubleword. */
  static int substitute(int word) {
    return S_BOX[word & 0xff] & 0xff | (S_BOX[word >>> 8 & 0xff] & 0xff) << 8 | (S_BOX[word >>> 16 & 0xff] & 0xff) << 16
        | S_BOX[word >>> 24] << 24;
  }
}
