package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Task switches (SDM volume 3, chapter "Task Management"). In VMX non-root operation they leave for the monitor
 * after the checks of the new TSS descriptor (SDM volume 3, "Treatment of Task Switches"); the monitor has {@link
 * #perform} do the work.
 */
public final class TaskSwitch {
  // @formatter:off
  // Sources, as in the exit qualification.
  public static final int CALL = 0;
  public static final int IRET = 1;
  public static final int JMP  = 2;
  public static final int GATE = 3;  // task gate in the IDT
  // @formatter:on

  private static final int EXIT_TASK_SWITCH = 9;

  private TaskSwitch() {}

  /**
   * Goes to the task that a task gate names, which has been checked itself; or to the TSS that a far CALL or JMP names.
   *
   * @param ext EXT bit of error codes
   * @param returnRip instruction pointer of the old task when it goes on
   * @param errorCode to be pushed on the new task's stack, or -1
   * @param resume the old task's RF is to be saved as 1
   */
  static void throughGate(Cpu cpu, int selector, int source, int ext, long returnRip, int errorCode, boolean resume) {
    if ((selector & 4) != 0 || Descriptors.isNull(selector)) {
      throw cpu.fault(Vector.GP, Descriptors.errorCode(selector, ext));
    }
    long descriptor = Descriptors.read(cpu, selector, Vector.GP, ext);
    boolean available =
        Descriptors.isSystem(descriptor) && (Descriptors.type(descriptor) & ~8) == Descriptors.TSS16_AVAILABLE;
    if (!available) {
      throw cpu.fault(Vector.GP, Descriptors.errorCode(selector, ext));
    }
    if (!Descriptors.present(descriptor)) {
      throw cpu.fault(Vector.NP, Descriptors.errorCode(selector, ext));
    }
    start(cpu, selector, descriptor, source, ext, returnRip, errorCode, resume);
  }

  /** IRET with NT set: goes back to the task that the TSS links to. */
  static void toLinkedTask(Cpu cpu, long returnRip) {
    Segment tr = cpu.seg[Segment.TR];
    int selector = (int) cpu.readSystem(tr.base & 0xffffffffL, 2);
    if ((selector & 4) != 0 || Descriptors.isNull(selector)) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    long descriptor = Descriptors.read(cpu, selector, Vector.TS, 0);
    boolean busy = Descriptors.isSystem(descriptor) && (Descriptors.type(descriptor) & ~8) == Descriptors.TSS16_BUSY;
    if (!busy) {
      throw Descriptors.fault(cpu, Vector.TS, selector);
    }
    if (!Descriptors.present(descriptor)) {
      throw Descriptors.fault(cpu, Vector.NP, selector);
    }
    start(cpu, selector, descriptor, IRET, 0, returnRip, -1, false);
  }

  private static void start(Cpu cpu, int selector, long descriptor, int source, int ext, long returnRip, int errorCode,
      boolean resume) {
    boolean wide = (Descriptors.type(descriptor) & 8) != 0;
    if (Descriptors.limit(descriptor) < (wide ? Tss.LAST32 : Tss.LAST16)) {
      throw cpu.fault(Vector.TS, Descriptors.errorCode(selector, ext));
    }
    if (cpu.controls.nonRoot) {
      throw cpu.exit(EXIT_TASK_SWITCH, selector | (long) source << 30);
    }
    GuestFault fault = switchTo(cpu, selector, descriptor, source, returnRip, errorCode, resume);
    if (fault != null) {
      cpu.raise(fault.vector, EventDelivery.HARDWARE_EXCEPTION, fault.errorCode, 0);
    }
  }

  /**
   * Performs a task switch after the exit that it caused; {@link Cpu#rip} is where the new task goes on.
   *
   * @param selector of the new TSS: bits 15:0 of the exit qualification
   * @param source bits 31:30 of the exit qualification
   * @param returnRip instruction pointer of the old task when it goes on: behind a CALL, JMP, IRET or INT n, at the
   *     instruction for others
   * @param errorCode of the exception whose delivery met a task gate, or -1
   * @param resume the event was an exception of fault class: the old task's RF is saved as 1
   * @return the fault that the new task begins with, to be raised in its context, or null
   * @throws GuestFault for a fault in the old task's context, in which nothing has been changed: to be raised there
   */
  public static GuestFault perform(Cpu cpu, int selector, int source, long returnRip, int errorCode, boolean resume) {
    long descriptor = Descriptors.read(cpu, selector, source == IRET ? Vector.TS : Vector.GP, 0);
    return switchTo(cpu, selector, descriptor, source, returnRip, errorCode, resume);
  }

  private static GuestFault switchTo(Cpu cpu, int selector, long descriptor, int source, long returnRip, int errorCode,
      boolean resume) {
    Tss next = new Tss(cpu, Descriptors.base(descriptor), (Descriptors.type(descriptor) & 8) != 0);
    next.read();
    Segment tr = cpu.seg[Segment.TR];
    Tss old = new Tss(cpu, tr.base, (tr.access & 8) != 0);
    if (tr.limit < (old.wide ? Tss.LAST32 : Tss.LAST16)) {
      throw Descriptors.fault(cpu, Vector.TS, tr.selector);
    }
    old.checkWritable();
    boolean nested = source == CALL || source == GATE;
    if (nested) {
      cpu.checkSystemWrite(next.base & 0xffffffffL, 2);
    }
    int image = cpu.rflags() | (resume ? Flag.RF : 0);
    if (source == IRET) {
      image &= ~Flag.NT;
    }
    // The last accesses that may fault; from here on it is the new task that goes on.
    if (source != IRET) {
      Descriptors.setBusy(cpu, selector, descriptor);
    }
    if (!nested) {
      long oldDescriptor = Descriptors.read(cpu, tr.selector, Vector.TS, 0);
      Descriptors.clearBusy(cpu, tr.selector, oldDescriptor);
    }
    old.write(image, returnRip);
    if (nested) {
      cpu.writeSystem(next.base & 0xffffffffL, 2, tr.selector);
      next.flags |= Flag.NT;
    }
    tr.set(selector, next.base, Descriptors.limit(descriptor), Descriptors.access(descriptor) | Descriptors.BUSY);
    cpu.cr0 |= Flag.CR0_TS;
    cpu.debug.taskSwitched();
    cpu.stiShadow = false;
    cpu.movSsShadow = false;
    if (next.trap) {
      cpu.debug.taskSwitchTrap();
    }
    try {
      enter(cpu, next, errorCode);
      return null;
    } catch (GuestFault fault) {
      cpu.modeChanged();
      return fault;
    }
  }

  private static void enter(Cpu cpu, Tss task, int errorCode) {
    if (task.wide && (cpu.cr0 & Flag.CR0_PG) != 0) {
      if ((cpu.cr4 & Flag.CR4_PAE) != 0) {
        cpu.loadPdptes(task.cr3);
      }
      cpu.cr3 = task.cr3;
      cpu.flushTlbNonGlobal();
    }
    cpu.rip = task.ip;
    cpu.setStatus(task.flags);
    int defined =
        Flag.TF | Flag.IF | Flag.DF | Flag.IOPL | Flag.NT | Flag.RF | Flag.VM | Flag.AC | Flag.VIF | Flag.VIP | Flag.ID;
    cpu.flags = task.flags & defined & (task.wide ? -1 : 0xffff) | 2;
    for (int i = 0; i < 8; i++) {
      cpu.r[i] = task.wide ? task.general[i] : cpu.r[i] & ~0xffffL | task.general[i];
    }
    boolean v86 = cpu.v86();
    cpu.cpl = v86 ? 3 : task.selector[Segment.CS] & 3;
    for (int i = 0; i < 6; i++) { // visible at once; the hidden parts come with the checks
      cpu.seg[i].setNull(task.selector[i]);
    }
    cpu.seg[Segment.LDTR].setNull(task.ldt);
    cpu.modeChanged();
    cpu.attention(); // TF, IF
    TaskSegments.loadLdt(cpu, task.ldt);
    if (v86) {
      for (int i = 0; i < 6; i++) {
        Descriptors.loadReal(cpu, i, task.selector[i]);
      }
    } else {
      TaskSegments.loadCode(cpu, task.selector[Segment.CS]);
      TaskSegments.loadStack(cpu, task.selector[Segment.SS]);
      TaskSegments.loadData(cpu, Segment.ES, task.selector[Segment.ES]);
      TaskSegments.loadData(cpu, Segment.DS, task.selector[Segment.DS]);
      TaskSegments.loadData(cpu, Segment.FS, task.selector[Segment.FS]);
      TaskSegments.loadData(cpu, Segment.GS, task.selector[Segment.GS]);
    }
    cpu.modeChanged();
    if (errorCode >= 0) {
      NewStack stack = NewStack.current(cpu, 0);
      stack.push(task.wide ? 4 : 2, errorCode);
      stack.loadPointer();
    }
    if (task.ip > cpu.seg[Segment.CS].limit) {
      throw cpu.gp();
    }
  }
}
