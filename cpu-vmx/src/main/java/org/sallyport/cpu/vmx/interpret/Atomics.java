package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.memory.Host;

/**
 * Locked operations between the processors of a machine. What lies within eight aligned bytes is one compare-and-swap of the host. A
 * larger or split operand is exchanged in two halves under one lock: atomic towards other such operations, and no write of somebody
 * else to one of the halves gets lost.
 */
final class Atomics {
  /** Held while an operand is exchanged that the host cannot exchange in one step. */
  static final Object SPLIT_LOCK = new Object();

  private Atomics() {}

  /** Compare-and-swap of 1, 2, 4 or 8 bytes, not necessarily aligned. */
  static boolean compareAndSet(long host, int size, long expected, long value) {
    int first = 8 - (int) (host & 7);
    if (size <= first) {
      return Host.compareAndSet(host, size, expected, value);
    }
    int shift = 8 * first;
    long mask = (1L << shift) - 1;
    return inTwo(host, first, expected & mask, value & mask, size - first, expected >>> shift, value >>> shift);
  }

  /** Compare-and-swap of two neighbours of 8 bytes, the first at an aligned address. */
  static boolean compareAndSetPair(long host, long expectedLow, long expectedHigh, long low, long high) {
    return inTwo(host, 8, expectedLow, low, 8, expectedHigh, high);
  }

  private static boolean inTwo(long host, int lowSize, long expectedLow, long low, int highSize, long expectedHigh,
      long high) {
    synchronized (SPLIT_LOCK) {
      if (!Host.compareAndSet(host, lowSize, expectedLow, low)) {
        return false;
      }
      if (Host.compareAndSet(host + lowSize, highSize, expectedHigh, high)) {
        return true;
      }
      Host.compareAndSet(host, lowSize, low, expectedLow); // when it has changed again, that write came last
      return false;
    }
  }

  /** Replaces 1, 2, 4 or 8 bytes and returns what was there, zero-extended. */
  static long exchange(long host, int size, long value) {
    while (true) {
      long old = Host.get(host, size);
      if (compareAndSet(host, size, old, value)) {
        return old;
      }
    }
  }
}
