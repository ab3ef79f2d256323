package org.sallyport.cpu.vmx.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.EventKind;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.VcpuStateBuilder;

/**
 * Task switches as the monitor carries them out, where something is wrong with the new task (SDM volume 3, "Task Switching", "Interrupt
 * 8—Double Fault Exception").
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MonitoredTaskSwitchTest {
  // @formatter:off
  private static final int RAX = 0;

  // Selectors and bases of task-state segments.
  private static final int OLD = 0x40, SECOND = 0x48, THIRD = 0x50;
  private static final long OLD_BASE = 0xa000, SECOND_BASE = 0xb000, THIRD_BASE = 0xc000;

  // Offsets in a 32-bit TSS.
  private static final int EIP = 32, EFLAGS = 36, EAX = 40, ESP = 56, CS = 76, SS = 80, DS = 84;
  // @formatter:on

  private static final long HANDLER = 0x11000;
  private static final int UD = 6;
  private static final int DF = 8;
  private static final int TS = 10;
  private static final int NP = 11;
  private static final int PF = 14;

  private TestVm vm;

  @BeforeEach
  void twoMoreTasks() throws CpuException {
    vm = new TestVm("0f 0b"); // ud2
    VcpuStateBuilder b = vm.protectedMode(0);
    b.tr = new SegmentState(OLD, OLD_BASE, 0x67, 0x8b);
    descriptor(OLD, OLD_BASE, 0x8b);
    task(SECOND, SECOND_BASE, 0x12000);
    task(THIRD, THIRD_BASE, 0x13000);
    vm.code(HANDLER, "e6 80"); // out 80h, al
    vm.code(0x12000, "e6 81");
    vm.code(0x13000, "e6 82");
    vm.cpu.restore(b.build());
  }

  @AfterEach
  void close() {
    vm.close();
  }

  private void descriptor(int selector, long base, int access) {
    vm.put(TestVm.GDT + selector, 0x67 | (base & 0xffffff) << 16 | (long) access << 40 | (base >>> 24) << 56);
  }

  private void task(int selector, long base, int eip) {
    descriptor(selector, base, 0x89);
    word(base + EIP, eip);
    word(base + EFLAGS, 2);
    word(base + EAX, selector);
    word(base + ESP, 0x70000 + selector * 0x100);
    word(base + CS, 8);
    for (int offset : new int[]{72, SS, DS, 88, 92, 96}) {
      word(base + offset, offset == 96 ? 0 : 16);
    }
  }

  private void word(long at, int value) {
    vm.ram.set(java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED, at, value);
  }

  private void taskGate(int vector, int selector) {
    vm.put(TestVm.IDT + 8L * vector, (long) selector << 16 | 0x8500L << 32);
  }

  private void writesPort(int port) {
    assertEquals(ExitReason.PORT_WRITE, vm.run());
    assertEquals(port, vm.exit.address);
  }

  @Test
  void anExceptionStartsATask() {
    taskGate(UD, SECOND);
    writesPort(0x81);
    assertEquals(SECOND, vm.gpr(RAX));
  }

  @Test
  void aFaultOfTheNewTaskGoesToItsHandler() {
    taskGate(UD, SECOND);
    word(SECOND_BASE + DS, 0x78); // absent
    vm.put(TestVm.GDT + 0x78, 0x00cf13000000ffffL);
    vm.handler32(NP, HANDLER, 0);
    writesPort(0x80);
    assertEquals(SECOND, vm.cpu.save().tr().selector());
    assertEquals(SECOND, vm.gpr(RAX), "in the new task");
  }

  @Test
  void aFaultOfTheNewTaskStartsAnotherTask() {
    taskGate(UD, SECOND);
    word(SECOND_BASE + SS, 0);
    taskGate(TS, THIRD);
    writesPort(0x82);
    assertEquals(THIRD, vm.cpu.save().tr().selector());
  }

  @Test
  void aFaultOfTheNewTaskWithoutAHandlerIsATripleFault() {
    taskGate(UD, SECOND);
    word(SECOND_BASE + SS, 0);
    assertEquals(ExitReason.TRIPLE_FAULT, vm.run());
    assertEquals(ExitCode.TRIPLE_FAULT, vm.vmcs("Exit reason"));
  }

  /** The task cannot be left: #TS in the midst of the exception, whose own handler is the same gate, and so on. */
  @Test
  void tasksThatCannotBeLeftEndInADoubleFaultAndATripleFault() throws CpuException {
    VcpuStateBuilder b = new VcpuStateBuilder(vm.cpu.save());
    b.tr = new SegmentState(OLD, OLD_BASE, 0x20, 0x8b);
    vm.cpu.restore(b.build());
    taskGate(UD, SECOND);
    taskGate(TS, SECOND);
    taskGate(DF, SECOND);
    assertEquals(ExitReason.TRIPLE_FAULT, vm.run());
    taskGate(TS, SECOND);
    vm.handler32(DF, HANDLER, 0);
    vm.cpu.restore(b.build());
    writesPort(0x80);
    assertEquals(0, vm.ram.get(java.lang.foreign.ValueLayout.JAVA_INT, vm.gpr(4)), "#DF has the error code 0");
  }

  @Test
  void aTaskStateSegmentThatIsNotMappedIsAPageFault() throws CpuException {
    VcpuStateBuilder b = new VcpuStateBuilder(vm.cpu.save());
    vm.put(0x5000, 0x83); // 4 MiB from 0; the next ones are absent
    b.cr0 |= 0x80000000L;
    b.cr4 |= 0x10;
    b.cr3 = 0x5000;
    vm.cpu.restore(b.build());
    descriptor(SECOND, 0x800000, 0x89);
    taskGate(UD, SECOND);
    vm.handler32(PF, HANDLER, 0);
    writesPort(0x80);
    assertEquals(0x800000, vm.cpu.save().cr2() & ~0xfffL);
    assertEquals(OLD, vm.cpu.save().tr().selector());
  }

  @Test
  void aTaskStateSegmentWhereNothingIsShutsTheProcessorDown() {
    descriptor(SECOND, TestVm.NOWHERE, 0x89);
    taskGate(UD, SECOND);
    assertEquals(ExitReason.TRIPLE_FAULT, vm.run());
    assertEquals(ExitCode.TRIPLE_FAULT, vm.vmcs("Exit reason"));
  }

  /** A step takes in what the monitor has to do for it, the new task's first fault among that: what is saved then is complete. */
  @Test
  void aStepEndsBehindTheFaultOfTheNewTask() throws CpuException {
    taskGate(UD, SECOND);
    word(SECOND_BASE + CS, 0);
    vm.cpu.step(vm.exit);
    assertEquals(ExitReason.TRIPLE_FAULT, vm.exit.reason);
    twoMoreTasks();
    taskGate(0x30, SECOND);
    word(SECOND_BASE + SS, 0);
    taskGate(TS, THIRD);
    VcpuStateBuilder b = new VcpuStateBuilder(vm.cpu.save());
    b.rflags |= 0x200;
    vm.cpu.restore(b.build());
    vm.cpu.inject(EventKind.EXTERNAL_INTERRUPT, 0x30, EventKind.NO_ERROR_CODE);
    vm.cpu.step(vm.exit);
    assertEquals(ExitReason.DEBUG, vm.exit.reason);
    assertEquals(0x13000, vm.cpu.save().rip());
    vm.cpu.restore(vm.cpu.save());
    writesPort(0x82);
  }
}
