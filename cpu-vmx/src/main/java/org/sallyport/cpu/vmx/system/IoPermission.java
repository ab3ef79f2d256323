package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Segment;

/** Who may access I/O ports (SDM volume 1, "I/O Privilege Level" and "I/O Permission Bit Map"). */
public final class IoPermission {
  private static final int TSS_IO_MAP_BASE = 102;

  private IoPermission() {}

  /** #GP(0) when the running program may not access {@code size} ports from {@code port} on. */
  public static void check(Cpu cpu, int port, int size) {
    if (!cpu.protectedMode() || !cpu.v86() && cpu.cpl <= cpu.iopl()) {
      return;
    }
    Segment tr = cpu.seg[Segment.TR];
    boolean wide = (tr.access & (Segment.S | 0xd)) == 9; // 32- or 64-bit TSS, available or busy
    if (!wide || !tr.usable() || tr.limit < TSS_IO_MAP_BASE + 1) {
      throw cpu.gp();
    }
    long mask = cpu.longMode() ? -1L : 0xffffffffL;
    long at = cpu.readSystem(tr.base + TSS_IO_MAP_BASE & mask, 2) + (port >> 3);
    if (at + 1 > tr.limit) {
      throw cpu.gp();
    }
    long bits = cpu.readSystem(tr.base + at & mask, 2) >> (port & 7);
    if ((bits & (1 << size) - 1) != 0) {
      throw cpu.gp();
    }
  }
}
