package org.sallyport.loaders.tables;

/** The checksum of all firmware tables: the bytes of a range add up to 0 modulo 256. */
final class Checksum {
  private Checksum() {}

  static int sum(byte[] bytes, int from, int length) {
    int sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += bytes[i];
    }
    return sum & 0xff;
  }

  /** Sets the byte at {@code at} so that the range is right. */
  static void set(byte[] bytes, int from, int length, int at) {
    bytes[at] = 0;
    bytes[at] = (byte) -sum(bytes, from, length);
  }
}
