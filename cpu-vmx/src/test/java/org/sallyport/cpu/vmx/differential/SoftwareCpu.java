package org.sallyport.cpu.vmx.differential;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.fpu.Fpu;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;
import org.sallyport.cpu.vmx.system.EventDelivery;

/**
 * Our processor at user level under page and descriptor tables like those of Linux; executes one case at a time. In IA-32e mode as on the
 * host, or in legacy mode with PAE paging, where programs of 16 and 32 bits have to find the same.
 */
final class SoftwareCpu implements AutoCloseable {
  /** Where the supervisor's tables are: linear and physical. */
  private static final long SYSTEM = 0xffffffffffe00000L;

  private static final long LEGACY_SYSTEM = 0xffe00000L;

  private static final int TABLES = 0x1000;
  private static final int PDPT = 0x9000;
  private static final int GDT = 0xa000;
  private static final int LDT = 0xb000;
  private static final int IDT = 0xc000;
  private static final int TSS = 0xd000;
  private static final int SYSTEM_SIZE = 0x10000;

  private static final long PRESENT = 1;
  private static final long WRITABLE = 2;
  private static final long USER = 4;
  private static final long USED = 0x60;
  private static final long NO_EXECUTE = 1L << 63;

  private static final int[] SEGMENTS = {Segment.CS, Segment.SS, Segment.DS, Segment.ES, Segment.FS, Segment.GS};

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment system = arena.allocate(SYSTEM_SIZE, 4096);
  private final MemorySegment data = arena.allocate(Layout.MAPPED_SIZE, 4096);
  private final MemorySegment code = arena.allocate(0x1000, 4096);
  private final MemorySegment expected = arena.allocate(Layout.DATA_SIZE, 4096);
  private final Cpu cpu;
  private final boolean legacy;

  SoftwareCpu(Set<CpuFeature> features) {
    this(features, false);
  }

  SoftwareCpu(Set<CpuFeature> features, boolean legacy) {
    this.legacy = legacy;
    GuestSlots slots = new GuestSlots();
    slots.map(new MemorySlot("system", 0, system, false));
    slots.map(new MemorySlot("data", Layout.DATA, data, false));
    slots.map(new MemorySlot("code", Layout.CODE, code, false));
    cpu = new Cpu(0, slots, System::nanoTime, 1_000_000_000L);
    cpu.features.addAll(features);
    makePageTables();
    makeDescriptors();
    MemorySegment.copy(Layout.BACKGROUND, 0, data, 0, Layout.MAPPED_SIZE);
    MemorySegment.copy(Layout.BACKGROUND, 0, expected, 0, Layout.DATA_SIZE);
    code.fill((byte) Layout.FILLER);
  }

  // ---- tables ----------------------------------------------------------------------------------------------------------------------

  private void makePageTables() {
    long user = PRESENT | WRITABLE | USER | USED;
    long[] page = {TABLES + 0x1000, TABLES + 0x2000, TABLES + 0x3000, TABLES + 0x4000};
    entry(TABLES, 0, page[0] | user);
    entry(page[0], 0, page[1] | user);
    entry(page[1], Layout.DATA >>> 21, page[2] | user);
    entry(page[1], Layout.CODE >>> 21, page[3] | user);
    for (int i = 0; i < Layout.MAPPED_SIZE; i += 4096) {
      boolean writable = i < Layout.DATA_SIZE;
      entry(page[2], i >>> 12, Layout.DATA + i | (writable ? user : user & ~WRITABLE) | NO_EXECUTE);
    }
    entry(page[3], 0, Layout.CODE | user & ~WRITABLE);
    long[] high = {TABLES + 0x5000, TABLES + 0x6000, TABLES + 0x7000};
    entry(TABLES, 511, high[0] | user);
    entry(high[0], 511, high[1] | user);
    entry(high[1], 511, high[2] | user);
    for (int i = 0; i < SYSTEM_SIZE; i += 4096) {
      entry(high[2], i >>> 12, i | user & ~USER | NO_EXECUTE);
    }
  }

  /** PAE paging: page directories and page tables are the same. */
  private void makePdpt() {
    entry(PDPT, 0, TABLES + 0x2000 | PRESENT);
    entry(PDPT, 3, TABLES + 0x6000 | PRESENT);
  }

  private void entry(long table, long index, long value) {
    system.set(ValueLayout.JAVA_LONG, table + 8 * index, value);
  }

