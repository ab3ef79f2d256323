package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 2, LGDT, LIDT, SGDT, SIDT, LLDT, LTR, SLDT, STR, LAR, LSL, VERR, VERW, ARPL. */
class DescriptorTablesTest {
  private static final int RAX = Registers.RAX;

  private static Bench with(Bench b, int ax) {
    b.cpu.r[RAX] = ax;
    return b;
  }

  @Test
  void loadsAndStoresIn64BitMode() {
    // lidt [DATA]; sidt [DATA + 16]
    Bench b = Bench.longMode().code("0f 01 1c 25 00 c0 00 00 0f 01 0c 25 10 c0 00 00 f4");
    b.put(Bench.DATA, 2, 0x1fff);
    b.put(Bench.DATA + 2, 8, 0xffff888012345678L);
    b.halts(Bench.CODE + 16);
    assertEquals(0x1fff, b.cpu.idtLimit);
    assertEquals(0xffff888012345678L, b.cpu.idtBase);
    assertEquals(0x1fff, b.get(Bench.DATA + 16, 2));
    assertEquals(0xffff888012345678L, b.get(Bench.DATA + 18, 8));
    Bench c = Bench.longMode().code("0f 01 14 25 00 c0 00 00"); // lgdt [DATA]
    c.put(Bench.DATA + 2, 8, 1L << 60);
    c.raises(Vector.GP, 0);
  }

