package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * The stack of a more privileged level, as the TSS names it, before it is in force: outside IA-32e mode, for
 * interrupts, call gates and task switches. What does not fit raises #SS.
 */
final class NewStack {
  private final Cpu cpu;
  private final Segment segment = new Segment();
  private final boolean user;
  private final int error;
  private long sp;

  private NewStack(Cpu cpu, int error, boolean user) {
    this.cpu = cpu;
    this.error = error;
    this.user = user;
  }

  /** The present stack; #SS with {@code error} when it is too small. */
  static NewStack current(Cpu cpu, int error) {
    NewStack stack = new NewStack(cpu, error, cpu.cpl == 3);
    Segment ss = cpu.seg[Segment.SS];
    stack.segment.set(ss.selector, ss.base, ss.limit, ss.access);
    stack.sp = cpu.r[Registers.RSP];
    return stack;
  }

  /** The stack of level {@code cpl} out of the present TSS, all checks done (SDM volume 2, CALL and INT n). */
  static NewStack fromTss(Cpu cpu, int cpl, int ext) {
    Segment tr = cpu.seg[Segment.TR];
    boolean wide = (tr.access & 8) != 0;
    int offset = wide ? 4 + 8 * cpl : 2 + 4 * cpl;
    if (offset + (wide ? 5 : 3) > tr.limit) {
      throw cpu.fault(Vector.TS, Descriptors.errorCode(tr.selector, ext));
    }
    long at = tr.base + offset;
    long sp = cpu.readSystem(at & Descriptors.mask(cpu), wide ? 4 : 2);
    int selector = (int) cpu.readSystem(at + (wide ? 4 : 2) & Descriptors.mask(cpu), 2);
    if (Descriptors.isNull(selector)) {
      throw cpu.fault(Vector.TS, ext);
    }
    long descriptor = Descriptors.read(cpu, selector, Vector.TS, ext);
    int error = Descriptors.errorCode(selector, ext);
    if ((selector & 3) != cpl || Descriptors.dpl(descriptor) != cpl || !Descriptors.isWritableData(descriptor)) {
      throw cpu.fault(Vector.TS, error);
    }
    if (!Descriptors.present(descriptor)) {
      throw cpu.fault(Vector.SS, error);
    }
    NewStack stack = new NewStack(cpu, error, cpl == 3);
    Descriptors.setAccessed(cpu, selector, descriptor);
    stack.segment.set(selector, Descriptors.base(descriptor), Descriptors.limit(descriptor),
        Descriptors.access(descriptor) | Descriptors.ACCESSED);
    stack.sp = sp;
    return stack;
  }

  void push(int size, long value) {
    sp -= size;
    long offset = sp & (segment.big() ? 0xffffffffL : 0xffff);
    if (offset < segment.writeFirst || offset + size - 1 > segment.writeLast) {
      throw cpu.fault(Vector.SS, error);
    }
    long linear = segment.base + offset & 0xffffffffL;
    if (user) {
      cpu.write(linear, size, value);
    } else {
      cpu.writeSystem(linear, size, value);
    }
  }

  /** Puts the stack in force. */
  void load() {
    cpu.seg[Segment.SS].set(segment.selector, segment.base, segment.limit, segment.access);
    loadPointer();
  }

  /** Sets the stack pointer alone. */
  void loadPointer() {
    long[] r = cpu.r;
    r[Registers.RSP] = segment.big() ? sp & 0xffffffffL : r[Registers.RSP] & ~0xffffL | sp & 0xffff;
  }
}
