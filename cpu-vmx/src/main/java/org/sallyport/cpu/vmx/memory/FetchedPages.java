package org.sallyport.cpu.vmx.memory;

import java.util.Arrays;

/**
 * From which pages code may have been fetched since everything was forgotten. Guests invalidate single pages often, and few of them hold
 * code; what caches translations of code need not be looked at for the others. It may say yes for a page too many.
 */
final class FetchedPages {
  private static final int BITS = 4096;
  private static final long NONE = -1;

  /** Pages of 4 KiB, by the lower bits of their numbers. */
  private final long[] small = new long[BITS / 64];

  /** Larger pages, as a range for each half of the address space. */
  private final long[] first = {NONE, NONE};

  private final long[] last = new long[2];

  private boolean upperIsGlobal = true;

  void clear() {
    upperIsGlobal = true;
    Arrays.fill(small, 0);
    Arrays.fill(first, NONE);
    Arrays.fill(last, 0);
  }

  void add(long linear, long pageSize, boolean global) {
    upperIsGlobal &= global || linear >= 0;
    if (pageSize <= 4096) {
      int n = number(linear);
      small[n >>> 6] |= 1L << n;
      return;
    }
    int half = half(linear);
    long start = linear & -pageSize;
    if (first[half] == NONE || Long.compareUnsigned(start, first[half]) < 0) {
      first[half] = start;
    }
    if (Long.compareUnsigned(start + pageSize - 1, last[half]) > 0) {
      last[half] = start + pageSize - 1;
    }
  }

  /** Whether all of them in the upper half of the address space are global pages, which a load of CR3 leaves alone. */
  boolean upperIsGlobal() {
    return upperIsGlobal;
  }

  boolean mayContain(long linear) {
    int n = number(linear);
    int half = half(linear);
    return (small[n >>> 6] >>> n & 1) != 0 || first[half] != NONE && Long.compareUnsigned(linear, first[half]) >= 0
        && Long.compareUnsigned(linear, last[half]) <= 0;
  }

  private static int number(long linear) {
    return (int) (linear >>> 12) & BITS - 1;
  }

  private static int half(long linear) {
    return linear < 0 ? 1 : 0;
  }
}
