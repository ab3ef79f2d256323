package org.sallyport.irqchip.lapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.irqchip.lapic.ApicBench.fixed;
import static org.sallyport.irqchip.lapic.ApicBench.level;
import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;

/** Acceptance, priorities, end of interrupt, errors and the local pins. */
class InterruptsTest {
  private final ApicBench bench = new ApicBench().enabled();
  private final XApic apic = bench.apics[0];
  private final FakeProcessor processor = bench.processors[0];

  private void eoi() {
    bench.write(EOI, 0);
  }

  @Test
  void anInterruptGoesFromIrrToIsr() {
    assertTrue(apic.accept(fixed(0x45)));
    assertTrue(apic.interruptPending());
    assertEquals(1, processor.interruptsChanged);
    assertEquals(0x45, apic.pendingVector());
    assertEquals(1 << 5, bench.read(IRR + 0x20));
    assertEquals(0x45, apic.acknowledge());
    assertFalse(apic.interruptPending());
    assertEquals(0, bench.read(IRR + 0x20));
    assertEquals(1 << 5, bench.read(ISR + 0x20));
    eoi();
    assertEquals(0, bench.read(ISR + 0x20));
    assertEquals(List.of(), bench.ended, "edges are not broadcast");
  }

  @Test
  void everyVectorHasItsBit() {
    for (int vector = 16; vector < 256; vector++) {
      apic.accept(fixed(vector));
      for (int i = 0; i < 8; i++) {
        assertEquals(vector >> 5 == i ? 1 << (vector & 31) : 0, bench.read(IRR + 16 * i));
      }
      assertEquals(vector, apic.acknowledge());
      eoi();
    }
  }

  @Test
  void higherClassesInterruptLowerOnes() {
    apic.accept(fixed(0x51));
    apic.acknowledge();
    apic.accept(fixed(0x5f));
    assertFalse(apic.interruptPending(), "the same class waits");
    assertEquals(0x50, bench.read(PPR));
    apic.accept(fixed(0x60));
    assertEquals(0x60, apic.acknowledge());
    apic.accept(fixed(0x33));
    eoi();
    assertFalse(apic.interruptPending());
    eoi();
    assertEquals(0x5f, apic.acknowledge());
    eoi();
    assertEquals(0x33, apic.acknowledge());
  }

  @Test
  void theSameVectorCanWaitOnceBesidesTheOneInService() {
    apic.accept(fixed(0x51));
    apic.acknowledge();
    apic.accept(fixed(0x51));
    apic.accept(fixed(0x51));
    eoi();
    assertEquals(0x51, apic.acknowledge());
    eoi();
    assertFalse(apic.interruptPending());
  }

  @Test
  void taskPriorityHoldsInterruptsBack() {
    bench.write(TPR, 0x50);
    apic.accept(fixed(0x5f));
    assertFalse(apic.interruptPending());
    assertEquals(-1, apic.pendingVector());
    assertEquals(0, processor.interruptsChanged);
    apic.taskPriority(0x4f);
    assertTrue(apic.interruptPending());
    assertEquals(1, processor.interruptsChanged);
    assertEquals(0x4f, bench.read(TPR));
    assertEquals(0x4f, bench.read(PPR));
    apic.taskPriority(0x1f0);
    assertEquals(0xf0, apic.taskPriority());
    assertFalse(apic.interruptPending());
  }

  @Test
  void processorPriority() {
    apic.accept(fixed(0x35));
    apic.acknowledge();
    assertEquals(0x30, bench.read(PPR));
    bench.write(TPR, 0x25);
    assertEquals(0x30, bench.read(PPR));
    bench.write(TPR, 0x35);
    assertEquals(0x35, bench.read(PPR));
    bench.write(TPR, 0x41);
    assertEquals(0x41, bench.read(PPR));
  }

  @Test
  void arbitrationPriority() {
    assertEquals(0, apic.arbitrationPriority());
    bench.write(TPR, 0x41);
    assertEquals(0x41, apic.arbitrationPriority());
    apic.accept(fixed(0x85));
    assertEquals(0x80, apic.arbitrationPriority());
    assertEquals(0x80, bench.read(APR));
    bench.write(SVR, 0xff);
    assertEquals(-1, apic.arbitrationPriority());
  }

