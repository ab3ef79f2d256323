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

/** SDM volume 2, IRET. */
class InterruptReturnTest {
  private static final int SP = Registers.RSP;
  private static final int ALL_FLAGS = 0x3f7fd7;

  /** Puts words on the stack. */
  private static Bench stacked(Bench b, int size, long... words) {
    long at = b.cpu.r[SP];
    for (long word : words) {
      b.put(at, size, word);
      at += size;
    }
    return b;
  }

  @Test
  void realMode() {
    Bench b = stacked(Bench.real(), 2, 0x0800, 0x0600, ALL_FLAGS & ~Flag.TF).code("cf").at(Bench.OTHER_CODE, "f4");
    b.halts(0x0800);
    assertEquals(Bench.CODE, b.cpu.seg[Segment.CS].base);
    assertEquals(ALL_FLAGS & 0xffff & ~Flag.TF, b.cpu.rflags());
    assertEquals(Bench.STACK + 6, b.cpu.r[SP]);
  }

  @Test
  void realModeWide() {
    Bench b =
        stacked(Bench.real(), 4, Bench.OTHER_CODE, 0, ALL_FLAGS & ~Flag.TF).code("66 cf").at(Bench.OTHER_CODE, "f4");
    b.halts(Bench.OTHER_CODE);
    // RF goes with the first instruction
    int expected = ALL_FLAGS & ~(Flag.TF | Flag.RF | Flag.VM | Flag.VIF | Flag.VIP);
    assertEquals(expected, b.cpu.rflags() & ~Flag.RF);
  }

  @Test
  void sameLevel() {
    Bench b = stacked(Bench.protectedMode(), 4, Bench.OTHER_CODE, Bench.CODE0, Flag.IF | Flag.CF | Flag.AC | 2);
    b.code("cf").at(Bench.OTHER_CODE, "f4").halts(Bench.OTHER_CODE);
    assertEquals(Flag.IF | Flag.CF | Flag.AC | 2, b.cpu.rflags());
    assertEquals(Bench.STACK + 12, b.cpu.r[SP]);
  }

  @Test
  void outerLevel() {
    Bench b =
        stacked(Bench.protectedMode(), 4, Bench.USER_CODE, Bench.CODE3, Flag.IOPL | 2, Bench.USER_STACK, Bench.DATA3);
    b.code("cf").at(Bench.USER_CODE, "0f 0b").raises(Vector.UD);
    assertEquals(Bench.USER_CODE, b.stacked(0));
    assertEquals(Bench.CODE3, b.stacked(1));
    assertEquals(Flag.IOPL, b.stacked(2) & Flag.IOPL);
    assertEquals(Bench.USER_STACK, b.stacked(3));
    assertEquals(0, b.cpu.seg[Segment.DS].selector, "supervisor data is no longer accessible");
  }

  @Test
  void userCannotRaiseItsOwnRights() {
    Bench b = stacked(Bench.protectedMode().user(), 4, Bench.OTHER_CODE, Bench.CODE3,
        Flag.IF | Flag.IOPL | Flag.VIF | Flag.VM | 2);
    b.code("cf").at(Bench.OTHER_CODE, "0f 0b").raises(Vector.UD);
    assertEquals(0, b.stacked(2) & (Flag.IF | Flag.IOPL | Flag.VIF | Flag.VM));
  }

  @ParameterizedTest
  @CsvSource({"0,13,0", "d0,13,d0", "10,13,10", "b,13,8", "70,11,70", "50,13,50"})
  void codeThatIsNone(String cs, int vector, String error) {
    Bench b = stacked(Bench.protectedMode(), 4, Bench.OTHER_CODE, Integer.parseInt(cs, 16), 2).code("cf");
    b.raises(vector, Integer.parseInt(error, 16));
    assertEquals(Bench.STACK - 16, b.cpu.r[SP]);
  }

  @ParameterizedTest
  @CsvSource({"0,13,0", "d3,13,d0", "10,13,10", "7b,13,78", "3b,13,38"})
  void stacksThatAreNone(String ss, int vector, String error) {
    int selector = Integer.parseInt(ss, 16);
    Bench b = stacked(Bench.protectedMode(), 4, Bench.USER_CODE, Bench.CODE3, 2, Bench.USER_STACK, selector).code("cf");
    b.raises(vector, Integer.parseInt(error, 16));
  }

  @Test
  void anAbsentStackIsAStackFault() {
    Bench b =
        stacked(Bench.protectedMode(), 4, Bench.USER_CODE, Bench.CODE3, 2, Bench.USER_STACK, Bench.FREE | 3).code("cf");
    b.segment(Bench.FREE, 0, 0xfffff, 0xc073);
    b.raises(Vector.SS, Bench.FREE);
  }

  @Test
  void beyondTheCodeLimit() {
    stacked(Bench.protectedMode(), 4, 0x10000, Bench.CODE0_OTHER, 2).code("cf").raises(Vector.GP, 0);
  }

  // ---- virtual-8086 mode ------------------------------------------------------------------------------------------