  @Test
  void operandSize16Takes24BitsOfTheBase() {
    Bench b = Bench.real().code("0f 01 16 00 c0 66 0f 01 1e 00 c0 0f 01 06 10 c0 f4"); // lgdt; o32 lidt; sgdt
    b.put(Bench.DATA, 2, 0x27);
    b.put(Bench.DATA + 2, 4, 0x12345678);
    b.halts(Bench.CODE + 16);
    assertEquals(0x345678, b.cpu.gdtBase);
    assertEquals(0x12345678, b.cpu.idtBase);
    assertEquals(0x345678, b.get(Bench.DATA + 18, 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0f 01 15 00 c0 00 00", "0f 01 1d 00 c0 00 00", "0f 00 d0", "0f 00 d8", "0f 01 f0"})
  void loadsAreForLevel0(String hex) {
    Bench.protectedMode().user().code(hex).raises(Vector.GP, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0f 01 05 00 c0 00 00", "0f 01 0d 00 c0 00 00", "0f 00 c0", "0f 00 c8", "0f 01 e0"})
  void userModeInstructionPrevention(String hex) {
    Bench b = Bench.protectedMode().user().code(hex + "0f 0b");
    b.raises(Vector.UD);
    Bench c = Bench.protectedMode().user().code(hex);
    c.cpu.cr4 |= Flag.CR4_UMIP;
    c.raises(Vector.GP, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0f 00 c0", "0f 00 c8", "0f 00 d0", "0f 00 d8", "0f 00 e0", "0f 00 e8", "0f 02 c0",
      "0f 03 c0", "63 c0"})
  void notInRealOrV86Mode(String hex) {
    Bench.real().code(hex).raises(Vector.UD);
    Bench.protectedMode().v86(3).code(hex).raises(Vector.UD);
  }

  @ParameterizedTest
  @CsvSource({"0f 01 05 00 c0 00 00,46", "0f 01 15 00 c0 00 00,46", "0f 00 c0,47", "0f 00 d8,47"})
  void exits(String hex, int reason) {
    Bench b = Bench.protectedMode().code(hex);
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.descriptorTableExiting = true;
    b.exits(reason, 0);
  }

  // ---- LDTR and TR ------------------------------------------------------------------------------------------------

  @Test
  void localTable() {
    Bench b = with(Bench.protectedMode(), Bench.FREE).code("0f 00 d0 0f 00 c3 f4"); // lldt ax; sldt ebx
    b.segment(Bench.FREE, 0x1234, 0x77, 0x82);
    b.halts(Bench.CODE + 6);
    assertEquals(0x1234, b.cpu.seg[Segment.LDTR].base);
    assertEquals(0x77, b.cpu.seg[Segment.LDTR].limit);
    assertEquals(Bench.FREE, b.cpu.r[Registers.RBX]);
    Bench c = with(Bench.protectedMode(), 0).code("0f 00 d0 f4").halts(Bench.CODE + 3);
    assertFalse(c.cpu.seg[Segment.LDTR].usable());
  }

  @Test
  void taskRegisterBecomesBusy() {
    Bench b = with(Bench.protectedMode(), Bench.TSS2_SEL).code("0f 00 d8 0f 00 cb f4"); // ltr ax; str ebx
    b.halts(Bench.CODE + 6);
    assertEquals(0x8b, b.get(Bench.GDT + Bench.TSS2_SEL + 5, 1));
    assertEquals(0x8b, b.cpu.seg[Segment.TR].access);
    assertEquals(Bench.TSS2_SEL, b.cpu.r[Registers.RBX]);
  }

  @Test
  void longModeHas64BitBases() {
    Bench b = with(Bench.longMode(), Bench.FREE).code("0f 00 d8 f4");
    b.segment(Bench.FREE, 0x12345678, 0x67, 0x89);
    b.put(Bench.GDT + Bench.FREE + 8, 8, 0xffff8880L);
    b.halts(Bench.CODE + 3);
    assertEquals(0xffff888012345678L, b.cpu.seg[Segment.TR].base);
    Bench c = with(Bench.longMode(), Bench.FREE).code("0f 00 d8");
    c.segment(Bench.FREE, 0, 0x67, 0x89);
    c.put(Bench.GDT + Bench.FREE + 8, 8, 0x10000000);
    c.raises(Vector.GP, Bench.FREE);
  }

  @ParameterizedTest
  @CsvSource({
      "0f 00 d8,0,13,0", // null
      "0f 00 d8,4,13,4", // in the LDT
      "0f 00 d8,d0,13,d0", // beyond
      "0f 00 d8,40,13,40", // busy
      "0f 00 d8,50,13,50", // an LDT
      "0f 00 d8,10,13,10", // data
      "0f 00 d0,4,13,4",
      "0f 00 d0,d0,13,d0",
      "0f 00 d0,40,13,40",
      "0f 00 d0,10,13,10",
  })
  void selectorsThatAreNone(String hex, String selector, int vector, String error) {
    with(Bench.protectedMode(), Integer.parseInt(selector, 16)).code(hex).raises(vector, Integer.parseInt(error, 16));
  }

  @Test
  void absentSystemSegments() {
    Bench b = with(Bench.protectedMode(), Bench.FREE).code("0f 00 d8");
    b.segment(Bench.FREE, 0, 0x67, 0x09);
    b.raises(Vector.NP, Bench.FREE);
    Bench c = with(Bench.protectedMode(), Bench.FREE).code("0f 00 d0");
    c.segment(Bench.FREE, 0, 0x67, 0x02);
    c.raises(Vector.NP, Bench.FREE);
  }

  // ---- questions about selectors ----------------------------------------------------------------------------------

  /** Runs at level 3 an instruction about EAX with the answer in EBX, and returns ZF. */
  private static boolean asks(Bench b, int selector, String hex) {
    with(b.user(), selector).code(hex + "0f 0b").raises(Vector.UD);
    return (b.stacked(2) & Flag.ZF) != 0;
  }

  @ParameterizedTest
  @CsvSource({
      // selector, LAR, access rights, LSL, limit, VERR, VERW
      "33,true,c0f300,true,ffffffff,true,true",
      "3b,true,c0fb00,true,ffffffff,true,false",
      "10,false,0,false,0,false,false",
      "60,true,c09f00,true,ffffffff,true,false",
      "0,false,0,false,0,false,false",
      "d3,false,0,false,0,false,false",
      "40,false,0,false,0,false,false",
  })
  void questions(String selector, boolean lar, String access, boolean lsl, String limit, boolean verr, boolean verw) {
    int s = Integer.parseInt(selector, 16);
    Bench b = Bench.protectedMode();
    assertEquals(lar, asks(b, s, "0f 02 d8"));
    assertEquals(Long.parseLong(access, 16), b.cpu.r[Registers.RBX] & 0xf0ff00);
    Bench c = Bench.protectedMode();
    assertEquals(lsl, asks(c, s, "0f 03 d8"));
    assertEquals(Long.parseLong(limit, 16), c.cpu.r[Registers.RBX]);
    assertEquals(verr, asks(Bench.protectedMode(), s, "0f 00 e0"));
    assertEquals(verw, asks(Bench.protectedMode(), s, "0f 00 e8"));
  }

  @Test
  void systemDescriptorsOfEachMode() {
    Bench b = with(Bench.protectedMode(), Bench.TSS_SEL).code("0f 02 d8 0f 03 c8 f4").halts(Bench.CODE + 6);
    assertEquals(0x8b00, b.cpu.r[Registers.RBX]);
    assertEquals(0x87, b.cpu.r[Registers.RCX]);
    Bench c = with(Bench.protectedMode(), Bench.FREE).code("0f 02 d8 74 01 f4 f4"); // lar; jz
    c.put(Bench.GDT + Bench.FREE, 8, Bench.gate(8, 0, 4, 0, 0)); // a 16-bit call gate
    c.halts(Bench.CODE + 6);
    Bench d = with(Bench.longMode(), Bench.FREE).code("0f 02 d8 74 01 f4 f4");
    d.put(Bench.GDT + Bench.FREE, 8, Bench.gate(8, 0, 4, 0, 0));
    d.halts(Bench.CODE + 5);
  }

  @Test
  void adjustRpl() {
    Bench b = with(Bench.protectedMode(), 0x10).code("b9 03 00 00 00 63 c8 74 01 f4 f4"); // mov ecx, 3; arpl ax, cx; jz
    b.halts(Bench.CODE + 10);
    assertEquals(0x13, b.cpu.r[RAX]);
    Bench c = with(Bench.protectedMode(), 0x13).code("b9 02 00 00 00 63 c8 74 01 f4 f4").halts(Bench.CODE + 9);
    assertEquals(0x13, c.cpu.r[RAX]);
  }
}
