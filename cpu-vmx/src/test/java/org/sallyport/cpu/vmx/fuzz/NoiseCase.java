package org.sallyport.cpu.vmx.fuzz;

import static org.sallyport.cpu.vmx.fuzz.NoiseValues.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.TableState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;

/** What a case starts from: memory with tables and code that are nearly right, and a state of the processor. */
final class NoiseCase {
  private static final long PRESENT = 1;

  /** Modes in which a case begins. */
  private enum Mode {
    REAL,
    PROTECTED16,
    PROTECTED32,
    PAGED32,
    PAE,
    VIRTUAL86,
    COMPATIBILITY,
    LONG
  }

  private final SplittableRandom random;
  private final NoiseValues values;
  private final NoiseCode code;
  private final MemorySegment ram;
  private final Mode mode;
  private final CodeMode codeMode;

  NoiseCase(long seed, NoiseMemory memory) {
    random = new SplittableRandom(seed);
    values = new NoiseValues(random);
    code = new NoiseCode(random, values);
    ram = memory.ram;
    mode = Mode.values()[random.nextInt(Mode.values().length)];
    codeMode = switch (mode) {
      case REAL, PROTECTED16, VIRTUAL86 -> CodeMode.BITS16;
      case LONG -> CodeMode.BITS64;
      default -> CodeMode.BITS32;
    };
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  // ---- memory ------------------------------------------------------------------------------------------------------------------------

  void fillMemory() {
    ram.fill((byte) 0);
    vectors();
    pageTables();
    descriptors(GDT, 64);
    descriptors(LDT, 32);
    gates();
    tasks();
    for (int at = CODE; at < CODE + CODE_SIZE; at += 0x1000) { // some code at the start and at the end of each page
      writeCode(at, 0x100);
      writeCode(at + 0x1000 - 40, 60);
    }
    for (int i = 0; i < 0x1000; i += 16) { // far pointers, pseudo-descriptors
      put(POINTERS + i, oneIn(2) ? values.codeAddress() : random.nextLong());
      if (oneIn(2)) {
        ram.set(ValueLayout.JAVA_SHORT_UNALIGNED, POINTERS + i + new int[]{2, 4, 8}[random.nextInt(3)],
            (short) values.selector());
      } else { // limit and base
        ram.set(ValueLayout.JAVA_SHORT_UNALIGNED, POINTERS + i, (short) (oneIn(2) ? 0x1ff : random.nextInt(0x10000)));
        put(POINTERS + i + 2, oneIn(2) ? GDT : values.address());
      }
    }
    for (int i = 0; i < 64; i++) {
      put(DATA + 8 * random.nextInt(0x2000), random.nextLong());
    }
  }

  private void put(int at, long value) {
    ram.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
  }

  private void writeCode(int at, int size) {
    byte[] bytes = code.write(codeMode, size);
    MemorySegment.copy(bytes, 0, ram, ValueLayout.JAVA_BYTE, at,
        Math.min(bytes.length, NoiseMemory.RAM_SIZE - at));
  }

  /** Interrupt vectors of real mode. */
  private void vectors() {
    for (int i = 0; i < 64; i++) {
      ram.set(ValueLayout.JAVA_INT_UNALIGNED, 4 * i,
          oneIn(4) ? random.nextInt() : (CODE >> 4) << 16 | random.nextInt(0x300));
    }
  }

  private long pageFlags() {
    return oneIn(16)
        ? random.nextInt(0x1000)
        : PRESENT | (oneIn(8) ? 0 : 2) | (oneIn(8) ? 0 : 4) | random.nextInt(2) << 5;
  }

  private long frame(int page) {
    return switch (random.nextInt(24)) {
      case 0 -> 0x40000000L; // nothing
      case 1 -> NoiseMemory.ROM;
      case 2 -> NoiseMemory.HIGH_RAM;
      case 3 -> random.nextLong() & 0x000ffffffffff000L; // perhaps reserved bits
      case 4 -> PML4 + 0x1000L * random.nextInt(8);
      default -> page < 32 ? page * 0x1000L : random.nextInt(32) * 0x1000L;
    };
  }

  private void pageTables() {
    for (int i = 0; i < 96; i++) {
      boolean plain = i < 32 && !oneIn(24);
      long f = plain ? i * 0x1000L : frame(i);
      long nx = oneIn(32) ? Long.MIN_VALUE : 0;
      put(PT + 8 * i, f | pageFlags() | nx);
      ram.set(ValueLayout.JAVA_INT_UNALIGNED, PT32 + 4 * i, (int) (f | pageFlags()));
    }
    put(PML4, PDPT | 7);
    put(PML4 + 8 * 511, oneIn(2) ? PDPT | 7 : random.nextLong());
    put(PML4 + 8 * 256, values.address());
    put(PDPT, PD | 7);
    put(PDPT + 8, 0x40000000L | 0x80 | pageFlags()); // 1 GiB of nothing
    put(PDPT + 16, oneIn(2) ? 0x50000007L : random.nextLong());
    put(PDPT + 24, PD | 7);
    put(PD, oneIn(24) ? random.nextLong() : PT | 7);
    put(PD + 8, 0x80 | pageFlags()); // 2 MiB from 0
    put(PD + 16, 0x50000007L); // a table that is not there
    put(PD + 24, random.nextLong());
    put(PAE_PDPT, PD | 1);
    put(PAE_PDPT + 8, oneIn(2) ? 0x50000001L : 0);
    put(PAE_PDPT + 16, oneIn(8) ? random.nextLong() : 0);
    put(PAE_PDPT + 24, PD | 1);
    ram.set(ValueLayout.JAVA_INT_UNALIGNED, PD32, oneIn(24) ? random.nextInt() : PT32 | 7);
    ram.set(ValueLayout.JAVA_INT_UNALIGNED, PD32 + 4, (int) (0x80 | pageFlags()));
    ram.set(ValueLayout.JAVA_INT_UNALIGNED, PD32 + 8, 0x50000007);
    ram.set(ValueLayout.JAVA_INT_UNALIGNED, PD32 + 12, random.nextInt());
    ram.set(ValueLayout.JAVA_INT_UNALIGNED, PD32 + 4 * 1023, PT32 | 7);
  }

  private static long descriptor(long base, int limit, int access) {
    return limit & 0xffff | (base & 0xffffff) << 16 | (long) (access & 0xff) << 40 | (long) (limit >>> 16 & 0xf) << 48
        | (long) (access >>> 12 & 0xf) << 52 | (base >>> 24 & 0xff) << 56;
  }

  private long gate(int type) {
    long target = values.codeAddress();
    int[] code = {0x08, 0x18, 0x23, 0x33, 0x88, 0x98};
    int selector = oneIn(6) ? values.selector() : type == 5 ? 0x58 : code[random.nextInt(code.length)];
    return target & 0xffff | (long) selector << 16 | (long) random.nextInt(4) << 32
        | (long) (0x80 | random.nextInt(4) << 5 | type) << 40 | (target >>> 16 & 0xffff) << 48;
  }

  private void descriptors(int table, int count) {
    for (int i = 0; i < count; i++) {
      put(table + 8 * i, oneIn(4) ? gate(new int[]{4, 5, 12}[random.nextInt(3)]) : random.nextLong());
    }
    long[] plain = {0, descriptor(0, 0xfffff, 0xc09b), descriptor(0, 0xfffff, 0xc093), descriptor(0, 0xfffff, 0xa09b),
        descriptor(0, 0xfffff, 0xc0fb), descriptor(0, 0xfffff, 0xc0f3), descriptor(0, 0xfffff, 0xa0fb),
        descriptor(TSS, 0x67 + random.nextInt(0x40), 0x89), 0, descriptor(LDT, 0xff, 0x82), 0,
        descriptor(TSS32, 0x67, 0x89), descriptor(TSS16, 0x2b, 0x81), gate(12), gate(12), 0, gate(5),
        descriptor(0, 0xffff, 0x9b), descriptor(0, 0xffff, 0x93), descriptor(0, 0xfffff, 0xc09f),
        descriptor(0, 0xff, 0x4097), descriptor(TSS32, 0x67, 0x8b)};
    for (int i = 0; i < plain.length; i++) {
      if (!oneIn(32)) {
        put(table + 8 * i, plain[i]);
      }
    }
  }

  private void gates() {
    boolean wide = mode == Mode.LONG || mode == Mode.COMPATIBILITY;
    for (int i = 0; i < 256; i++) {
      int type = wide ? 0xe + random.nextInt(2) : new int[]{6, 7, 0xe, 0xf, 0xe, 0xf, 0xe, 5}[random.nextInt(8)];
      long g = oneIn(16) ? random.nextLong() : gate(type);
      if (wide) {
        put(IDT + 16 * i, oneIn(2) ? g & ~0xffff0000L | 0x180000 | g & 0xffff : g);
      } else {
        put(IDT + 8 * i, g);
      }
    }
  }

  private void tasks() {
    for (int tss : new int[]{TSS, TSS32, TSS16}) {
      for (int i = 0; i < 0x68; i += 8) {
        put(tss + i, random.nextLong());
      }
    }
    put(TSS + 4, DATA + 0x8000L | (long) (mode == Mode.LONG ? 0 : 0x10) << 32); // ESP0 and SS0, or RSP0
    for (int i = 0x24; i < 0x5c; i += 8) { // the stacks of the interrupt stack table
      put(TSS + i, oneIn(4) ? values.address() : DATA + 0x9000);
    }
    put(TSS + 0x60, oneIn(2) ? 0x680000L << 16 : random.nextLong());
    int[] fields = {PD32, (int) values.codeAddress(), (int) values.flags(), 0, 0, 0, 0, DATA + 0x7000, 0, 0, 0, 0x10,
        0x08, 0x10, 0x10, 0x10, 0x10, 0};
    for (int i = 0; i < fields.length; i++) {
      if (!oneIn(12)) {
        ram.set(ValueLayout.JAVA_INT_UNALIGNED, TSS32 + 0x1c + 4 * i, fields[i]);
      }
    }
  }

  // ---- state -------------------------------------------------------------------------------------------------------------------------

  VcpuState state() {
    VcpuStateBuilder b = new VcpuStateBuilder(VcpuState.powerOn(0x600, VcpuState.Activity.ACTIVE));
    for (int i = 0; i < 16; i++) {
      long v = values.address();
      b.gpr.set(i, codeMode == CodeMode.BITS64 ? v : v & 0xffffffffL);
    }
    b.gpr.set(4, DATA + 0x4000L + random.nextInt(0x100));
    b.gdtr = new TableState(GDT, oneIn(8) ? random.nextInt(0x10000) : 0x1ff);
    b.idtr = new TableState(mode == Mode.REAL || mode == Mode.VIRTUAL86 && oneIn(2) ? 0 : IDT,
        oneIn(8) ? random.nextInt(0x10000) : 0xfff);
    b.ldtr = new SegmentState(0x48, LDT, 0xff, 0x82);
    b.tr = new SegmentState(0x38, TSS, 0x67 + random.nextInt(3) * 0x20, 0x8b);
    b.rip = CODE + (oneIn(4) ? 0xfd8 : 0);
    b.rflags =
        2 | random.nextInt() & 0xcd5 | (oneIn(2) ? 0x200 : 0) | (oneIn(16) ? 0x100 : 0)
            | (oneIn(4) ? 0x40000 : 0) | random.nextInt(4) << 12;
    b.cr4 = values.controlRegister(4) & ~0x2000L;
    if (!oneIn(8)) {
      b.cr4 = b.cr4 & 0x7ff | 0x600;
    }
    mode(b);
    if (oneIn(4)) {
      perturb(b);
    }
    return b.build();
  }

  private static SegmentState flat(int selector, int access) {
    return new SegmentState(selector, 0, -1, access);
  }

  private void mode(VcpuStateBuilder b) {
    boolean user = oneIn(3);
    int dpl = user ? 0x60 : 0;
    SegmentState code32 = flat(user ? 0x23 : 0x08, 0xc09b | dpl);
    SegmentState data = flat(user ? 0x2b : 0x10, 0xc093 | dpl);
    long paged = 0x80000011L | random.nextInt() & 0x5002e;
    switch (mode) {
      case REAL -> {
        b.cr0 = 0x10;
        b.flat(new SegmentState(CODE >> 4, CODE, 0xffff, 0x93), new SegmentState(0, 0, 0xffff, 0x93));
        b.rip -= CODE;
      }
      case PROTECTED16 -> {
        b.cr0 = 0x11;
        b.flat(new SegmentState(0x88, 0, 0xffff, 0x9b), new SegmentState(0x90, 0, 0xffff, 0x93));
      }
      case PROTECTED32 -> {
        b.cr0 = 0x11;
        b.flat(code32, data);
      }
      case PAGED32 -> {
        b.cr0 = paged;
        b.cr3 = PD32;
        b.cr4 = b.cr4 & ~0x20L;
        b.flat(code32, data);
      }
      case PAE -> {
        b.cr0 = paged;
        b.cr3 = PAE_PDPT;
        b.cr4 |= 0x20;
        b.efer = oneIn(2) ? 0x800 : 0;
        b.flat(code32, data);
      }
      case VIRTUAL86 -> {
        b.cr0 = oneIn(2) ? 0x11 : paged;
        b.cr3 = PD32;
        b.cr4 = b.cr4 & ~0x20L;
        b.rflags |= 0x20000;
        b.flat(new SegmentState(CODE >> 4, CODE, 0xffff, 0xf3), new SegmentState(0, 0, 0xffff, 0xf3));
        b.rip -= CODE;
      }
      default -> {
        b.cr0 = paged;
        b.cr3 = PML4;
        b.cr4 |= 0x20;
        b.efer = 0x500 | (oneIn(2) ? 0x801 : 0);
        b.flat(mode == Mode.LONG ? flat(user ? 0x33 : 0x18, 0xa09b | dpl) : code32, data);
      }
    }
    if ((b.cr4 & 0x800000) != 0) { // CET
      b.cr0 |= 0x10000;
    }
  }

  /** Something that does not fit; some of it no processor accepts. */
  private void perturb(VcpuStateBuilder b) {
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      switch (random.nextInt(16)) {
        case 0 -> b.gdtr = new TableState(values.address(), random.nextInt(0x10000));
        case 1 -> b.idtr = new TableState(values.address(), random.nextInt(0x10000));
        case 2 -> b.cr3 = values.controlRegister(3);
        case 3 -> b.cr0 = values.controlRegister(0);
        case 4 -> b.cr4 = values.controlRegister(4);
        case 5 ->
          b.tr = new SegmentState(values.selector(), values.address(), random.nextInt(), random.nextInt(0x20000));
        case 6 ->
          b.ldtr = new SegmentState(values.selector(), values.address(), random.nextInt(), random.nextInt(0x20000));
        case 7 -> b.segments.set(random.nextInt(6),
            new SegmentState(values.selector(), values.address() & 0xffffffffL, random.nextInt(),
                random.nextInt(0x20000)));
        case 8 -> b.rflags = values.flags();
        case 9 -> b.rip = values.address();
        case 10 -> b.efer = random.nextInt(0x1000);
        case 11 -> {
          for (int n = 0; n < 4; n++) {
            b.debug.set(n, values.codeAddress());
          }
          b.debug.set(5, 0x400L | random.nextInt() & 0xffff2bff);
        }
        case 12 -> b.msrs.put(
            new int[]{0x174, 0x175, 0x176, 0xc0000081, 0xc0000082, 0xc0000084, 0x277, 0x1d9, 0xc0000102}[random
                .nextInt(9)],
            values.address());
        case 13 -> b.xcr0 = random.nextInt(8);
        case 14 -> b.gpr.set(4, values.address());
        default -> b.cr8 = random.nextInt(20);
      }
    }
  }
}
