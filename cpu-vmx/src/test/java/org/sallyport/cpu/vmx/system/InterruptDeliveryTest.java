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

/** SDM volume 3, chapter "Interrupt and Exception Handling"; volume 2, INT n. */
class InterruptDeliveryTest {
  private static final int SP = Registers.RSP;

  // ---- real-address mode ------------------------------------------------------------------------------------------

  @Test
  void realModePushesFlagsCsIp() {
    Bench b = Bench.real().code("cd 21"); // int 21h
    b.cpu.flags |= Flag.IF | Flag.AC;
    b.raises(0x21);
    assertEquals(Bench.CODE + 2, b.stacked(0));
    assertEquals(0, b.stacked(1));
    assertEquals(Flag.IF | 2, b.stacked(2) & ~Flag.STATUS);
    assertEquals(Bench.STACK - 6, b.cpu.r[SP]);
    assertEquals(0, b.cpu.flags & (Flag.IF | Flag.AC));
  }

  @Test
  void realModeFaultReturnsToTheInstruction() {
    Bench b = Bench.real().code("0f 0b"); // ud2
    b.raises(Vector.UD);
    assertEquals(Bench.CODE, b.stacked(0));
  }

  @Test
  void realModeBeyondTheTableIsGeneralProtection() {
    Bench b = Bench.real().code("cd 80");
    b.cpu.idtLimit = 0x1ff;
    b.raises(Vector.GP);
    assertEquals(Bench.CODE, b.stacked(0));
  }

  @Test
  void realModeWithoutAnyTableShutsDown() {
    Bench b = Bench.real().code("cd 80");
    b.cpu.idtLimit = 0;
    assertEquals(2, b.run(), "triple fault");
  }

  // ---- protected mode ---------------------------------------------------------------------------------------------

  @Test
  void sameLevelStaysOnTheStack() {
    Bench b = Bench.protectedMode().code("0f 0b");
    b.cpu.flags |= Flag.IF | Flag.NT;
    b.raises(Vector.UD);
    assertEquals(Bench.CODE, b.stacked(0));
    assertEquals(Bench.CODE0, b.stacked(1));
    assertEquals(Flag.IF | Flag.NT | Flag.RF | 2, b.stacked(2) & ~Flag.STATUS, "RF is set for a fault");
    assertEquals(Bench.STACK - 12, b.cpu.r[SP]);
    assertEquals(0, b.cpu.flags & (Flag.IF | Flag.NT | Flag.RF));
  }

