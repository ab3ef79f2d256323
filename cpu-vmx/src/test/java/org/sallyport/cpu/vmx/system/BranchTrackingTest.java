package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 1, "Indirect Branch Tracking". */
class BranchTrackingTest {
  private static final int RAX = Registers.RAX;
  private static final int RBX = Registers.RBX;
  private static final int RCX = Registers.RCX;

  private static final String ENDBR64 = "f3 0f 1e fa";
  private static final String ENDBR32 = "f3 0f 1e fb";
  private static final String HLT = "f4";
  private static final String JMP_RBX = "ff e3";
  private static final int BITMAP = 0x20000;

  /** 64-bit mode at level 0, all indirect branches tracked; RBX is {@link Bench#OTHER_CODE}. */
  private static Bench bench(long more) {
    return tracked(Bench.longMode(), more);
  }

  private static Bench tracked(Bench b, long more) {
    b.cpu.cr0 |= Flag.CR0_WP;
    b.cpu.cr4 |= Flag.CR4_CET;
    b.cpu.msrs.write(Msr.S_CET, ControlFlow.ENDBR_EN | more);
    b.cpu.msrs.write(Msr.U_CET, ControlFlow.ENDBR_EN | more);
    b.cpu.r[RBX] = Bench.OTHER_CODE;
    for (int vector = 0; vector < 256; vector++) {
      b.at(Bench.HANDLERS + 16 * vector, ENDBR64 + HLT);
    }
    return b;
  }

  /** Runs up to a handler, which begins with ENDBR64. */
  private static Bench raises(Bench b, int vector) {
    return b.halts(Bench.HANDLERS + 16 * vector + 4);
  }

  private static void raises(Bench b, int vector, int errorCode) {
    raises(b, vector);
    assertEquals(errorCode, b.stacked(0));
  }

  private static boolean waits(Bench b, int msr) {
    return (b.cpu.msrs.read(msr) & ControlFlow.TRACKER) != 0;
  }

  @ParameterizedTest
  @ValueSource(strings = {JMP_RBX, "ff d3"})
  void anIndirectBranchToEndbranch(String branch) {
    Bench b = bench(0).code(branch).at(Bench.OTHER_CODE, ENDBR64 + HLT).halts(Bench.OTHER_CODE + 4);
    assertEquals(false, waits(b, Msr.S_CET));
    assertEquals(3, b.cpu.instructions + 1);
  }

  @Test
  void anIndirectBranchToAnythingElse() {
    Bench b = bench(0).code(JMP_RBX).at(Bench.OTHER_CODE, "90" + HLT);
    raises(b, Vector.CP, ControlFlow.ENDBRANCH);
    assertEquals(Bench.OTHER_CODE, b.stacked(1));
  }

