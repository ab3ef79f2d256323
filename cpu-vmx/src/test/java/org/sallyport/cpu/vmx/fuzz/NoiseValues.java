package org.sallyport.cpu.vmx.fuzz;

import java.util.SplittableRandom;

/** Numbers that nearly mean something to a processor. */
final class NoiseValues {
  // @formatter:off
  /** Where a case's tables are in RAM; below 64 KiB, so that 16-bit code reaches them. */
  static final int PML4 = 0x1000, PDPT = 0x2000, PD = 0x3000, PT = 0x4000, PAE_PDPT = 0x5000, PD32 = 0x6000, PT32 = 0x7000;
  static final int GDT = 0x8000, LDT = 0x8800, IDT = 0x9000, TSS = 0xa000, TSS32 = 0xa800, TSS16 = 0xb000;
  static final int CODE = 0xc000, CODE_SIZE = 0x3000, POINTERS = 0xf000, DATA = 0x10000;

  private static final int[] SELECTORS = {
    0, 3, 0x08, 0x10, 0x18, 0x23, 0x2b, 0x33, 0x38, 0x48, 0x58, 0x60, 0x68, 0x6b, 0x70, 0x80, 0x83, 0x88, 0x90, 0x98, 0xa0, 0xa8, 0xb0, 0xc0,
    0x0c, 0x17, 0x24, 0x3c, 0xfffb, 0x100, 0x1f8,
  };
  private static final int[] CR4_BITS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 20, 21, 22, 23, 24};
  // @formatter:on

  private final SplittableRandom random;

  NoiseValues(SplittableRandom random) {
    this.random = random;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** A linear or physical address: RAM, its tables, edges of pages, what is not mapped, what nothing answers at. */
  long address() {
    return switch (random.nextInt(16)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt();
      case 2 -> 0x20000 + random.nextInt(0x20000); // linear pages that lead anywhere
      case 3 -> NoiseMemory.ROM + random.nextInt(0x5000);
      case 4 -> 0x40000000L + random.nextInt(0x2000);
      case 5 -> NoiseMemory.HIGH_ROM + random.nextInt(0x5000);
      case 6 -> 0xfffL + (long) random.nextInt(32) * 0x1000 - random.nextInt(16);
      case 7 -> random.nextInt(0x1000);
      case 8 -> PML4 + random.nextInt(0x7000);
      case 9 -> GDT + random.nextInt(0x3800);
      case 10 -> codeAddress();
      case 11 -> POINTERS + 16L * random.nextInt(0x100);
      case 12 -> (oneIn(2) ? 0xffff800000000000L : 0x00007fffffffffffL) + random.nextInt(32) - 16;
      default -> DATA + random.nextInt(0x10000);
    };
  }

  long codeAddress() {
    return switch (random.nextInt(4)) {
      case 0 -> CODE + 0x1000 - random.nextInt(16);
      case 1 -> CODE + random.nextInt(CODE_SIZE);
      default -> CODE + random.nextInt(0x300);
    };
  }

  int selector() {
    return oneIn(8) ? random.nextInt(0x10000) : SELECTORS[random.nextInt(SELECTORS.length)];
  }

  long flags() {
    long f = 2 | random.nextInt() & 0xcd5;
    return oneIn(3) ? f | random.nextInt() & 0x3f7fd5 : f | (oneIn(2) ? 0x200 : 0) | (oneIn(16) ? 0x100 : 0);
  }

  /** A value for a control register. */
  long controlRegister(int number) {
    return switch (number) {
      case 0 -> {
        long v = 0x11 | (long) (oneIn(2) ? 1 : 0) << 31 | random.nextInt() & 0x5002e;
        v = oneIn(8) ? v | random.nextInt() & 0x60000000L : v;
        v = oneIn(6) ? v & ~1L : v;
        yield oneIn(12) ? random.nextLong() : v;
      }
      case 3 -> {
        long[] tables = {PML4, PDPT, PAE_PDPT, PD32, PD, CODE, 0x40000000L, NoiseMemory.ROM, 0x1ffff000L};
        long v = tables[random.nextInt(tables.length)];
        v = oneIn(4) ? v | random.nextInt(0x1000) : v;
        yield oneIn(12) ? random.nextLong() : v;
      }
      case 4 -> {
        long v = oneIn(2) ? 0x620 : 0;
        for (int i = random.nextInt(4); i > 0; i--) {
          v ^= 1L << CR4_BITS[random.nextInt(CR4_BITS.length)];
        }
        yield oneIn(16) ? random.nextLong() : v;
      }
      default -> random.nextLong();
    };
  }

  long msr(int index) {
    return switch (index) {
      case 0xc0000080 -> oneIn(4) ? random.nextInt(0x10000) : (oneIn(2) ? 0x901 : 0x500) ^ (oneIn(4) ? 0x100 : 0);
      case 0xc0000081 -> 0x0013000800000000L | random.nextInt() & 0xffffffffL;
      case 0xc0000082, 0x175, 0x176 -> oneIn(4) ? address() : codeAddress();
      case 0x174 -> selector();
      default -> oneIn(2) ? address() : random.nextLong() >> random.nextInt(64);
    };
  }
}
