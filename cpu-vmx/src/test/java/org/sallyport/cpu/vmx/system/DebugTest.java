package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 3, "Debug Registers" and "Debug Exceptions". */
class DebugTest {
  private static final long DR6 = 0xffff0ff0L;

  private static Bench with(Bench b, long rax) {
    b.cpu.r[Registers.RAX] = rax;
    return b;
  }

  private static Bench breakpoint(Bench b, int number, long address, int kind, int length) {
    b.cpu.dr[number] = address;
    b.cpu.dr[7] |= 2 << 2 * number | (long) (kind | length << 2) << 16 + 4 * number;
    b.cpu.debug.refresh();
    return b;
  }

  /** Starts with TF set. */
  private static Bench traced(Bench b, String hex) {
    b.cpu.flags |= Flag.TF;
    b.cpu.attention();
    return b.code(hex);
  }

  // ---- registers --------------------------------------------------------------------------------------------------

  @Test
  void fixedBits() {
    Bench b = with(Bench.longMode(), 0xffffffffL).code("0f 23 f0 0f 21 f3 31 c0 0f 23 f8 0f 21 f9 f4");
    b.halts(Bench.CODE + 14); // mov dr6, rax; mov rbx, dr6; xor eax, eax; mov dr7, rax; mov rcx, dr7
    assertEquals(0xffffefffL, b.cpu.r[Registers.RBX]);
    assertEquals(0x400, b.cpu.r[Registers.RCX]);
  }

  @Test
  void upperHalves() {
    with(Bench.longMode(), 1L << 32).code("0f 23 f8").raises(Vector.GP, 0);
    with(Bench.longMode(), 1L << 32).code("0f 23 f0").raises(Vector.GP, 0);
    Bench b = with(Bench.longMode(), -1L).code("0f 23 c0 f4").halts(Bench.CODE + 3);
    assertEquals(-1L, b.cpu.dr[0]);
  }

  @Test
  void aliases() {
    Bench b = with(Bench.longMode(), 0).code("0f 23 e0 f4").halts(Bench.CODE + 3); // mov dr4, rax
    assertEquals(DR6, b.cpu.dr[6]);
    Bench c = Bench.longMode().code("0f 23 e0");
    c.cpu.cr4 |= Flag.CR4_DE;
    c.raises(Vector.UD);
    Bench d = Bench.longMode().user().code("0f 21 c0");
    d.raises(Vector.GP, 0);
  }

