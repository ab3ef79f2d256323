package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** Segment registers of a task that has been switched to: the checks and error codes of SDM volume 3, table 7-1. */
final class TaskSegments {
  private TaskSegments() {}

  static void loadLdt(Cpu cpu, int selector) {
    if (Descriptors.isNull(selector)) {
      return;
    }
    if ((selector & 4) != 0) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    long d = Descriptors.read(cpu, selector, Vector.TS, 0);
    if (!Descriptors.isSystem(d) || Descriptors.type(d) != Descriptors.LDT || !Descriptors.present(d)) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    cpu.seg[Segment.LDTR].set(selector, Descriptors.base(d), Descriptors.limit(d), Descriptors.access(d));
  }

  static void loadCode(Cpu cpu, int selector) {
    long d = read(cpu, selector);
    int rpl = selector & 3;
    boolean privileged = Descriptors.isConformingCode(d) ? Descriptors.dpl(d) <= rpl : Descriptors.dpl(d) == rpl;
    if (!Descriptors.isCode(d) || !privileged) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    load(cpu, Segment.CS, selector, d, Vector.NP);
  }

  static void loadStack(Cpu cpu, int selector) {
    long d = read(cpu, selector);
    if (!Descriptors.isWritableData(d) || Descriptors.dpl(d) != cpu.cpl || (selector & 3) != cpu.cpl) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    load(cpu, Segment.SS, selector, d, Vector.SS);
  }

  static void loadData(Cpu cpu, int segment, int selector) {
    if (Descriptors.isNull(selector)) {
      return;
    }
    long d = read(cpu, selector);
    int dpl = Descriptors.dpl(d);
    boolean privileged = Descriptors.isConformingCode(d) || dpl >= cpu.cpl && dpl >= (selector & 3);
    if (!Descriptors.isReadable(d) || !privileged) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    load(cpu, segment, selector, d, Vector.NP);
  }

  private static long read(Cpu cpu, int selector) {
    if (Descriptors.isNull(selector)) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    return Descriptors.read(cpu, selector, Vector.TS, 0);
  }

  private static void load(Cpu cpu, int segment, int selector, long descriptor, int notPresent) {
    if (!Descriptors.present(descriptor)) {
      throw Descriptors.fault(cpu, notPresent, selector);
    }
    Descriptors.setAccessed(cpu, selector, descriptor);
    Descriptors.load(cpu, segment, selector, descriptor);
  }
}
