package org.sallyport.irqchip.lapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.LocalApicFactory.Features;
import org.sallyport.api.irq.MsrFault;

/** The register page, the MSRs of x2APIC mode, and IA32_APIC_BASE. */
class RegistersTest {
  private static final long BASE = LocalApic.DEFAULT_BASE;

  private final ApicBench bench = new ApicBench();
  private final XApic apic = bench.apics[0];

  @Test
  void stateAfterReset() {
    assertEquals(0xfee0_0900L, bench.msr(IA32_APIC_BASE));
    assertEquals(0xfee0_0800L, ApicBench.msr(new ApicBench(2, ApicBench.ALL).apics[1], IA32_APIC_BASE),
        "BSP is the first one alone");
    assertEquals(0x0105_0014, bench.read(VERSION));
    for (int offset : new int[]{ID, TPR, APR, PPR, LDR, ESR, ICR_LOW, ICR_HIGH, INITIAL_COUNT, CURRENT_COUNT, DIVIDE}) {
      assertEquals(0, bench.read(offset), Integer.toHexString(offset));
    }
    for (int i = 0; i < 24; i++) {
      assertEquals(0, bench.read(ISR + 16 * i));
    }
    assertEquals(-1, bench.read(DFR));
    assertEquals(0xff, bench.read(SVR));
    for (int offset = LVT_TIMER; offset <= LVT_ERROR; offset += 16) {
      assertEquals(0x10000, bench.read(offset));
    }
    assertEquals(List.of(new MemoryRange(BASE, 0x1000)), apic.memoryRanges());
  }

  @Test
  void writableBits() {
    bench.enabled();
    check(TPR, 0xff);
    check(LDR, 0xff00_0000);
    check(ICR_HIGH, 0xff00_0000);
    check(DIVIDE, 0xb);
    check(LVT_TIMER, 0x700ff);
    check(LVT_THERMAL, 0x107ff);
    check(LVT_PERFORMANCE, 0x107ff);
    check(LVT_LINT0, 0x1a7ff);
    check(LVT_LINT1, 0x1a7ff);
    check(LVT_ERROR, 0x100ff);
    bench.write(DFR, 0);
    assertEquals(0x0fff_ffff, bench.read(DFR));
    bench.write(SVR, -1);
    assertEquals(0x13ff, bench.read(SVR));
    bench.write(ICR_LOW, 0xfff3_3300 | 0x3000); // reserved delivery mode: sends nothing
    assertEquals(0x0000_0300, bench.read(ICR_LOW), "delivery status is idle");
  }

  private void check(int offset, int mask) {
    bench.write(offset, -1);
    assertEquals(mask, bench.read(offset), Integer.toHexString(offset));
    bench.write(offset, 0);
    assertEquals(0, bench.read(offset), Integer.toHexString(offset));
  }

  @Test
  void accessSizes() {
    bench.write(LDR, 0x1200_0000);
    assertEquals(0x12, apic.readMemory(BASE + LDR + 3, 1));
    assertEquals(0x1200, apic.readMemory(BASE + LDR + 2, 2));
    assertEquals(0x1200_0000, apic.readMemory(BASE + LDR, 8));
    assertEquals(0, apic.readMemory(BASE + LDR + 4, 4));
    apic.writeMemory(BASE + LDR + 3, 1, 0xff);
    apic.writeMemory(BASE + LDR + 4, 4, 0xff00_0000L);
    apic.writeMemory(BASE + LDR, 8, 0xff00_0000L);
    assertEquals(0x1200_0000, bench.read(LDR));
    bench.write(ESR, 0);
    assertEquals(0, bench.read(ESR));
  }

  @Test
  void thePageMoves() {
    bench.msr(IA32_APIC_BASE, 0xff_fed4_0900L);
    assertEquals(0xff_fed4_0000L, apic.base());
    assertEquals(0x0105_0014, apic.readMemory(0xff_fed4_0030L, 4));
    assertEquals(List.of(new MemoryRange(0xff_fed4_0000L, 0x1000)), apic.memoryRanges());
  }

  @Test
  void reservedBitsOfTheBaseFault() {
    long base = bench.msr(IA32_APIC_BASE);
    for (int bit = 0; bit < 64; bit++) {
      if (bit < 8 || bit == 9 || bit >= 40) {
        bench.faults(IA32_APIC_BASE, base | 1L << bit);
      }
    }
    assertEquals(base, bench.msr(IA32_APIC_BASE));
    ApicBench old = new ApicBench(1, ApicBench.OLD);
    old.faults(IA32_APIC_BASE, base | BASE_EXTD);
    old.faults(IA32_APIC_BASE, base | 1L << 36);
  }

