package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * A task-state segment of 32 or 16 bits (SDM volume 3, figures "32-Bit Task-State Segment" and "16-Bit TSS Format").
 */
final class Tss {
  /** Least limits. */
  static final int LAST32 = 0x67;

  static final int LAST16 = 0x2b;

  // @formatter:off
  private static final int CR3_32  = 28;
  private static final int IP_32   = 32;  // then flags and the general registers, 4 bytes each
  private static final int ES_32   = 72;  // then CS, SS, DS, FS, GS
  private static final int LDT_32  = 96;
  private static final int TRAP_32 = 100;
  private static final int IP_16   = 14;  // then flags and the general registers, 2 bytes each
  private static final int ES_16   = 34;  // then CS, SS, DS
  private static final int LDT_16  = 42;
  // @formatter:on

  private final Cpu cpu;
  final long base;
  final boolean wide;

  long cr3;
  long ip;
  int flags;
  final long[] general = new long[8];
  final int[] selector = new int[6];
  int ldt;
  boolean trap;

  Tss(Cpu cpu, long base, boolean wide) {
    this.cpu = cpu;
    this.base = base;
    this.wide = wide;
  }

  void read() {
    int size = wide ? 4 : 2;
    int at = wide ? IP_32 : IP_16;
    ip = get(at, size);
    flags = (int) get(at + size, size);
    for (int i = 0; i < 8; i++) {
      general[i] = get(at + (2 + i) * size, size);
    }
    for (int i = 0; i < (wide ? 6 : 4); i++) {
      selector[i] = (int) get(segment(i), 2);
    }
    ldt = (int) get(wide ? LDT_32 : LDT_16, 2);
    if (wide) {
      cr3 = get(CR3_32, 4);
      trap = (get(TRAP_32, 2) & 1) != 0;
    }
  }

  /** Raises the fault that {@link #write} would raise, if any. */
  void checkWritable() {
    int first = wide ? IP_32 : IP_16;
    int last = segment(wide ? Segment.GS : Segment.DS) + 1;
    cpu.checkSystemWrite(base + first & 0xffffffffL, last - first + 1);
  }

  /** Saves the running task. */
  void write(int image, long returnRip) {
    int size = wide ? 4 : 2;
    int at = wide ? IP_32 : IP_16;
    put(at, size, returnRip);
    put(at + size, size, image);
    for (int i = 0; i < 8; i++) {
      put(at + (2 + i) * size, size, cpu.r[i]);
    }
    for (int i = 0; i < (wide ? 6 : 4); i++) {
      put(segment(i), 2, cpu.seg[i].selector);
    }
  }

  private int segment(int number) {
    return wide ? ES_32 + 4 * number : ES_16 + 2 * number;
  }

  private long get(int offset, int size) {
    return cpu.readSystem(base + offset & 0xffffffffL, size);
  }

  private void put(int offset, int size, long value) {
    cpu.writeSystem(base + offset & 0xffffffffL, size, value);
  }
}