  private void makeDescriptors() {
    for (Layout.Descriptor d : Layout.GLOBAL) {
      entry(GDT, d.selector() >>> 3, d.bits());
    }
    for (Layout.Descriptor d : Layout.LOCAL) {
      entry(LDT, d.selector() >>> 3, d.bits());
    }
    for (int i = 0; i < 256; i++) { // interrupt gates that programs may not use
      entry(IDT, legacy ? i : 2L * i, 0x00008e0000100000L);
    }
    system.set(ValueLayout.JAVA_SHORT, TSS + 0x66, (short) -1); // no I/O permission map
    long base = legacy ? LEGACY_SYSTEM : SYSTEM;
    cpu.gdtBase = base + GDT;
    cpu.gdtLimit = 0x7f;
    cpu.idtBase = base + IDT;
    cpu.idtLimit = 0xfff;
    cpu.seg[Segment.LDTR].set(0x50, base + LDT, 8L * (Layout.LOCAL.length + 1) - 1, 0x82);
    cpu.seg[Segment.TR].set(0x40, base + TSS, 0x67, 0x8b);
    cpu.cr0 = Flag.CR0_PE | Flag.CR0_MP | Flag.CR0_ET | Flag.CR0_NE | Flag.CR0_WP | Flag.CR0_AM | Flag.CR0_PG;
    cpu.cr4 = Flag.CR4_PAE | Flag.CR4_PGE | Flag.CR4_OSFXSR | Flag.CR4_OSXMMEXCPT | Flag.CR4_FSGSBASE | Flag.CR4_UMIP
        | Flag.CR4_OSXSAVE;
    cpu.cr3 = legacy ? PDPT : TABLES;
    cpu.efer = legacy ? Flag.EFER_NXE : Flag.EFER_LMA | Flag.EFER_LME | Flag.EFER_SCE | Flag.EFER_NXE;
    if (legacy) {
      makePdpt();
      cpu.loadPdptes(PDPT);
    }
    cpu.controls.nonRoot = true;
    cpu.controls.exceptionBitmap = -1;
  }

  // ---- a case ----------------------------------------------------------------------------------------------------------------------

  /** Executes the case's instruction. */
  Outcome execute(TestCase c) {
    putMemory(c);
    load(c);
    boolean repeats = c.repeats();
    do { // a repeated instruction is single-stepped one iteration at a time
      cpu.guestFault.vector = Vector.DB;
      cpu.guestFault.errorCode = -1;
      cpu.run();
    } while (repeats && cpu.exitSignal.reason == 0 && cpu.guestFault.vector == Vector.DB && cpu.rip == c.before.rip);
    Outcome o = new Outcome();
    if (cpu.exitSignal.reason != 0) {
      throw new IllegalStateException("exit " + cpu.exitSignal.reason + " of " + CaseText.format(c));
    }
    boolean software = (cpu.exitSignal.interruption >> 8 & 7) == EventDelivery.SOFTWARE_EXCEPTION;
    o.trap = software ? cpu.exitSignal.interruption & 0xff : cpu.guestFault.vector;
    o.error = Math.max(0, cpu.guestFault.errorCode);
    o.faultAddress = o.trap == Vector.PF ? cpu.pageFaultAddress : 0;
    if (legacy && o.trap == Vector.PF && o.faultAddress >= LEGACY_SYSTEM) {
      o.error &= ~1; // our tables are there, Linux has nothing
    }
    store(c, o.after);
    o.tellCompletion(c, c.decoded().length, cpu.ripMask);
    takeMemory(c, o);
    return o;
  }

  private void putMemory(TestCase c) {
    MemorySegment.copy(c.overlay, 0, data, ValueLayout.JAVA_BYTE, c.overlayOffset, c.overlay.length);
    MemorySegment.copy(c.overlay, 0, expected, ValueLayout.JAVA_BYTE, c.overlayOffset, c.overlay.length);
    int room = Math.min(c.code.length, 4096 - c.codeOffset);
    MemorySegment.copy(c.code, 0, code, ValueLayout.JAVA_BYTE, c.codeOffset, room);
    cpu.forgetCode(Layout.CODE, 4096);
  }

