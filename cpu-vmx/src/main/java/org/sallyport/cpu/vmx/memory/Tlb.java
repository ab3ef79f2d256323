package org.sallyport.cpu.vmx.memory;

import java.util.Arrays;

/**
 * The software TLB of a processor: direct-mapped arrays of (tag, addend) pairs, one for each kind of access. A tag is the linear address
 * of a page; host address = linear address + addend (for fetches: guest-physical address). An empty entry has a tag that no page has.
 *
 * <p>The arrays for data come in classes, because what may be accessed without a fault depends on who accesses: the user, the supervisor
 * with SMAP in force, and the supervisor with EFLAGS.AC set.
 *
 * <p>An address with metadata in its upper bits (linear-address masking) has an entry of its own, with the metadata in its tag.
 */
public final class Tlb {
  public static final int ENTRIES = 1024;
  static final int USER = 0;
  static final int SUPERVISOR = 1;
  static final int SUPERVISOR_AC = 2;
  static final int CLASSES = 3;

  /** Kinds of access. */
  static final int READ = 0;

  static final int WRITE = 1;
  static final int FETCH = 2;

  static final int SHADOW_ENTRIES = 64;

  private static final long EMPTY = -1;
  private static final int LOG_SIZE = 2048;
  private static final int KEY_BITS = 4;

  final long[][][] entries = new long[3][CLASSES][];

  /** Never filled: what the processor uses while every access has to take the slow path (alignment checks). */
  final long[] never = new long[2 * ENTRIES];

  /** Where entries of non-global pages are, so that a CR3 load need not look at all. */
  private final int[] log = new int[LOG_SIZE];

  private int logged;

  /** Where entries of global pages are, so that a full flush of a TLB that holds little is cheap. */
  private final int[] globalLog = new int[LOG_SIZE];

  private int globalsLogged = LOG_SIZE + 1;

  /** Where entries of pages with a protection key other than 0 are, and the key, so that a change of a key's rights finds them. */
  private final int[] keyed = new int[LOG_SIZE];

  private int keyedCount;

  /** What shadow-stack accesses use, for the user and the supervisor: pages that may be read and written so. */
  final long[][] shadow = new long[2][2 * SHADOW_ENTRIES];

  private boolean shadowUsed = true;

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

  /** Enters what a walk has found. {@code linear} is the address as the program has it, with its metadata. */
  void enter(int kind, int accessClass, long linear, long addend, PageWalk walk) {
    int i = index(linear);
    long[] t = entries[kind][accessClass];
    t[2 * i] = linear & ~0xfffL;
    t[2 * i + 1] = addend;
    int where = (kind * CLASSES + accessClass) * ENTRIES + i;
    if (!walk.global) {
      if (logged < LOG_SIZE) {
        log[logged] = where;
      }
      logged++;
    } else {
      if (globalsLogged < LOG_SIZE) {
        globalLog[globalsLogged] = where;
      }
      globalsLogged++;
    }
    if (walk.key != 0) {
      if (keyedCount < LOG_SIZE) {
        keyed[keyedCount] = where << KEY_BITS | walk.key;
      }
      keyedCount++;
    }
    enterLarge(walk.linear, walk.pageSize);
  }

  void enterShadow(boolean user, long linear, long addend, PageWalk walk) {
    long[] t = shadow[user ? USER : SUPERVISOR];
    int i = 2 * (index(linear) & SHADOW_ENTRIES - 1);
    t[i] = linear & ~0xfffL;
    t[i + 1] = addend;
    shadowUsed = true;
    enterLarge(linear, walk.pageSize);
  }

  private void enterLarge(long linear, long pageSize) {
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
    if (logged > LOG_SIZE || globalsLogged > LOG_SIZE) {
      for (long[][] kind : entries) {
        for (long[] t : kind) {
          Arrays.fill(t, EMPTY);
        }
      }
    } else {
      forgetAll(log, logged);
      forgetAll(globalLog, globalsLogged);
    }
    logged = 0;
    globalsLogged = 0;
    keyedCount = 0;
    Arrays.fill(largeFirst, -1);
    Arrays.fill(largeLast, 0);
    flushShadow();
  }

  private void flushShadow() {
    if (shadowUsed) {
      shadowUsed = false;
      for (long[] t : shadow) {
        Arrays.fill(t, EMPTY);
      }
    }
  }

  /**
   * Forgets the pages whose protection key has other rights now.
   *
   * @param changed bits of PKRU or IA32_PKRS that have changed: two for each key
   */
  void flushKeys(int changed) {
    if ((changed & 3) != 0 || keyedCount > LOG_SIZE) {
      flush(); // key 0 is that of nearly all pages
      return;
    }
    int kept = 0;
    for (int n = 0; n < keyedCount; n++) {
      int key = keyed[n] & (1 << KEY_BITS) - 1;
      if ((changed >>> 2 * key & 3) == 0) {
        keyed[kept++] = keyed[n];
      } else {
        forget(keyed[n] >>> KEY_BITS);
      }
    }
    keyedCount = kept;
  }

  private void forget(int where) {
    int table = where / ENTRIES;
    entries[table / CLASSES][table % CLASSES][2 * (where % ENTRIES)] = EMPTY;
  }

  /** Forgets what is not global. */
  void flushNonGlobal() {
    if (logged > LOG_SIZE) {
      flush();
      return;
    }
    forgetAll(log, logged);
    logged = 0;
    flushShadow();
  }

  private void forgetAll(int[] places, int count) {
    for (int n = 0; n < count; n++) {
      forget(places[n]);
    }
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
    flushShadow();
  }

  /** Forgets write entries that lead to this page of host memory: it has become a code page. */
  boolean flushWritesTo(long hostPage) {
    boolean found = false;
    for (long[] t : entries[WRITE]) {
      found |= forgetPage(t, hostPage);
    }
    if (shadowUsed) {
      for (long[] t : shadow) {
        found |= forgetPage(t, hostPage);
      }
    }
    return found;
  }

  private static boolean forgetPage(long[] t, long hostPage) {
    boolean found = false;
    for (int i = 0; i < t.length; i += 2) {
      if (t[i] != EMPTY && t[i] + t[i + 1] == hostPage) {
        t[i] = EMPTY;
        found = true;
      }
    }
    return found;
  }
}
