package org.sallyport.cpu.vmx.fpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** The state in memory, in all its formats, and how exceptions reach the processor. */
class EnvironmentTest {
  /** Operands at [EDI] or [DI]: ModRM of /reg. */
  private static int at(X87Bench b, int reg) {
    return reg << 3 | (b.cpu.ripMask == 0xffff ? 5 : 7);
  }

  private static X87Bench bench(boolean real) {
    X87Bench b = real ? X87Bench.realMode() : X87Bench.protectedMode();
    fill(b.cpu, new SplittableRandom(7));
    return b;
  }

  private static void fill(Cpu cpu, SplittableRandom random) {
    Fpu f = cpu.fpu;
    f.control = 0xb7f;
    f.statusWord(0x6a3d);
    f.empty = 0b0110_0001;
    for (int i = 0; i < 8; i++) {
      f.signExponent[i] = random.nextInt(0x10000);
      f.mantissa[i] = random.nextLong() | 1L << 63;
    }
    f.lastInstruction = 0x4321;
    f.lastInstructionSelector = 8;
    f.lastData = 0x8765;
    f.lastDataSelector = 16;
    f.lastOpcode = 0x5a5;
  }

  private static int word(X87Bench b, int at) {
    return b.ram.get(ValueLayout.JAVA_SHORT_UNALIGNED, X87Bench.DATA + at) & 0xffff;
  }

  private static int dword(X87Bench b, int at) {
    return b.ram.get(ValueLayout.JAVA_INT_UNALIGNED, X87Bench.DATA + at);
  }

  /** The state without the pointers. */
  private static String state(Fpu f) {
    StringBuilder s = new StringBuilder("%x %x %x".formatted(f.control, f.statusWord(), f.empty));
    for (int i = 0; i < 8; i++) {
      s.append(" %04x:%016x".formatted(f.signExponent[i], f.mantissa[i]));
    }
    return s.toString();
  }

  private static String pointers(Fpu f) {
    return "%x:%x %x:%x %x".formatted(f.lastInstructionSelector, f.lastInstruction, f.lastDataSelector, f.lastData,
        f.lastOpcode);
  }

  @Test
  void protected32() {
    X87Bench b = bench(false);
    b.execute(0xd9, at(b, 6));
    assertEquals(0xffff0b7f, dword(b, 0));
    assertEquals(0xffff6a3d, dword(b, 4));
    assertEquals(0x4321, dword(b, 12));
    assertEquals(0x05a50008, dword(b, 16));
    assertEquals(0x8765, dword(b, 20));
    assertEquals(0xffff0010, dword(b, 24));
  }

  @Test
  void protected16() {
    X87Bench b = bench(false);
    b.execute(0x66, 0xd9, at(b, 6));
    assertEquals(0xb7f, word(b, 0));
    assertEquals(0x6a3d, word(b, 2));
    assertEquals(0x4321, word(b, 6));
    assertEquals(8, word(b, 8));
    assertEquals(0x8765, word(b, 10));
    assertEquals(16, word(b, 12));
  }

  @Test
  void real16() {
    X87Bench b = bench(true);
    b.cpu.fpu.lastInstructionSelector = 0x3000;
    b.execute(0xd9, at(b, 6));
    assertEquals(0x4321, word(b, 6));
    assertEquals(0x35a5, word(b, 8));
    assertEquals(0x8865, word(b, 10));
    assertEquals(0, word(b, 12));
  }

  @Test
  void real32() {
    X87Bench b = bench(true);
    b.cpu.fpu.lastInstructionSelector = 0xf000;
    b.cpu.fpu.lastInstruction = 0x14321;
    b.execute(0x66, 0xd9, at(b, 6));
    assertEquals(0xffff4321, dword(b, 12));
    assertEquals(0x000105a5, dword(b, 16));
  }

