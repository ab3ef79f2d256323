package org.sallyport.machine.serial;

import java.util.Arrays;

/** What was sent, as far as it fits: grows up to its limit, then forgets the oldest. From any thread. */
final class Transcript {
  private static final int FIRST_SIZE = 4096;

  private final int limit;
  private byte[] ring = new byte[FIRST_SIZE];
  private long position;

  /**
   * @param limit bytes, a power of two of at least 4096
   */
  Transcript(int limit) {
    this.limit = limit;
  }

  synchronized void add(int value) {
    if (position == ring.length && ring.length < limit) {
      ring = Arrays.copyOf(ring, 2 * ring.length);
    }
    ring[(int) position & (ring.length - 1)] = (byte) value;
    position++;
  }

  /** How many bytes were sent in all. */
  synchronized long position() {
    return position;
  }

  /** What was sent from a position on, or from the oldest byte that is still there. */
  synchronized byte[] from(long start) {
    long first = Math.clamp(start, Math.max(0, position - ring.length), position);
    byte[] result = new byte[(int) (position - first)];
    for (int done = 0; done < result.length;) {
      int at = (int) (first + done) & (ring.length - 1);
      int count = Math.min(result.length - done, ring.length - at);
      System.arraycopy(ring, at, result, done, count);
      done += count;
    }
    return result;
  }
}
