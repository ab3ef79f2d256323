package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.GenericOp;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * Far CALL, JMP and RET (SDM volume 2; volume 3, "Privilege Level Checking When Transferring Program Control Between
 * Code Segments").
 */
final class FarTransfers {
  private FarTransfers() {}

  // ---- JMP --------------------------------------------------------------------------------------------------------

  static void jump(Cpu cpu, SystemOp op) {
    long offset = offset(cpu, op);
    int selector = selector(cpu, op);
    if (cpu.realOrV86()) {
      enterReal(cpu, selector, offset);
      return;
    }
    long d = CodeTarget.read(cpu, selector);
    if (!Descriptors.isSystem(d)) {
      CodeTarget.checkDirect(cpu, selector, d);
      enter(cpu, selector, d, offset);
      return;
    }
    switch (CallGate.check(cpu, selector, d)) {
      case Descriptors.TASK_GATE ->
        TaskSwitch.throughGate(cpu, Descriptors.gateSelector(d), TaskSwitch.JMP, 0, op.returnRip(cpu), -1, false);
      case Descriptors.TSS_AVAILABLE, Descriptors.TSS16_AVAILABLE ->
        TaskSwitch.throughGate(cpu, selector, TaskSwitch.JMP, 0, op.returnRip(cpu), -1, false);
      default -> CallGate.jump(cpu, selector, d);
    }
  }

  private static long offset(Cpu cpu, SystemOp op) {
    return op.isFarPointer() ? GenericOp.truncate(op.immediate, op.operandSize) : op.memory(cpu, 0, op.operandSize);
  }

  private static int selector(Cpu cpu, SystemOp op) {
    return op.isFarPointer() ? (int) op.immediate2 & 0xffff : (int) op.memory(cpu, op.operandSize, 2);
  }

  private static void enterReal(Cpu cpu, int selector, long offset) {
    if (offset > cpu.seg[Segment.CS].limit) {
      throw cpu.gp();
    }
    Descriptors.loadReal(cpu, Segment.CS, selector);
    cpu.rip = offset;
    cpu.modeChanged();
  }

  /** Goes to a code segment without a change of the privilege level. */
  static void enter(Cpu cpu, int selector, long code, long offset) {
    CodeTarget.checkOffset(cpu, code, offset);
    Descriptors.setAccessed(cpu, selector, code);
    ShadowStack.jump(cpu, code);
    Descriptors.loadCs(cpu, selector, code, cpu.cpl);
    cpu.rip = offset;
    cpu.modeChanged();
  }

  // ---- CALL -------------------------------------------------------------------------------------------------------

  static void call(Cpu cpu, SystemOp op) {
    long offset = offset(cpu, op);
    int selector = selector(cpu, op);
    long returnRip = op.returnRip(cpu);
    int size = op.operandSize;
    if (cpu.realOrV86()) {
      if (offset > cpu.seg[Segment.CS].limit) {
        throw cpu.gp();
      }
      pushReturn(cpu, size, returnRip);
      cpu.setStackPointer(cpu.r[Registers.RSP] - 2 * size);
      enterReal(cpu, selector, offset);
      return;
    }
    long d = CodeTarget.read(cpu, selector);
    if (!Descriptors.isSystem(d)) {
      CodeTarget.checkDirect(cpu, selector, d);
      callSameLevel(cpu, selector, d, offset, size, returnRip);
      return;
    }
    switch (CallGate.check(cpu, selector, d)) {
      case Descriptors.TASK_GATE ->
        TaskSwitch.throughGate(cpu, Descriptors.gateSelector(d), TaskSwitch.CALL, 0, returnRip, -1, false);
      case Descriptors.TSS_AVAILABLE, Descriptors.TSS16_AVAILABLE ->
        TaskSwitch.throughGate(cpu, selector, TaskSwitch.CALL, 0, returnRip, -1, false);
      default -> CallGate.call(cpu, selector, d, returnRip);
    }
  }

  /** Calls a code segment without a change of the privilege level. */
  static void callSameLevel(Cpu cpu, int selector, long code, long offset, int size, long returnRip) {
    CodeTarget.checkOffset(cpu, code, offset);
    Descriptors.setAccessed(cpu, selector, code);
    pushReturn(cpu, size, returnRip);
    ShadowStack.call(cpu, code, returnRip);
    cpu.setStackPointer(cpu.r[Registers.RSP] - 2 * size);
    Descriptors.loadCs(cpu, selector, code, cpu.cpl);
    cpu.rip = offset;
    cpu.modeChanged();
  }

  /** Writes CS and the instruction pointer below the stack pointer, which does not change yet. */
  private static void pushReturn(Cpu cpu, int size, long returnRip) {
    long sp = cpu.r[Registers.RSP];
    long forCs = cpu.stack(sp - size, size, true);
    long forRip = cpu.stack(sp - 2 * size, size, true);
    cpu.write(forCs, size, cpu.seg[Segment.CS].selector);
    cpu.write(forRip, size, returnRip);
  }

  // ---- RET --------------------------------------------------------------------------------------------------------

  static void ret(Cpu cpu, SystemOp op) {
    int size = op.operandSize;
    int released = (int) op.immediate & 0xffff;
    long rip = cpu.peek(0, size);
    int selector = (int) cpu.peek(size, size) & 0xffff;
    if (cpu.realOrV86()) {
      if (rip > cpu.seg[Segment.CS].limit) {
        throw cpu.gp();
      }
      cpu.setStackPointer(cpu.r[Registers.RSP] + 2 * size + released);
      Descriptors.loadReal(cpu, Segment.CS, selector);
      cpu.rip = rip;
      cpu.modeChanged();
      return;
    }
    long code = CodeTarget.readReturn(cpu, selector);
    int cpl = selector & 3;
    if (cpl == cpu.cpl) {
      CodeTarget.checkOffset(cpu, code, rip);
      Descriptors.setAccessed(cpu, selector, code);
      ShadowStack.farReturn(cpu, selector, code, rip, false);
      cpu.setStackPointer(cpu.r[Registers.RSP] + 2 * size + released);
    } else {
      long sp = cpu.peek(2 * size + released, size);
      int stackSelector = (int) cpu.peek(3 * size + released, size) & 0xffff;
      long stack = CodeTarget.readStack(cpu, stackSelector, cpl, code);
      CodeTarget.checkOffset(cpu, code, rip);
      Descriptors.setAccessed(cpu, selector, code);
      if (stack != 0) {
        Descriptors.setAccessed(cpu, stackSelector, stack);
      }
      ShadowStack.farReturn(cpu, selector, code, rip, false);
      CodeTarget.loadStack(cpu, stackSelector, stack, sp + released, cpl, code);
    }
    boolean outer = cpl != cpu.cpl;
    Descriptors.loadCs(cpu, selector, code, cpl);
    if (outer) {
      SegmentLoads.dropPrivileged(cpu);
    }
    cpu.rip = rip;
    cpu.modeChanged();
  }
}
