package org.sallyport.cpu.vmx.memory;

import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * What a processor sees of memory: accesses to linear addresses through the software TLB. The hit is inlined into the operations; one
 * call serves everything else (miss, page crossing, memory that is no RAM, code pages, watchpoints).
 *
 * <p>An access that no memory slot serves ends in an EPT violation before the instruction has changed anything. The monitor supplies or
 * takes the data, and the instruction is executed again with what it has already accessed kept in the {@linkplain AccessLog log}.
 */
public abstract class AddressSpace extends Registers {
  /** Basic exit reason of an EPT violation. */
  public static final int EXIT_EPT_VIOLATION = 48;

  private static final long PAGE_MASK = ~0xfffL;

  public final GuestSlots slots;
  public final AccessLog io = new AccessLog();
  final Tlb tlb = new Tlb();
  private final PageWalk walk = new PageWalk(this);
  private final FetchedPages fetched = new FetchedPages();

  /** The TLB arrays for the present privilege: reads and writes. */
  private long[] readTlb;

  private long[] writeTlb;
  private int tlbClass;

  // They grow whenever a fetch from the lower or the upper half of the address space might be translated differently. There are two
  // because operating systems keep their own code in the upper half, global, and it stays where it is when programs are switched.
  private int lowerGeneration;
  private int upperGeneration;

  /** MAXPHYADDR: width of physical addresses in bits. */
  public int physicalBits = 40;

  /** Address bits that reach the bus: all but bit 20 while A20 is off. */
  public long a20Mask = -1;

  /** Linear address of the last page fault that was raised, on its way to CR2. */
  public long pageFaultAddress;

  /** The #GP that was raised is for an address that is not canonical; the run loop makes it #SS for a stack access. */
  public boolean notCanonical;

  /** Whether 1 GiB pages exist. */
  public boolean gigabytePages = true;

  /** PDPTEs of PAE paging, loaded with CR3. */
  public final long[] pdpte = new long[4];

  /** Whether LOCKed operations have to be atomic towards other processors. */
  public boolean smp;

  /** Of a locked operation that did not hit the TLB; or -1. */
  private long lockedPhysical = -1;

  private long lockedLinear;
  private boolean alignmentChecks;
  private boolean watching;

  /** The access is one that the processor makes by itself, to a descriptor table or a TSS. */
  private boolean implicit;

  private int pkru;
  private int pkrs;

  protected AddressSpace(GuestSlots slots) {
    this.slots = slots;
    readTlb = tlb.never;
    writeTlb = tlb.never;
  }

  /** A page with decoded code was written: forget that code. */
  protected abstract void codeWritten(long physical, int size);

  /** A data access hit an enabled watchpoint's page; looks whether it hit the watchpoint. */
  protected abstract void watched(long linear, int size, boolean write);

  // ---- TLB upkeep ------------------------------------------------------------------------------------------------------------------

  /** To be called after a change of CPL, EFLAGS.AC, CR0.AM or CR4.SMAP: chooses the TLB arrays. */
  public final void privilegeChanged() {
    boolean ac = (flags & Flag.AC) != 0;
    tlbClass = cpl == 3 ? Tlb.USER : ac && (cr4 & Flag.CR4_SMAP) != 0 ? Tlb.SUPERVISOR_AC : Tlb.SUPERVISOR;
    alignmentChecks = ac && cpl == 3 && (cr0 & Flag.CR0_AM) != 0;
    chooseTlb();
  }

  private void chooseTlb() {
    boolean slow = alignmentChecks || watching;
    readTlb = slow ? tlb.never : tlb.entries[Tlb.READ][tlbClass];
    writeTlb = slow ? tlb.never : tlb.entries[Tlb.WRITE][tlbClass];
  }

  /** Data watchpoints are in force: every access takes the slow path, which looks at them. */
  public final void watchData(boolean on) {
    watching = on;
    chooseTlb();
  }

  /** Forgets all translations: paging mode, CR4.PGE and the like have changed. */
  public final void flushTlb() {
    tlb.flush();
    fetched.clear();
    lowerGeneration++;
    upperGeneration++;
  }

