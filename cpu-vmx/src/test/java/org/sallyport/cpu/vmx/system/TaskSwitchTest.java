package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 3, chapter "Task Management". */
class TaskSwitchTest {
  private static final int STACK2 = 0xd000;

  // Offsets in a 32-bit TSS.
  private static final int EIP = 32;
  private static final int EFLAGS = 36;
  private static final int EAX = 40;
  private static final int ESP = 56;
  private static final int CS = 76;
  private static final int SS = 80;
  private static final int DS = 84;

  private static final String CALL = String.format("9a 00 00 00 00 %02x 00", Bench.TSS2_SEL);
  private static final String JMP = String.format("ea 00 00 00 00 %02x 00", Bench.TSS2_SEL);

  /** A second task at OTHER_CODE, which halts. */
  private static Bench twoTasks() {
    Bench b = Bench.protectedMode();
    b.put(Bench.TSS2 + EIP, 4, Bench.OTHER_CODE);
    b.put(Bench.TSS2 + EFLAGS, 4, Flag.CF | 2);
    b.put(Bench.TSS2 + EAX, 4, 0xaaaa5555L);
    b.put(Bench.TSS2 + ESP, 4, STACK2);
    b.put(Bench.TSS2 + CS, 2, Bench.CODE0);
    for (int i : new int[]{72, SS, DS, 88, 92}) {
      b.put(Bench.TSS2 + i, 2, Bench.DATA0);
    }
    b.put(Bench.TSS2 + 96, 2, Bench.LDT_SEL);
    return b.at(Bench.OTHER_CODE, "f4");
  }

  private static int type(Bench b, int selector) {
    return (int) b.get(Bench.GDT + selector + 5, 1) & 0xf;
  }

