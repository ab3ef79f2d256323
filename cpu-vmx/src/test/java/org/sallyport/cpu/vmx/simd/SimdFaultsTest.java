package org.sallyport.cpu.vmx.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.memory.AddressSpace;
import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** Exceptions of SSE and MMX instructions, and that nothing has changed when one is raised (SDM volume 2, 2.4; volume 3, 2.5 and 13.1). */
class SimdFaultsTest {
  /** Where the memory ends; what lies behind is no RAM. */
  private static final long END = 0x2000;

  private final SoftwareProcessor p = new SoftwareProcessor();

  @AfterEach
  void close() {
    p.close();
  }

  private int fault(String code) {
    return assertThrows(GuestFault.class, () -> p.execute(code)).vector;
  }

  @ParameterizedTest
  @CsvSource({"0f58ca,XMM", "660feeca,XMM", "660f6eca,XMM", "f20f2dca,XMM", "660fd7ca,XMM", "0fae13,LDMXCSR",
      "660f73fa04,shift", "f30fd6ca,MOVQ2DQ", "0f2aca,CVTPI2PS"})
  void sseNeedsTheOperatingSystem(String code) {
    p.cpu.cr4 &= ~Flag.CR4_OSFXSR;
    assertEquals(Vector.UD, fault(code));
    p.cpu.cr4 |= Flag.CR4_OSFXSR;
    p.cpu.cr0 |= Flag.CR0_TS;
    assertEquals(Vector.NM, fault(code));
    p.cpu.cr0 |= Flag.CR0_EM;
    assertEquals(Vector.UD, fault(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0ffcca", "0f6eca", "0fd7ca", "0f71f204", "0f6fca", "0f380bca"})
  void mmxNeedsNoOperatingSystemSupport(String code) {
    p.cpu.cr4 &= ~Flag.CR4_OSFXSR;
    p.execute(code);
    p.cpu.cr0 |= Flag.CR0_TS;
    assertEquals(Vector.NM, fault(code));
    p.cpu.cr0 |= Flag.CR0_EM;
    assertEquals(Vector.UD, fault(code));
  }

  @Test
  void pendingX87ExceptionComesBeforeMmx() {
    p.cpu.fpu.control = 0x37e; // invalid operation is not masked
    p.cpu.fpu.status = 1;
    assertEquals(Vector.MF, fault("0ffcca"));
    p.execute("660ffcca"); // PADDB on XMM registers
  }

  @Test
  void mmxTakesTheX87RegistersOver() {
    p.cpu.fpu.top = 5;
    p.cpu.fpu.empty = 0xff;
    p.execute("0fefc0"); // PXOR MM0, MM0
    assertEquals(0, p.cpu.fpu.top);
    assertEquals(0, p.cpu.fpu.empty);
    assertEquals(0xffff, p.cpu.fpu.signExponent[0]);
  }

  @ParameterizedTest
  @CsvSource({"0f280b,SSE", "0f10cb,SSE", "660f6f0b,SSE2", "660ffe0b,SSE2", "0fd40b,SSE2", "0fe0ca,SSE", "0ffcca,MMX",
      "f20f12ca,SSE3", "f20ff00b,SSE3", "660f3800ca,SSSE3", "0f3800ca,SSSE3", "660f3810ca,SSE4_1",
      "660f3a0bca01,SSE4_1",
      "660f3837ca,SSE4_2", "660f3a63ca0c,SSE4_2", "660f3a44ca01,PCLMULQDQ", "660f38dcca,AES", "0f38c8ca,SHA"})
  void onlyWhatIsAnnouncedIsBound(String code, CpuFeature feature) {
    assertNotNull(p.bind(SoftwareProcessor.bytes(code)));
    p.cpu.features.remove(feature);
    assertNull(p.bind(SoftwareProcessor.bytes(code)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0f280b", "0f290b", "660f6f0b", "660f7f0b", "0f580b", "660fef0b", "660f3817 0b", "0f2b0b",
      "660fe70b", "660f382a0b", "660f5b0b", "660f70 0b 00", "f30f5b0b", "660fd1 0b"})
  void alignedOperandsHaveToBeAligned(String code) {
    p.cpu.r[Registers.RBX] = SoftwareProcessor.OPERAND;
    p.execute(code);
    for (int offset : new int[]{1, 4, 8, 15}) {
      p.cpu.r[Registers.RBX] = SoftwareProcessor.OPERAND + offset;
      assertEquals(Vector.GP, fault(code));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0f100b", "0f110b", "f30f6f0b", "f30f7f0b", "f20ff00b", "f20f580b", "f30f580b", "0f5a0b",
      "f30fe60b", "660f38200b", "660f3a630b00", "0f160b", "0ffc0b", "660f3a0a0b00"})
  void otherOperandsDoNot(String code) {
    for (int offset = 0; offset < 16; offset++) {
      p.cpu.r[Registers.RBX] = SoftwareProcessor.OPERAND + offset;
      p.execute(code);
    }
  }

  @Test
  void reservedBitsOfMxcsr() {
    p.cpu.r[Registers.RBX] = SoftwareProcessor.OPERAND;
    p.memory(SoftwareProcessor.OPERAND, 0x1_ffc0L);
    assertEquals(Vector.GP, fault("0fae13"));
    assertEquals(XmmRegisters.MXCSR_DEFAULT, p.cpu.xmm.mxcsr);
    p.memory(SoftwareProcessor.OPERAND, 0xffbf);
    p.execute("0fae13");
    assertEquals(0xffbf, p.cpu.xmm.mxcsr);
    p.execute("0fae5b08"); // STMXCSR [RBX+8]
    assertEquals(0xffbf, p.memory(SoftwareProcessor.OPERAND + 8));
  }

  @Test
  void unmaskedExceptionIsXmOrUd() {
    p.cpu.xmm.mxcsr = 0x1d80; // division by zero is not masked
    p.cpu.xmm.x[2] = 0x3ff0000000000000L;
    long[] before = p.cpu.xmm.x.clone();
    assertEquals(Vector.XM, fault("f20f5eca"));
    assertArrayEquals(before, p.cpu.xmm.x);
    assertEquals(0x1d84, p.cpu.xmm.mxcsr);
    p.cpu.cr4 &= ~Flag.CR4_OSXMMEXCPT;
    assertEquals(Vector.UD, fault("f20f5eca"));
  }

  /** A store that leaves RAM half-way exits before it writes anything, and a load before it changes the register. */
  @ParameterizedTest
  @ValueSource(strings = {"0f110b", "0f100b"})
  void halfBehindTheEndOfMemory(String code) {
    p.cpu.xmm.x[2] = 0x1111111111111111L;
    p.cpu.xmm.x[3] = 0x2222222222222222L;
    p.cpu.r[Registers.RBX] = END - 4;
    assertThrows(ExitSignal.class, () -> p.execute(code));
    assertEquals(AddressSpace.EXIT_EPT_VIOLATION, p.cpu.exitSignal.reason);
    assertEquals(0x1111111111111111L, p.cpu.xmm.x[2]);
    assertEquals(0x2222222222222222L, p.cpu.xmm.x[3]);
  }

  @Test
  void acrossPages() {
    p.cpu.xmm.x[2] = 0x0706050403020100L;
    p.cpu.xmm.x[3] = 0x0f0e0d0c0b0a0908L;
    p.cpu.r[Registers.RBX] = 0xffb;
    p.execute("f30f7f0b");
    assertEquals(0x0706050403020100L, p.memory(0xffb));
    assertEquals(0x0f0e0d0c0b0a0908L, p.memory(0x1003));
    p.execute("f30f6f13"); // MOVDQU XMM2, [RBX]
    assertEquals(p.cpu.xmm.x[2], p.cpu.xmm.x[4]);
    assertEquals(p.cpu.xmm.x[3], p.cpu.xmm.x[5]);
  }

  @Test
  void maskedStoreTouchesOnlyWhatIsChosen() {
    p.cpu.xmm.x[2] = 0x0706050403020100L;
    p.cpu.xmm.x[3] = 0x0f0e0d0c0b0a0908L;
    p.cpu.xmm.x[4] = 0x8000008000000000L;
    p.cpu.r[Registers.RDI] = END - 8;
    p.memory(END - 8, -1);
    p.execute("660ff7ca"); // MASKMOVDQU XMM1, XMM2: bytes 4 and 7, the last one of the memory
    assertEquals(0x07ffff04ffffffffL, p.memory(END - 8));
    p.cpu.fpu.setMmx(1, 0x0706050403020100L);
    p.cpu.fpu.setMmx(2, 0x0000000000008000L);
    p.execute("0ff7ca"); // MASKMOVQ MM1, MM2
    assertEquals(0x07ffff04ffff01ffL, p.memory(END - 8));
    p.cpu.xmm.x[4] = 0;
    p.cpu.xmm.x[5] = 0;
    p.cpu.r[Registers.RDI] = END;
    p.execute("660ff7ca"); // nothing is chosen, nothing is touched
  }
}