  /** Forgets the translations of pages that are not global: CR3 was loaded. */
  public final void flushTlbNonGlobal() {
    tlb.flushNonGlobal();
    lowerGeneration++;
    if (!fetched.upperIsGlobal()) {
      upperGeneration++;
    }
  }

  /** INVLPG. */
  public final void flushPage(long linear) {
    tlb.flushPage(linear);
    if (fetched.mayContain(linear)) {
      lowerGeneration++;
      upperGeneration++;
    }
  }

  /** Changes whenever a fetch from this half of the address space might be translated differently; what caches such translations compares it. */
  public final int fetchGeneration(long linear) {
    return linear < 0 ? upperGeneration : lowerGeneration;
  }

  /**
   * The page at this physical address holds code now: writes to it must be noticed.
   *
   * @return whether it could be written unnoticed until now
   */
  public final boolean protectCode(long physicalPage) {
    long host = slots.host(physicalPage);
    return host != 0 && tlb.flushWritesTo(host);
  }

  // ---- protection keys -------------------------------------------------------------------------------------------------------------

  /** PKRU: the rights to user pages by their protection keys, two bits each (access disable, write disable). */
  public final int pkru() {
    return pkru;
  }

  public final void setPkru(int value) {
    int changed = pkru ^ value;
    pkru = value;
    if (changed != 0 && (cr4 & Flag.CR4_PKE) != 0) {
      tlb.flushKeys(changed);
    }
  }

  /** IA32_PKRS: the rights to supervisor pages. */
  public final int pkrs() {
    return pkrs;
  }

  public final void setPkrs(int value) {
    int changed = pkrs ^ value;
    pkrs = value;
    if (changed != 0 && (cr4 & Flag.CR4_PKS) != 0) {
      tlb.flushKeys(changed);
    }
  }

  // ---- for translated code ----------------------------------------------------------------------------------------------------------

  /** The TLB for reads of the present privilege: pairs of tag and addend. It stays the same until privileges or watchpoints change. */
  public final long[] readTlb() {
    return readTlb;
  }

  public final long[] writeTlb() {
    return writeTlb;
  }

  /** A read of 1 to 8 bytes that does not hit the TLB. */
  public final long readMiss(long a, int size) {
    return slowRead(a, size);
  }

  // ---- reads -----------------------------------------------------------------------------------------------------------------------

