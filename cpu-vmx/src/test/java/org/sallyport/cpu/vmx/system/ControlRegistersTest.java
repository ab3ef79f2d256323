package org.sallyport.cpu.vmx.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** SDM volume 2, MOV to and from control registers, LMSW, SMSW, CLTS; volume 3, "Control Registers". */
class ControlRegistersTest {
  private static final String CR0_EAX = "0f 22 c0";
  private static final String CR3_EAX = "0f 22 d8";
  private static final String CR4_EAX = "0f 22 e0";
  private static final int HLT = 3;

  private static Bench with(Bench b, long eax) {
    b.cpu.r[Registers.RAX] = eax;
    return b;
  }

  @ParameterizedTest
  @CsvSource({
      "80000010", // PG without PE
      "20000011", // NW without CD
  })
  void impossibleCr0(String value) {
    with(Bench.protectedMode(), Long.parseLong(value, 16)).code(CR0_EAX).raises(Vector.GP, 0);
  }

  @Test
  void cr0In64BitMode() {
    Bench b = Bench.longMode();
    with(b, b.cpu.cr0 | 1L << 32).code(CR0_EAX).raises(Vector.GP, 0);
    Bench c = Bench.longMode();
    with(c, c.cpu.cr0 & ~Flag.CR0_PG).code(CR0_EAX).raises(Vector.GP, 0);
    Bench d = Bench.longMode();
    with(d, d.cpu.cr0 | 1 << 8 | Flag.CR0_TS).code(CR0_EAX + "f4").halts(Bench.CODE + HLT);
    assertEquals(Flag.CR0_PE | Flag.CR0_PG | Flag.CR0_WP | Flag.CR0_NE | Flag.CR0_ET | Flag.CR0_TS, d.cpu.cr0,
        "undefined bits stay 0, ET stays 1");
  }

  @Test
  void onlyAtLevel0() {
    Bench.protectedMode().user().code(CR0_EAX).raises(Vector.GP, 0);
    Bench.protectedMode().user().code("0f 20 c0").raises(Vector.GP, 0);
    Bench.protectedMode().v86(3).code("0f 20 c0").raises(Vector.GP, 0);
    Bench.protectedMode().user().code("0f 06").raises(Vector.GP, 0);
  }

  @Test
  void writeProtection() {
    Bench b = with(Bench.longMode(), 0x80000033L).code("c6 04 25 00 c0 00 00 01 " + CR0_EAX
        + "c6 04 25 00 c0 00 00 02");
    b.put(Bench.PAGES + 0x3000 + 8 * (Bench.DATA >> 12), 8, Bench.DATA | 5); // read-only
    b.cpu.cr0 &= ~Flag.CR0_WP;
    with(b, 0x80010031L);
    b.raises(Vector.PF, 3);
    assertEquals(1, b.get(Bench.DATA, 1));
    assertEquals(Bench.CODE + 11, b.stacked(1));
  }

  @Test
  void activatesIa32eMode() {
    Bench b = with(Bench.protectedMode(), Flag.CR0_PG | Flag.CR0_PE);
    Bench paging = Bench.longMode();
    for (int i = 0; i < 0x4000; i += 8) {
      b.put(Bench.PAGES + i, 8, paging.get(Bench.PAGES + i, 8));
    }
    b.cpu.cr3 = Bench.PAGES;
    b.cpu.efer = Flag.EFER_LME;
    b.code(CR0_EAX).raises(Vector.GP, 0); // without PAE
    b.cpu.rip = Bench.CODE;
    b.cpu.cr4 = Flag.CR4_PAE;
    b.code(CR0_EAX + "f4").halts(Bench.CODE + HLT);
    assertTrue(b.cpu.longMode());
    assertFalse(b.cpu.mode64());
    with(b, Flag.CR0_PE).resume().code(CR0_EAX + "f4").halts(Bench.CODE + HLT + 4);
    assertFalse(b.cpu.longMode());
  }

