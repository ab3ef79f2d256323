package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** LGDT, LIDT, SGDT, SIDT, LLDT, SLDT, LTR, STR (SDM volume 2). */
final class DescriptorTables {
  private static final int EXIT_GDTR_IDTR = 46;
  private static final int EXIT_LDTR_TR = 47;

  private DescriptorTables() {}

  private static void checkExit(Cpu cpu, int reason) {
    if (cpu.controls.nonRoot && cpu.controls.descriptorTableExiting) {
      throw cpu.exit(reason, 0);
    }
  }

  // ---- GDTR and IDTR ----------------------------------------------------------------------------------------------

  static void lgdt(Cpu cpu, SystemOp op) {
    Privilege.require0(cpu);
    checkExit(cpu, EXIT_GDTR_IDTR);
    int limit = (int) op.memory(cpu, 0, 2);
    long base = base(cpu, op);
    cpu.gdtLimit = limit;
    cpu.gdtBase = base;
  }

  static void lidt(Cpu cpu, SystemOp op) {
    Privilege.require0(cpu);
    checkExit(cpu, EXIT_GDTR_IDTR);
    int limit = (int) op.memory(cpu, 0, 2);
    long base = base(cpu, op);
    cpu.idtLimit = limit;
    cpu.idtBase = base;
  }

  private static long base(Cpu cpu, SystemOp op) {
    if (cpu.mode64()) {
      long base = op.memory(cpu, 2, 8);
      if (!Canonical.isBase(cpu, base)) {
        throw cpu.gp();
      }
      return base;
    }
    long base = op.memory(cpu, 2, 4);
    return op.operandSize == 2 ? base & 0xffffff : base;
  }

  static void sgdt(Cpu cpu, PlainOp op) {
    store(cpu, op, cpu.gdtLimit, cpu.gdtBase);
  }

  static void sidt(Cpu cpu, PlainOp op) {
    store(cpu, op, cpu.idtLimit, cpu.idtBase);
  }

  private static void store(Cpu cpu, PlainOp op, int limit, long base) {
    Privilege.checkUmip(cpu);
    checkExit(cpu, EXIT_GDTR_IDTR);
    int size = cpu.mode64() ? 8 : 4;
    long forLimit = op.writable(cpu, 0, 2);
    long forBase = op.writable(cpu, 2, size);
    cpu.checkWrite(forBase, size);
    cpu.write16(forLimit, limit);
    cpu.write(forBase, size, base);
  }

  // ---- LDTR and TR ------------------------------------------------------------------------------------------------

  static void lldt(Cpu cpu, SystemOp op) {
    Privilege.requireProtectedMode(cpu);
    Privilege.require0(cpu);
    checkExit(cpu, EXIT_LDTR_TR);
    int selector = (int) op.get(cpu, 0, 2);
    if (Descriptors.isNull(selector)) {
      cpu.seg[Segment.LDTR].setNull(selector);
      return;
    }
    long d = readSystem(cpu, selector);
    if (Descriptors.type(d) != Descriptors.LDT) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    checkPresent(cpu, selector, d);
    cpu.seg[Segment.LDTR].set(selector, base(cpu, selector, d), Descriptors.limit(d), Descriptors.access(d));
  }

  static void ltr(Cpu cpu, SystemOp op) {
    Privilege.requireProtectedMode(cpu);
    Privilege.require0(cpu);
    checkExit(cpu, EXIT_LDTR_TR);
    int selector = (int) op.get(cpu, 0, 2);
    if (Descriptors.isNull(selector)) {
      throw cpu.gp();
    }
    long d = readSystem(cpu, selector);
    int type = Descriptors.type(d);
    if (type != Descriptors.TSS_AVAILABLE && (type != Descriptors.TSS16_AVAILABLE || cpu.longMode())) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    checkPresent(cpu, selector, d);
    long base = base(cpu, selector, d);
    Descriptors.setBusy(cpu, selector, d);
    cpu.seg[Segment.TR].set(selector, base, Descriptors.limit(d), Descriptors.access(d) | Descriptors.BUSY);
  }

  private static long readSystem(Cpu cpu, int selector) {
    if ((selector & 4) != 0) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    long d = Descriptors.read(cpu, selector, Vector.GP, 0);
    if (!Descriptors.isSystem(d)) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    return d;
  }

  private static void checkPresent(Cpu cpu, int selector, long d) {
    if (!Descriptors.present(d)) {
      throw Descriptors.fault(cpu, Vector.NP, selector);
    }
  }

  /** The base of a system segment: 64 bits in IA-32e mode. */
  private static long base(Cpu cpu, int selector, long d) {
    if (!cpu.longMode()) {
      return Descriptors.base(d);
    }
    long upper = Descriptors.readUpper(cpu, selector, Vector.GP, 0);
    long base = Descriptors.base(d) | upper << 32;
    if ((upper >>> 40 & 0x1f) != 0 || !Canonical.isBase(cpu, base)) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    return base;
  }

  static void sldt(Cpu cpu, PlainOp op) {
    storeSelector(cpu, op, Segment.LDTR);
  }

  static void str(Cpu cpu, PlainOp op) {
    storeSelector(cpu, op, Segment.TR);
  }

  private static void storeSelector(Cpu cpu, PlainOp op, int segment) {
    Privilege.requireProtectedMode(cpu);
    Privilege.checkUmip(cpu);
    checkExit(cpu, EXIT_LDTR_TR);
    op.put(cpu, 0, cpu.seg[segment].selector);
  }
}