  @Test
  void toV86AndBack() {
    Bench b = stacked(Bench.protectedMode(), 4, 0x0800, 0x0680, Flag.VM | Flag.IF | 2, 0x100, 0xb00, 0x111, 0x222,
        0x333, 0x444);
    b.code("cf").at(Bench.USER_CODE, "0f 0b").raises(Vector.UD);
    assertEquals(0x0800, b.stacked(0));
    assertEquals(0x0680, b.stacked(1));
    assertEquals(Flag.VM | Flag.IF, b.stacked(2) & (Flag.VM | Flag.IF));
    assertEquals(0x100, b.stacked(3));
    assertEquals(0xb00, b.stacked(4));
    assertEquals(0x111, b.stacked(5));
    assertEquals(0x222, b.stacked(6));
    assertEquals(0x333, b.stacked(7));
    assertEquals(0x444, b.stacked(8));
  }

  @Test
  void inV86WithIopl3() {
    Bench b = stacked(Bench.protectedMode().v86(3), 2, Bench.OTHER_CODE, 0, Flag.IF | 2).code("cf");
    b.at(Bench.OTHER_CODE, "0f 0b").raises(Vector.UD);
    assertEquals(Bench.OTHER_CODE, b.stacked(0));
    assertEquals(Flag.IF | Flag.IOPL | Flag.VM, b.stacked(2) & (Flag.IF | Flag.IOPL | Flag.VM), "IOPL does not change");
  }

  @Test
  void inV86BelowIopl3() {
    stacked(Bench.protectedMode().v86(0), 2, Bench.OTHER_CODE, 0, 2).code("cf").raises(Vector.GP, 0);
    Bench b = stacked(Bench.protectedMode().v86(0), 2, Bench.OTHER_CODE, 0, Flag.IF | 2).code("cf");
    b.cpu.cr4 |= Flag.CR4_VME;
    b.at(Bench.OTHER_CODE, "0f 0b").raises(Vector.UD);
    assertEquals(Flag.VIF, b.stacked(2) & (Flag.IF | Flag.VIF));
    Bench c = stacked(Bench.protectedMode().v86(0), 2, Bench.OTHER_CODE, 0, Flag.IF | 2).code("cf");
    c.cpu.cr4 |= Flag.CR4_VME;
    c.cpu.flags |= Flag.VIP;
    c.raises(Vector.GP, 0);
  }

  // ---- IA-32e mode ------------------------------------------------------------------------------------------------

  @Test
  void longModePopsTheStackAtTheSameLevelToo() {
    Bench b = stacked(Bench.longMode(), 8, Bench.OTHER_CODE, Bench.CODE0, 2, Bench.USER_STACK, 0);
    b.code("48 cf").at(Bench.OTHER_CODE, "f4").halts(Bench.OTHER_CODE);
    assertEquals(Bench.USER_STACK, b.cpu.r[SP]);
    assertFalse(b.cpu.seg[Segment.SS].usable(), "a null stack segment is allowed");
  }

  @Test
  void longModeToUser() {
    Bench b = stacked(Bench.longMode(), 8, Bench.USER_CODE, Bench.CODE3, Flag.IF | 2, Bench.USER_STACK, Bench.DATA3);
    b.code("48 cf").at(Bench.USER_CODE, "0f 0b").raises(Vector.UD);
    assertEquals(Bench.USER_CODE, b.stacked(0));
    assertEquals(Bench.USER_STACK, b.stacked(3));
    assertEquals(Bench.DATA3, b.stacked(4));
  }

  @Test
  void longModeToCompatibilityMode() {
    Bench b = stacked(Bench.longMode(), 8, Bench.USER_CODE, Bench.CODE3_32, 2, 0x1_0000_0000L + Bench.USER_STACK,
        Bench.DATA3);
    b.code("48 cf").at(Bench.USER_CODE, "40 0f 0b").raises(Vector.UD); // inc eax; ud2
    assertEquals(Bench.USER_CODE + 1, b.stacked(0));
    assertEquals(Bench.USER_STACK, b.stacked(3), "ESP");
    assertEquals(1, b.cpu.r[Registers.RAX]);
  }

  @Test
  void longModeFaults() {
    stacked(Bench.longMode(), 8, 0x0000_8000_0000_0000L, Bench.CODE0, 2, 0, 0).code("48 cf").raises(Vector.GP, 0);
    stacked(Bench.longMode(), 8, Bench.USER_CODE, Bench.CODE3, 2, 0, 3).code("48 cf").raises(Vector.GP, 0);
    Bench b = Bench.longMode().code("48 cf");
    b.cpu.flags |= Flag.NT;
    b.raises(Vector.GP, 0);
    Bench c = Bench.longMode().code("48 cf");
    c.cpu.r[SP] = 0x0000_8000_0000_0000L;
    c.gate(Vector.SS, Bench.CODE0, Bench.HANDLERS + 16 * Vector.SS, 14, 0, 1);
    c.raises(Vector.SS, 0);
  }

  @Test
  void unblocksNmis() {
    Bench b = stacked(Bench.protectedMode(), 4, Bench.OTHER_CODE, Bench.CODE0, 2).code("cf").at(Bench.OTHER_CODE, "f4");
    b.cpu.nmiBlocked = true;
    b.halts(Bench.OTHER_CODE);
    assertFalse(b.cpu.nmiBlocked);
    Bench c = stacked(Bench.protectedMode(), 4, Bench.OTHER_CODE, 0, 2).code("cf");
    c.cpu.nmiBlocked = true;
    c.raises(Vector.GP, 0);
    assertTrue(c.cpu.nmiBlocked);
  }
}
