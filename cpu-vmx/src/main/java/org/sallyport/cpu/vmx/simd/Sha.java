package org.sallyport.cpu.vmx.simd;

/** Rounds of SHA-1 and SHA-256 (FIPS 180-4) on XMM registers. */
final class Sha {
  private static final long LOW32 = 0xffffffffL;
  private static final int[] K = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};

  private Sha() {}

  /** SHA1RNDS4: A to D are in the register at {@code d}, A on top; the source is W0 plus E, W1, W2, W3, the first on top. */
  static void fourRounds(long[] x, int d, long low, long high, int phase) {
    int a = (int) (x[d + 1] >>> 32);
    int b = (int) x[d + 1];
    int c = (int) (x[d] >>> 32);
    int e = 0;
    int dd = (int) x[d];
    for (int i = 0; i < 4; i++) {
      int w = (int) ((i < 2 ? high : low) >>> ((i & 1) == 0 ? 32 : 0));
      int f =
          switch (phase) {
            case 0 -> b & c ^ ~b & dd;
            case 2 -> b & c ^ b & dd ^ c & dd;
            default -> b ^ c ^ dd;
          };
      int next = f + Integer.rotateLeft(a, 5) + w + e + K[phase];
      e = dd;
      dd = c;
      c = Integer.rotateLeft(b, 30);
      b = a;
      a = next;
    }
    x[d] = dd & LOW32 | (long) c << 32;
    x[d + 1] = b & LOW32 | (long) a << 32;
  }

  /** SHA256RNDS2: C, D, G, H are in the register at {@code at}, A, B, E, F in the source, and the sums of words and constants in XMM0. */
  static void twoRounds(long[] x, int at, long low, long high) {
    int a = (int) (high >>> 32);
    int b = (int) high;
    int c = (int) (x[at + 1] >>> 32);
    int d = (int) x[at + 1];
    int e = (int) (low >>> 32);
    int f = (int) low;
    int g = (int) (x[at] >>> 32);
    int h = (int) x[at];
    long words = x[0];
    for (int i = 0; i < 2; i++) {
      int t = h + bigSigma1(e) + (e & f ^ ~e & g) + (int) (words >>> 32 * i);
      int next = t + bigSigma0(a) + (a & b ^ a & c ^ b & c);
      h = g;
      g = f;
      f = e;
      e = d + t;
      d = c;
      c = b;
      b = a;
      a = next;
    }
    x[at] = f & LOW32 | (long) e << 32;
    x[at + 1] = b & LOW32 | (long) a << 32;
  }

  private static int bigSigma0(int a) {
    return Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
  }

  private static int bigSigma1(int e) {
    return Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
  }

  static int smallSigma0(int w) {
    return Integer.rotateRight(w, 7) ^ Integer.rotateRight(w, 18) ^ w >>> 3;
  }

  static int smallSigma1(int w) {
    return Integer.rotateRight(w, 17) ^ Integer.rotateRight(w, 19) ^ w >>> 10;
  }
}
