package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;

/** LAR, LSL, VERR, VERW and ARPL: what a program may ask about selectors (SDM volume 2). */
final class SelectorChecks {
  // Bit n: system descriptors of type n are valid.
  private static final int LAR_TYPES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12;
  private static final int LAR_TYPES64 = 1 << 2 | 1 << 9 | 1 << 11 | 1 << 12;
  private static final int LSL_TYPES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
  private static final int LSL_TYPES64 = 1 << 2 | 1 << 9 | 1 << 11;

  private static final long LAR_MASK = 0x00ffff00;

  private SelectorChecks() {}

  static void lar(Cpu cpu, PlainOp op) {
    int selector = selector(cpu, op, 1);
    long d = read(cpu, selector);
    boolean valid = d != 0 && accessible(cpu, selector, d, cpu.longMode() ? LAR_TYPES64 : LAR_TYPES);
    cpu.setZf(valid);
    if (valid) {
      op.put(cpu, 0, d >>> 32 & LAR_MASK);
    }
  }

  static void lsl(Cpu cpu, PlainOp op) {
    int selector = selector(cpu, op, 1);
    long d = read(cpu, selector);
    boolean valid = d != 0 && accessible(cpu, selector, d, cpu.longMode() ? LSL_TYPES64 : LSL_TYPES);
    cpu.setZf(valid);
    if (valid) {
      op.put(cpu, 0, Descriptors.limit(d));
    }
  }

  static void verr(Cpu cpu, PlainOp op) {
    int selector = selector(cpu, op, 0);
    long d = read(cpu, selector);
    cpu.setZf(d != 0 && accessible(cpu, selector, d, 0) && Descriptors.isReadable(d));
  }

  static void verw(Cpu cpu, PlainOp op) {
    int selector = selector(cpu, op, 0);
    long d = read(cpu, selector);
    cpu.setZf(d != 0 && accessible(cpu, selector, d, 0) && Descriptors.isWritableData(d));
  }

  private static int selector(Cpu cpu, PlainOp op, int operand) {
    Privilege.requireProtectedMode(cpu);
    return (int) op.get(cpu, operand, 2);
  }

  /** The descriptor, or 0 where there is none. */
  private static long read(Cpu cpu, int selector) {
    long at = Descriptors.isNull(selector) ? -1 : Descriptors.address(cpu, selector, 8);
    return at == -1 ? 0 : cpu.readSystem(at, 8);
  }

  private static boolean accessible(Cpu cpu, int selector, long d, int systemTypes) {
    if (Descriptors.isSystem(d) && (systemTypes & 1 << Descriptors.type(d)) == 0) {
      return false;
    }
    int dpl = Descriptors.dpl(d);
    return Descriptors.isConformingCode(d) || dpl >= cpu.cpl && dpl >= (selector & 3);
  }

  static void arpl(Cpu cpu, PlainOp op) {
    Privilege.requireProtectedMode(cpu);
    op.checkUpdate(cpu, 0);
    int to = (int) op.get(cpu, 0, 2);
    int rpl = (int) cpu.reg(op.number(1), 2) & 3;
    boolean adjusts = (to & 3) < rpl;
    if (adjusts) {
      op.put(cpu, 0, to & ~3 | rpl);
    }
    cpu.setZf(adjusts);
  }
}
