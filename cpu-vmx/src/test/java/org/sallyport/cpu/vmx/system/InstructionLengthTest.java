package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** An instruction has 15 bytes at the most: one that goes on is #GP(0) (SDM volume 2, "Instruction Prefixes"), wherever it lies. */
class InstructionLengthTest {
  private static final String INC_AX = "66 ".repeat(12) + "66 ff c0"; // 15 bytes
  private static final String TOO_LONG = "66 " + INC_AX;

  /** The page behind that of {@link Bench#CODE}. */
  private static final int NEXT = 0x7000;

  private static Bench bench(String mode) {
    return switch (mode) {
      case "real" -> Bench.real();
      case "protected" -> Bench.protectedMode();
      default -> Bench.longMode();
    };
  }

  private static Bench at(Bench b, long rip, String hex) {
    b.cpu.rip = rip;
    return b.code(hex);
  }

  private static void absent(Bench b, long page) {
    b.cpu.r[Registers.RSP] = Bench.STACK0; // the other stack ends in the page behind
    b.put(Bench.PAGES + 0x3000 + (page >> 12) * 8, 8, 0);
    b.cpu.flushTlb();
  }

  @ParameterizedTest
  @ValueSource(strings = {"protected", "long"})
  void fifteenBytesAreAnInstructionAndSixteenAreNot(String mode) {
    Bench b = bench(mode).code(INC_AX + "f4").halts(Bench.CODE + 15);
    assertEquals(1, b.cpu.r[Registers.RAX]);
    b = bench(mode).code(TOO_LONG).raises(Vector.GP, 0);
    assertEquals(Bench.CODE, b.stacked(1));
    assertEquals(0, b.cpu.r[Registers.RAX]);
  }

  @Test
  void inRealModeToo() {
    Bench b = Bench.real().code(TOO_LONG).raises(Vector.GP);
    assertEquals(Bench.CODE, b.stacked(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"protected", "long"})
  void theInstructionsBeforeItAreExecuted(String mode) {
    Bench b = bench(mode).code("ff c0 ff c0" + TOO_LONG).raises(Vector.GP, 0);
    assertEquals(Bench.CODE + 4, b.stacked(1));
    assertEquals(2, b.cpu.r[Registers.RAX]);
  }

  @Test
  void aSingleStepMeetsItAsWell() {
    Bench b = Bench.longMode().code("90" + TOO_LONG);
    b.cpu.setFlags(Flag.TF, Flag.TF);
    b.raises(Vector.DB);
    assertEquals(Bench.CODE + 1, b.stacked(0));
    b.at(Bench.HANDLERS + 16 * Vector.DB, "48 cf").cpu.rip = Bench.HANDLERS + 16 * Vector.DB;
    b.raises(Vector.GP, 0);
    assertEquals(Bench.CODE + 1, b.stacked(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 12, 14, 15})
  void acrossTwoPages(int onTheFirst) {
    for (String mode : new String[]{"protected", "long"}) {
      long start = NEXT - onTheFirst;
      Bench b = at(bench(mode), start, INC_AX + "f4").halts(start + 15);
      assertEquals(1, b.cpu.r[Registers.RAX]);
      b = at(bench(mode), start, TOO_LONG).raises(Vector.GP, 0);
      assertEquals(start, b.stacked(1));
      b = at(bench(mode), start, "66 ".repeat(40)).raises(Vector.GP, 0);
      assertEquals(start, b.stacked(1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 12, 14})
  void whereTheSecondPageIsAbsentThatComesFirst(int onTheFirst) {
    Bench b = at(Bench.longMode(), NEXT - onTheFirst, TOO_LONG);
    absent(b, NEXT);
    b.raises(Vector.PF);
    assertEquals(NEXT, b.cpu.cr2);
    assertEquals(NEXT - onTheFirst, b.stacked(1));
  }

  /** The fifteen bytes that an instruction can have at the most are all there. */
  @Test
  void aSixteenthByteIsNotFetched() {
    Bench b = at(Bench.longMode(), NEXT - 15, TOO_LONG);
    absent(b, NEXT);
    b.raises(Vector.GP, 0);
    assertEquals(NEXT - 15, b.stacked(1));
    b = at(Bench.longMode(), NEXT - 15, INC_AX);
    absent(b, NEXT);
    b.raises(Vector.PF);
    assertEquals(NEXT, b.stacked(1), "the next instruction");
    assertEquals(1, b.cpu.r[Registers.RAX]);
  }

  /** Code that has been decoded is looked at anew when the other page has changed. */
  @Test
  void itBecomesTooLongWhenTheSecondPageChanges() {
    Bench b = at(Bench.longMode(), NEXT - 5, INC_AX + "f4").halts(NEXT + 10);
    b.at(NEXT - 5, TOO_LONG.substring(0, 15)).at(NEXT, TOO_LONG.substring(15)).cpu.rip = NEXT - 5;
    b.raises(Vector.GP, 0);
    assertEquals(NEXT - 5, b.stacked(1));
  }
}
