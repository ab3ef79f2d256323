package org.sallyport.machine.irq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.ProcessorSignals;
import org.sallyport.machine.bench.FakeIoApic;
import org.sallyport.machine.bench.FakeLapic;
import org.sallyport.machine.bench.FakePic;

/** Lines, their ledger, and messages between APICs. */
class InterruptTest {
  private final IrqLines lines = new IrqLines();
  private final ApicFabric fabric = new ApicFabric(lines, 3);
  private final List<FakeLapic> apics = new ArrayList<>();
  private final FakePic pic = new FakePic(fabric.intr());
  private final FakeIoApic ioApic = new FakeIoApic(fabric.ioApicPort());

  @BeforeEach
  void wire() {
    for (int i = 0; i < 3; i++) {
      FakeLapic apic = new FakeLapic(i, fabric.localPort(i), new Deaf());
      apics.add(apic);
      fabric.localApic(i, apic);
    }
    lines.pic(pic);
    lines.ioApic(ioApic);
    fabric.ioApic(ioApic);
    ioApic.enabled = true;
  }

  private static ApicMessage message(int destination, boolean logical, DeliveryMode mode, int vector) {
    return new ApicMessage(destination, logical, mode, vector, false, true);
  }

  private List<Integer> counts() {
    return apics.stream().map(apic -> apic.accepted.size()).toList();
  }

  @Test
  void severalSourcesAreWiredOr() {
    IrqLines.Source a = lines.source(10, "a");
    IrqLines.Source b = lines.source(10, "b");
    a.set(true);
    b.set(true);
    a.set(false);
    assertTrue(ioApic.level(10));
    b.set(false);
    assertFalse(ioApic.level(10));
    assertEquals(List.of("a", "b"), lines.info().getFirst().sources());
    assertEquals(1, lines.info().getFirst().raised());
    a.set(true);
    a.release();
    assertFalse(ioApic.level(10));
    assertEquals(List.of("b"), lines.info().getFirst().sources());
  }

  @Test
  void theTimerIsOnPinTwoOfTheIoApicAndOnInputZeroOfThePic() {
    lines.source(0, "pit").set(true);
    assertTrue(ioApic.level(2));
    assertFalse(ioApic.level(0));
    assertEquals(0x30, lines.acknowledgePic());
    assertEquals(-1, lines.acknowledgePic());
    assertEquals(0x42, apics.getFirst().pendingVector());
    fabric.delivered(0, 0x42);
    assertEquals(2, lines.info().getFirst().delivered());
    assertThrows(IllegalArgumentException.class, () -> lines.source(2, "x"));
    assertThrows(IllegalArgumentException.class, () -> lines.source(24, "x"));
  }

  @Test
  void thePicsVectorsAreBookedOnTheRightHalf() {
    IrqLines.Source low = lines.source(3, "low");
    IrqLines.Source high = lines.source(11, "high");
    for (int i = 0; i < 3; i++) {
      high.pulse();
      assertEquals(0x3b, lines.acknowledgePic());
      low.pulse();
      assertEquals(0x33, lines.acknowledgePic());
    }
    // Both wait: what was seen before decides.
    low.pulse();
    high.pulse();
    assertEquals(0x33, lines.acknowledgePic());
    assertEquals(0x3b, lines.acknowledgePic());
    assertEquals(List.of(4L, 4L), lines.info().stream().map(line -> line.delivered()).toList());
  }

  @Test
  void intrReachesLint0OfEveryProcessor() {
    lines.source(4, "x").set(true);
    assertTrue(apics.stream().allMatch(FakeLapic::externalInterruptPending));
    FakeLapic late = new FakeLapic(1, fabric.localPort(1), new Deaf());
    fabric.localApic(1, late);
    assertTrue(late.externalInterruptPending());
    lines.acknowledgePic();
    assertFalse(late.externalInterruptPending());
  }

  @Test
  void messagesGoWhereTheyAreMeantFor() {
    ApicBus port = fabric.ioApicPort();
    assertTrue(port.send(message(1, false, DeliveryMode.FIXED, 0x50)));
    assertEquals(List.of(0, 1, 0), counts());
    assertTrue(port.send(message(0b101, true, DeliveryMode.FIXED, 0x51)));
    assertEquals(List.of(1, 1, 1), counts());
    assertFalse(port.send(message(7, false, DeliveryMode.FIXED, 0x52)));
    assertTrue(port.send(message(0xff, false, DeliveryMode.FIXED, 0x53)), "0xFF is everybody");
    assertEquals(List.of(2, 2, 2), counts());
    assertTrue(fabric.localPort(1).broadcast(message(0, false, DeliveryMode.FIXED, 0x54), 1, false));
    assertEquals(List.of(3, 2, 3), counts());
    assertTrue(fabric.localPort(1).broadcast(message(0, false, DeliveryMode.FIXED, 0x54), 1, true));
    assertEquals(List.of(4, 3, 4), counts());
    fabric.send(0xfee02000L, 0x61);
    assertEquals(List.of(4, 3, 5), counts());
    apics.get(0).x2apic = true;
    assertFalse(fabric.localPort(0).send(message(0xff, false, DeliveryMode.FIXED, 0x55)),
        "in x2APIC mode 0xFF is one processor");
    port.endOfInterrupt(0x50);
    assertEquals(List.of(0x50), ioApic.ended);
  }

  @Test
  void lowestPriorityGoesToOneProcessorAndDrawsGoRound() {
    ApicBus port = fabric.ioApicPort();
    apics.get(0).arbitrationPriority = 0x40;
    apics.get(1).arbitrationPriority = 0x20;
    apics.get(2).arbitrationPriority = 0x20;
    for (int i = 0; i < 4; i++) {
      assertTrue(port.send(message(0b111, true, DeliveryMode.LOWEST_PRIORITY, 0x50)));
    }
    assertEquals(List.of(0, 2, 2), counts());
    apics.get(1).arbitrationPriority = -1;
    apics.get(2).arbitrationPriority = -1;
    assertTrue(port.send(message(0b111, true, DeliveryMode.LOWEST_PRIORITY, 0x50)));
    assertEquals(List.of(1, 2, 2), counts());
    assertFalse(port.send(message(0b110, true, DeliveryMode.LOWEST_PRIORITY, 0x50)));
  }

  @Test
  void theSameVectorMayComeFromDifferentLinesOnDifferentProcessors() {
    IrqLines.Source five = lines.source(5, "five");
    five.pulse();
    fabric.ioApicPort().send(message(1, false, DeliveryMode.FIXED, 0x45));
    fabric.localPort(0).send(message(2, false, DeliveryMode.FIXED, 0x45));
    fabric.delivered(0, 0x45);
    assertEquals(1, lines.info().getFirst().delivered());
    fabric.delivered(2, 0x45);
    assertEquals(1, lines.info().getFirst().delivered(), "an inter-processor interrupt comes from no line");
  }

  private static final class Deaf implements ProcessorSignals {
    @Override
    public void interruptsChanged() {}

    @Override
    public void nmi() {}

    @Override
    public void smi() {}

    @Override
    public void init() {}

    @Override
    public void startup(int vector) {}

    @Override
    public long tsc() {
      return 0;
    }

    @Override
    public long nanosAtTsc(long tsc) {
      return 0;
    }
  }
}
