package org.sallyport.cpu.vmx.memory;

import java.util.Arrays;

/**
 * The software TLB of a processor: direct-mapped arrays of (tag, addend) pairs, one for each kind of access. A tag is the linear address
 * of a page; host address = linear address + addend (for fetches: guest-physical address). An empty entry has a tag that no page has.
 *
 * <p>The arrays for data come in classes, because what may be accessed without a fault depends on who accesses: the user, the supervisor
 * with SMAP in force, and the supervisor with EFLAGS.AC set.
 */
final class Tlb {
  static final int ENTRIES = 1024;
  static final int USER = 0;
  static final int SUPERVISOR = 1;
  static final int SUPERVISOR_AC = 2;
  static final int CLASSES = 3;

  /** Kinds of access. */
  static final int READ = 0;

  static final int WRITE = 1;
  static final int FETCH = 2;

  private static final long EMPTY = -1;
  private static final int LOG_SIZE = 2048;

  final long[][][] entries = new long[3][CLASSES][];

  /** Never filled: what the processor uses while every access has to take the slow path (alignment checks). */
  final long[] never = new long[2 * ENTRIES];

  /** Where entries of non-global pages are, so that a CR3 load need not look at all. */
  private final int[] log = new int[LOG_SIZE];

  private int logged;

  // Pages larger than 4 KiB that were entered since the last full flush, as a range for each half of the address space.
  private final long[] largeFirst = {-1, -1};
  private final long[] largeLast = {0, 0};

  Tlb() {
    for (long[][] kind : entries) {
      for (int c = 0; c < CLASSES; c++) {
        kind[c] = new long[2 * ENTRIES];
      }
    }
    Arrays.fill(never, EMPTY);
    flush();
  }

  static int index(long linear) {
    return (int) (linear >>> 12) & ENTRIES - 1;
  }

  void enter(int kind, int accessClass, long linear, long addend, boolean global, long pageSize) {
    int i = index(linear);
    long[] t = entries[kind][accessClass];
    t[2 * i] = linear & ~0xfffL;
    t[2 * i + 1] = addend;
    if (!global) {
      if (logged < LOG_SIZE) {
        log[logged] = (kind * CLASSES + accessClass) * ENTRIES + i;
      }
      logged++;
    }
    if (pageSize > 4096) {
      int half = linear < 0 ? 1 : 0;
      long first = linear & -pageSize;
      if (largeFirst[half] == -1 || Long.compareUnsigned(first, largeFirst[half]) < 0) {
        largeFirst[half] = first;
      }
      if (Long.compareUnsigned(first + pageSize - 1, largeLast[half]) > 0) {
        largeLast[half] = first + pageSize - 1;
      }
    }
  }

  /** Forgets everything, global pages too. */
  void flush() {
    for (long[][] kind : entries) {
      for (long[] t : kind) {
        Arrays.fill(t, EMPTY);
      }
    }
    logged = 0;
    Arrays.fill(largeFirst, -1);
    Arrays.fill(largeLast, 0);
  }

  /** Forgets what is not global. */
  void flushNonGlobal() {
    if (logged > LOG_SIZE) {
      flush();
      return;
    }
    for (int n = 0; n < logged; n++) {
      int where = log[n];
      int i = where % ENTRIES;
      int table = where / ENTRIES;
      entries[table / CLASSES][table % CLASSES][2 * i] = EMPTY;
    }
    logged = 0;
  }

  /** Forgets one page. */
  void flushPage(long linear) {
    int half = linear < 0 ? 1 : 0;
    if (largeFirst[half] != -1 && Long.compareUnsigned(linear, largeFirst[half]) >= 0
        && Long.compareUnsigned(linear, largeLast[half]) <= 0) {
      flush();
      return;
    }
    int i = index(linear);
    for (long[][] kind : entries) {
      for (long[] t : kind) {
        t[2 * i] = EMPTY;
      }
    }
  }

  /** Forgets write entries that lead to this page of host memory: it has become a code page. */
  boolean flushWritesTo(long hostPage) {
    boolean found = false;
    for (long[] t : entries[WRITE]) {
      for (int i = 0; i < 2 * ENTRIES; i += 2) {
        if (t[i] != EMPTY && t[i] + t[i + 1] == hostPage) {
          t[i] = EMPTY;
          found = true;
        }
      }
    }
    return found;
  }
}
