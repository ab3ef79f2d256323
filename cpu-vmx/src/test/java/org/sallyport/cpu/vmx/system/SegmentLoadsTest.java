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

/** SDM volume 2, MOV, POP, LDS; volume 3, "Privilege Level Checking When Accessing Data Segments". */
class SegmentLoadsTest {
  private static final String MOV_DS_AX = "8e d8 f4";
  private static final String MOV_SS_AX = "8e d0 f4";

  private static Bench with(Bench b, int ax) {
    b.cpu.r[Registers.RAX] = ax;
    return b;
  }

  @Test
  void realModeSetsTheBaseAlone() {
    Bench b = with(Bench.real(), 0x1234).code(MOV_DS_AX);
    b.cpu.seg[Segment.DS].set(0, 0, 0xffffffffL, 0xc093);
    b.halts(Bench.CODE + 2);
    assertEquals(0x12340, b.cpu.seg[Segment.DS].base);
    assertEquals(0xffffffffL, b.cpu.seg[Segment.DS].limit, "the limit stays (unreal mode)");
    assertEquals(0x1234, b.cpu.seg[Segment.DS].selector);
  }

  @Test
  void setsTheAccessedBit() {
    Bench b = with(Bench.protectedMode(), Bench.DATA0).code(MOV_DS_AX);
    b.segment(Bench.DATA0, 0x1000, 0x10, 0xc092);
    b.halts(Bench.CODE + 2);
    assertEquals(0x93, b.get(Bench.GDT + Bench.DATA0 + 5, 1));
    assertEquals(0x1000, b.cpu.seg[Segment.DS].base);
    assertEquals(0x10fff, b.cpu.seg[Segment.DS].limit);
    assertEquals(0xc093, b.cpu.seg[Segment.DS].access);
  }

  @ParameterizedTest
  @CsvSource({
      "d0,13,d0", // beyond the table
      "80,13,80", // execute-only
      "68,11,68", // not present
      "40,13,40", // a TSS
      "13,13,10", // RPL 3, DPL 0
      "44,13,44", // beyond the LDT
  })
  void dataSegmentsThatAreNone(String selector, int vector, String error) {
    int ax = Integer.parseInt(selector, 16);
    with(Bench.protectedMode(), ax).code(MOV_DS_AX).raises(vector, Integer.parseInt(error, 16));
  }

  @Test
  void userMayNotUseSupervisorData() {
    with(Bench.protectedMode().user(), Bench.DATA0).code(MOV_DS_AX).raises(Vector.GP, Bench.DATA0);
  }

  @Test
  void conformingCodeIsReadableByAll() {
    // mov eax, [DATA]; int3
    Bench b = with(Bench.protectedMode().user(), Bench.CONFORMING).code("8e d8 a1 00 c0 00 00 cc");
    b.put(Bench.DATA, 4, 0x11223344);
    b.raises(Vector.GP, Vector.BP * 8 + 2);
    assertEquals(0x11223344, b.cpu.r[Registers.RAX]);
  }

  @Test
  void ldt() {
    Bench b = with(Bench.protectedMode(), 0x0c).code(MOV_DS_AX);
    b.put(Bench.LDT + 8, 8, Bench.descriptor(0x5000, 0xfff, 0x4093));
    b.halts(Bench.CODE + 2);
    assertEquals(0x5000, b.cpu.seg[Segment.DS].base);
    assertEquals(0x0c, b.cpu.seg[Segment.DS].selector);
  }

  @Test
  void nullIsUnusable() {
    Bench b = with(Bench.protectedMode(), 3).code("8e d8 a1 00 c0 00 00");
    b.raises(Vector.GP, 0);
    assertEquals(Bench.CODE + 2, b.stacked(1));
    assertFalse(b.cpu.seg[Segment.DS].usable());
    assertEquals(3, b.cpu.seg[Segment.DS].selector);
  }

  @ParameterizedTest
  @CsvSource({
      "0,13,0", // null
      "78,13,78", // read-only
      "68,12,68", // not present
      "33,13,30", // level 3
      "13,13,10", // RPL 3
      "8,13,8", // code
  })
  void stackSegmentsThatAreNone(String selector, int vector, String error) {
    int ax = Integer.parseInt(selector, 16);
    with(Bench.protectedMode(), ax).code(MOV_SS_AX).raises(vector, Integer.parseInt(error, 16));
  }