  @Test
  void theUsersTrackerStaysInItsRegister() {
    Bench b = bench(0).user().code(JMP_RBX).at(Bench.OTHER_CODE, "90 90 cd 20");
    b.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 3, 0);
    raises(b, Vector.CP, ControlFlow.ENDBRANCH);
    assertEquals(true, waits(b, Msr.U_CET));
    b.cpu.msrs.write(Msr.U_CET, ControlFlow.ENDBR_EN); // as a handler does that lets the program go on
    b.at(Bench.HANDLERS + 16 * Vector.CP + 4, "48 83 c4 08 48 cf"); // add rsp, 8; iretq
    raises(b, 0x20);
    assertEquals(Bench.OTHER_CODE + 4, b.stacked(0));
  }

  @Test
  void endbranchOfTheOtherSizeIsNone() {
    raises(bench(0).code(JMP_RBX).at(Bench.OTHER_CODE, ENDBR32), Vector.CP, ControlFlow.ENDBRANCH);
    Bench b = Bench.protectedMode();
    tracked(b, 0).at(Bench.HANDLERS + 16 * Vector.CP, ENDBR32 + HLT);
    b.code(JMP_RBX).at(Bench.OTHER_CODE, ENDBR32 + JMP_RBX);
    b.cpu.r[RBX] = Bench.OTHER_CODE;
    b.cpu.executeOne();
    b.cpu.executeOne();
    assertEquals(Bench.OTHER_CODE + 4, b.cpu.rip);
    b.cpu.r[RBX] = Bench.OTHER_CODE + 0x40;
    b.at(Bench.OTHER_CODE + 0x40, ENDBR64);
    raises(b, Vector.CP, ControlFlow.ENDBRANCH);
  }

  @Test
  void anUndefinedInstructionIsAViolationFirst() {
    raises(bench(0).code(JMP_RBX).at(Bench.OTHER_CODE, "0f 0b"), Vector.CP, ControlFlow.ENDBRANCH);
  }

  @Test
  void directBranchesAndReturnsAreNotTracked() {
    Bench b = bench(0).code("e8 00 00 00 00 58 eb 00 68 00 68 00 00 c3"); // call, pop rax, jmp, push OTHER_CODE, ret
    b.at(Bench.OTHER_CODE, HLT).halts(Bench.OTHER_CODE);
    assertEquals(Bench.CODE + 5, b.cpu.r[RAX]);
  }

  @Test
  void noTrackPrefix() {
    bench(ControlFlow.NO_TRACK_EN).code("3e" + JMP_RBX).at(Bench.OTHER_CODE, HLT).halts(Bench.OTHER_CODE);
    bench(ControlFlow.NO_TRACK_EN).code("3e ff d3").at(Bench.OTHER_CODE, HLT).halts(Bench.OTHER_CODE);
    raises(bench(0).code("3e" + JMP_RBX).at(Bench.OTHER_CODE, HLT), Vector.CP, ControlFlow.ENDBRANCH);
    raises(bench(ControlFlow.NO_TRACK_EN).code("3e 64" + JMP_RBX).at(Bench.OTHER_CODE, HLT), Vector.CP,
        ControlFlow.ENDBRANCH);
  }

  @Test
  void suppressed() {
    Bench b = bench(ControlFlow.SUPPRESS).code(JMP_RBX).at(Bench.OTHER_CODE, ENDBR64 + HLT);
    b.cpu.r[RBX] = Bench.OTHER_CODE;
    b.halts(Bench.OTHER_CODE + 4);
    assertEquals(ControlFlow.ENDBR_EN, b.cpu.msrs.read(Msr.S_CET), "ENDBRANCH ends the suppression");
  }

  @ParameterizedTest
  @CsvSource({
      "0, false",
      "20, true", // SUPPRESS_DIS
  })
  void legacyCode(String disabled, boolean tracksOn) {
    long more = ControlFlow.LEG_IW_EN | BITMAP | Long.parseLong(disabled, 16);
    Bench b = bench(more).code(JMP_RBX).at(Bench.OTHER_CODE, "48 ff c0" + HLT); // inc rax
    b.put(BITMAP, 1, 1 << (Bench.OTHER_CODE >> 12));
    b.halts(Bench.OTHER_CODE + 3);
    assertEquals(1, b.cpu.r[RAX]);
    assertEquals(tracksOn ? 0 : ControlFlow.SUPPRESS, b.cpu.msrs.read(Msr.S_CET) & ControlFlow.SUPPRESS);
    assertEquals(false, waits(b, Msr.S_CET));
    Bench c = bench(more).code(JMP_RBX).at(Bench.OTHER_CODE, HLT);
    c.put(BITMAP, 1, ~(1 << (Bench.OTHER_CODE >> 12)));
    raises(c, Vector.CP, ControlFlow.ENDBRANCH);
  }

  @Test
  void breakpointsMayStandThere() {
    Bench b = bench(0).user().code(JMP_RBX).at(Bench.OTHER_CODE, "cc");
    b.gate(Vector.BP, Bench.CODE0, Bench.HANDLERS + 16 * Vector.BP, 14, 3, 0);
    raises(b, Vector.BP);
    assertEquals(true, waits(b, Msr.U_CET));
  }

  @Test
  void handlersBeginWithEndbranch() {
    Bench b = bench(0).code("cd 20" + HLT);
    raises(b, 0x20);
    b.at(Bench.HANDLERS + 16 * 0x20 + 4, "48 cf").halts(Bench.CODE + 2);
    Bench c = bench(0).code("cd 20").at(Bench.HANDLERS + 16 * 0x20, HLT);
    raises(c, Vector.CP, ControlFlow.ENDBRANCH);
    assertEquals(Bench.HANDLERS + 16 * 0x20, c.stacked(1));
  }

  @Test
  void systemCallsAndFarTransfersDo() {
    Bench b = bench(0).user().code("0f 05").at(Bench.OTHER_CODE, HLT);
    b.cpu.msrs.write(Msr.STAR, 0x0028_0008_0000_0000L);
    b.cpu.msrs.write(Msr.LSTAR, Bench.OTHER_CODE);
    raises(b, Vector.CP, ControlFlow.ENDBRANCH);
    Bench c = bench(0).code("48 ff 2b").at(Bench.OTHER_CODE, HLT); // jmp far [rbx]
    c.put(Bench.DATA, 8, Bench.OTHER_CODE);
    c.put(Bench.DATA + 8, 2, Bench.CODE0);
    c.cpu.r[RBX] = Bench.DATA;
    raises(c, Vector.CP, ControlFlow.ENDBRANCH);
  }

  @Test
  void aWrittenTrackerCounts() {
    Bench b = bench(0).code("0f 30 90"); // wrmsr
    b.cpu.r[RCX] = Msr.S_CET;
    b.cpu.r[RAX] = ControlFlow.ENDBR_EN | ControlFlow.TRACKER;
    raises(b, Vector.CP, ControlFlow.ENDBRANCH);
    assertEquals(Bench.CODE + 2, b.stacked(1));
  }

  @Test
  void turnedOffInTheMidstOfALoop() {
    // jmp rbx goes to OTHER_CODE, which has no ENDBRANCH, first with tracking off, then with it on
    Bench b = bench(0).code(JMP_RBX).at(Bench.OTHER_CODE, "0f 30" + "ff e2"); // wrmsr; jmp rdx
    b.cpu.msrs.write(Msr.S_CET, 0);
    b.cpu.r[RCX] = Msr.S_CET;
    b.cpu.r[RAX] = ControlFlow.ENDBR_EN;
    b.cpu.r[Registers.RDX] = 0;
    b.at(0, HLT);
    b.cpu.executeOne();
    b.cpu.executeOne();
    raises(b, Vector.CP, ControlFlow.ENDBRANCH);
    assertEquals(0, b.stacked(1));
  }
}
