package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * A processor with some memory, descriptor tables and an interrupt table whose handlers are HLT instructions: a test
 * runs machine code and looks where the processor has stopped.
 */
final class Bench {
  // @formatter:off
  static final int GDT         = 0x2000;
  static final int IDT         = 0x3000;
  static final int TSS         = 0x4000;
  static final int TSS2        = 0x4400;
  static final int LDT         = 0x4800;
  static final int HANDLERS    = 0x5000;  // 16 bytes for each vector
  static final int CODE        = 0x6000;
  static final int OTHER_CODE  = 0x6800;
  static final int USER_CODE   = 0x7000;
  static final int STACK       = 0x8000;
  static final int STACK0      = 0x9000;  // the TSS's stack for level 0
  static final int IST1        = 0xa000;
  static final int USER_STACK  = 0xb000;
  static final int DATA        = 0xc000;
  static final int PAGES       = 0x10000;

  static final int CODE0       = 0x08;
  static final int DATA0       = 0x10;
  static final int CODE0_OTHER = 0x18;    // the other size: 32 bits in long mode, 16 bits in protected mode
  static final int CODE3_32    = 0x28 | 3;
  static final int DATA3       = 0x30 | 3;
  static final int CODE3       = 0x38 | 3;
  static final int TSS_SEL     = 0x40;    // 16 bytes in long mode
  static final int LDT_SEL     = 0x50;    // 16 bytes in long mode
  static final int CONFORMING  = 0x60;
  static final int ABSENT_DATA = 0x68;
  static final int ABSENT_CODE = 0x70;
  static final int READ_ONLY   = 0x78;
  static final int EXEC_ONLY   = 0x80;
  static final int GATE        = 0x90;    // 16 bytes in long mode
  static final int TSS2_SEL    = 0xa0;
  static final int FREE        = 0xb0;    // 16 bytes for the test's own use
  static final int GDT_LIMIT   = 0xcf;
  static final int BEYOND      = 0xd0;
  // @formatter:on

  private static final int SIZE = 1 << 22;

  final MemorySegment ram = Arena.ofAuto().allocate(SIZE, 4096);
  final Cpu cpu;
  long nanos;
  private int wordSize;

  private Bench() {
    GuestSlots slots = new GuestSlots();
    slots.map(new MemorySlot("ram", 0, ram, false));
    cpu = new Cpu(0, slots, () -> nanos, 1_000_000_000L);
    cpu.features.addAll(EnumSet.allOf(CpuFeature.class));
    cpu.cr0 = Flag.CR0_ET;
    cpu.dr[6] = 0xffff0ff0L;
    cpu.dr[7] = 0x400;
    cpu.rip = CODE;
    for (int vector = 0; vector < 256; vector++) {
      put(HANDLERS + 16 * vector, 1, 0xf4);
    }
  }

  // ---- modes ------------------------------------------------------------------------------------------------------

  static Bench real() {
    Bench b = new Bench();
    for (int i = 0; i < 6; i++) {
      b.cpu.seg[i].set(0, 0, 0xffff, 0x93);
    }
    b.cpu.seg[Segment.LDTR].set(0, 0, 0xffff, 0x82);
    b.cpu.seg[Segment.TR].set(0, 0, 0xffff, 0x8b);
    b.cpu.idtLimit = 0x3ff;
    for (int vector = 0; vector < 256; vector++) {
      b.put(4 * vector, 4, HANDLERS + 16 * vector);
    }
    b.wordSize = 2;
    b.cpu.r[Registers.RSP] = STACK;
    b.cpu.modeChanged();
    return b;
  }

