package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Loads and stores of segment registers: MOV, POP, LDS and its like (SDM volume 2, MOV; volume 3, chapter
 * "Protection").
 */
final class SegmentLoads {
  private SegmentLoads() {}

  /**
   * Loads a segment register other than CS; faults before anything is changed. To be followed by {@link
   * Cpu#modeChanged}.
   */
  static void load(Cpu cpu, int segment, int selector) {
    if (cpu.realOrV86()) {
      Descriptors.loadReal(cpu, segment, selector);
    } else if (segment == Segment.SS) {
      loadStack(cpu, selector);
    } else {
      loadData(cpu, segment, selector);
    }
  }

  private static void loadStack(Cpu cpu, int selector) {
    if (Descriptors.isNull(selector)) {
      if (!cpu.mode64() || cpu.cpl == 3 || (selector & 3) != cpu.cpl) {
        throw cpu.gp();
      }
      Descriptors.loadNullSs(cpu, selector, cpu.cpl);
      return;
    }
    long d = Descriptors.read(cpu, selector, Vector.GP, 0);
    if ((selector & 3) != cpu.cpl || !Descriptors.isWritableData(d) || Descriptors.dpl(d) != cpu.cpl) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    if (!Descriptors.present(d)) {
      throw Descriptors.fault(cpu, Vector.SS, selector);
    }
    Descriptors.setAccessed(cpu, selector, d);
    Descriptors.load(cpu, Segment.SS, selector, d);
  }

  private static void loadData(Cpu cpu, int segment, int selector) {
    if (Descriptors.isNull(selector)) {
      cpu.seg[segment].setNull(selector);
      return;
    }
    long d = Descriptors.read(cpu, selector, Vector.GP, 0);
    int dpl = Descriptors.dpl(d);
    boolean privileged = Descriptors.isConformingCode(d) || dpl >= cpu.cpl && dpl >= (selector & 3);
    if (!Descriptors.isReadable(d) || !privileged) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    if (!Descriptors.present(d)) {
      throw Descriptors.fault(cpu, Vector.NP, selector);
    }
    Descriptors.setAccessed(cpu, selector, d);
    Descriptors.load(cpu, segment, selector, d);
  }

  /** After a return to an outer level: data segments that it may not use become null (SDM volume 2, RET). */
  static void dropPrivileged(Cpu cpu) {
    dropPrivileged(cpu, Segment.ES);
    dropPrivileged(cpu, Segment.DS);
    dropPrivileged(cpu, Segment.FS);
    dropPrivileged(cpu, Segment.GS);
  }

  private static void dropPrivileged(Cpu cpu, int segment) {
    Segment s = cpu.seg[segment];
    int type = s.access & (Descriptors.CODE | Descriptors.CONFORMING);
    boolean conforming = type == (Descriptors.CODE | Descriptors.CONFORMING);
    // Only the selector becomes null and the register unusable: 64-bit code goes on with the bases of FS and GS.
    if (s.usable() && s.dpl() < cpu.cpl && !conforming) {
      s.drop();
    }
  }

  // ---- instructions -----------------------------------------------------------------------------------------------

  /** MOV Sreg, r/m16. */
  static void move(Cpu cpu, SystemOp op) {
    loadBy(cpu, op.register(0), (int) op.get(cpu, 1, 2));
  }

  /** MOV r/m, Sreg: a register gets the selector zero-extended. */
  static void store(Cpu cpu, PlainOp op) {
    op.put(cpu, 0, cpu.seg[op.number(1)].selector);
  }

  static void pop(Cpu cpu, SystemOp op) {
    int selector = (int) cpu.peek(0, 2);
    int stackSize = cpu.stackSize();
    loadBy(cpu, op.register(0), selector);
    addToStackPointer(cpu, stackSize, op.operandSize);
  }

  /** Adds to the stack pointer as wide as it was before the instruction changed SS. */
  private static void addToStackPointer(Cpu cpu, int stackSize, int bytes) {
    long sp = cpu.r[Cpu.RSP] + bytes;
    cpu.setReg(Cpu.RSP, stackSize, sp);
  }

  private static void loadBy(Cpu cpu, int segment, int selector) {
    load(cpu, segment, selector);
    cpu.modeChanged();
    if (segment == Segment.SS) {
      cpu.movSsShadow = true;
      cpu.attention();
    }
  }

  /** LDS, LES, LFS, LGS, LSS: offset, then selector. */
  static SystemOp.Action far(int segment) {
    return (cpu, op) -> {
      long offset = op.memory(cpu, 0, op.operandSize);
      int selector = (int) op.memory(cpu, op.operandSize, 2);
      load(cpu, segment, selector);
      cpu.setReg(op.register(0), op.operandSize, offset);
      cpu.modeChanged();
    };
  }
}