  @Test
  void tagsAreComputed() {
    X87Bench b = bench(false);
    Fpu f = b.cpu.fpu;
    f.empty = 0x80;
    f.signExponent[0] = 0x3fff; // valid
    f.signExponent[1] = 0x8000; // zero
    f.mantissa[1] = 0;
    f.signExponent[2] = 0; // denormal
    f.signExponent[3] = 0x7fff; // NaN
    f.signExponent[4] = 0x3fff; // unnormal
    f.mantissa[4] = 1;
    b.execute(0xd9, at(b, 6));
    assertEquals(0b10_10_10_01_00, word(b, 8) & 0x3ff);
    assertEquals(3, word(b, 8) >> 14);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void saveAndRestore(boolean real) {
    for (boolean other : new boolean[]{false, true}) {
      X87Bench b = bench(real);
      b.cpu.fpu.lastInstructionSelector = real ? 0 : 8;
      b.cpu.fpu.lastDataSelector = real ? 0 : 16;
      if (!real && other) {
        b.cpu.fpu.lastOpcode = 0; // has no place in the 16-bit format
      }
      String before = state(b.cpu.fpu);
      String pointers = pointers(b.cpu.fpu);
      int[] save = {0x66, 0xdd, at(b, 6)};
      int[] restore = {0x66, 0xdd, at(b, 4)};
      b.execute(other ? save : new int[]{save[1], save[2]});
      assertEquals("37f 0 ff", state(b.cpu.fpu).substring(0, 8));
      b.execute(other ? restore : new int[]{restore[1], restore[2]});
      assertEquals(before, state(b.cpu.fpu));
      assertEquals(pointers, pointers(b.cpu.fpu));
    }
  }

  @Test
  void environmentComesBackWithoutRegisters() {
    X87Bench b = bench(false);
    b.execute(0xd9, at(b, 6));
    assertEquals(0xb7f, b.cpu.fpu.control);
    String before = state(b.cpu.fpu);
    b.cpu.fpu.init();
    b.execute(0xd9, at(b, 4));
    assertEquals(before, state(b.cpu.fpu));
  }

  @Test
  void storingTheEnvironmentMasksExceptions() {
    X87Bench b = bench(false);
    b.cpu.fpu.control = 0x340;
    b.cpu.fpu.updateSummary();
    b.execute(0xd9, at(b, 6));
    assertEquals(0x340, word(b, 0));
    assertEquals(0x80, word(b, 4) & 0x80);
    assertEquals(0x37f, b.cpu.fpu.control);
    assertEquals(0, b.cpu.fpu.status & 0x8080);
  }

  @ParameterizedTest
  @ValueSource(ints = {0xae, 0xc7})
  void fxsaveAndXsave(int kind) {
    X87Bench b = bench(false);
    boolean extended = kind == 0xc7;
    b.cpu.cr4 |= Flag.CR4_OSFXSR | Flag.CR4_OSXSAVE;
    b.cpu.xcr0 = 3;
    b.cpu.r[Registers.RAX] = 3;
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 16; i++) { // XMM0 to XMM7
      b.cpu.xmm.x[i] = random.nextLong();
    }
    long[] xmm = b.cpu.xmm.x.clone();
    String before = state(b.cpu.fpu);
    String pointers = pointers(b.cpu.fpu);
    b.execute(0x0f, 0xae, at(b, extended ? 4 : 0));
    assertEquals(~b.cpu.fpu.empty & 0xff, word(b, 4) & 0xff);
    b.cpu.fpu.clear();
    java.util.Arrays.fill(b.cpu.xmm.x, 5);
    b.execute(0x0f, 0xae, at(b, extended ? 5 : 1));
    assertEquals(before, state(b.cpu.fpu));
    assertEquals(pointers, pointers(b.cpu.fpu));
    assertArrayEquals(java.util.Arrays.copyOf(xmm, 16), java.util.Arrays.copyOf(b.cpu.xmm.x, 16));
  }

  @Test
  void areaOfXsaveComesBack() {
    X87Bench b = bench(false);
    String before = state(b.cpu.fpu);
    byte[] area = XsaveArea.save(b.cpu);
    b.cpu.fpu.clear();
    XsaveArea.restore(b.cpu, area);
    assertEquals(before, state(b.cpu.fpu));
  }

  @Test
  void pointersFollowInstructions() {
    X87Bench b = bench(false);
    b.cpu.fpu.init();
    b.execute(0xd9, 0xe8); // FLD1
    b.execute(0xd8, at(b, 0)); // FADD m32
    assertEquals("8:1000 10:2000 7", pointers(b.cpu.fpu));
    b.execute(0xd9, at(b, 7)); // FNSTCW: a control instruction
    assertEquals("8:1000 10:2000 7", pointers(b.cpu.fpu));
  }

  @Test
  void unmaskedExceptionsWaitForTheNextInstruction() {
    X87Bench b = bench(false);
    Fpu f = b.cpu.fpu;
    f.init();
    f.control = 0x37b; // ZE not masked
    b.execute(0xd9, 0xee); // FLDZ
    b.execute(0xd9, 0xe8); // FLD1
    b.execute(0xd8, 0xf1); // FDIV ST(0), ST(1): raises ZE and leaves ST(0)
    assertEquals(0x3fff, f.signExponent[f.top]);
    assertEquals(Fpu.ZE | 0x8080, f.status);
    b.execute(0xdf, 0xe0); // FNSTSW AX does not wait
    assertEquals(0x84, b.cpu.r[Registers.RAX] & 0xff);
    assertThrows(GuestFault.class, () -> b.execute(0xd9, 0xe8));
    assertEquals(Vector.MF, b.cpu.guestFault.vector);
    assertThrows(GuestFault.class, () -> b.execute(0x9b));
    b.execute(0xdb, 0xe2); // FNCLEX
    b.execute(0xd9, 0xe8);
    assertEquals(0, f.status & 0x80ff);
  }

  @Test
  void withoutNumericErrorReportingNothingIsRaised() {
    X87Bench b = bench(false);
    b.cpu.cr0 &= ~Flag.CR0_NE;
    b.cpu.fpu.control = 0x340;
    b.execute(0xd9, 0xd0); // FNOP
    b.cpu.cr0 |= Flag.CR0_TS;
    assertThrows(GuestFault.class, () -> b.execute(0xd9, 0xd0));
    assertEquals(Vector.NM, b.cpu.guestFault.vector);
  }
}
