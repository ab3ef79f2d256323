package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 2, CALL, JMP and RET. */
class FarTransfersTest {
  private static final int SP = Registers.RSP;

  /** A far pointer to OTHER_CODE. */
  private static String to(int selector) {
    return String.format("00 68 00 00 %02x %02x", selector & 0xff, selector >> 8);
  }

  private static final String JMP = "ea ";
  private static final String CALL = "9a ";

  @Test
  void realMode() {
    Bench b = Bench.real().code("9a 00 08 00 06"); // call 0600:0800
    b.at(Bench.OTHER_CODE, "ca 04 00").at(Bench.CODE + 5, "f4"); // retf 4
    b.halts(Bench.CODE + 5);
    assertEquals(Bench.STACK + 4, b.cpu.r[SP]);
    assertEquals(0, b.cpu.seg[Segment.CS].selector);
    assertEquals(Bench.CODE + 5, b.get(Bench.STACK - 4, 2));
  }

  @Test
  void realModeChecksTheLimit() {
    Bench.real().code("66 ea 00 00 01 00 00 00").raises(Vector.GP); // jmp 0000:00010000
  }

  @Test
  void jumpToCode() {
    Bench b = Bench.protectedMode().code(JMP + to(Bench.CONFORMING | 3)).at(Bench.OTHER_CODE, "f4");
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.CONFORMING, b.cpu.seg[Segment.CS].selector, "the RPL becomes the CPL");
  }

  @Test
  void conformingCodeKeepsTheLevel() {
    Bench b = Bench.protectedMode().user().code(JMP + to(Bench.CONFORMING)).at(Bench.OTHER_CODE, "f4");
    b.raises(Vector.GP, 0); // HLT at level 3
    assertEquals(Bench.OTHER_CODE, b.stacked(1));
    assertEquals(Bench.CONFORMING | 3, b.stacked(2));
  }

  @ParameterizedTest
  @CsvSource({
      "0,13,0", // null
      "d0,13,d0", // beyond the table
      "10,13,10", // data
      "3b,13,38", // DPL 3 from level 0
      "b,13,8", // RPL 3
      "70,11,70", // not present
      "50,13,50", // an LDT
  })
  void targetsThatAreNone(String selector, int vector, String error) {
    int s = Integer.parseInt(selector, 16);
    Bench.protectedMode().code(JMP + to(s)).raises(vector, Integer.parseInt(error, 16));
    Bench.protectedMode().code(CALL + to(s)).raises(vector, Integer.parseInt(error, 16));
  }

  @Test
  void beyondTheLimit() {
    Bench.protectedMode().code("ea 00 00 01 00 18 00").raises(Vector.GP, 0); // jmp CODE0_OTHER:10000h
  }

  @Test
  void callAndReturnAtTheSameLevel() {
    Bench b = Bench.protectedMode().code(CALL + to(Bench.CODE0) + "f4").at(Bench.OTHER_CODE, "ca 08 00");
    b.halts(Bench.CODE + 7);
    assertEquals(Bench.STACK + 8, b.cpu.r[SP]);
    assertEquals(Bench.CODE0, b.get(Bench.STACK - 4, 4));
  }

  @Test
  void callBetweenCodeSizes() {
    Bench b = Bench.protectedMode().code(CALL + to(Bench.CODE0_OTHER) + "f4");
    b.at(Bench.OTHER_CODE, "66 cb"); // 16-bit code: retf with 32-bit operands
    b.halts(Bench.CODE + 7);
    assertEquals(Bench.STACK, b.cpu.r[SP]);
  }

  // ---- call gates -------------------------------------------------------------------------------------------------

  private static Bench gated(Bench b, int selector, int type, int dpl, int parameters) {
    b.put(Bench.GDT + Bench.GATE, 8, Bench.gate(selector, Bench.OTHER_CODE, type, dpl, parameters));
    return b.at(Bench.OTHER_CODE, "f4");
  }

  @Test
  void gateToAnInnerLevelCopiesParameters() {
    Bench b =
        gated(Bench.protectedMode().user(), Bench.CODE0, 12, 3, 2).code("6a 11 6a 22 " + CALL + to(Bench.GATE | 3));
    b.halts(Bench.OTHER_CODE);
    assertEquals(0, b.cpu.cpl);
    assertEquals(Bench.CODE0, b.cpu.seg[Segment.CS].selector);
    assertEquals(Bench.STACK0 - 24, b.cpu.r[SP]);
    assertEquals(Bench.USER_CODE + 4 + 7, b.stacked(0));
    assertEquals(Bench.CODE3, b.stacked(1));
    assertEquals(0x22, b.stacked(2));
    assertEquals(0x11, b.stacked(3));
    assertEquals(Bench.USER_STACK - 8, b.stacked(4));
    assertEquals(Bench.DATA3, b.stacked(5));
  }

  @Test
  void returnToAnOuterLevelDropsSegments() {
    Bench b =
        gated(Bench.protectedMode().user(), Bench.CODE0, 12, 3, 2).code("6a 11 6a 22 " + CALL + to(Bench.GATE) + "cc");
    b.gate(Vector.BP, Bench.CODE0, Bench.HANDLERS + 16 * Vector.BP, 14, 3, 0);
    b.at(Bench.OTHER_CODE, "b8 10 00 00 00 8e d8 ca 08 00"); // mov eax, DATA0; mov ds, eax; retf 8
    b.raises(Vector.BP);
    assertEquals(Bench.USER_STACK, b.stacked(3), "the parameters are released on both stacks");
    assertEquals(Bench.CODE3, b.stacked(1));
    assertFalse(b.cpu.seg[Segment.DS].usable());
    assertEquals(0, b.cpu.seg[Segment.DS].selector);
    assertEquals(Bench.DATA3, b.cpu.seg[Segment.ES].selector);
  }

  @Test
  void gateAtTheSameLevel() {
    Bench b = gated(Bench.protectedMode(), Bench.CODE0, 4, 0, 2).code(CALL + to(Bench.GATE)); // a 16-bit gate
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.STACK - 4, b.cpu.r[SP], "words are pushed, no parameters");
  }

  @Test
  void jumpDoesNotChangeTheLevel() {
    gated(Bench.protectedMode().user(), Bench.CODE0, 12, 3, 0).code(JMP + to(Bench.GATE)).raises(Vector.GP,
        Bench.CODE0);
    gated(Bench.protectedMode(), Bench.CODE0, 12, 3, 0).code(JMP + to(Bench.GATE)).halts(Bench.OTHER_CODE);
  }

  @Test
  void gatesLevel() {
    gated(Bench.protectedMode().user(), Bench.CODE0, 12, 0, 0).code(CALL + to(Bench.GATE)).raises(Vector.GP,
        Bench.GATE);
    gated(Bench.protectedMode(), Bench.CODE0, 12, 0, 0).code(CALL + to(Bench.GATE | 3)).raises(Vector.GP, Bench.GATE);
  }

  @Test
  void gatesThatLeadNowhere() {
    Bench b = gated(Bench.protectedMode(), Bench.CODE0, 12, 0, 0).code(CALL + to(Bench.GATE));
    b.put(Bench.GDT + Bench.GATE + 5, 1, 0x0c);
    b.raises(Vector.NP, Bench.GATE);
    gated(Bench.protectedMode(), 0, 12, 0, 0).code(CALL + to(Bench.GATE)).raises(Vector.GP, 0);
    gated(Bench.protectedMode(), Bench.DATA0, 12, 0, 0).code(CALL + to(Bench.GATE)).raises(Vector.GP, Bench.DATA0);
    gated(Bench.protectedMode(), Bench.ABSENT_CODE, 12, 0, 0).code(CALL + to(Bench.GATE)).raises(Vector.NP,
        Bench.ABSENT_CODE);
  }

  // ---- returns ----------------------------------------------------------------------------------------------------

  private static Bench returning(Bench b, int selector, int ss) {
    b.put(Bench.STACK, 4, Bench.USER_CODE);
    b.put(Bench.STACK + 4, 4, selector);
    b.put(Bench.STACK + 8, 4, Bench.USER_STACK);
    b.put(Bench.STACK + 12, 4, ss);
    return b.code("cb");
  }

  @ParameterizedTest
  @CsvSource({
      "0,33,13,0", // null code
      "d0,33,13,d0", // beyond
      "33,33,13,30", // data
      "b,33,13,8", // RPL 3, DPL 0
      "70,33,11,70", // absent code
      "3b,0,13,0", // null stack
      "3b,d3,13,d0", // stack beyond
      "3b,10,13,10", // stack of level 0
      "3b,32,13,30", // RPL of the stack
      "3b,7b,13,78", // read-only stack
  })
  void returnsThatAreNone(String cs, String ss, int vector, String error) {
    Bench b = returning(Bench.protectedMode(), Integer.parseInt(cs, 16), Integer.parseInt(ss, 16));
    b.raises(vector, Integer.parseInt(error, 16));
    assertEquals(Bench.CODE, b.stacked(1));
    assertEquals(Bench.STACK - 16, b.cpu.r[SP]);
  }

  @Test
  void returnToAnInnerLevelIsRefused() {
    Bench b = Bench.protectedMode().user().code("cb");
    b.put(Bench.USER_STACK + 4, 4, Bench.CODE0);
    b.raises(Vector.GP, Bench.CODE0);
  }

  // ---- IA-32e mode ------------------------------------------------------------------------------------------------

  @Test
  void betweenCompatibilityAnd64BitMode() {
    Bench b = Bench.longMode().code("ff 2c 25 00 c0 00 00"); // jmp far [DATA]
    b.put(Bench.DATA, 4, Bench.OTHER_CODE);
    b.put(Bench.DATA + 4, 2, Bench.CODE0_OTHER);
    b.at(Bench.OTHER_CODE, "ea 00 70 00 00 08 00").at(Bench.USER_CODE, "48 ff c0 f4"); // inc rax
    b.cpu.r[Registers.RAX] = 0xffffffffL;
    b.halts(Bench.USER_CODE + 3);
    assertEquals(0x1_0000_0000L, b.cpu.r[Registers.RAX]);
  }

  @Test
  void rexWOffsets() {
    Bench b = Bench.longMode().code("48 ff 1c 25 00 c0 00 00"); // call far 64 [DATA]
    b.put(Bench.DATA, 8, Bench.OTHER_CODE);
    b.put(Bench.DATA + 8, 2, Bench.CODE0);
    b.at(Bench.OTHER_CODE, "f4").halts(Bench.OTHER_CODE);
    assertEquals(Bench.STACK - 16, b.cpu.r[SP]);
    Bench c = Bench.longMode().code("48 ff 1c 25 00 c0 00 00");
    c.put(Bench.DATA, 8, 0x0000_8000_0000_0000L);
    c.put(Bench.DATA + 8, 2, Bench.CODE0);
    c.raises(Vector.GP, 0);
  }

  @Test
  void codeThatIsBoth64And32BitIsRefused() {
    Bench b = Bench.longMode().code("ff 2c 25 00 c0 00 00");
    b.segment(Bench.FREE, 0, 0xfffff, 0xe09b);
    b.put(Bench.DATA + 4, 2, Bench.FREE);
    b.raises(Vector.GP, Bench.FREE);
  }

  @Test
  void callGateIn64BitMode() {
    Bench b = gated(Bench.longMode().user(), Bench.CODE0, 12, 3, 0).code("ff 1c 25 00 c0 00 00"); // call far [DATA]
    b.put(Bench.DATA + 4, 2, Bench.GATE | 3);
    b.halts(Bench.OTHER_CODE);
    assertEquals(Bench.STACK0 - 32, b.cpu.r[SP]);
    assertEquals(Bench.USER_CODE + 7, b.stacked(0));
    assertEquals(Bench.CODE3, b.stacked(1));
    assertEquals(Bench.USER_STACK, b.stacked(2));
    assertEquals(Bench.DATA3, b.stacked(3));
    assertFalse(b.cpu.seg[Segment.SS].usable());
  }

  @Test
  void callGateWithAnUpperTypeIsRefused() {
    Bench b = gated(Bench.longMode(), Bench.CODE0, 12, 3, 0).code("ff 1c 25 00 c0 00 00");
    b.put(Bench.GDT + Bench.GATE + 13, 1, 1);
    b.put(Bench.DATA + 4, 2, Bench.GATE);
    b.raises(Vector.GP, Bench.GATE);
  }

  @Test
  void farReturnTo64BitUserCode() {
    Bench b = Bench.longMode().code("48 cb").at(Bench.USER_CODE, "f4");
    b.put(Bench.STACK, 8, Bench.USER_CODE);
    b.put(Bench.STACK + 8, 8, Bench.CODE3);
    b.put(Bench.STACK + 16, 8, Bench.USER_STACK);
    b.put(Bench.STACK + 24, 8, Bench.DATA3);
    b.raises(Vector.GP, 0);
    assertEquals(Bench.USER_CODE, b.stacked(1));
    assertEquals(Bench.USER_STACK, b.stacked(4));
  }
}