  public final int read8(long a) {
    long[] t = readTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a & PAGE_MASK)) {
      return Host.get8(a + t[i + 1]) & 0xff;
    }
    return (int) slowRead(a, 1);
  }

  public final int read16(long a) {
    long[] t = readTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + 1 & PAGE_MASK)) {
      return Host.get16(a + t[i + 1]) & 0xffff;
    }
    return (int) slowRead(a, 2);
  }

  /** The bits, as a signed int. */
  public final int read32(long a) {
    long[] t = readTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + 3 & PAGE_MASK)) {
      return Host.get32(a + t[i + 1]);
    }
    return (int) slowRead(a, 4);
  }

  public final long read64(long a) {
    long[] t = readTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + 7 & PAGE_MASK)) {
      return Host.get64(a + t[i + 1]);
    }
    return slowRead(a, 8);
  }

  /** 1, 2, 4 or 8 bytes, zero-extended. */
  public final long read(long a, int size) {
    return switch (size) {
      case 1 -> read8(a);
      case 2 -> read16(a);
      case 4 -> read32(a) & 0xffffffffL;
      default -> read64(a);
    };
  }

  // ---- writes ----------------------------------------------------------------------------------------------------------------------

  public final void write8(long a, int value) {
    long[] t = writeTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a & PAGE_MASK)) {
      Host.put8(a + t[i + 1], (byte) value);
    } else {
      slowWrite(a, 1, value & 0xffL);
    }
  }

  public final void write16(long a, int value) {
    long[] t = writeTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + 1 & PAGE_MASK)) {
      Host.put16(a + t[i + 1], (short) value);
    } else {
      slowWrite(a, 2, value & 0xffffL);
    }
  }

  public final void write32(long a, int value) {
    long[] t = writeTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + 3 & PAGE_MASK)) {
      Host.put32(a + t[i + 1], value);
    } else {
      slowWrite(a, 4, value & 0xffffffffL);
    }
  }

  public final void write64(long a, long value) {
    long[] t = writeTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + 7 & PAGE_MASK)) {
      Host.put64(a + t[i + 1], value);
    } else {
      slowWrite(a, 8, value);
    }
  }

  public final void write(long a, int size, long value) {
    switch (size) {
      case 1 -> write8(a, (int) value);
      case 2 -> write16(a, (int) value);
      case 4 -> write32(a, (int) value);
      default -> write64(a, value);
    }
  }

  /** 16 bytes; faults before anything is written. */
  public final void write128(long a, long low, long high) {
    long[] t = writeTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + 15 & PAGE_MASK)) {
      long host = a + t[i + 1];
      Host.put64(host, low);
      Host.put64(host + 8, high);
    } else {
      checkWrite(a, 16);
      slowWrite(a, 8, low);
      slowWrite(a + 8, 8, high);
    }
  }

  /**
   * For read-modify-write: the host address where the operand can be read and written directly, or 0 when the operation has to use
   * {@link #read} and {@link #write} (memory that is no RAM, page crossing, code page). Faults as a write would, so that the later
   * write cannot.
   */
  public final long hostForUpdate(long a, int size) {
    long[] t = writeTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + size - 1 & PAGE_MASK)) {
      return a + t[i + 1];
    }
    return slowHostForUpdate(a, size);
  }

  /**
   * As {@link #hostForUpdate}, for an operation that has to be atomic: 0 only for memory that is no RAM and for page crossings. To be
   * followed by {@link #lockedDone}.
   */
  public final long hostForLocked(long a, int size) {
    long[] t = writeTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + size - 1 & PAGE_MASK)) {
      return a + t[i + 1];
    }
    return slowHostForLocked(a, size);
  }

  private long slowHostForLocked(long a, int size) {
    checkWrite(a, size);
    if ((a & 0xfff) + size > 4096) {
      return 0;
    }
    long physical = translate(a, PageWalk.WRITE);
    GuestSlots.Slot slot = slots.find(physical);
    if (slot == null || slot.readOnly) {
      return 0;
    }
    lockedLinear = a;
    lockedPhysical = physical;
    return slot.host + (physical - slot.first);
  }

  /** What a write by {@link #hostForLocked} entails: decoded code is forgotten, watchpoints are looked at. */
  public final void lockedDone(int size) {
    long physical = lockedPhysical;
    if (physical >= 0) {
      lockedPhysical = -1;
      GuestSlots.Slot slot = slots.find(physical);
      if (slot != null && slots.hasCode(slot, physical)) {
        codeWritten(physical, size);
      }
      if (watching) {
        watched(masked(lockedLinear), size, true);
      }
    }
  }

  /** Raises the fault that a write of these bytes would raise, if any. */
  public final void checkWrite(long a, int size) {
    align(a, size);
    translate(a, PageWalk.WRITE);
    if ((a & 0xfff) + size > 4096) {
      translate((a + size - 1 & linearMask()) & PAGE_MASK, PageWalk.WRITE);
    }
  }

  /** Raises the fault that a read of these bytes would raise, if any. */
  public final void checkRead(long a, int size) {
    align(a, size);
    translate(a, PageWalk.READ);
    if ((a & 0xfff) + size > 4096) {
      translate((a + size - 1 & linearMask()) & PAGE_MASK, PageWalk.READ);
    }
  }

  /**
   * For bulk string operations: host address of a linear address for reads or writes if the TLB holds it, else 0. Good for the bytes up
   * to the end of the page.
   */
  public final long hostIfCached(long a, boolean write) {
    long[] t = write ? writeTlb : readTlb;
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    return t[i] == (a & PAGE_MASK) ? a + t[i + 1] : 0;
  }

  // ---- the supervisor's implicit accesses: descriptor tables, TSS --------------------------------------------------------------------

  /** Reads as a supervisor whatever CPL is. */
  public final long readSystem(long a, int size) {
    long[] t = tlb.entries[Tlb.READ][Tlb.SUPERVISOR];
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + size - 1 & PAGE_MASK)) {
      return Host.get(a + t[i + 1], size);
    }
    int saved = asSupervisor();
    try {
      return slowRead(a, size);
    } finally {
      backTo(saved);
    }
  }

  public final void writeSystem(long a, int size, long value) {
    long[] t = watching ? tlb.never : tlb.entries[Tlb.WRITE][Tlb.SUPERVISOR];
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a + size - 1 & PAGE_MASK)) {
      Host.put(a + t[i + 1], size, value);
      return;
    }
    int saved = asSupervisor();
    try {
      slowWrite(a, size, value);
    } finally {
      backTo(saved);
    }
  }

  /** Raises the fault that an implicit supervisor write of these bytes would raise, if any. */
  public final void checkSystemWrite(long a, int size) {
    int saved = asSupervisor();
    try {
      checkWrite(a, size);
    } finally {
      backTo(saved);
    }
  }

  private int asSupervisor() {
    int saved = tlbClass | (alignmentChecks ? 0x100 : 0) | (implicit ? 0x200 : 0);
    tlbClass = Tlb.SUPERVISOR;
    alignmentChecks = false;
    implicit = true;
    return saved;
  }

  private void backTo(int saved) {
    tlbClass = saved & 0xff;
    alignmentChecks = (saved & 0x100) != 0;
    implicit = (saved & 0x200) != 0;
  }

  // ---- shadow-stack accesses ---------------------------------------------------------------------------------------------------------

  /** Reads 4 or 8 bytes of a shadow stack, the user's or the supervisor's. */
  public final long readShadow(long a, int size, boolean user) {
    long host = shadowHost(a, size, user);
    if (host != 0) {
      return Host.get(host, size);
    }
    if (watching) {
      watched(a, size, false);
    }
    int first = 4096 - (int) (a & 0xfff);
    long low = translateShadow(a, PageWalk.SHADOW_READ, user);
    if (size > first) {
      long high = translateShadow(a + first & linearMask(), PageWalk.SHADOW_READ, user);
      return physicalRead(low, first) | physicalRead(high, size - first) << 8 * first;
    }
    return physicalRead(low, size);
  }

  /** Writes 4 or 8 bytes of a shadow stack; faults before anything is written. */
  public final void writeShadow(long a, int size, long value, boolean user) {
    long host = shadowHost(a, size, user);
    if (host != 0) {
      Host.put(host, size, value);
      return;
    }
    int first = 4096 - (int) (a & 0xfff);
    long low = translateShadow(a, PageWalk.SHADOW_WRITE, user);
    if (size > first) {
      long high = translateShadow(a + first & linearMask(), PageWalk.SHADOW_WRITE, user);
      physicalWrite(low, first, value);
      physicalWrite(high, size - first, value >>> 8 * first);
    } else {
      physicalWrite(low, size, value);
    }
    if (watching) {
      watched(a, size, true);
    }
  }

  /** Atomically replaces 8 aligned bytes of a shadow stack if they have the expected value; returns what they were. */
  public final long compareAndSetShadow(long a, long expected, long value, boolean user) {
    long physical = translateShadow(a, PageWalk.SHADOW_WRITE, user);
    GuestSlots.Slot slot = slots.find(physical);
    if (slot == null || slot.readOnly) { // no RAM: the bus has no locked cycles here
      long found = physicalRead(physical, 8);
      physicalWrite(physical, 8, found == expected ? value : found);
      return found;
    }
    long host = slot.host + (physical - slot.first);
    while (!Host.compareAndSet(host, 8, expected, value)) {
      long found = Host.get64(host);
      if (found != expected) {
        return found;
      }
    }
    if (slots.hasCode(slot, physical)) {
      codeWritten(physical, 8);
    }
    if (watching) {
      watched(a, 8, true);
    }
    return expected;
  }

  private long shadowHost(long a, int size, boolean user) {
    long[] t = watching ? tlb.never : tlb.shadow[user ? Tlb.USER : Tlb.SUPERVISOR];
    int i = (int) (a >>> 11) & 2 * (Tlb.SHADOW_ENTRIES - 1);
    return t[i] == (a + size - 1 & PAGE_MASK) ? a + t[i + 1] : 0;
  }

  private long translateShadow(long a, int access, boolean user) {
    long physical = walk.translate(a, access, user, false) & a20Mask;
    GuestSlots.Slot slot = slots.find(physical);
    boolean plain = walk.key == 0 && access == PageWalk.SHADOW_WRITE; // so that nothing depends on a key
    if (slot != null && plain && !slot.readOnly && !slots.hasCode(slot, physical)
        && (walk.pageSize <= 4096 || a20Mask == -1)) {
      tlb.enterShadow(user, a, slot.host + (physical - slot.first) - a, walk);
    }
    return physical;
  }

  // ---- the slow path -----------------------------------------------------------------------------------------------------------------

  private long linearMask() {
    return longMode() ? -1L : 0xffffffffL;
  }

  /**
   * Linear-address masking (SDM volume 3, "Linear-Address Pre-Processing"): metadata in the upper bits of a data address give way to
   * copies of the highest address bit; bit 63, which tells the user's half from the supervisor's, stays.
   */
  private long masked(long a) {
    int unused;
    if (a < 0) {
      unused = (cr4 & Flag.CR4_LAM_SUP) == 0 ? 0 : (cr4 & Flag.CR4_LA57) != 0 ? 7 : 16;
    } else {
      unused = (cr3 & Flag.CR3_LAM_U57) != 0 ? 7 : (cr3 & Flag.CR3_LAM_U48) != 0 ? 16 : 0;
    }
    return unused == 0 || implicit ? a : a << unused >> unused & Long.MAX_VALUE | a & Long.MIN_VALUE;
  }

  private void align(long a, int size) {
    if (alignmentChecks && (a & size - 1) != 0 && Integer.bitCount(size) == 1 && size <= 8) {
      if (longMode()) {
        walk.checkCanonical(masked(a)); // comes first
      }
      throw fault(Vector.AC, 0);
    }
  }

  private long slowRead(long a, int size) {
    align(a, size);
    if (watching) {
      watched(masked(a), size, false);
    }
    int first = 4096 - (int) (a & 0xfff);
    if (size > first) {
      long next = a + first & linearMask();
      long low = translate(a, PageWalk.READ);
      long high = translate(next, PageWalk.READ);
      return physicalRead(low, first) | physicalRead(high, size - first) << 8 * first;
    }
    return physicalRead(translate(a, PageWalk.READ), size);
  }

  protected final void slowWrite(long a, int size, long value) {
    align(a, size);
    int first = 4096 - (int) (a & 0xfff);
    if (size > first) {
      long next = a + first & linearMask();
      long low = translate(a, PageWalk.WRITE);
      long high = translate(next, PageWalk.WRITE);
      physicalWrite(low, first, value);
      physicalWrite(high, size - first, value >>> 8 * first);
    } else {
      physicalWrite(translate(a, PageWalk.WRITE), size, value);
    }
    if (watching) {
      watched(masked(a), size, true);
    }
  }

  private long slowHostForUpdate(long a, int size) {
    checkWrite(a, size);
    return watching || alignmentChecks ? 0 : hostIfWritable(a, size);
  }

  private long hostIfWritable(long a, int size) {
    long[] t = writeTlb; // checkWrite has entered the page if direct writes are allowed
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    return t[i] == (a + size - 1 & PAGE_MASK) ? a + t[i + 1] : 0;
  }

  /** Translates for a data access of the present privilege, raising the fault if there is one, and enters it into the TLB. */
  private long translate(long a, int access) {
    boolean user = tlbClass == Tlb.USER;
    long physical = walk.translate(masked(a), access, user, tlbClass == Tlb.SUPERVISOR_AC) & a20Mask;
    GuestSlots.Slot slot = slots.find(physical);
    if (slot != null && (walk.pageSize <= 4096 || a20Mask == -1)) {
      long addend = slot.host + (physical - slot.first) - a;
      tlb.enter(Tlb.READ, tlbClass, a, addend, walk);
      if (walk.mayWrite && !slot.readOnly && !slots.hasCode(slot, physical)) {
        tlb.enter(Tlb.WRITE, tlbClass, a, addend, walk);
      }
    }
    return physical;
  }

  /** Guest-physical address of code at a linear address, raising the fault that a fetch would raise. */
  public final long translateFetch(long a) {
    long[] t = tlb.entries[Tlb.FETCH][cpl == 3 ? Tlb.USER : Tlb.SUPERVISOR];
    int i = (int) (a >>> 11) & 2 * (Tlb.ENTRIES - 1);
    if (t[i] == (a & PAGE_MASK)) {
      return a + t[i + 1];
    }
    long physical = walk.translate(a, PageWalk.FETCH, cpl == 3, false) & a20Mask;
    fetched.add(a, walk.pageSize, walk.global);
    tlb.enter(Tlb.FETCH, cpl == 3 ? Tlb.USER : Tlb.SUPERVISOR, a, physical - a, walk);
    return physical;
  }

  /** Translates as a supervisor read would, without side effects; -1 when nothing is mapped. */
  public final long probe(long a) {
    return walk.probe(a);
  }

  /** Loads the PDPTEs that CR3 points at; #GP(0) when one has reserved bits set. Only for PAE paging outside long mode. */
  public final void loadPdptes(long newCr3) {
    walk.loadPdptes(newCr3);
  }

  /** Whether {@link #loadPdptes} would take them. */
  public final boolean pdptesAreValid(long newCr3) {
    return walk.pdptesAreValid(newCr3);
  }

  private long physicalRead(long physical, int size) {
    GuestSlots.Slot slot = slots.find(physical);
    if (slot != null) {
      return Host.get(slot.host + (physical - slot.first), size);
    }
    if (io.replays()) {
      return io.next();
    }
    throw eptViolation(physical, size, 0, 1);
  }

  private void physicalWrite(long physical, int size, long value) {
    GuestSlots.Slot slot = slots.find(physical);
    if (slot != null && !slot.readOnly) {
      Host.put(slot.host + (physical - slot.first), size, value);
      if (slots.hasCode(slot, physical)) {
        codeWritten(physical, size);
      }
      return;
    }
    if (io.replays()) {
      io.next();
      return;
    }
    throw eptViolation(physical, size, size == 8 ? value : value & (1L << 8 * size) - 1, 2);
  }

  private ExitSignal eptViolation(long physical, int size, long data, int accessBits) {
    ExitSignal signal = exit(EXIT_EPT_VIOLATION, accessBits | 1 << 7 | 1 << 8); // linear address valid, access to the translated page
    signal.physical = physical;
    signal.size = size;
    signal.data = data;
    return signal;
  }

  // ---- segmentation ------------------------------------------------------------------------------------------------------------------

  /**
   * Linear address of an access, with the segment's checks: #SS(0) for SS, #GP(0) for the others. In 64-bit mode only FS and GS have a
   * base, and canonical addresses are checked by the page walk.
   */
  public final long linear(int segment, long offset, int size, boolean write) {
    Segment s = seg[segment];
    if (mode64()) {
      return segment >= Segment.FS ? s.base + offset : offset;
    }
    long last = offset + size - 1;
    if (write ? offset < s.writeFirst || last > s.writeLast : offset < s.readFirst || last > s.readLast) {
      throw fault(segment == Segment.SS ? Vector.SS : Vector.GP, 0);
    }
    return s.base + offset & 0xffffffffL;
  }
}