  @Test
  void nullStackIn64BitMode() {
    Bench b = with(Bench.longMode(), 0).code(MOV_SS_AX).halts(Bench.CODE + 2);
    assertFalse(b.cpu.seg[Segment.SS].usable());
    with(Bench.longMode(), 3).code(MOV_SS_AX).raises(Vector.GP, 0);
    with(Bench.longMode().user(), 3).code(MOV_SS_AX).raises(Vector.GP, 0);
  }

  @Test
  void movSsHoldsTrapsBackForOneInstruction() {
    Bench b = with(Bench.protectedMode(), Bench.DATA0).code("9d 8e d0 90 90 f4"); // popf; mov ss, ax; nop; nop
    b.cpu.r[Registers.RSP] = Bench.DATA;
    b.put(Bench.DATA, 4, Flag.TF | 2);
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 4, b.stacked(0), "the trap of MOV SS is lost, that of the NOP behind it comes");
    assertEquals(0xffff4ff0L, b.cpu.dr[6]);
  }

  @Test
  void longModeLoadsTheBaseOfFs() {
    // mov fs, eax; mov al, fs:[10h]
    Bench b = with(Bench.longMode(), Bench.FREE).code("8e e0 64 8a 04 25 10 00 00 00 f4");
    b.segment(Bench.FREE, 0xc000, 0xfff, 0xc093);
    b.put(Bench.DATA + 0x10, 1, 0x5a);
    b.halts(Bench.CODE + 10);
    assertEquals(0x5a, b.cpu.r[Registers.RAX] & 0xff);
  }

  @Test
  void popMovesTheStackPointerByTheOperandSize() {
    Bench b = Bench.protectedMode().code("68 10 00 aa 55 07 f4"); // push 55AA0010h; pop es
    b.halts(Bench.CODE + 6);
    assertEquals(Bench.STACK, b.cpu.r[Registers.RSP]);
    assertEquals(0x10, b.cpu.seg[Segment.ES].selector);
  }

  @Test
  void popFaultsBeforeItChangesAnything() {
    Bench b = Bench.protectedMode().code("6a 68 1f"); // push 68h; pop ds
    b.raises(Vector.NP, Bench.ABSENT_DATA);
    assertEquals(Bench.STACK - 4 - 16, b.cpu.r[Registers.RSP]);
  }

  @Test
  void farPointers() {
    Bench b = Bench.protectedMode().code("c4 1d 00 c0 00 00 f4"); // les ebx, [DATA]
    b.put(Bench.DATA, 4, 0x12345678);
    b.put(Bench.DATA + 4, 2, Bench.DATA0);
    b.halts(Bench.CODE + 6);
    assertEquals(0x12345678, b.cpu.r[Registers.RBX]);
    assertEquals(Bench.DATA0, b.cpu.seg[Segment.ES].selector);
    Bench c = Bench.protectedMode().code("c4 1d 00 c0 00 00");
    c.put(Bench.DATA + 4, 2, Bench.ABSENT_DATA);
    c.raises(Vector.NP, Bench.ABSENT_DATA);
    assertEquals(0, c.cpu.r[Registers.RBX]);
  }

  @Test
  void storesZeroExtend() {
    // mov eax, ds; mov bx, ds; mov [DATA], ds
    Bench b = Bench.protectedMode().code("8c d8 66 8c db 8c 1d 00 c0 00 00 f4");
    b.cpu.r[Registers.RAX] = 0xffffffffL;
    b.cpu.r[Registers.RBX] = 0xffffffffL;
    b.put(Bench.DATA, 4, -1);
    b.halts(Bench.CODE + 11);
    assertEquals(Bench.DATA0, b.cpu.r[Registers.RAX]);
    assertEquals(0xffff0000L | Bench.DATA0, b.cpu.r[Registers.RBX]);
    assertEquals(0xffff0000L | Bench.DATA0, b.get(Bench.DATA, 4));
  }

  @Test
  void expandDown() {
    Bench b = with(Bench.protectedMode(), Bench.FREE).code("8e d8 a0 ff 0f 00 00"); // mov al, [0FFFh]
    b.segment(Bench.FREE, 0, 0xfff, 0x4097);
    b.raises(Vector.GP, 0);
    Bench c = with(Bench.protectedMode(), Bench.FREE).code("8e d8 a0 00 10 00 00 f4");
    c.segment(Bench.FREE, 0, 0xfff, 0x4097);
    c.halts(Bench.CODE + 7);
    assertTrue(c.cpu.seg[Segment.DS].usable());
  }
}