  @Test
  void innerLevelSwitchesStacks() {
    Bench b = Bench.protectedMode().user().code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS + 0x300, 15, 3, 0); // trap gate
    b.cpu.flags |= Flag.IF;
    b.raises(0x30);
    assertEquals(Bench.STACK0 - 20, b.cpu.r[SP]);
    assertEquals(Bench.USER_CODE + 2, b.stacked(0));
    assertEquals(Bench.CODE3, b.stacked(1));
    assertEquals(Flag.IF | 2, b.stacked(2) & ~Flag.STATUS);
    assertEquals(Bench.USER_STACK, b.stacked(3));
    assertEquals(Bench.DATA3, b.stacked(4));
    assertEquals(0, b.cpu.cpl);
    assertEquals(Bench.DATA0, b.cpu.seg[Segment.SS].selector);
    assertTrue((b.cpu.flags & Flag.IF) != 0, "a trap gate leaves IF");
  }

  @Test
  void gate16PushesWords() {
    Bench b = Bench.protectedMode().code("cd 30");
    b.gate(0x30, Bench.CODE0_OTHER, Bench.HANDLERS + 0x300, 6, 0, 0);
    b.raises(0x30);
    assertEquals(Bench.STACK - 6, b.cpu.r[SP]);
    assertEquals(Bench.CODE + 2, b.get(b.cpu.r[SP], 2));
    assertEquals(Bench.CODE0, b.get(b.cpu.r[SP] + 2, 2));
  }

  @Test
  void softwareInterruptChecksTheGatesLevel() {
    Bench.protectedMode().user().code("cd 30").raises(Vector.GP, 0x30 * 8 + 2);
  }

  @Test
  void int1KnowsNoLevel() {
    Bench b = Bench.protectedMode().user().code("f1").raises(Vector.DB);
    assertEquals(Bench.USER_CODE + 1, b.stacked(0));
    assertEquals(0xffff0ff0L, b.cpu.dr[6]);
  }

  @ParameterizedTest
  @CsvSource({"0e,11", "89,13", "8c,13", "82,13", "9e,13"}) // absent; TSS, call gate, LDT, code segment
  void gatesThatAreNone(String type, int vector) {
    Bench b = Bench.protectedMode().code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS, 14, 0, 0);
    b.put(Bench.IDT + 0x30 * 8 + 5, 1, Integer.parseInt(type, 16));
    b.raises(vector, 0x30 * 8 + 2);
  }

  @ParameterizedTest
  @CsvSource({"0,13,0", "d0,13,d0", "10,13,10", "70,11,70", "38,13,38"}) // null, beyond, data, absent, outer
  void handlersThatAreNone(String selector, int vector, String error) {
    Bench b = Bench.protectedMode().code("cd 30");
    b.gate(0x30, Integer.parseInt(selector, 16), Bench.HANDLERS, 14, 0, 0);
    b.raises(vector, Integer.parseInt(error, 16));
  }

  @Test
  void hardwareEventsSetExt() {
    Bench b = Bench.protectedMode().code("90 f4");
    b.gate(0x30, 0, Bench.HANDLERS, 14, 0, 0);
    b.cpu.raise(0x30, EventDelivery.EXTERNAL_INTERRUPT, -1, 0);
    b.raises(Vector.GP, 1);
  }

  @ParameterizedTest
  @CsvSource({"0,10,0", "d0,10,d0", "33,10,30", "78,10,78", "68,12,68"}) // null, beyond, level, read-only, absent
  void stacksOfTheTssThatAreNone(String selector, int vector, String error) {
    Bench b = Bench.protectedMode().user().code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS, 14, 3, 0);
    b.gate(Vector.TS, Bench.CONFORMING, Bench.HANDLERS + 16 * Vector.TS, 14, 0, 0); // stays on the user's stack
    b.gate(Vector.SS, Bench.CONFORMING, Bench.HANDLERS + 16 * Vector.SS, 14, 0, 0);
    b.put(Bench.TSS + 8, 2, Integer.parseInt(selector, 16));
    b.put(Bench.HANDLERS + 16 * vector, 2, 0x90f3); // PAUSE: HLT would fault at level 3
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.pauseExiting = true;
    assertEquals(40, b.run());
    assertEquals(Bench.HANDLERS + 16 * vector, b.cpu.rip);
    assertEquals(error, Long.toHexString(b.stacked(0)));
    assertEquals(3, b.cpu.cpl);
  }

  @Test
  void aTssTooSmallForTheStack() {
    Bench b = Bench.protectedMode().user().code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS, 14, 3, 0);
    b.cpu.seg[Segment.TR].set(Bench.TSS_SEL, Bench.TSS, 8, 0x8b);
    assertEquals(2, b.run(), "no stack for any handler: triple fault");
  }

  @Test
  void twoContributoryFaultsAreADoubleFault() {
    Bench b = Bench.protectedMode().code("8e 1d 00 c0 00 00"); // mov ds, [DATA]
    b.put(Bench.DATA, 2, Bench.BEYOND);
    b.gate(Vector.GP, Bench.ABSENT_CODE, 0, 14, 0, 0);
    b.raises(Vector.DF, 0);
    assertEquals(Bench.CODE, b.stacked(1));
  }

  @Test
  void aFaultOfTheDoubleFaultHandlerIsATripleFault() {
    Bench b = Bench.protectedMode().code("0f 0b");
    b.gate(Vector.UD, Bench.ABSENT_CODE, 0, 14, 0, 0);
    b.gate(Vector.NP, Bench.ABSENT_CODE, 0, 14, 0, 0);
    b.gate(Vector.DF, Bench.ABSENT_CODE, 0, 14, 0, 0);
    assertEquals(2, b.run());
    assertEquals(Bench.CODE, b.cpu.rip);
  }

  @Test
  void aFaultWhileAnInterruptIsDeliveredIsServedInTurn() {
    Bench b = Bench.protectedMode().code("cd 30");
    b.gate(0x30, Bench.ABSENT_CODE, 0, 14, 0, 0);
    b.raises(Vector.NP, Bench.ABSENT_CODE);
  }

  // ---- virtual-8086 mode ------------------------------------------------------------------------------------------

  @Test
  void v86EntersLevel0WithItsSegmentsOnTheStack() {
    Bench b = Bench.protectedMode().v86(3).code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS + 0x300, 14, 3, 0);
    b.cpu.seg[Segment.ES].set(0x111, 0x1110, 0xffff, 0xf3);
    b.cpu.seg[Segment.GS].set(0x444, 0x4440, 0xffff, 0xf3);
    b.raises(0x30);
    assertEquals(Bench.STACK0 - 36, b.cpu.r[SP]);
    assertEquals(Bench.USER_CODE + 2, b.stacked(0));
    assertEquals(Flag.VM | Flag.IOPL | 2, b.stacked(2) & ~Flag.STATUS);
    assertEquals(Bench.USER_STACK, b.stacked(3));
    assertEquals(0x111, b.stacked(5));
    assertEquals(0x444, b.stacked(8));
    assertFalse(b.cpu.v86());
    assertEquals(0, b.cpu.cpl);
    assertFalse(b.cpu.seg[Segment.ES].usable());
    assertEquals(0, b.cpu.seg[Segment.GS].selector);
  }

  @Test
  void v86BelowIopl3MayNotInterrupt() {
    Bench b = Bench.protectedMode().v86(0).code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS + 0x300, 14, 3, 0);
    b.raises(Vector.GP, 0);
  }

  @Test
  void v86HandlerMustBeAtLevel0() {
    Bench b = Bench.protectedMode().v86(3).code("cd 30");
    b.gate(0x30, Bench.CONFORMING, Bench.HANDLERS + 0x300, 14, 3, 0);
    b.raises(Vector.GP, Bench.CONFORMING);
  }

  @Test
  void vmeRedirectsToThe8086Program() {
    Bench b = Bench.protectedMode().v86(0).code("cd 30");
    b.cpu.cr4 |= Flag.CR4_VME;
    b.cpu.flags |= Flag.VIF;
    b.put(Bench.TSS + 102, 2, 0x88); // the redirection bitmap is at 68h, all zero
    b.put(4 * 0x30, 4, Bench.OTHER_CODE);
    b.at(Bench.OTHER_CODE, "f4"); // hlt: #GP(0) at level 3
    b.raises(Vector.GP, 0);
    assertEquals(Bench.OTHER_CODE, b.stacked(1));
    assertEquals(Bench.USER_STACK - 6, b.stacked(4));
    assertEquals(Bench.USER_CODE + 2, b.get(Bench.USER_STACK - 6, 2));
    assertEquals(Flag.IF | Flag.IOPL | 2, b.get(Bench.USER_STACK - 2, 2) & ~Flag.STATUS, "VIF as IF, IOPL 3");
    assertEquals(0, b.stacked(3) & Flag.VIF);
  }

  @Test
  void vmeBitmapTrapsToTheMonitor() {
    Bench b = Bench.protectedMode().v86(0).code("cd 30");
    b.cpu.cr4 |= Flag.CR4_VME;
    b.put(Bench.TSS + 102, 2, 0x88);
    b.put(Bench.TSS + 0x68 + 6, 1, 1);
    b.raises(Vector.GP, 0);
    assertEquals(Bench.USER_CODE, b.stacked(1));
  }

  // ---- IA-32e mode ------------------------------------------------------------------------------------------------

  @Test
  void longModeAlignsTheStackAndPushesItAlways() {
    Bench b = Bench.longMode().code("0f 0b");
    b.cpu.r[SP] = Bench.STACK - 4;
    b.raises(Vector.UD);
    assertEquals(Bench.STACK - 16 - 40, b.cpu.r[SP]);
    assertEquals(Bench.CODE, b.stacked(0));
    assertEquals(Bench.CODE0, b.stacked(1));
    assertEquals(Flag.RF, b.stacked(2) & Flag.RF);
    assertEquals(Bench.STACK - 4, b.stacked(3));
    assertEquals(Bench.DATA0, b.stacked(4));
    assertEquals(Bench.DATA0, b.cpu.seg[Segment.SS].selector, "no change of level leaves SS");
  }

  @Test
  void longModeInnerLevelHasANullStackSegment() {
    Bench b = Bench.longMode().user().code("0f 0b").raises(Vector.UD);
    assertEquals(Bench.STACK0 - 40, b.cpu.r[SP]);
    assertEquals(Bench.USER_STACK, b.stacked(3));
    assertEquals(Bench.DATA3, b.stacked(4));
    assertEquals(0, b.cpu.seg[Segment.SS].selector);
    assertFalse(b.cpu.seg[Segment.SS].usable());
    assertEquals(0, b.cpu.seg[Segment.SS].dpl());
    assertEquals(0, b.cpu.cpl);
  }

  @Test
  void interruptStackTable() {
    Bench b = Bench.longMode().code("8e d8"); // mov ds, eax
    b.cpu.r[Registers.RAX] = Bench.BEYOND;
    b.gate(Vector.GP, Bench.CODE0, Bench.HANDLERS + 16 * Vector.GP, 14, 0, 1);
    b.raises(Vector.GP, Bench.BEYOND);
    assertEquals(Bench.IST1 - 48, b.cpu.r[SP]);
    assertEquals(Bench.STACK, b.stacked(4));
  }

  @Test
  void longModeHandlersAre64BitCode() {
    Bench b = Bench.longMode().code("cd 30");
    b.gate(0x30, Bench.CODE0_OTHER, Bench.HANDLERS, 14, 0, 0);
    b.raises(Vector.GP, Bench.CODE0_OTHER);
  }

  @Test
  void longModeKnowsNo16BitGates() {
    Bench b = Bench.longMode().code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS, 6, 0, 0);
    b.raises(Vector.GP, 0x182);
  }

  @Test
  void longModeHandlerMustBeCanonical() {
    Bench b = Bench.longMode().code("cd 30");
    b.gate(0x30, Bench.CODE0, 0x0000_8000_0000_0000L, 14, 0, 0);
    b.raises(Vector.GP, 0);
  }

  @Test
  void longModeStackMustBeCanonical() {
    Bench b = Bench.longMode().user().code("cd 30");
    b.gate(0x30, Bench.CODE0, Bench.HANDLERS, 14, 3, 0);
    b.gate(Vector.SS, Bench.CODE0, Bench.HANDLERS + 16 * Vector.SS, 14, 0, 1);
    b.put(Bench.TSS + 4, 8, 0x0000_8000_0000_0000L + 64);
    b.raises(Vector.SS, 0);
  }

  @Test
  void pageFaultWhileDeliveringAPageFault() {
    Bench b = Bench.longMode().user().code("8a 04 25 00 00 30 00"); // mov al, [300000h]: no page
    b.put(Bench.TSS + 4, 8, 0x300000);
    b.gate(Vector.DF, Bench.CODE0, Bench.HANDLERS + 16 * Vector.DF, 14, 0, 1);
    b.raises(Vector.DF, 0);
    assertEquals(Bench.USER_CODE, b.stacked(1));
  }

  @Test
  void softwareExceptions() {
    Bench b = Bench.longMode().user().code("cc");
    b.raises(Vector.GP, Vector.BP * 8 + 2);
    Bench c = Bench.longMode().user().code("cc");
    c.gate(Vector.BP, Bench.CODE0, Bench.HANDLERS + 16 * Vector.BP, 14, 3, 0);
    c.raises(Vector.BP);
    assertEquals(Bench.USER_CODE + 1, c.stacked(0));
  }

  @Test
  void intoAndBound() {
    Bench b = Bench.protectedMode().code("b0 7f 04 01 ce"); // mov al, 7fh; add al, 1; into
    b.raises(Vector.OF);
    assertEquals(Bench.CODE + 5, b.stacked(0));
    Bench c = Bench.protectedMode().code("ce b8 ff ff ff ff 62 05 00 c0 00 00 48 62 05 00 c0 00 00");
    c.put(Bench.DATA, 4, -1); // into; mov eax, -1; bound eax, [DATA]; dec eax; bound eax, [DATA]
    c.put(Bench.DATA + 4, 4, 5);
    c.raises(Vector.BR);
    assertEquals(Bench.CODE + 13, c.stacked(0));
  }

  // ---- what the monitor has asked for -----------------------------------------------------------------------------

  @Test
  void exceptionBitmap() {
    Bench b = Bench.longMode().code("0f 0b");
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.exceptionBitmap = 1 << Vector.UD;
    b.exits(0, 0);
    assertEquals(Bench.CODE, b.cpu.rip);
  }

  @ParameterizedTest
  @CsvSource({"true,0,0,true", "true,4,0,true", "true,4,4,false", "false,4,4,true", "false,0,0,false"})
  void pageFaultErrorCodeFilter(boolean bit, int mask, int match, boolean exits) {
    Bench b = Bench.longMode().code("8a 04 25 00 00 30 00"); // error code 0
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.exceptionBitmap = bit ? 1 << Vector.PF : 0;
    b.cpu.controls.pageFaultErrorMask = mask;
    b.cpu.controls.pageFaultErrorMatch = match;
    if (exits) {
      b.exits(0, 0x300000);
      assertEquals(0, b.cpu.cr2);
    } else {
      b.raises(Vector.PF, 0);
      assertEquals(0x300000, b.cpu.cr2);
    }
  }

  @Test
  void combinations() {
    int hard = EventDelivery.HARDWARE_EXCEPTION;
    assertEquals(Vector.DF, EventDelivery.combine(hard, Vector.GP, Vector.NP));
    assertEquals(Vector.DF, EventDelivery.combine(hard, Vector.DE, Vector.TS));
    assertEquals(Vector.PF, EventDelivery.combine(hard, Vector.GP, Vector.PF));
    assertEquals(Vector.DF, EventDelivery.combine(hard, Vector.PF, Vector.GP));
    assertEquals(Vector.DF, EventDelivery.combine(hard, Vector.PF, Vector.PF));
    assertEquals(Vector.GP, EventDelivery.combine(hard, Vector.UD, Vector.GP));
    assertEquals(Vector.PF, EventDelivery.combine(hard, Vector.DB, Vector.PF));
    assertEquals(-1, EventDelivery.combine(hard, Vector.DF, Vector.GP));
    assertEquals(-1, EventDelivery.combine(hard, Vector.DF, Vector.PF));
    assertEquals(Vector.GP, EventDelivery.combine(EventDelivery.EXTERNAL_INTERRUPT, 0x0d, Vector.GP));
    assertEquals(Vector.SS, EventDelivery.combine(EventDelivery.SOFTWARE_INTERRUPT, Vector.GP, Vector.SS));
  }
}
