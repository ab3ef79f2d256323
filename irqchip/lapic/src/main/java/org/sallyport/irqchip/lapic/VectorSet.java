package org.sallyport.irqchip.lapic;

import org.sallyport.api.device.InvalidState;

/** A bit for each of the 256 vectors: ISR, TMR or IRR. */
final class VectorSet {
  private final long[] words = new long[4];

  boolean contains(int vector) {
    return (words[vector >> 6] >> vector & 1) != 0;
  }

  void add(int vector) {
    words[vector >> 6] |= 1L << vector;
  }

  void remove(int vector) {
    words[vector >> 6] &= ~(1L << vector);
  }

  void clear() {
    words[0] = 0;
    words[1] = 0;
    words[2] = 0;
    words[3] = 0;
  }

  /** The highest vector, or -1. */
  int highest() {
    for (int i = 3; i >= 0; i--) {
      if (words[i] != 0) {
        return i * 64 + 63 - Long.numberOfLeadingZeros(words[i]);
      }
    }
    return -1;
  }

  /**
   * A 32-bit register of the eight.
   *
   * @param index 0 to 7
   */
  int register(int index) {
    return (int) (words[index >> 1] >>> 32 * (index & 1));
  }

  long[] save() {
    return words.clone();
  }

  void restore(long[] saved) {
    System.arraycopy(saved, 0, words, 0, 4);
  }

  static void validate(String name, long[] saved) throws InvalidState {
    InvalidState.unless(saved != null && saved.length == 4, name + ": not 4 words");
    InvalidState.unless((saved[0] & 0xffff) == 0, name + ": has a vector below 16");
  }
}
