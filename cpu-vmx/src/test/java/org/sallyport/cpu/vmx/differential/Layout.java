package org.sallyport.cpu.vmx.differential;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * What the cases see of memory and segments, the same on both processors; oracle.c maps it in a process of Linux, {@link SoftwareCpu} in page
 * tables of its own. Everything else below 4 GiB is not mapped.
 */
final class Layout {
  /** Two pages that may be written; the page before them is not mapped. */
  static final long DATA = 0x10000000L;

  static final int DATA_SIZE = 0x2000;

  /** One page behind them that may only be read; nothing is mapped behind it. */
  static final long READ_ONLY = DATA + DATA_SIZE;

  static final int MAPPED_SIZE = DATA_SIZE + 0x1000;

  /** One page of code, which may be read. */
  static final long CODE = 0x30000000L;

  /** What fills the page of code: HLT, a general-protection fault for the user. */
  static final int FILLER = 0xf4;

  /** Base of the data segments of the local descriptor table: data is from offset 4000h on. */
  static final long SEGMENT_BASE = DATA - 0x4000;

  // Selectors of Linux for its programs.
  static final int CODE64 = 0x33;
  static final int CODE32 = 0x23;
  static final int DATA32 = 0x2b;

  // Selectors of the local descriptor table.
  static final int LDT_CODE16 = 0x0f;
  static final int LDT_DATA16 = 0x17;
  static final int LDT_CODE32 = 0x47;

  /**
   * A descriptor.
   *
   * @param access access rights in the format of the VMCS
   */
  record Descriptor(int selector, long base, long limit, int access) {
    /** The bytes of a descriptor table (SDM volume 3, "Segment Descriptors"). */
    long bits() {
      long scaled = (access & Segment.G) != 0 ? limit >>> 12 : limit;
      return scaled & 0xffff | (base & 0xffffff) << 16 | (long) (access & 0xff) << 40 | (scaled >>> 16 & 0xf) << 48
          | (long) (access >>> 12 & 0xf) << 52 | (base >>> 24 & 0xff) << 56;
    }

    boolean isCode() {
      return (access & 0x18) == 0x18;
    }

    boolean isPresent() {
      return (access & Segment.P) != 0;
    }
  }

  // @formatter:off
  /** The global descriptor table of Linux, as far as it is the same on all processors. */
  static final Descriptor[] GLOBAL = {
    new Descriptor(0x08,   0, 0xffffffffL, 0xc09b),
    new Descriptor(0x10,   0, 0xffffffffL, 0xa09b),
    new Descriptor(0x18,   0, 0xffffffffL, 0xc093),
    new Descriptor(CODE32, 0, 0xffffffffL, 0xc0fb),
    new Descriptor(DATA32, 0, 0xffffffffL, 0xc0f3),
    new Descriptor(CODE64, 0, 0xffffffffL, 0xa0fb),
    new Descriptor(0x7b,   0, 0,           0x40f5),  // number of the processor
  };

  /** The local descriptor table; the accessed bits are set, as Linux does. Bit 12 (available) stands for "useable" there. */
  static final Descriptor[] LOCAL = {
    new Descriptor(LDT_CODE16, CODE,         0xfff,       0x00fb),
    new Descriptor(LDT_DATA16, SEGMENT_BASE, 0xffff,      0x00f3),
    new Descriptor(0x1f,       SEGMENT_BASE, 0x57ff,      0x40f3),  // ends in the middle of the second page
    new Descriptor(0x27,       SEGMENT_BASE, 0x47ff,      0x40f7),  // expands down to the middle of the first page
    new Descriptor(0x2f,       SEGMENT_BASE, 0xffff,      0x40f1),  // read-only
    new Descriptor(0x37,       CODE,         0xfff,       0x40f9),  // execute-only
    new Descriptor(0x3f,       SEGMENT_BASE, 0xffff,      0x4073),  // not present
    new Descriptor(LDT_CODE32, CODE,         0xfff,       0x40fb),
    new Descriptor(0x4f,       SEGMENT_BASE, 0x47ff,      0x00f7),  // expands down, 16 bits
    new Descriptor(0x57,       CODE,         0xfff,       0x407b),  // code that is not present
    new Descriptor(0x5f,       0,            0xffffffffL, 0xc0f3),
  };
  // @formatter:on

  /** What the mapped pages of data hold before a case's own data is put over it. */
  static final MemorySegment BACKGROUND = background();

  private Layout() {}

  /** The descriptor that a selector with RPL 3 names, or null. */
  static Descriptor descriptor(int selector) {
    for (Descriptor d : (selector & 4) != 0 ? LOCAL : GLOBAL) {
      if (d.selector >>> 3 == selector >>> 3) {
        return d;
      }
    }
    return null;
  }

  private static MemorySegment background() {
    MemorySegment memory = MemorySegment.ofArray(new long[MAPPED_SIZE / 8]);
    long x = 0x5a11e7;
    for (int i = 0; i < MAPPED_SIZE / 8; i++) {
      x = x * 6364136223846793005L + 1442695040888963407L;
      memory.setAtIndex(ValueLayout.JAVA_LONG, i, x ^ x >>> 29);
    }
    return memory;
  }
}
