package org.sallyport.cpu.vmx.memory;

import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Vector;

/** Translation through the guest's page tables (SDM volume 3, chapter "Paging"): 32-bit, PAE, 4-level and 5-level paging. */
final class PageWalk {
  static final int READ = 0;
  static final int WRITE = 1;
  static final int FETCH = 2;
  static final int SHADOW_READ = 3;
  static final int SHADOW_WRITE = 4;

  // @formatter:off
  private static final long P  = 1 << 0;  // present
  private static final long RW = 1 << 1;  // writable
  private static final long US = 1 << 2;  // user
  private static final long A  = 1 << 5;  // accessed
  private static final long D  = 1 << 6;  // dirty
  private static final long PS = 1 << 7;  // page size
  private static final long G  = 1 << 8;  // global
  private static final long NX = 1L << 63;

  private static final int ERROR_P    = 1 << 0;
  private static final int ERROR_W    = 1 << 1;
  private static final int ERROR_U    = 1 << 2;
  private static final int ERROR_RSVD = 1 << 3;
  private static final int ERROR_I    = 1 << 4;
  private static final int ERROR_PK   = 1 << 5;
  private static final int ERROR_SS   = 1 << 6;

  private static final int KEY_SHIFT      = 59;
  private static final int ACCESS_DISABLE = 1 << 0;
  private static final int WRITE_DISABLE  = 1 << 1;
  // @formatter:on

  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  private final AddressSpace cpu;

  /** Of the last translation: whether the TLB may keep it over a CR3 load. */
  boolean global;

  /** Of the last translation: size of its page in bytes. */
  long pageSize;

  /** Of the last translation: whether the same access class may write without another walk (the dirty bit is set already). */
  boolean mayWrite;

  /** Of the last translation: the linear address. */
  long linear;

  /** Of the last translation: its protection key, if rights depend on it; else 0. */
  int key;

  // Path of the walk in progress: where its entries are and what they were.
  private final long[] entryAddress = new long[5];
  private final long[] entry = new long[5];
  private int depth;

  PageWalk(AddressSpace cpu) {
    this.cpu = cpu;
  }

  /**
   * Translates and sets accessed and dirty bits, or raises #PF (or #GP(0) for an address that is not canonical).
   *
   * @param user the access has user privilege
   * @param smapOff EFLAGS.AC lets the supervisor access user pages
   */
  long translate(long linear, int access, boolean user, boolean smapOff) {
    this.linear = linear;
    while (true) {
      if ((cpu.cr0 & Flag.CR0_PG) == 0) {
        key = 0;
        global = true;
        pageSize = 4096;
        mayWrite = true;
        return linear & 0xffffffffL;
      }
      int error = walk(linear);
      if (error == 0) {
        error = rights(access, user, smapOff);
      }
      if (error >= 0 && error != 0) {
        throw pageFault(linear, error & ~0x100, access, user);
      }
      if (error < 0) {
        cpu.notCanonical = access < SHADOW_READ;
        throw cpu.gp();
      }
      if (setAccessed(access == WRITE)) {
        return physical(linear);
      }
    }
  }

  /** Raises #GP(0) for an address that is not canonical. Only for IA-32e mode. */
  void checkCanonical(long linear) {
    int unused = unusedBits();
    if (linear << unused >> unused != linear) {
      cpu.notCanonical = true;
      throw cpu.gp();
    }
  }

  long probe(long linear) {
    if ((cpu.cr0 & Flag.CR0_PG) == 0) {
      return linear & 0xffffffffL;
    }
    return walk(linear) == 0 ? physical(linear) : -1;
  }

  private RuntimeException pageFault(long linear, int error, int access, boolean user) {
    int code = error | (writes(access) ? ERROR_W : 0) | (user ? ERROR_U : 0) | (access >= SHADOW_READ ? ERROR_SS : 0);
    boolean nx = (cpu.efer & Flag.EFER_NXE) != 0 && (cpu.cr4 & Flag.CR4_PAE) != 0;
    if (access == FETCH && (nx || (cpu.cr4 & Flag.CR4_SMEP) != 0)) {
      code |= ERROR_I;
    }
    cpu.pageFaultAddress = linear;
    return cpu.fault(Vector.PF, code);
  }