  @Test
  void callNestsTasks() {
    Bench b = twoTasks().code(CALL);
    b.cpu.r[Registers.RBX] = 0x12345678;
    b.cpu.flags |= Flag.IF;
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.TSS2_SEL, b.cpu.seg[Segment.TR].selector);
    assertEquals(0xaaaa5555L, b.cpu.r[Registers.RAX]);
    assertEquals(STACK2, b.cpu.r[Registers.RSP]);
    assertEquals(Flag.CF | Flag.NT | 2, b.cpu.rflags());
    assertEquals(Bench.TSS_SEL, b.get(Bench.TSS2, 2), "link");
    assertEquals(Descriptors.TSS_BUSY, type(b, Bench.TSS_SEL));
    assertEquals(Descriptors.TSS_BUSY, type(b, Bench.TSS2_SEL));
    assertTrue((b.cpu.cr0 & Flag.CR0_TS) != 0);
    assertEquals(Bench.CODE + 7, b.get(Bench.TSS + EIP, 4));
    assertEquals(Flag.IF | 2, b.get(Bench.TSS + EFLAGS, 4) & ~Flag.STATUS);
    assertEquals(0x12345678, b.get(Bench.TSS + 52, 4), "EBX");
    assertEquals(Bench.STACK, b.get(Bench.TSS + ESP, 4));
    assertEquals(Bench.CODE0, b.get(Bench.TSS + CS, 2));
  }

  @Test
  void iretGoesBack() {
    Bench b = twoTasks().code(CALL + "f4").at(Bench.OTHER_CODE, "cf");
    b.cpu.r[Registers.RCX] = 77;
    b.halts(Bench.CODE + 7);
    assertEquals(Bench.TSS_SEL, b.cpu.seg[Segment.TR].selector);
    assertEquals(77, b.cpu.r[Registers.RCX]);
    assertEquals(0, b.cpu.flags & Flag.NT);
    assertEquals(0, b.get(Bench.TSS2 + EFLAGS, 4) & Flag.NT, "NT is cleared in the task that has ended");
    assertEquals(Descriptors.TSS_AVAILABLE, type(b, Bench.TSS2_SEL));
    assertEquals(Bench.OTHER_CODE + 1, b.get(Bench.TSS2 + EIP, 4));
  }

  @Test
  void jumpDoesNotNest() {
    Bench b = twoTasks().code(JMP).halts(Bench.OTHER_CODE);
    assertEquals(0, b.cpu.flags & Flag.NT);
    assertEquals(Descriptors.TSS_AVAILABLE, type(b, Bench.TSS_SEL));
    assertEquals(Descriptors.TSS_BUSY, type(b, Bench.TSS2_SEL));
    assertEquals(0, b.get(Bench.TSS2, 2));
  }

  @Test
  void taskGate() {
    Bench b = twoTasks().code(String.format("9a 00 00 00 00 %02x 00", Bench.GATE));
    b.put(Bench.GDT + Bench.GATE, 8, Bench.gate(Bench.TSS2_SEL, 0, 5, 0, 0));
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.TSS2_SEL, b.cpu.seg[Segment.TR].selector);
  }

  @Test
  void interruptThroughATaskGatePushesTheErrorCode() {
    Bench b = twoTasks().code("8e d8"); // mov ds, eax
    b.cpu.r[Registers.RAX] = Bench.BEYOND;
    b.put(Bench.IDT + 8 * Vector.GP, 8, Bench.gate(Bench.TSS2_SEL, 0, 5, 0, 0));
    b.halts(Bench.OTHER_CODE);
    assertEquals(STACK2 - 4, b.cpu.r[Registers.RSP]);
    assertEquals(Bench.BEYOND, b.stacked(0));
    assertEquals(Bench.CODE, b.get(Bench.TSS + EIP, 4));
    assertEquals(Flag.RF, b.get(Bench.TSS + EFLAGS, 4) & Flag.RF);
  }

  @Test
  void tssOf16Bits() {
    Bench b = twoTasks().code(JMP);
    b.segment(Bench.TSS2_SEL, Bench.TSS2, 0x2b, 0x81);
    b.put(Bench.TSS2 + 14, 2, Bench.OTHER_CODE);
    b.put(Bench.TSS2 + 16, 2, 2);
    b.put(Bench.TSS2 + 18, 2, 0x1234); // AX
    b.put(Bench.TSS2 + 26, 2, STACK2); // SP
    b.put(Bench.TSS2 + 34, 2, Bench.DATA0);
    b.put(Bench.TSS2 + 36, 2, Bench.CODE0);
    b.put(Bench.TSS2 + 38, 2, Bench.DATA0);
    b.put(Bench.TSS2 + 40, 2, Bench.DATA0);
    b.put(Bench.TSS2 + 42, 2, 0);
    b.cpu.r[Registers.RAX] = 0x55550000;
    b.halts(Bench.OTHER_CODE);
    assertEquals(0x55551234, b.cpu.r[Registers.RAX]);
    assertFalse(b.cpu.seg[Segment.FS].usable());
    assertFalse(b.cpu.seg[Segment.LDTR].usable());
    assertEquals(Descriptors.TSS16_BUSY, type(b, Bench.TSS2_SEL));
  }

  @Test
  void aV86Task() {
    Bench b = twoTasks().code(JMP).at(Bench.OTHER_CODE, "0f 0b");
    b.put(Bench.TSS2 + 4, 4, Bench.STACK0);
    b.put(Bench.TSS2 + 8, 4, Bench.DATA0);
    b.put(Bench.TSS2 + EFLAGS, 4, Flag.VM | 2);
    b.put(Bench.TSS2 + EIP, 4, 0x800);
    b.put(Bench.TSS2 + CS, 2, 0x600);
    b.raises(Vector.UD);
    assertEquals(0x800, b.stacked(0));
    assertEquals(0x600, b.stacked(1));
    assertEquals(Bench.STACK0 - 36, b.cpu.r[Registers.RSP]);
  }

  @Test
  void trapBit() {
    Bench b = twoTasks().code(JMP);
    b.put(Bench.TSS2 + 100, 2, 1);
    b.raises(Vector.DB);
    assertEquals(Bench.OTHER_CODE, b.stacked(0));
    assertEquals(0xffff8ff0L, b.cpu.dr[6]);
  }

  @ParameterizedTest
  @CsvSource({
      "8b,67,13", // busy
      "09,67,11", // not present
      "89,66,10", // too small
      "81,2a,10", // a 16-bit TSS too small
  })
  void tssThatIsNone(String access, String limit, int vector) {
    Bench b = twoTasks().code(CALL);
    b.segment(Bench.TSS2_SEL, Bench.TSS2, Integer.parseInt(limit, 16), Integer.parseInt(access, 16));
    b.raises(vector, Bench.TSS2_SEL);
    assertEquals(Bench.CODE, b.stacked(1), "in the old task");
    assertEquals(Bench.TSS_SEL, b.cpu.seg[Segment.TR].selector);
  }

  @ParameterizedTest
  @CsvSource({
      "76,0,10,0", // null code
      "76,10,10,10", // data as code
      "76,b,10,8", // DPL is not RPL
      "76,70,11,70", // absent code
      "80,0,10,0", // null stack
      "80,33,10,30", // stack of another level
      "80,68,12,68", // absent stack
      "84,80,10,80", // execute-only as data
      "84,68,11,68", // absent data
      "96,10,10,10", // an LDT that is none
  })
  void faultsOfTheNewTask(int offset, String selector, int vector, String error) {
    Bench b = twoTasks().code(CALL);
    b.put(Bench.TSS2 + offset, 2, Integer.parseInt(selector, 16));
    // The handlers are tasks of their own: whatever is wrong with the new one, they run.
    int third = 0x4c00;
    b.segment(Bench.FREE, third, 0x67, 0x89);
    for (int i = 0; i < 0x68; i++) {
      b.put(third + i, 1, b.get(Bench.TSS2 + i, 1));
    }
    b.put(third + EIP, 4, Bench.USER_CODE);
    b.put(third + CS, 2, Bench.CODE0);
    b.put(third + SS, 2, Bench.DATA0);
    b.put(third + DS, 2, Bench.DATA0);
    b.put(third + 96, 2, 0);
    b.put(Bench.IDT + 8 * vector, 8, Bench.gate(Bench.FREE, 0, 5, 0, 0));
    b.at(Bench.USER_CODE, "f4").halts(Bench.USER_CODE);
    assertEquals(error, Long.toHexString(b.stacked(0)));
    assertEquals(Bench.TSS2_SEL, b.get(third, 2), "raised in the new task");
    assertEquals(Bench.OTHER_CODE, b.get(Bench.TSS2 + EIP, 4));
  }

  @Test
  void linkThatIsNone() {
    Bench b = twoTasks().code("cf");
    b.cpu.flags |= Flag.NT;
    b.put(Bench.TSS, 2, Bench.TSS2_SEL); // not busy
    b.raises(Vector.TS, Bench.TSS2_SEL);
  }

  @Test
  void inNonRootOperationTheMonitorPerformsIt() {
    Bench b = twoTasks().code(CALL);
    b.cpu.controls.nonRoot = true;
    b.exits(9, Bench.TSS2_SEL);
    assertEquals(Bench.CODE, b.cpu.rip);
    TaskSwitch.perform(b.cpu, Bench.TSS2_SEL, TaskSwitch.CALL, b.cpu.rip + b.cpu.exitLength, -1, false);
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.CODE + 7, b.get(Bench.TSS + EIP, 4));
    b.resume().code("cf");
    b.exits(9, Bench.TSS_SEL | 1L << 30);
  }

  @Test
  void exitForATaskGateNamesItsSource() {
    Bench b = twoTasks().code("cd 30");
    b.cpu.controls.nonRoot = true;
    b.put(Bench.IDT + 8 * 0x30, 8, Bench.gate(Bench.TSS2_SEL, 0, 5, 0, 0));
    b.exits(9, Bench.TSS2_SEL | 3L << 30);
    assertEquals(0x30, b.cpu.vectoring);
    assertEquals(EventDelivery.SOFTWARE_INTERRUPT, b.cpu.vectoringKind);
  }
}