  @Test
  void anAcknowledgementWithoutInterruptIsSpurious() {
    bench.write(SVR, 0x1ef);
    apic.accept(fixed(0x45));
    bench.write(TPR, 0x80);
    assertEquals(0xef, apic.acknowledge());
    for (int i = 0; i < 8; i++) {
      assertEquals(0, bench.read(ISR + 16 * i), "a spurious interrupt is not in service");
    }
    bench.write(TPR, 0);
    assertEquals(0x45, apic.acknowledge());
  }

  @Test
  void anEoiWithoutServiceDoesNothing() {
    eoi();
    assertEquals(List.of(), bench.ended);
  }

  @Test
  void levelsAreBroadcastAndKeptInTheTmr() {
    apic.accept(level(0x79));
    assertEquals(1 << 0x19, bench.read(TMR + 0x30));
    apic.acknowledge();
    eoi();
    assertEquals(List.of(0x79), bench.ended);
    assertEquals(1 << 0x19, bench.read(TMR + 0x30), "until the next interrupt with this vector is accepted");
    apic.accept(fixed(0x79));
    assertEquals(0, bench.read(TMR + 0x30));
    apic.acknowledge();
    eoi();
    assertEquals(List.of(0x79), bench.ended);
  }

  @Test
  void eoiBroadcastsCanBeSuppressed() {
    bench.write(SVR, 0x11ff);
    assertEquals(0x11ff, bench.read(SVR));
    apic.accept(level(0x79));
    apic.acknowledge();
    eoi();
    assertEquals(List.of(), bench.ended);
  }

  @Test
  void aSoftwareDisabledApicTakesOnlySignals() {
    apic.accept(fixed(0x45));
    bench.write(LVT_LINT0, 0x700);
    bench.write(SVR, 0xff);
    assertEquals(0x10700, bench.read(LVT_LINT0), "all LVT entries are masked");
    bench.write(LVT_LINT0, 0x700);
    assertEquals(0x10700, bench.read(LVT_LINT0), "and stay so");
    assertFalse(apic.accept(fixed(0x46)));
    assertFalse(apic.accept(new ApicMessage(0, false, DeliveryMode.EXTINT, 0, false, true)));
    assertTrue(apic.accept(new ApicMessage(0, false, DeliveryMode.NMI, 0, false, true)));
    assertTrue(apic.accept(new ApicMessage(0, false, DeliveryMode.SMI, 0, false, true)));
    assertTrue(apic.accept(new ApicMessage(0, false, DeliveryMode.INIT, 0, false, true)));
    assertTrue(apic.accept(new ApicMessage(0, false, DeliveryMode.STARTUP, 0x9a, false, true)));
    assertEquals(List.of("nmi", "smi", "init", "startup 154"), processor.signals);
    assertEquals(0x45, apic.acknowledge(), "what was in the IRR stays there");
  }

  @Test
  void messagesThatDeassertHaveNoEffect() {
    assertTrue(apic.accept(new ApicMessage(0, false, DeliveryMode.INIT, 0, true, false)));
    assertTrue(apic.accept(new ApicMessage(0, false, DeliveryMode.FIXED, 0x55, true, false)));
    assertEquals(List.of(), processor.signals);
    assertFalse(apic.interruptPending());
    assertFalse(apic.accept(new ApicMessage(0, false, DeliveryMode.RESERVED, 0x55, false, true)));
  }

  @Test
  void initResetsAllButIdentifierAndBase() {
    bench.write(ID, 7 << 24);
    bench.msr(IA32_APIC_BASE, 0xfed4_0900L);
    apic.accept(fixed(0x45));
    apic.taskPriority(0x20);
    apic.localInterrupt(0, true);
    apic.init();
    assertEquals(7, apic.id());
    assertEquals(0xfed4_0000L, apic.base());
    assertEquals(0, apic.taskPriority());
    assertFalse(apic.interruptPending());
    assertEquals(0xff, bench.read(SVR));
    assertEquals(-1, bench.read(DFR));
    assertEquals(0, bench.read(IRR + 0x20));
    for (int offset = LVT_TIMER; offset <= LVT_ERROR; offset += 16) {
      assertEquals(0x10000, bench.read(offset));
    }
    bench.write(SVR, 0x1ff);
    bench.write(LVT_LINT0, 0x700);
    assertTrue(apic.externalInterruptPending(), "the wire has kept its level");
  }