  private int levels() {
    return (cpu.cr4 & Flag.CR4_LA57) != 0 ? 5 : 4;
  }

  /** The bits above those that the levels translate; they are copies of the highest of these. */
  private int unusedBits() {
    return 64 - (12 + 9 * levels());
  }

  /** Follows the tables: 0, or the error code (0x100 stands for "not present"), or -1 for an address that is not canonical. */
  private int walk(long linear) {
    depth = 0;
    if ((cpu.cr4 & Flag.CR4_PAE) == 0) {
      return walk32(linear);
    }
    long reserved = ADDRESS & ~((1L << cpu.physicalBits) - 1);
    if ((cpu.efer & Flag.EFER_NXE) == 0) {
      reserved |= NX;
    }
    if (cpu.longMode()) {
      int levels = levels();
      int unused = unusedBits();
      if (linear << unused >> unused != linear) {
        return -1;
      }
      return walkLevels(linear, cpu.cr3 & ADDRESS, levels, reserved);
    }
    long pdpte = cpu.pdpte[(int) (linear >>> 30) & 3];
    if ((pdpte & P) == 0) {
      return 0x100;
    }
    return walkLevels(linear, pdpte & ADDRESS, 2, reserved | 0x7ff0_0000_0000_0000L);
  }

  private int walkLevels(long linear, long table, int levels, long reserved) {
    for (int level = levels;; level--) {
      int shift = 12 + 9 * (level - 1);
      long at = table + ((linear >>> shift & 0x1ff) << 3);
      long e = load(at, 8);
      entryAddress[depth] = at;
      entry[depth++] = e;
      if ((e & P) == 0) {
        return 0x100;
      }
      boolean large = (e & PS) != 0 && level > 1;
      if ((e & reserved) != 0 || large && (level > 3 || level == 3 && !cpu.gigabytePages)) {
        return ERROR_P | ERROR_RSVD;
      }
      if (level == 1 || large) {
        pageSize = 1L << shift;
        if (large && (e & pageSize - 1 & ~0x1fffL) != 0) { // bit 12 is PAT
          return ERROR_P | ERROR_RSVD;
        }
        return 0;
      }
      table = e & ADDRESS;
    }
  }

  private int walk32(long linear) {
    long at = (cpu.cr3 & 0xfffff000L) + (linear >>> 20 & 0xffc);
    long e = load(at, 4);
    entryAddress[depth] = at;
    entry[depth++] = e;
    if ((e & P) == 0) {
      return 0x100;
    }
    if ((e & PS) != 0 && (cpu.cr4 & Flag.CR4_PSE) != 0) {
      pageSize = 1 << 22;
      return (e & 1 << 21) != 0 ? ERROR_P | ERROR_RSVD : 0;
    }
    at = (e & 0xfffff000L) + (linear >>> 10 & 0xffc);
    e = load(at, 4);
    entryAddress[depth] = at;
    entry[depth++] = e;
    pageSize = 4096;
    return (e & P) == 0 ? 0x100 : 0;
  }

  private long physical(long linear) {
    long e = entry[depth - 1];
    long frame;
    if ((cpu.cr4 & Flag.CR4_PAE) == 0 && pageSize > 4096) {
      frame = e & 0xffc00000L | (e >>> 13 & 0xff) << 32; // PSE-36
    } else {
      frame = e & ADDRESS & -pageSize;
    }
    return frame | linear & pageSize - 1;
  }

