package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** Interrupts in protected and virtual-8086 mode (SDM volume 2, INT n; volume 3, "Exception or Interrupt Handling"). */
final class ProtectedModeInterrupt {
  private ProtectedModeInterrupt() {}

  static void deliver(Cpu cpu, int vector, int kind, int errorCode, long returnRip) {
    boolean software = kind == EventDelivery.SOFTWARE_INTERRUPT || kind == EventDelivery.SOFTWARE_EXCEPTION;
    int ext = software ? 0 : 1;
    int idtError = vector * 8 + 2 + ext;
    if (vector * 8 + 7 > cpu.idtLimit) {
      throw cpu.fault(Vector.GP, idtError);
    }
    long gate = cpu.readSystem(cpu.idtBase + vector * 8 & 0xffffffffL, 8);
    int type = (int) (gate >>> 40) & 0x1f;
    boolean task = type == Descriptors.TASK_GATE;
    boolean interrupt = (type & ~8) == Descriptors.INTERRUPT_GATE16;
    boolean trap = (type & ~8) == Descriptors.TRAP_GATE16;
    if (!task && !interrupt && !trap || software && Descriptors.dpl(gate) < cpu.cpl) {
      throw cpu.fault(Vector.GP, idtError);
    }
    if (!Descriptors.present(gate)) {
      throw cpu.fault(Vector.NP, idtError);
    }
    if (task) {
      boolean resume = EventDelivery.setsRf(cpu, vector, kind);
      TaskSwitch.throughGate(cpu, Descriptors.gateSelector(gate), TaskSwitch.GATE, ext, returnRip, errorCode, resume);
      return;
    }
    long target = Descriptors.gateOffset(gate);
    int size = 4;
    if ((type & 8) == 0) {
      size = 2;
      target &= 0xffff;
    }
    enter(cpu, vector, kind, errorCode, returnRip, Descriptors.gateSelector(gate), target, size, interrupt, ext);
  }

  private static void enter(Cpu cpu, int vector, int kind, int errorCode, long returnRip, int selector, long target,
      int size,
      boolean interruptGate, int ext) {
    if (Descriptors.isNull(selector)) {
      throw cpu.fault(Vector.GP, ext);
    }
    long code = Descriptors.read(cpu, selector, Vector.GP, ext);
    int codeError = Descriptors.errorCode(selector, ext);
    int dpl = Descriptors.dpl(code);
    boolean conforming = Descriptors.isConformingCode(code);
    boolean v86 = cpu.v86();
    if (!Descriptors.isCode(code) || dpl > cpu.cpl) {
      throw cpu.fault(Vector.GP, codeError);
    }
    if (!Descriptors.present(code)) {
      throw cpu.fault(Vector.NP, codeError);
    }
    if (v86 && (conforming || dpl != 0)) {
      throw cpu.fault(Vector.GP, codeError);
    }
    int cpl = conforming ? cpu.cpl : dpl;
    boolean inner = cpl < cpu.cpl;
    NewStack stack = inner ? NewStack.fromTss(cpu, cpl, ext) : NewStack.current(cpu, ext);
    if (target > Descriptors.limit(code)) {
      throw cpu.fault(Vector.GP, ext);
    }
    Descriptors.setAccessed(cpu, selector, code);
    boolean resume = EventDelivery.setsRf(cpu, vector, kind);
    if (v86) {
      stack.push(size, cpu.seg[Segment.GS].selector);
      stack.push(size, cpu.seg[Segment.FS].selector);
      stack.push(size, cpu.seg[Segment.DS].selector);
      stack.push(size, cpu.seg[Segment.ES].selector);
    }
    if (inner) {
      stack.push(size, cpu.seg[Segment.SS].selector);
      stack.push(size, cpu.r[Registers.RSP]);
    }
    stack.push(size, cpu.rflags() | (resume ? Flag.RF : 0));
    stack.push(size, cpu.seg[Segment.CS].selector);
    stack.push(size, returnRip);
    if (errorCode >= 0) {
      stack.push(size, errorCode);
    }
    ShadowStack.event(cpu, cpl, 0, code, returnRip);

    cpu.flags &= ~(Flag.TF | Flag.NT | Flag.RF | Flag.VM | (interruptGate ? Flag.IF : 0));
    if (v86) {
      cpu.seg[Segment.GS].setNull(0);
      cpu.seg[Segment.FS].setNull(0);
      cpu.seg[Segment.DS].setNull(0);
      cpu.seg[Segment.ES].setNull(0);
    }
    if (inner) {
      stack.load();
    } else {
      stack.loadPointer();
    }
    Descriptors.loadCs(cpu, selector, code, cpl);
    cpu.rip = target;
    cpu.modeChanged();
  }
}