  // ---- Errors

  @Test
  void illegalVectorsAreNeverAccepted() {
    assertFalse(apic.accept(fixed(15)));
    assertEquals(0, bench.read(ESR), "only a write brings errors into the ESR");
    bench.write(ESR, 0);
    assertEquals(0x40, bench.read(ESR));
    bench.write(ESR, 0);
    assertEquals(0, bench.read(ESR));
    assertEquals(0, bench.read(IRR));
  }

  @Test
  void sendingAnIllegalVectorIsReportedAtBothEnds() {
    bench.command(0, 0, 0x05);
    bench.write(ESR, 0);
    assertEquals(0x60, bench.read(ESR));
  }

  @Test
  void reservedRegistersAreReported() {
    for (int offset : new int[]{0x000, 0x010, 0x040, 0x070, 0x290, 0x2e0, LVT_CMCI, 0x3a0, 0x3d0, SELF_IPI, 0x400,
        0xff0}) {
      assertEquals(0, bench.read(offset));
      bench.write(ESR, 0);
      assertEquals(0x80, bench.read(ESR), Integer.toHexString(offset));
      bench.write(offset, 0);
      bench.write(ESR, 0);
      assertEquals(0x80, bench.read(ESR), Integer.toHexString(offset));
      bench.write(ESR, 0);
    }
    for (int offset : new int[]{VERSION, APR, PPR, RRD, ISR, TMR + 0x70, IRR, CURRENT_COUNT}) {
      bench.write(offset, 0x1234_5678);
      bench.write(ESR, 0);
      assertEquals(0, bench.read(ESR), "a write to a read-only register is ignored");
    }
  }

  @Test
  void theErrorInterruptIsArmedByAWriteToTheEsr() {
    bench.write(LVT_ERROR, 0xfe);
    apic.accept(fixed(3));
    assertEquals(0xfe, apic.acknowledge());
    eoi();
    bench.read(0x40);
    assertFalse(apic.interruptPending(), "not armed");
    bench.write(ESR, 0);
    assertEquals(0xc0, bench.read(ESR));
    bench.read(0x40);
    assertEquals(0xfe, apic.acknowledge());
  }

  @Test
  void anErrorInterruptWithAnIllegalVectorIsOneMoreError() {
    bench.write(LVT_ERROR, 0x02);
    bench.read(0x40);
    bench.write(ESR, 0);
    assertEquals(0xc0, bench.read(ESR));
    assertFalse(apic.interruptPending());
  }

  // ---- LINT0 and LINT1

  @Test
  void externalInterruptsFollowThePin() {
    apic.localInterrupt(0, true);
    assertFalse(apic.interruptPending(), "masked after a reset");
    bench.write(LVT_LINT0, 0x700);
    assertTrue(apic.externalInterruptPending());
    assertTrue(apic.interruptPending());
    assertEquals(-1, apic.pendingVector());
    assertEquals(1, processor.interruptsChanged);
    bench.write(TPR, 0xff);
    assertTrue(apic.interruptPending(), "ExtINT knows no priority");
    apic.localInterrupt(0, false);
    assertFalse(apic.interruptPending());
    apic.localInterrupt(0, true);
    assertEquals(2, processor.interruptsChanged);
    bench.write(LVT_LINT0, 0x10700);
    assertFalse(apic.interruptPending());
  }

  @Test
  void anExternalInterruptMessageLastsUntilIntrFalls() {
    ApicMessage message = new ApicMessage(0, false, DeliveryMode.EXTINT, 0, false, true);
    assertTrue(apic.accept(message));
    assertFalse(apic.externalInterruptPending(), "the PIC has nothing");
    apic.localInterrupt(0, true);
    assertTrue(apic.interruptPending());
    apic.localInterrupt(0, false);
    apic.localInterrupt(0, true);
    assertFalse(apic.interruptPending(), "this one needs its own message");
    apic.accept(message);
    assertTrue(apic.externalInterruptPending());
  }