  /** Checks the rights that the entries give: 0 or the error code. */
  private int rights(int access, boolean user, boolean smapOff) {
    long all = -1;
    long any = 0;
    for (int i = 0; i < depth; i++) {
      all &= entry[i];
      any |= entry[i];
    }
    long leaf = entry[depth - 1];
    boolean userPage = (all & US) != 0;
    boolean writable = (all & RW) != 0;
    boolean nx = (any & NX) != 0 && (cpu.cr4 & Flag.CR4_PAE) != 0;
    boolean wp = (cpu.cr0 & Flag.CR0_WP) != 0;
    boolean mayWriteHere = writable || !user && !wp;
    int keyRights = keyRights(leaf, userPage);
    boolean keyKeepsWrites = (keyRights & WRITE_DISABLE) != 0 && (user || wp);
    global = (leaf & G) != 0 && (cpu.cr4 & Flag.CR4_PGE) != 0;
    mayWrite = mayWriteHere && !keyKeepsWrites && ((leaf & D) != 0 || access == WRITE);
    boolean refused;
    if (access >= SHADOW_READ) {
      refused = user != userPage || !shadowStack();
    } else {
      refused = user && !userPage || access == WRITE && !mayWriteHere || access == FETCH && nx;
      if (!user && userPage) {
        refused |= access == FETCH ? (cpu.cr4 & Flag.CR4_SMEP) != 0 : (cpu.cr4 & Flag.CR4_SMAP) != 0 && !smapOff;
      }
    }
    int error = refused ? ERROR_P : 0;
    if (access != FETCH && ((keyRights & ACCESS_DISABLE) != 0 || writes(access) && keyKeepsWrites)) {
      error |= ERROR_P | ERROR_PK;
    }
    return error;
  }

  private static boolean writes(int access) {
    return access == WRITE || access == SHADOW_WRITE;
  }

  /** Rights of the page's protection key, and the key itself (SDM volume 3, "Protection Keys"). */
  private int keyRights(long leaf, boolean userPage) {
    key = 0;
    if ((cpu.cr4 & (userPage ? Flag.CR4_PKE : Flag.CR4_PKS)) == 0 || !cpu.longMode()) {
      return 0;
    }
    key = (int) (leaf >>> KEY_SHIFT) & 15;
    return (userPage ? cpu.pkru() : cpu.pkrs()) >>> 2 * key & 3;
  }

  /** Whether the page is a shadow stack's: dirty and not writable by its last entry, writable by all others. */
  private boolean shadowStack() {
    for (int i = 0; i < depth - 1; i++) {
      if ((entry[i] & RW) == 0) {
        return false;
      }
    }
    return (entry[depth - 1] & (RW | D)) == D;
  }

  /** Sets A and D bits; false when another processor has changed an entry meanwhile, so that the walk must begin anew. */
  private boolean setAccessed(boolean dirty) {
    for (int i = 0; i < depth; i++) {
      long wanted = entry[i] | A | (dirty && i == depth - 1 ? D : 0);
      if (wanted != entry[i] && !update(entryAddress[i], entry[i], wanted)) {
        return false;
      }
    }
    return true;
  }

  private boolean update(long at, long old, long wanted) {
    long physical = at & cpu.a20Mask;
    GuestSlots.Slot slot = cpu.slots.find(physical);
    if (slot == null || slot.readOnly) {
      return true; // tables in a ROM stay as they are, as on a bus
    }
    int size = (cpu.cr4 & Flag.CR4_PAE) == 0 ? 4 : 8;
    return Host.compareAndSet(slot.host + (physical - slot.first), size, old, wanted);
  }

  private long load(long at, int size) {
    long host = cpu.slots.host(at & cpu.a20Mask);
    return host == 0 ? (size == 4 ? 0xffffffffL : -1L) : Host.get(host, size);
  }

  void loadPdptes(long cr3) {
    long[] loaded = pdptes(cr3);
    if (!valid(loaded)) {
      throw cpu.gp();
    }
    System.arraycopy(loaded, 0, cpu.pdpte, 0, 4);
  }

  boolean pdptesAreValid(long cr3) {
    return valid(pdptes(cr3));
  }

  private long[] pdptes(long cr3) {
    long table = cr3 & 0xffffffe0L;
    long[] loaded = new long[4];
    for (int i = 0; i < 4; i++) {
      loaded[i] = load(table + 8 * i, 8);
    }
    return loaded;
  }

  private boolean valid(long[] pdptes) {
    long reserved = ADDRESS & ~((1L << cpu.physicalBits) - 1) | 0xfff0_0000_0000_01e6L;
    for (long pdpte : pdptes) {
      if ((pdpte & P) != 0 && (pdpte & reserved) != 0) {
        return false;
      }
    }
    return true;
  }
}