  private void takeMemory(TestCase c, Outcome o) {
    long at = 0;
    while (true) {
      long next = MemorySegment.mismatch(data, at, Layout.DATA_SIZE, expected, at, Layout.DATA_SIZE);
      if (next < 0) {
        break;
      }
      long word = at + next & -8L;
      o.changes.put((int) (word >>> 3), data.get(ValueLayout.JAVA_LONG, word));
      MemorySegment.copy(Layout.BACKGROUND, word, data, word, 8);
      at = word + 8;
    }
    MemorySegment.copy(Layout.BACKGROUND, c.overlayOffset, data, c.overlayOffset, c.overlay.length);
    MemorySegment.copy(Layout.BACKGROUND, c.overlayOffset, expected, c.overlayOffset, c.overlay.length);
    code.asSlice(c.codeOffset, Math.min(c.code.length, 4096 - c.codeOffset)).fill((byte) Layout.FILLER);
  }

  private void load(TestCase c) {
    MachineState s = c.before;
    System.arraycopy(s.gpr, 0, cpu.r, 0, 16);
    cpu.rip = s.rip;
    int flags = (int) s.flags | Flag.IF | 2 | (c.stepped ? Flag.TF : 0);
    cpu.flags = flags & ~Flag.STATUS;
    cpu.setStatus(flags);
    for (int i = 0; i < 6; i++) {
      loadSegment(cpu.seg[SEGMENTS[i]], s.selectors[i]);
    }
    cpu.seg[Segment.FS].base = s.fsBase;
    cpu.seg[Segment.GS].base = s.gsBase;
    cpu.cpl = 3;
    loadFpu(s);
    cpu.stiShadow = false;
    cpu.movSsShadow = false;
    cpu.debug.setTraps(0);
    cpu.vectoring = -1;
    cpu.notCanonical = false;
    cpu.io.clear();
    cpu.modeChanged();
    cpu.attention();
  }

  private static void loadSegment(Segment segment, int selector) {
    Layout.Descriptor d = Layout.descriptor(selector);
    if (d == null || selector < 4) {
      segment.set(selector, 0, 0, Segment.UNUSABLE);
    } else {
      segment.set(selector, d.base(), d.limit(), d.access());
    }
  }

  private void loadFpu(MachineState s) {
    Fpu f = cpu.fpu;
    f.loadControl(s.control());
    f.statusWord(s.status());
    f.empty = ~s.fx[MachineState.FTW] & 0xff;
    f.lastOpcode = s.fpu.getShort(MachineState.FOP) & 0x7ff;
    f.lastInstruction = s.fpu.getLong(MachineState.FIP);
    f.lastData = s.fpu.getLong(MachineState.FDP);
    f.lastInstructionSelector = 0;
    f.lastDataSelector = 0;
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      f.mantissa[p] = s.mantissa(i);
      f.signExponent[p] = s.signExponent(i);
    }
    f.updateSummary();
    cpu.xmm.mxcsr = s.mxcsr();
    for (int i = 0; i < 32; i++) {
      cpu.xmm.x[i] = s.xmm(i);
    }
  }

  private void store(TestCase c, MachineState s) {
    System.arraycopy(cpu.r, 0, s.gpr, 0, 16);
    s.rip = cpu.rip;
    s.flags = cpu.rflags() & 0xffffffffL | (c.stepped ? 0 : Flag.TF);
    for (int i = 0; i < 6; i++) {
      int selector = cpu.seg[SEGMENTS[i]].selector;
      s.selectors[i] = i >= MachineState.DS && selector < 4 ? 0 : selector;
    }
    s.fsBase = cpu.seg[Segment.FS].base;
    s.gsBase = cpu.seg[Segment.GS].base;
    Fpu f = cpu.fpu;
    s.fpu.putShort(MachineState.FCW, (short) f.control).putShort(MachineState.FSW, (short) f.statusWord());
    s.fpu.putShort(MachineState.FTW, (short) (~f.empty & 0xff)).putShort(MachineState.FOP, (short) f.lastOpcode);
    s.fpu.putLong(MachineState.FIP, f.lastInstruction).putLong(MachineState.FDP, f.lastData);
    s.fpu.putInt(MachineState.MXCSR, cpu.xmm.mxcsr);
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      s.st(i, f.signExponent[p], f.mantissa[p]);
    }
    for (int i = 0; i < 32; i++) {
      s.xmm(i, cpu.xmm.x[i]);
    }
    if (c.mode != CodeMode.BITS64 && cpu.codeMode() != CodeMode.BITS64) {
      for (int i = 0; i < 8; i++) {
        s.gpr[i] &= 0xffffffffL;
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