  @Test
  void transitions() {
    long off = 0xfee0_0100L;
    long xapic = off | BASE_EN;
    long x2apic = xapic | BASE_EXTD;
    long invalid = off | BASE_EXTD;
    bench.faults(IA32_APIC_BASE, invalid);
    bench.msr(IA32_APIC_BASE, xapic);
    bench.msr(IA32_APIC_BASE, x2apic);
    assertEquals(-1, apic.base());
    bench.faults(IA32_APIC_BASE, invalid);
    bench.faults(IA32_APIC_BASE, xapic);
    bench.msr(IA32_APIC_BASE, x2apic);
    bench.msr(IA32_APIC_BASE, off);
    assertEquals(-1, apic.base());
    bench.faults(IA32_APIC_BASE, invalid);
    bench.faults(IA32_APIC_BASE, x2apic);
    bench.msr(IA32_APIC_BASE, off);
    bench.msr(IA32_APIC_BASE, xapic);
    assertEquals(BASE, apic.base());
    bench.msr(IA32_APIC_BASE, off);
    assertEquals(off, bench.msr(IA32_APIC_BASE));
  }

  @Test
  void switchingOffResetsAllButTheTaskPriority() {
    bench.enabled();
    bench.write(ID, 0x05 << 24);
    bench.write(LDR, 0x0100_0000);
    apic.accept(ApicBench.fixed(0x45));
    apic.taskPriority(0xf0);
    bench.msr(IA32_APIC_BASE, 0xfee0_0100L);
    assertEquals(0xf0, apic.taskPriority());
    assertFalse(apic.matches(0, false));
    assertFalse(apic.matches(-1, false));
    apic.taskPriority(0x30);
    bench.msr(IA32_APIC_BASE, 0xfee0_0900L);
    assertEquals(0x30, bench.read(TPR));
    assertEquals(0, bench.read(ID));
    assertEquals(0, bench.read(LDR));
    assertEquals(0xff, bench.read(SVR));
    apic.taskPriority(0);
    assertFalse(apic.interruptPending());
  }

  @Test
  void enteringX2apicModeKeepsTheRestAndRestoresTheIdentifier() {
    ApicBench two = new ApicBench(2, ApicBench.ALL).enabled();
    two.write(1, ID, 9 << 24);
    two.write(1, LDR, 0x0200_0000);
    two.write(1, ICR_HIGH, 0x0700_0000);
    two.write(1, LVT_ERROR, 0xfe);
    two.apics[1].accept(ApicBench.fixed(0x45));
    assertEquals(9, two.apics[1].id());
    two.x2apic();
    assertEquals(1, two.apics[1].id());
    assertEquals(1, two.read(1, ID));
    assertEquals(0x0000_0002, two.read(1, LDR));
    assertEquals(0xfe, two.read(1, LVT_ERROR));
    assertEquals(0x1ff, two.read(1, SVR));
    assertEquals(0L, ApicBench.msr(two.apics[1], 0x830));
    assertEquals(0x45, two.apics[1].acknowledge());
  }

  @Test
  void logicalX2apicIdentifiers() {
    XApic far = new XApic(0x12b, ApicBench.ALL, bench.clock, bench, bench.processors[0]);
    assertEquals(0x2b, far.id());
    ApicBench.msr(far, IA32_APIC_BASE, 0xfee0_0c00L);
    assertEquals(0x12b, far.id());
    assertEquals(0x12b, ApicBench.msr(far, 0x802));
    assertEquals(0x0012_0800, ApicBench.msr(far, 0x80d));
    assertTrue(far.matches(0x12b, false));
    assertFalse(far.matches(0x2b, false));
    assertTrue(far.matches(0x0012_0800, true));
    assertTrue(far.matches(0x0012_ffff, true));
    assertFalse(far.matches(0x0012_f7ff, true));
    assertFalse(far.matches(0x0011_ffff, true));
    assertTrue(far.matches(-1, true));
    assertTrue(far.matches(-1, false));
  }