  @Test
  void paePagingLoadsItsPointers() {
    Bench b = with(Bench.protectedMode(), Flag.CR0_PG | Flag.CR0_PE);
    b.put(Bench.PAGES, 8, Bench.PAGES + 0x1000 | 1);
    b.put(Bench.PAGES + 0x1000, 8, 0x83); // 2 MiB
    b.cpu.cr3 = Bench.PAGES;
    b.cpu.cr4 = Flag.CR4_PAE;
    b.code(CR0_EAX + "f4").halts(Bench.CODE + HLT);
    assertEquals(Bench.PAGES + 0x1000 | 1, b.cpu.pdpte[0]);
    b.put(Bench.PAGES + 8, 8, 1 | 1 << 5); // reserved bit
    with(b, Bench.PAGES).resume().code(CR3_EAX).raises(Vector.GP, 0);
    assertEquals(0, b.cpu.pdpte[1]);
  }

  @Test
  void cr3() {
    with(Bench.longMode(), 1L << 50).code(CR3_EAX).raises(Vector.GP, 0);
    with(Bench.longMode(), Bench.PAGES | 1L << 63).code(CR3_EAX).raises(Vector.GP, 0);
    Bench b = with(Bench.longMode(), Bench.PAGES | 1L << 63 | 5).code(CR3_EAX + "f4");
    b.cpu.cr4 |= Flag.CR4_PCIDE;
    b.halts(Bench.CODE + HLT);
    assertEquals(Bench.PAGES | 5, b.cpu.cr3);
  }

  @ParameterizedTest
  @CsvSource({"8000", "2000000", "100000000"})
  void undefinedBitsOfCr4(String bit) {
    Bench b = Bench.longMode();
    with(b, b.cpu.cr4 | Long.parseLong(bit, 16)).code(CR4_EAX).raises(Vector.GP, 0);
  }

  @Test
  void cr4() {
    with(Bench.longMode(), 0).code(CR4_EAX).raises(Vector.GP, 0); // PAE in IA-32e mode
    Bench b = Bench.longMode();
    with(b, b.cpu.cr4 | Flag.CR4_LA57).code(CR4_EAX).raises(Vector.GP, 0);
    Bench c = Bench.longMode();
    c.cpu.features.remove(CpuFeature.SMEP);
    with(c, c.cpu.cr4 | Flag.CR4_SMEP).code(CR4_EAX).raises(Vector.GP, 0);
    with(Bench.protectedMode(), Flag.CR4_PCIDE).code(CR4_EAX).raises(Vector.GP, 0);
    Bench d = Bench.longMode();
    d.cpu.cr3 |= 1;
    with(d, d.cpu.cr4 | Flag.CR4_PCIDE).code(CR4_EAX).raises(Vector.GP, 0);
  }

  @Test
  void pagingCannotEndWithPcids() {
    Bench b = with(Bench.longMode(), Flag.CR0_PE).code("ff 2c 25 00 c0 00 00"); // jmp far [DATA]: compatibility mode
    b.put(Bench.DATA, 4, Bench.OTHER_CODE);
    b.put(Bench.DATA + 4, 2, Bench.CODE0_OTHER);
    b.cpu.cr4 |= Flag.CR4_PCIDE;
    b.at(Bench.OTHER_CODE, CR0_EAX).raises(Vector.GP, 0);
  }

  @Test
  void smepAndSmap() {
    Bench b = with(Bench.longMode(), Flag.CR4_PAE | Flag.CR4_SMEP).code(CR4_EAX);
    b.gate(Vector.PF, Bench.CODE0, Bench.HANDLERS + 16 * Vector.PF, 14, 0, 0);
    for (int at : new int[]{Bench.HANDLERS, Bench.STACK - 0x1000, Bench.STACK, Bench.GDT, Bench.IDT}) {
      b.put(Bench.PAGES + 0x3000 + 8 * (at >> 12), 8, at | 3); // supervisor pages; CODE stays a user page
    }
    b.raises(Vector.PF, 0x11);
    Bench c = with(Bench.longMode(), Flag.CR4_PAE | Flag.CR4_SMAP);
    // stac; mov bl,[DATA]; clac; mov bl,[DATA]
    c.code(CR4_EAX + "0f 01 cb 8a 1c 25 00 c0 00 00 0f 01 ca 8a 1c 25 00 c0 00 00");
    for (int at = 0; at < 0x20000; at += 4096) {
      if (at != Bench.DATA) {
        c.put(Bench.PAGES + 0x3000 + 8 * (at >> 12), 8, at | 3);
      }
    }
    c.raises(Vector.PF, 1);
    assertEquals(Bench.CODE + 16, c.stacked(1));
  }