  @Test
  void edgesOnThePins() {
    bench.write(LVT_LINT0, 0x31);
    bench.write(LVT_LINT1, 0x400);
    apic.localInterrupt(0, true);
    apic.localInterrupt(0, true);
    assertEquals(0x31, apic.acknowledge());
    eoi();
    assertFalse(apic.interruptPending());
    apic.localInterrupt(0, false);
    apic.localInterrupt(0, true);
    assertEquals(0x31, apic.acknowledge());
    assertEquals(0, bench.read(TMR + 0x10));
    apic.localInterrupt(1, true);
    apic.localInterrupt(1, false);
    apic.localInterrupt(1, true);
    assertEquals(List.of("nmi", "nmi"), processor.signals);
    bench.write(LVT_LINT1, 0x200);
    apic.localInterrupt(1, false);
    apic.localInterrupt(1, true);
    bench.write(LVT_LINT1, 0x500);
    apic.localInterrupt(1, false);
    apic.localInterrupt(1, true);
    bench.write(LVT_LINT1, 0x10400);
    apic.localInterrupt(1, false);
    apic.localInterrupt(1, true);
    bench.write(LVT_LINT1, 0x400);
    assertEquals(List.of("nmi", "nmi", "smi", "init"), processor.signals, "an edge on a masked pin is lost");
  }

  @Test
  void levelOnLint0() {
    bench.write(LVT_LINT0, 0x18031);
    apic.localInterrupt(0, true);
    assertFalse(apic.interruptPending());
    bench.write(LVT_LINT0, 0x8031);
    assertEquals(0xc031, bench.read(LVT_LINT0), "remote IRR");
    assertEquals(0x31, apic.acknowledge());
    bench.write(LVT_LINT0, 0x8031);
    assertEquals(0xc031, bench.read(LVT_LINT0), "remote IRR is read-only");
    assertEquals(0, bench.read(IRR + 0x10), "and holds the next request back");
    assertEquals(1 << 0x11, bench.read(TMR + 0x10));
    eoi();
    assertEquals(0x31, apic.acknowledge(), "still asserted");
    apic.localInterrupt(0, false);
    assertEquals(0xc031, bench.read(LVT_LINT0));
    eoi();
    assertEquals(0x8031, bench.read(LVT_LINT0));
    assertFalse(apic.interruptPending());
    apic.localInterrupt(0, true);
    bench.write(LVT_LINT0, 0x31);
    assertEquals(0x31, bench.read(LVT_LINT0), "an edge has no remote IRR");
  }

  @Test
  void lint1IsAlwaysAnEdge() {
    bench.write(LVT_LINT1, 0x8032);
    apic.localInterrupt(1, true);
    assertEquals(0x8032, bench.read(LVT_LINT1));
    assertEquals(0x32, apic.acknowledge());
    eoi();
    assertFalse(apic.interruptPending());
  }

  @Test
  void withoutApicThePinsAreIntrAndNmi() {
    bench.msr(IA32_APIC_BASE, 0xfee0_0100L);
    assertFalse(apic.accept(fixed(0x45)));
    assertFalse(apic.accept(new ApicMessage(0, false, DeliveryMode.NMI, 0, false, true)));
    apic.localInterrupt(0, true);
    assertTrue(apic.interruptPending());
    assertTrue(apic.externalInterruptPending());
    assertEquals(-1, apic.pendingVector());
    apic.localInterrupt(0, false);
    assertFalse(apic.interruptPending());
    apic.localInterrupt(1, true);
    apic.localInterrupt(1, false);
    assertEquals(List.of("nmi"), processor.signals);
    apic.localInterrupt(0, true);
    bench.msr(IA32_APIC_BASE, 0xfee0_0900L);
    assertFalse(apic.interruptPending(), "LINT0 is masked after a reset");
  }
}