  static Bench protectedMode() {
    Bench b = new Bench();
    b.wordSize = 4;
    b.cpu.cr0 |= Flag.CR0_PE;
    b.segment(CODE0, 0, 0xfffff, 0xc09b);
    b.segment(CODE0_OTHER, 0, 0xffff, 0x009b);
    b.segment(CODE3, 0, 0xfffff, 0xc0fb);
    b.segment(CODE3_32, 0, 0xffff, 0x00fb);
    b.segment(CONFORMING, 0, 0xfffff, 0xc09f);
    b.segment(TSS_SEL, TSS, 0x67 + 0x20, 0x8b);
    b.segment(TSS2_SEL, TSS2, 0x67, 0x89);
    b.segment(LDT_SEL, LDT, 0x3f, 0x82);
    b.data();
    b.put(TSS + 4, 4, STACK0);
    b.put(TSS + 8, 4, DATA0);
    for (int vector = 0; vector < 256; vector++) {
      b.gate(vector, CODE0, HANDLERS + 16 * vector, 14, 0, 0);
    }
    b.cpu.idtLimit = 256 * 8 - 1;
    b.enter(CODE0, 0xc09b, DATA0, 0xc093, 0);
    return b;
  }

  static Bench longMode() {
    Bench b = new Bench();
    b.wordSize = 8;
    b.cpu.cr0 |= Flag.CR0_PE | Flag.CR0_PG | Flag.CR0_WP | Flag.CR0_NE;
    b.cpu.cr4 = Flag.CR4_PAE | Flag.CR4_PGE;
    b.cpu.efer = Flag.EFER_LME | Flag.EFER_LMA | Flag.EFER_SCE | Flag.EFER_NXE;
    b.cpu.cr3 = PAGES;
    b.put(PAGES, 8, PAGES + 0x1000 | 7);
    b.put(PAGES + 0x1000, 8, PAGES + 0x2000 | 7);
    b.put(PAGES + 0x2000, 8, PAGES + 0x3000 | 7);
    for (int page = 0; page < 512; page++) {
      b.put(PAGES + 0x3000 + 8 * page, 8, page << 12 | 7);
    }
    b.segment(CODE0, 0, 0xfffff, 0xa09b);
    b.segment(CODE0_OTHER, 0, 0xfffff, 0xc09b);
    b.segment(CODE3, 0, 0xfffff, 0xa0fb);
    b.segment(CODE3_32, 0, 0xfffff, 0xc0fb);
    b.segment(CONFORMING, 0, 0xfffff, 0xa09f);
    b.segment(TSS_SEL, TSS, 0x67 + 0x20, 0x8b);
    b.segment(LDT_SEL, LDT, 0x3f, 0x82);
    b.data();
    b.put(TSS + 4, 8, STACK0);
    b.put(TSS + 36, 8, IST1);
    for (int vector = 0; vector < 256; vector++) {
      b.gate(vector, CODE0, HANDLERS + 16 * vector, 14, 0, 0);
    }
    b.cpu.idtLimit = 256 * 16 - 1;
    b.enter(CODE0, 0xa09b, DATA0, 0xc093, 0);
    return b;
  }

  private void data() {
    segment(DATA0, 0, 0xfffff, 0xc093);
    segment(DATA3, 0, 0xfffff, 0xc0f3);
    segment(ABSENT_DATA, 0, 0xfffff, 0xc013);
    segment(ABSENT_CODE, 0, 0xfffff, wordSize == 8 ? 0xa01b : 0xc01b);
    segment(READ_ONLY, 0, 0xfffff, 0xc091);
    segment(EXEC_ONLY, 0, 0xfffff, wordSize == 8 ? 0xa099 : 0xc099);
    put(TSS + 102, 2, 0x68);
    cpu.gdtBase = GDT;
    cpu.gdtLimit = GDT_LIMIT;
    cpu.idtBase = IDT;
  }

  private void enter(int code, int codeAccess, int data, int dataAccess, int cpl) {
    cpu.seg[Segment.CS].set(code, 0, 0xffffffffL, codeAccess);
    for (int i = 0; i < 6; i++) {
      if (i != Segment.CS) {
        cpu.seg[i].set(data, 0, 0xffffffffL, dataAccess);
      }
    }
    if (cpl == 0) {
      cpu.seg[Segment.TR].set(TSS_SEL, TSS, 0x67 + 0x20, 0x8b);
      cpu.seg[Segment.LDTR].set(LDT_SEL, LDT, 0x3f, 0x82);
      cpu.r[Registers.RSP] = STACK;
    }
    cpu.cpl = cpl;
    cpu.modeChanged();
  }