  @Test
  void loadingSsSuppressesItsOwnStep() {
    Bench b = Bench.longMode().code("9d 8e d0 f1"); // popf, which sets TF; mov ss, ax; int1, the only one that raises #DB
    b.cpu.r[Registers.RAX] = Bench.DATA0;
    b.cpu.r[Registers.RSP] = Bench.DATA;
    b.put(Bench.DATA, 8, Flag.TF | 2);
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 4, b.stacked(0));
    assertEquals(DR6, b.cpu.dr[6]);
  }

  @Test
  void int1ReportsWhatLoadingSsHasHeldBack() {
    Bench b = breakpoint(Bench.longMode(), 0, Bench.DATA, 3, 1).code("8e 13 f1"); // mov ss, [rbx]; int1
    b.cpu.r[Registers.RBX] = Bench.DATA;
    b.put(Bench.DATA, 2, Bench.DATA0);
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 3, b.stacked(0));
    assertEquals(DR6 | 1, b.cpu.dr[6]);
    assertEquals(0, b.cpu.debug.traps(), "and nothing is left for a second one");
  }

  @Test
  void generalDetect() {
    Bench b = Bench.longMode().code("0f 21 c0");
    b.cpu.dr[7] |= 1 << 13;
    b.raises(Vector.DB);
    assertEquals(Bench.CODE, b.stacked(0));
    assertEquals(DR6 | 1 << 13, b.cpu.dr[6]);
    assertEquals(0x400, b.cpu.dr[7], "GD is off in the handler");
  }

  @Test
  void exits() {
    Bench b = Bench.longMode().code("0f 21 fb"); // mov rbx, dr7
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.movDrExiting = true;
    b.exits(29, 7 | 1 << 4 | 3 << 8);
    Bench c = Bench.longMode().code("0f 23 fb");
    c.cpu.controls.nonRoot = true;
    c.cpu.controls.movDrExiting = true;
    c.exits(29, 7 | 3 << 8);
  }

  // ---- instruction breakpoints ------------------------------------------------------------------------------------

  @Test
  void instructionBreakpoint() {
    Bench b = breakpoint(Bench.longMode(), 1, Bench.CODE + 2, 0, 0).code("90 90 48 ff c0 f4"); // inc rax
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 2, b.stacked(0), "before the instruction");
    assertEquals(0, b.stacked(2) & Flag.RF);
    assertEquals(DR6 | 2, b.cpu.dr[6]);
    assertEquals(0, b.cpu.r[Registers.RAX]);
    b.at(Bench.HANDLERS + 16 + 1, "81 4c 24 10 00 00 01 00 48 cf"); // or dword [rsp + 16], RF; iretq
    b.resume().halts(Bench.CODE + 5);
    assertEquals(1, b.cpu.r[Registers.RAX]);
  }

  @Test
  void rfCoversOneInstruction() {
    Bench b = breakpoint(Bench.longMode(), 0, Bench.OTHER_CODE, 0, 0);
    breakpoint(b, 1, Bench.OTHER_CODE + 1, 0, 0);
    b.code("48 cf").at(Bench.OTHER_CODE, "90 90");
    long[] frame = {Bench.OTHER_CODE, Bench.CODE0, Flag.RF | 2, Bench.STACK, Bench.DATA0};
    for (int i = 0; i < frame.length; i++) {
      b.put(Bench.STACK + 8 * i, 8, frame[i]);
    }
    b.raises(Vector.DB);
    assertEquals(Bench.OTHER_CODE + 1, b.stacked(0));
    assertEquals(DR6 | 2, b.cpu.dr[6]);
    assertEquals(0, b.stacked(2) & Flag.RF);
  }

  @Test
  void linearAddresses() {
    Bench b = breakpoint(Bench.real(), 0, 0x6000, 0, 0).code("90 f4");
    b.cpu.seg[1].set(0x600, 0x6000, 0xffff, 0x93);
    b.cpu.rip = 0;
    b.cpu.modeChanged();
    b.raises(Vector.DB);
    assertEquals(0x600, b.stacked(1) & 0xffff);
  }

  // ---- data -------------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
      "0,1,0,c6042500c0000001,8", // byte written
      "0,3,0,8a042500c00000,7", // byte read
      "3,3,0,8b042500c00000,7", // the last byte of four
      "0,1,3,880425 03c00000,7", // one of four
      "0,1,2,66890425 06c00000,8",// one of eight
  })
  void watchpoints(int offset, int kind, int length, String hex, int bytes) {
    Bench b = breakpoint(Bench.longMode(), 2, Bench.DATA + offset, kind, length).code(hex).at(Bench.CODE + bytes, "90");
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + bytes, b.stacked(0), "behind the instruction");
    assertEquals(DR6 | 4, b.cpu.dr[6]);
    assertEquals(0, b.stacked(2) & Flag.RF);
  }

  @ParameterizedTest
  @CsvSource({
      "0,1,0,8a042500c00000,7", // a read of what is watched for writes
      "4,3,3,8b042500c00000,7", // beside it
  })
  void accessesThatAreNotWatched(int offset, int kind, int length, String hex, int bytes) {
    breakpoint(Bench.longMode(), 2, Bench.DATA + offset, kind, length).code(hex + "f4").halts(Bench.CODE + bytes);
  }

  // ---- single steps -----------------------------------------------------------------------------------------------

  @Test
  void singleStep() {
    Bench b = traced(Bench.longMode(), "90 90");
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 1, b.stacked(0));
    assertEquals(DR6 | 1 << 14, b.cpu.dr[6]);
    assertEquals(Flag.TF, b.stacked(2) & Flag.TF);
    assertEquals(0, b.cpu.flags & Flag.TF);
  }

  @Test
  void popfThatSetsTfIsNotTrappedItself() {
    Bench b = Bench.longMode().code("68 02 01 00 00 9d 90 90");
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 7, b.stacked(0));
  }

  @Test
  void softwareInterruptsClearTf() {
    Bench b = traced(Bench.longMode(), "cd 30 90").raises(0x30);
    assertEquals(Bench.CODE + 2, b.stacked(0));
    assertEquals(Flag.TF, b.stacked(2) & Flag.TF);
    assertEquals(DR6, b.cpu.dr[6]);
    b.at(Bench.HANDLERS + 0x301, "48 cf"); // iretq; then NOP is traced
    b.resume().raises(Vector.DB);
    assertEquals(Bench.CODE + 3, b.stacked(0));
  }

  @Test
  void stepsThroughBranches() {
    Bench b = traced(Bench.longMode(), "eb 10").at(Bench.CODE + 0x12, "90");
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 0x12, b.stacked(0));
  }

  @Test
  void debugExceptionsCanExit() {
    Bench b = traced(Bench.longMode(), "90");
    b.cpu.controls.nonRoot = true;
    b.cpu.controls.exceptionBitmap = 1 << Vector.DB;
    b.exits(0, 1 << 14);
    assertEquals(Bench.CODE + 1, b.cpu.rip);
    assertEquals(DR6, b.cpu.dr[6]);
  }

  @Test
  void pendingTrapsAreState() {
    Bench b = Bench.longMode().code("90 f4");
    b.cpu.debug.setTraps(1 << 14);
    assertEquals(1 << 14, b.cpu.debug.traps());
    b.raises(Vector.DB);
    assertEquals(Bench.CODE, b.stacked(0));
    assertEquals(0, b.cpu.debug.traps());
  }

  @Test
  void ports() {
    Bench b = breakpoint(Bench.longMode(), 0, 0x80, 2, 0);
    b.cpu.debug.portAccess(0x80, 1);
    assertEquals(0, b.cpu.debug.traps(), "only with CR4.DE");
    b.cpu.cr4 |= Flag.CR4_DE;
    b.cpu.debug.portAccess(0x81, 1);
    assertEquals(0, b.cpu.debug.traps());
    b.cpu.debug.portAccess(0x7f, 2);
    assertEquals(1, b.cpu.debug.traps());
  }
}
