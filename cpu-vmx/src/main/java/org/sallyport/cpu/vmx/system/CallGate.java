package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** Far transfers through a gate (SDM volume 3, "Accessing a Code Segment Through a Call Gate", "Stack Switching"). */
final class CallGate {
  private CallGate() {}

  /**
   * Checks a system descriptor that a far CALL or JMP names, and returns its type: a call gate, a task gate or an
   * available TSS.
   */
  static int check(Cpu cpu, int selector, long d) {
    int type = Descriptors.type(d);
    boolean known = cpu.longMode()
        ? type == Descriptors.CALL_GATE
        : type == Descriptors.CALL_GATE || type == Descriptors.CALL_GATE16 || type == Descriptors.TASK_GATE
            || type == Descriptors.TSS_AVAILABLE || type == Descriptors.TSS16_AVAILABLE;
    int dpl = Descriptors.dpl(d);
    if (!known || dpl < cpu.cpl || dpl < (selector & 3)) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    if (cpu.longMode() && (Descriptors.readUpper(cpu, selector, Vector.GP, 0) >>> 40 & 0x1f) != 0) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    if (!Descriptors.present(d)) {
      throw Descriptors.fault(cpu, Vector.NP, selector);
    }
    return type;
  }

  static void jump(Cpu cpu, int selector, long gate) {
    int target = Descriptors.gateSelector(gate);
    long code = readCode(cpu, target);
    boolean allowed = Descriptors.isConformingCode(code) || Descriptors.dpl(code) == cpu.cpl;
    if (!allowed) {
      throw Descriptors.fault(cpu, Vector.GP, target);
    }
    checkPresent(cpu, target, code);
    FarTransfers.enter(cpu, target, code, offset(cpu, selector, gate));
  }

  static void call(Cpu cpu, int selector, long gate, long returnRip) {
    int target = Descriptors.gateSelector(gate);
    long code = readCode(cpu, target);
    checkPresent(cpu, target, code);
    long offset = offset(cpu, selector, gate);
    int size = cpu.longMode() ? 8 : Descriptors.type(gate) == Descriptors.CALL_GATE ? 4 : 2;
    int dpl = Descriptors.dpl(code);
    if (Descriptors.isConformingCode(code) || dpl == cpu.cpl) {
      FarTransfers.callSameLevel(cpu, target, code, offset, size, returnRip);
    } else if (size == 8) {
      callInner64(cpu, target, code, offset, returnRip);
    } else {
      callInner(cpu, target, code, offset, size, (int) (gate >>> 32) & 31, returnRip);
    }
  }

  private static long readCode(Cpu cpu, int selector) {
    long code = CodeTarget.read(cpu, selector);
    boolean sized = !cpu.longMode() || Descriptors.is64BitCode(code) && !Descriptors.isBig(code);
    if (!Descriptors.isCode(code) || Descriptors.dpl(code) > cpu.cpl || !sized) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    return code;
  }

  private static void checkPresent(Cpu cpu, int selector, long code) {
    if (!Descriptors.present(code)) {
      throw Descriptors.fault(cpu, Vector.NP, selector);
    }
  }

  private static long offset(Cpu cpu, int selector, long gate) {
    long offset = Descriptors.gateOffset(gate);
    if (cpu.longMode()) {
      return offset | Descriptors.readUpper(cpu, selector, Vector.GP, 0) << 32;
    }
    return Descriptors.type(gate) == Descriptors.CALL_GATE ? offset : offset & 0xffff;
  }

  private static void callInner(Cpu cpu, int selector, long code, long offset, int size, int parameters,
      long returnRip) {
    int cpl = Descriptors.dpl(code);
    NewStack stack = NewStack.fromTss(cpu, cpl, 0);
    CodeTarget.checkOffset(cpu, code, offset);
    Descriptors.setAccessed(cpu, selector, code);
    stack.push(size, cpu.seg[Segment.SS].selector);
    stack.push(size, cpu.r[Registers.RSP]);
    for (int i = parameters - 1; i >= 0; i--) {
      stack.push(size, cpu.peek(i * size, size));
    }
    stack.push(size, cpu.seg[Segment.CS].selector);
    stack.push(size, returnRip);
    ShadowStack.callInner(cpu, cpl, code, returnRip);
    stack.load();
    Descriptors.loadCs(cpu, selector, code, cpl);
    cpu.rip = offset;
    cpu.modeChanged();
  }

  private static void callInner64(Cpu cpu, int selector, long code, long offset, long returnRip) {
    int cpl = Descriptors.dpl(code);
    long top = LongModeInterrupt.privilegedStack(cpu, cpl) - 32;
    if (!Canonical.is(cpu, top) || !Canonical.is(cpu, top + 31)) {
      throw cpu.fault(Vector.SS, 0);
    }
    CodeTarget.checkOffset(cpu, code, offset);
    Descriptors.setAccessed(cpu, selector, code);
    cpu.writeSystem(top + 24, 8, cpu.seg[Segment.SS].selector);
    cpu.writeSystem(top + 16, 8, cpu.r[Registers.RSP]);
    cpu.writeSystem(top + 8, 8, cpu.seg[Segment.CS].selector);
    cpu.writeSystem(top, 8, returnRip);
    ShadowStack.callInner(cpu, cpl, code, returnRip);
    cpu.r[Registers.RSP] = top;
    Descriptors.loadNullSs(cpu, cpl, cpl);
    Descriptors.loadCs(cpu, selector, code, cpl);
    cpu.rip = offset;
    cpu.modeChanged();
  }
}
