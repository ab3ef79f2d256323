package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 3, "Linear-Address Masking". */
class AddressMaskingTest {
  private static final int RAX = Registers.RAX;
  private static final int RBX = Registers.RBX;

  private static final String READ = "48 8b 03"; // mov rax, [rbx]
  private static final String WRITE = "48 89 03"; // mov [rbx], rax
  private static final String HLT = "f4";
  private static final int ROOT = 0x14000;
  private static final long SUPERVISOR = 0xffff_8000_0000_0000L;

  /** The first 2 MiB are also at the start of the supervisor's half. */
  private static Bench bench(long cr3, long cr4) {
    Bench b = Bench.longMode();
    b.put(Bench.PAGES + 8 * 256, 8, Bench.PAGES + 0x1000 | 7);
    b.cpu.cr3 |= cr3;
    b.cpu.cr4 |= cr4;
    b.put(Bench.DATA, 8, 0x1234);
    return b;
  }

  @ParameterizedTest
  @CsvSource({
      // CR3 bits 62:61, CR4.LAM_SUP, address, whether it is one
      "0, 0, 000000000000c000, true",
      "0, 0, 010000000000c000, false",
      "2, 0, 7fff00000000c000, true", // LAM48
      "2, 0, 7fff80000000c000, false", // bit 47
      "2, 0, 7fff_0000_0000_c000, true",
      "1, 0, 7e0000000000c000, true", // LAM57
      "1, 0, 7f0000000000c000, false", // bit 56
      "1, 0, 000100000000c000, false", // bit 48
      "3, 0, 7e0000000000c000, true", // LAM57 where both are set
      "3, 0, 7fff00000000c000, false",
      "2, 0, 800080000000c000, false", // the supervisor's half
      "0, 0, ffff80000000c000, true",
      "0, 1, 800080000000c000, true",
      "0, 1, 800000000000c000, false",
      "0, 1, 7fff00000000c000, false",
  })
  void dataAddresses(int cr3, int cr4, String address, boolean valid) {
    for (int user = 0; user < 2; user++) {
      Bench b = bench((long) cr3 << 61, cr4 == 0 ? 0 : Flag.CR4_LAM_SUP);
      if (user == 1) {
        b.user();
      }
      b.gate(0x20, Bench.CODE0, Bench.HANDLERS + 16 * 0x20, 14, 3, 0);
      b.code(READ + "48 ff c0" + WRITE + READ + "cd 20");
      b.cpu.r[RBX] = Long.parseUnsignedLong(address.replace("_", ""), 16);
      if (valid) {
        b.raises(0x20);
        assertEquals(0x1235, b.cpu.r[RAX]);
        assertEquals(0x1235, b.get(Bench.DATA, 8));
      } else {
        b.raises(Vector.GP, 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
      "1, 0, 7e0000000000c000, true",
      "1, 0, 7f0000000000c000, false", // bit 56
      "2, 0, 7fff00000000c000, true",
      "2, 0, 7fff80000000c000, false", // bit 47
      "0, 1, 810000000000c000, true",
      "0, 1, 80ff00000000c000, false",
  })
  void withFiveLevels(int cr3, int cr4, String address, boolean valid) {
    Bench b = Bench.longMode();
    b.put(ROOT, 8, Bench.PAGES | 7);
    b.put(ROOT + 8 * 256, 8, Bench.PAGES | 7);
    b.cpu.cr3 = ROOT | (long) cr3 << 61;
    b.cpu.cr4 |= Flag.CR4_LA57 | (cr4 == 0 ? 0 : Flag.CR4_LAM_SUP);
    b.put(Bench.DATA, 8, 0x1234);
    b.code(READ + HLT);
    b.cpu.r[RBX] = Long.parseUnsignedLong(address, 16);
    if (valid) {
      b.halts(Bench.CODE + 3);
      assertEquals(0x1234, b.cpu.r[RAX]);
    } else {
      b.raises(Vector.GP, 0);
    }
  }

  @Test
  void aPageFaultHasTheAddressWithoutMetadata() {
    Bench b = bench(Flag.CR3_LAM_U48, 0).code(WRITE);
    b.put(Bench.PAGES + 0x3000 + 8 * (Bench.DATA >> 12), 8, Bench.DATA | 5);
    b.cpu.r[RBX] = 0x1234_0000_0000_0000L | Bench.DATA + 8;
    b.raises(Vector.PF, 3);
    assertEquals(Bench.DATA + 8, b.cpu.cr2);
  }

  @Test
  void codeHasNoMetadata() {
    Bench b = bench(Flag.CR3_LAM_U48, 0).code("ff e3");
    b.cpu.r[RBX] = 0x1234_0000_0000_0000L | Bench.DATA;
    b.raises(Vector.GP, 0);
  }

  @Test
  void theStackMayHave() {
    Bench b = bench(Flag.CR3_LAM_U48, 0).code("50 5b" + HLT); // push rax; pop rbx
    b.cpu.r[Registers.RSP] |= 0x55L << 56;
    b.cpu.r[RAX] = 99;
    b.halts(Bench.CODE + 2);
    assertEquals(99, b.cpu.r[RBX]);
    assertEquals(99, b.get(Bench.STACK - 8, 8));
  }

  @Test
  void invalidationsReachTaggedEntries() {
    String tagged = "48 8b 06"; // mov rax, [rsi]
    Bench b = bench(Flag.CR3_LAM_U48, 0).code(tagged + "48 c7 07 45 00 02 00" + "0f 01 3b" + tagged + HLT);
    b.cpu.r[RBX] = Bench.DATA;
    b.cpu.r[Registers.RSI] = 0x66L << 56 | Bench.DATA;
    b.cpu.r[Registers.RDI] = Bench.PAGES + 0x3000 + 8 * (Bench.DATA >> 12);
    b.put(0x20000, 8, 0x9876);
    b.halts(Bench.CODE + 16); // mov qword [rdi], 20045h; invlpg [rbx]
    assertEquals(0x9876, b.cpu.r[RAX]);
  }

  @Test
  void turningItOffCountsAtOnce() {
    Bench b = bench(Flag.CR3_LAM_U48, Flag.CR4_LAM_SUP).code(READ + "0f 22 df" + READ); // mov cr3, rdi
    b.put(Bench.PAGES + 0x3000 + 8 * (Bench.DATA >> 12), 8, Bench.DATA | 0x107); // global
    b.cpu.r[RBX] = 0x66L << 56 | Bench.DATA;
    b.cpu.r[Registers.RDI] = Bench.PAGES;
    b.raises(Vector.GP, 0);
    assertEquals(Bench.CODE + 6, b.stacked(1));
    Bench c = bench(0, Flag.CR4_LAM_SUP).code(READ + "0f 22 e7" + READ); // mov cr4, rdi
    c.cpu.r[RBX] = SUPERVISOR & ~(0x66L << 56) | Bench.DATA;
    c.cpu.r[Registers.RDI] = c.cpu.cr4 & ~Flag.CR4_LAM_SUP;
    c.raises(Vector.GP, 0);
    assertEquals(Bench.CODE + 6, c.stacked(1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 61, 1L << 62, 3L << 61})
  void controlRegister3(long bits) {
    Bench b = Bench.longMode().code("0f 22 d8 0f 20 db" + HLT); // mov cr3, rax; mov rbx, cr3
    b.cpu.r[RAX] = Bench.PAGES | bits;
    b.halts(Bench.CODE + 6);
    assertEquals(Bench.PAGES | bits, b.cpu.r[RBX]);
    Bench c = Bench.longMode().code("0f 22 d8");
    c.cpu.features.remove(CpuFeature.LAM);
    c.cpu.r[RAX] = Bench.PAGES | bits;
    c.raises(Vector.GP, 0);
  }

  @Test
  void withoutTheFeatureCr4HasNoBit() {
    Bench c = Bench.longMode().code("0f 22 e0");
    c.cpu.features.remove(CpuFeature.LAM);
    c.cpu.r[RAX] = c.cpu.cr4 | Flag.CR4_LAM_SUP;
    c.raises(Vector.GP, 0);
  }
}