  @Test
  void machineStatusWord() {
    Bench b = with(Bench.real(), 0xf).code("0f 01 f0 66 0f 01 e3"); // lmsw ax; smsw ebx
    b.at(Bench.CODE + 7, "f4").halts(Bench.CODE + 7);
    assertEquals(Flag.CR0_ET | 0xf, b.cpu.cr0);
    assertEquals(Flag.CR0_ET | 0xf, b.cpu.r[Registers.RBX]);
    Bench c = with(Bench.protectedMode(), 0).code("0f 01 f0 f4").halts(Bench.CODE + 3); // PE cannot be cleared
    assertTrue(c.cpu.protectedMode());
  }

  @Test
  void taskSwitched() {
    Bench b = Bench.protectedMode().code("0f 06 f4");
    b.cpu.cr0 |= Flag.CR0_TS;
    b.halts(Bench.CODE + 2);
    assertEquals(0, b.cpu.cr0 & Flag.CR0_TS);
  }

  @Test
  void taskPriority() {
    // mov cr8, rax; mov rbx, cr8
    Bench b = with(Bench.longMode(), 9).code("44 0f 22 c0 44 0f 20 c3 f4").halts(Bench.CODE + 8);
    assertEquals(9, b.cpu.cr8);
    assertEquals(9, b.cpu.r[Registers.RBX]);
    with(Bench.longMode(), 16).code("44 0f 22 c0").raises(Vector.GP, 0);
  }

  // ---- VMX non-root operation -------------------------------------------------------------------------------------

  private static Bench nonRoot(Bench b) {
    b.cpu.controls.nonRoot = true;
    return b;
  }

  @Test
  void maskedBitsExit() {
    Bench b = nonRoot(with(Bench.longMode(), 0));
    b.cpu.controls.cr0Mask = Flag.CR0_NE;
    b.cpu.controls.cr0Shadow = Flag.CR0_NE;
    b.cpu.r[Registers.RBX] = b.cpu.cr0 & ~Flag.CR0_NE;
    b.code("0f 22 c3").exits(28, 3 << 8);
    // mov rax, cr0; mov cr0, rax; mov rbx, cr0
    Bench c = nonRoot(with(Bench.longMode(), 0)).code("0f 20 c0 0f 22 c0 0f 20 c3 f4");
    c.cpu.controls.cr0Mask = Flag.CR0_NE;
    c.halts(Bench.CODE + 9);
    assertEquals(0, c.cpu.r[Registers.RAX] & Flag.CR0_NE, "the shadow is read");
    assertEquals(Flag.CR0_NE, c.cpu.cr0 & Flag.CR0_NE, "the monitor's bit stays");
    Bench d = nonRoot(with(Bench.longMode(), Flag.CR4_PAE | Flag.CR4_VMXE)).code(CR4_EAX);
    d.cpu.controls.cr4Mask = Flag.CR4_VMXE;
    d.exits(28, 4);
  }

  @Test
  void loadsAndStoresExit() {
    Bench b = nonRoot(Bench.longMode()).code(CR3_EAX);
    b.cpu.controls.cr3LoadExiting = true;
    b.exits(28, 3);
    Bench c = nonRoot(Bench.longMode()).code("0f 20 db"); // mov rbx, cr3
    c.cpu.controls.cr3StoreExiting = true;
    c.exits(28, 3 | 1 << 4 | 3 << 8);
    Bench d = nonRoot(Bench.longMode()).code("44 0f 22 c3"); // mov cr8, rbx
    d.cpu.controls.cr8LoadExiting = true;
    d.exits(28, 8 | 3 << 8);
    Bench e = nonRoot(Bench.longMode()).code("44 0f 20 c3");
    e.cpu.controls.cr8StoreExiting = true;
    e.exits(28, 8 | 1 << 4 | 3 << 8);
  }

  @Test
  void cltsAndLmswExit() {
    Bench b = nonRoot(Bench.longMode()).code("0f 06");
    b.cpu.controls.cr0Mask = Flag.CR0_TS;
    b.cpu.controls.cr0Shadow = Flag.CR0_TS;
    b.exits(28, 2 << 4);
    Bench c = nonRoot(with(Bench.longMode(), 0xb)).code("0f 01 f0");
    c.cpu.controls.cr0Mask = Flag.CR0_TS;
    c.exits(28, 3 << 4 | 0xb << 16);
  }
}