  @Test
  void theMsrsThatThereAre() {
    Set<Integer> readOnly = Set.of(ID, VERSION, PPR, LDR, CURRENT_COUNT);
    Set<Integer> readWrite =
        Set.of(TPR, SVR, ESR, ICR_LOW, LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR,
            INITIAL_COUNT, DIVIDE);
    Set<Integer> writeOnly = Set.of(EOI, SELF_IPI);
    assertFalse(apic.ownsMsr(0x802));
    bench.faults(0x802);
    bench.faults(0x80b, 0);
    bench.enabled().x2apic();
    for (int msr = 0x800; msr < 0x900; msr++) {
      int offset = msr - 0x800 << 4;
      assertTrue(apic.ownsMsr(msr));
      boolean vectors = offset >= ISR && offset < ESR;
      if (readOnly.contains(offset) || vectors || readWrite.contains(offset)) {
        bench.msr(msr);
      } else {
        bench.faults(msr);
      }
      if (readWrite.contains(offset) || writeOnly.contains(offset)) {
        bench.msr(msr, offset == ICR_LOW ? 0x300 : 0);
        bench.faults(msr, 1L << (offset == ICR_LOW ? 31 : 32));
      } else {
        bench.faults(msr, 0);
      }
    }
    assertFalse(apic.ownsMsr(0x7ff));
    assertFalse(apic.ownsMsr(0x900));
  }

  @Test
  void reservedBitsOfX2apicMsrsFault() {
    bench.enabled().x2apic();
    checkAccepted(0x808, 0xff);
    checkAccepted(0x80b, 0);
    checkAccepted(0x80f, 0x13ff);
    checkAccepted(0x828, 0);
    checkAccepted(0x832, 0x710ff);
    checkAccepted(0x833, 0x117ff);
    checkAccepted(0x834, 0x117ff);
    checkAccepted(0x835, 0x1f7ff);
    checkAccepted(0x836, 0x1f7ff);
    checkAccepted(0x837, 0x110ff);
    checkAccepted(0x838, 0xffff_ffffL);
    checkAccepted(0x83e, 0xb);
    checkAccepted(0x83f, 0xff);
    ApicBench old = new ApicBench(1, new Features(true, false, 1, 36)).x2apic();
    old.faults(0x832, 1 << 18);
    for (int bit = 0; bit < 64; bit++) {
      if (bit >= 20 && bit < 32 || bit == 16 || bit == 17 || bit == 13) {
        bench.faults(0x830, 1L << bit | 0x300);
      } else {
        bench.msr(0x830, 1L << bit | 0x300);
      }
    }
  }

  private void checkAccepted(int msr, long accepted) {
    for (int bit = 0; bit < 64; bit++) {
      long value = 1L << bit;
      if ((accepted & value) != 0) {
        bench.msr(msr, value);
      } else {
        bench.faults(msr, value);
      }
    }
  }

  @Test
  void theCommandMsrHas64Bits() {
    bench.enabled().x2apic();
    bench.msr(0x830, 0x1234_5678_0000_1300L);
    assertEquals(0x1234_5678_0000_0300L, bench.msr(0x830));
  }

  @Test
  void selfIpi() {
    bench.enabled().x2apic();
    bench.msr(0x83f, 0xf1);
    assertEquals(0xf1, apic.acknowledge());
    bench.msr(0x80b, 0);
    bench.msr(0x83f, 0x0f);
    assertFalse(apic.interruptPending());
    bench.msr(0x828, 0);
    assertEquals(0x60, bench.msr(0x828));
  }

  @Test
  void initKeepsX2apicMode() {
    bench.enabled().x2apic();
    apic.accept(ApicBench.fixed(0x45));
    apic.init();
    assertEquals(0xfee0_0d00L, bench.msr(IA32_APIC_BASE));
    assertEquals(0xff, bench.msr(0x80f));
    assertFalse(apic.interruptPending());
    apic.reset(ResetKind.RESET);
    assertEquals(0xfee0_0900L, bench.msr(IA32_APIC_BASE));
  }

  @Test
  void msrsThatItDoesNotHave() {
    ApicBench old = new ApicBench(1, ApicBench.OLD);
    assertFalse(old.apics[0].ownsMsr(IA32_TSC_DEADLINE));
    old.faults(IA32_TSC_DEADLINE);
    old.faults(IA32_TSC_DEADLINE, 1);
    assertTrue(apic.ownsMsr(IA32_TSC_DEADLINE));
    assertTrue(apic.ownsMsr(IA32_APIC_BASE));
    assertThrows(MsrFault.class, () -> apic.readMsr(0x10));
  }
}