  /** Goes to level 3, at USER_CODE with USER_STACK. */
  Bench user() {
    enter(CODE3, wordSize == 8 ? 0xa0fb : 0xc0fb, DATA3, 0xc0f3, 3);
    cpu.rip = USER_CODE;
    cpu.r[Registers.RSP] = USER_STACK;
    return this;
  }

  /** Goes to virtual-8086 mode, at USER_CODE. */
  Bench v86(int iopl) {
    cpu.flags |= Flag.VM | iopl << 12;
    cpu.cpl = 3;
    for (int i = 0; i < 6; i++) {
      cpu.seg[i].set(0, 0, 0xffff, 0xf3);
    }
    cpu.rip = USER_CODE;
    cpu.r[Registers.RSP] = USER_STACK;
    cpu.modeChanged();
    return this;
  }

  // ---- memory and tables ------------------------------------------------------------------------------------------

  void put(long at, int size, long value) {
    for (int i = 0; i < size; i++) {
      ram.set(ValueLayout.JAVA_BYTE, at + i, (byte) (value >>> 8 * i));
    }
  }

  long get(long at, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | ram.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
    }
    return value;
  }

  /** Writes a segment descriptor; access rights in the format of the VMCS, the limit unscaled. */
  void segment(int selector, long base, long limit, int access) {
    put(GDT + (selector & ~7), 8, descriptor(base, limit, access));
  }

  static long descriptor(long base, long limit, int access) {
    return limit & 0xffff | (base & 0xffffff) << 16 | (access & 0xf0ffL) << 40 | (limit >>> 16 & 0xf) << 48
        | (base >>> 24 & 0xff) << 56;
  }

  static long gate(int selector, long offset, int type, int dpl, int low) {
    return offset & 0xffff | (long) selector << 16 | (long) low << 32 | (0x80L | dpl << 5 | type) << 40
        | (offset >>> 16 & 0xffff) << 48;
  }

  /** Writes an interrupt-table entry. */
  void gate(int vector, int selector, long offset, int type, int dpl, int ist) {
    int size = wordSize == 8 ? 16 : 8;
    put(IDT + vector * size, 8, gate(selector, offset, type, dpl, ist));
    if (wordSize == 8) {
      put(IDT + vector * 16 + 8, 8, offset >>> 32);
    }
  }

  Bench at(long address, String hex) {
    String digits = hex.replaceAll("[^0-9a-fA-F]", "");
    for (int i = 0; i < digits.length() / 2; i++) {
      put(address + i, 1, Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16));
    }
    cpu.forgetCode(address, digits.length() / 2);
    return this;
  }

  /** Puts machine code where the processor stands. */
  Bench code(String hex) {
    return at(cpu.seg[Segment.CS].base + cpu.rip, hex);
  }

  // ---- running ----------------------------------------------------------------------------------------------------

  /** Runs until the processor leaves, and returns the basic exit reason. */
  int run() {
    cpu.run();
    return cpu.exitSignal.reason;
  }

  /** Runs up to a HLT at this address. */
  Bench halts(long rip) {
    assertEquals("exit 12 at " + Long.toHexString(rip), "exit " + run() + " at " + Long.toHexString(cpu.rip));
    return this;
  }

  /** Runs up to the handler of a vector. */
  Bench raises(int vector) {
    return halts(HANDLERS + 16 * vector);
  }

  /** Runs up to the handler of a vector, with an error code on its stack. */
  Bench raises(int vector, int errorCode) {
    raises(vector);
    assertEquals(Integer.toHexString(errorCode), Long.toHexString(stacked(0)), "error code");
    return this;
  }

  /** Runs into a VM exit. */
  Bench exits(int reason, long qualification) {
    assertEquals(reason, run(), "exit reason");
    assertEquals(Long.toHexString(qualification), Long.toHexString(cpu.exitSignal.qualification), "qualification");
    return this;
  }

  /** Goes on behind the HLT at which the processor has stopped. */
  Bench resume() {
    cpu.rip++;
    return this;
  }

  /** The n-th word on the stack, counted from its top. */
  long stacked(int n) {
    int size = cpu.longMode() ? 8 : cpu.protectedMode() ? 4 : 2;
    return get(cpu.seg[Segment.SS].base + cpu.r[Registers.RSP] + n * size, size);
  }
}
