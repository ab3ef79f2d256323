package org.sallyport.irqchip.pic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.irqchip.pic.PicBench.EOI;
import static org.sallyport.irqchip.pic.PicBench.ICW4_8086;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;

/** The 8259A pair against its datasheet. */
class PicPairTest {
  private static final int AEOI = ICW4_8086 | 2;
  private static final int SFNM = ICW4_8086 | 0x10;

  private final PicBench bench = new PicBench();

  @Test
  void answersThePortsOfAPc() {
    assertEquals(List.of(new PortRange(0x20, 2), new PortRange(0xa0, 2), new PortRange(0x4d0, 2)),
        bench.pic.portRanges());
  }

  @Test
  void isSilentUntilInitialised() {
    bench.raise(0, 9);
    assertFalse(bench.intr);
    bench.out(0x20, 0x11);
    bench.out(0x21, 0x20);
    bench.lower(0);
    bench.raise(0);
    assertFalse(bench.intr, "between ICW2 and ICW4");
    bench.out(0x21, 4);
    bench.out(0x21, 1);
    assertTrue(bench.intr);
    assertEquals(0x20, bench.pic.acknowledge());
  }

  @Test
  void withoutIcw4AndSingleTheSequenceIsShort() {
    bench.init(0x20, 0x12, 0x40);
    assertEquals(0x00, bench.in(0x21), "ICW1 clears the IMR");
    bench.out(0x21, 0xfb);
    assertEquals(0xfb, bench.in(0x21), "OCW1 follows ICW2");
  }

  @Test
  void icw1ForgetsEdgesMasksAndService() {
    bench.initialised();
    bench.raise(1, 3);
    bench.pic.acknowledge();
    bench.out(0x21, 0x55);
    bench.init(0x20, 0x11, 0x20, 4, 1);
    assertEquals(0, bench.in(0x21));
    assertEquals(0, bench.isr(0x20));
    assertEquals(0, bench.irr(0x20), "input 3 has to rise again");
    bench.lower(3);
    bench.raise(3);
    assertEquals(0x23, bench.pic.acknowledge());
  }

  @Test
  void servesByPriorityFullyNested() {
    bench.initialised();
    bench.raise(5, 3);
    assertTrue(bench.pic.interruptRequested());
    assertEquals(0x23, bench.pic.acknowledge());
    assertFalse(bench.intr, "5 waits for the end of 3");
    bench.raise(1);
    assertTrue(bench.intr, "1 comes first");
    assertEquals(0x21, bench.pic.acknowledge());
    assertEquals(0x0a, bench.isr(0x20));
    bench.out(0x20, EOI);
    assertEquals(0x08, bench.isr(0x20), "a non-specific EOI ends the highest");
    bench.out(0x20, 0x63);
    assertTrue(bench.intr);
    assertEquals(0x25, bench.pic.acknowledge());
  }

  @Test
  void anEdgeCountsOnce() {
    bench.initialised();
    bench.raise(4);
    assertEquals(0x24, bench.pic.acknowledge());
    bench.out(0x20, EOI);
    assertFalse(bench.intr, "the line is still high, but it was no new edge");
    bench.raise(4);
    assertFalse(bench.intr);
    bench.lower(4);
    bench.raise(4);
    assertEquals(0x24, bench.pic.acknowledge());
  }

  @Test
  void anEdgeDuringServiceWaits() {
    bench.initialised();
    bench.raise(4);
    bench.pic.acknowledge();
    bench.lower(4);
    bench.raise(4);
    assertFalse(bench.intr);
    assertEquals(0x10, bench.irr(0x20));
    bench.out(0x20, EOI);
    assertTrue(bench.intr);
  }

  @Test
  void aRequestThatGoesAwayIsSpurious7() {
    bench.initialised();
    bench.raise(4);
    assertTrue(bench.intr);
    bench.lower(4);
    assertFalse(bench.intr);
    assertEquals(0x27, bench.pic.acknowledge());
    assertEquals(0, bench.isr(0x20), "a spurious interrupt is not in service");
  }

  @Test
  void aSlaveRequestThatGoesAwayBetweenTheIntasIsSpurious15() {
    bench.initialised();
    bench.raise(9);
    bench.onIntrFall = () -> bench.lower(9);
    assertEquals(0x2f, bench.pic.acknowledge());
    assertEquals(0, bench.isr(0xa0));
    assertEquals(0x04, bench.isr(0x20), "the master served its input 2 and needs an EOI");
  }

  @Test
  void masksHoldBackAndKeepRequests() {
    bench.initialised();
    bench.out(0x21, 0x10);
    bench.raise(4);
    assertFalse(bench.intr);
    assertEquals(0x10, bench.irr(0x20));
    bench.out(0x21, 0);
    assertTrue(bench.intr);
    bench.out(0x21, 0x10);
    assertFalse(bench.intr);
  }

  @Test
  void cascadeDeliversTheSlavesVector() {
    bench.initialised();
    bench.raise(12, 8);
    assertEquals(0x28, bench.pic.acknowledge());
    assertEquals(0x04, bench.isr(0x20));
    assertEquals(0x01, bench.isr(0xa0));
    bench.out(0xa0, EOI);
    assertFalse(bench.intr, "the master still serves input 2");
    bench.out(0x20, EOI);
    assertTrue(bench.intr);
    assertEquals(0x2c, bench.pic.acknowledge());
  }

  @Test
  void slaveInputsRankBetweenOneAndThree() {
    bench.initialised();
    bench.raise(3, 10, 1);
    assertEquals(0x21, bench.pic.acknowledge());
    bench.out(0x20, EOI);
    assertEquals(0x2a, bench.pic.acknowledge());
    bench.out(0xa0, EOI);
    bench.out(0x20, EOI);
    assertEquals(0x23, bench.pic.acknowledge());
  }

  @Test
  void pin2IsTheCascadeAndHasNoWire() {
    bench.initialised();
    bench.raise(2);
    assertFalse(bench.intr);
    assertEquals(0, bench.irr(0x20));
  }

  @Test
  void aMasterWithoutSlavesAnswersInput2Itself() {
    bench.init(0x20, 0x13, 0x20, ICW4_8086); // SNGL
    bench.init(0xa0, 0x11, 0x28, 0x02, ICW4_8086);
    bench.raise(9);
    assertEquals(0x22, bench.pic.acknowledge());
    assertEquals(0, bench.isr(0xa0));
  }

  @Test
  void aSlaveWithAnotherIdDoesNotAnswer() {
    bench.initialised();
    bench.init(0xa0, 0x11, 0x28, 0x03, ICW4_8086);
    bench.raise(9);
    assertEquals(0xff, bench.pic.acknowledge(), "nobody drives the data bus");
  }

  @Test
  void specialFullyNestedModeLetsTheSlaveInterruptItself() {
    bench.initialised(ICW4_8086, ICW4_8086);
    bench.raise(12);
    bench.pic.acknowledge();
    bench.raise(8);
    assertFalse(bench.intr, "normal nesting holds input 2 back");

    PicBench special = new PicBench().initialised(SFNM, ICW4_8086);
    special.raise(12);
    assertEquals(0x2c, special.pic.acknowledge());
    special.raise(13);
    assertFalse(special.intr, "lower than 12: the slave itself holds it back");
    special.raise(3);
    assertFalse(special.intr, "lower than input 2");
    special.raise(8);
    assertTrue(special.intr);
    assertEquals(0x28, special.pic.acknowledge());
    assertEquals(0x11, special.isr(0xa0));

    PicBench busy = new PicBench().initialised(SFNM, ICW4_8086);
    busy.raise(1);
    busy.pic.acknowledge();
    busy.raise(8);
    assertFalse(busy.intr, "input 1 comes before the slave in this mode too");
  }

  @Test
  void automaticEndOfInterrupt() {
    bench.initialised(AEOI, AEOI);
    bench.raise(3, 5);
    assertEquals(0x23, bench.pic.acknowledge());
    assertEquals(0, bench.isr(0x20));
    assertTrue(bench.intr);
    assertEquals(0x25, bench.pic.acknowledge());
    bench.raise(8, 9);
    assertEquals(0x28, bench.pic.acknowledge());
    assertEquals(0x29, bench.pic.acknowledge());
    assertFalse(bench.intr);
  }

  @Test
  void intrFallsForEachIntaAndRisesForTheNextRequest() {
    bench.initialised(AEOI, AEOI);
    bench.raise(3, 5);
    assertEquals(1, bench.risings);
    bench.pic.acknowledge();
    assertEquals(2, bench.risings);
    bench.pic.acknowledge();
    assertEquals(2, bench.risings);
  }

  @Test
  void rotateInAutomaticEoi() {
    bench.initialised(AEOI, AEOI);
    bench.out(0x20, 0x80);
    bench.raise(3, 5);
    assertEquals(0x23, bench.pic.acknowledge());
    bench.lower(3);
    bench.raise(3);
    assertEquals(0x25, bench.pic.acknowledge(), "3 has the lowest priority now");
    assertEquals(0x23, bench.pic.acknowledge());
    bench.out(0x20, 0x00);
    bench.lower(3, 5);
    bench.raise(1, 6);
    assertEquals(0x26, bench.pic.acknowledge(), "4 comes first after the last rotation");
    bench.lower(6);
    bench.raise(6);
    assertEquals(0x26, bench.pic.acknowledge(), "no more rotation");
  }

  @Test
  void rotateOnNonSpecificEoi() {
    bench.initialised();
    bench.raise(4, 6);
    assertEquals(0x24, bench.pic.acknowledge());
    bench.out(0x20, 0xa0);
    bench.lower(4);
    bench.raise(4);
    assertEquals(0x26, bench.pic.acknowledge());
    bench.out(0x20, 0xa0);
    assertEquals(0x24, bench.pic.acknowledge());
  }

  @Test
  void rotateOnSpecificEoi() {
    bench.initialised();
    bench.raise(1);
    bench.pic.acknowledge();
    bench.out(0x20, 0xe1);
    assertEquals(0, bench.isr(0x20));
    bench.lower(1);
    bench.raise(1, 7);
    assertEquals(0x27, bench.pic.acknowledge());
  }

  @Test
  void setPriority() {
    bench.initialised();
    bench.out(0x20, 0xc5); // 6 is the highest
    bench.raise(0, 5, 6);
    assertEquals(0x26, bench.pic.acknowledge());
    assertFalse(bench.intr);
    bench.out(0x20, EOI);
    assertEquals(0x20, bench.pic.acknowledge());
    bench.out(0x20, EOI);
    assertEquals(0x25, bench.pic.acknowledge());
  }

  @Test
  void noOperationChangesNothing() {
    bench.initialised();
    bench.raise(4);
    bench.pic.acknowledge();
    bench.out(0x20, 0x44);
    assertEquals(0x10, bench.isr(0x20));
  }

  @Test
  void specialMaskModeLetsLowerPrioritiesIn() {
    bench.initialised();
    bench.raise(3);
    bench.pic.acknowledge();
    bench.raise(6);
    assertFalse(bench.intr);
    bench.out(0x21, 0x08);
    bench.out(0x20, 0x68);
    assertTrue(bench.intr);
    assertEquals(0x26, bench.pic.acknowledge());
    bench.out(0x20, EOI);
    assertEquals(0x08, bench.isr(0x20), "a non-specific EOI leaves masked inputs alone");
    bench.out(0x20, 0x48);
    bench.out(0x20, EOI);
    assertEquals(0, bench.isr(0x20));
  }

  @Test
  void esmmGuardsSmm() {
    bench.initialised();
    bench.out(0x20, 0x28); // SMM without ESMM
    bench.raise(3);
    bench.pic.acknowledge();
    bench.out(0x21, 0x08);
    bench.raise(6);
    assertFalse(bench.intr);
  }

  @Test
  void pollCommandActsAsInta() {
    bench.initialised();
    bench.raise(6);
    bench.out(0x20, 0x0c);
    assertEquals(0x86, bench.in(0x20));
    assertEquals(0x40, bench.isr(0x20));
    assertFalse(bench.intr);
    bench.out(0x20, 0x0c);
    assertEquals(0x07, bench.in(0x21), "no request: bit 7 is clear; any read answers");
    assertEquals(0x00, bench.in(0x21), "the next read is an ordinary one");
  }

  @Test
  void pollOfTheSlave() {
    bench.initialised(AEOI, AEOI);
    bench.raise(9, 14);
    bench.out(0xa0, 0x0c);
    assertEquals(0x81, bench.in(0xa0));
    assertTrue(bench.intr, "14 waits");
    bench.out(0xa0, 0x0c);
    assertEquals(0x86, bench.in(0xa0));
    assertFalse(bench.intr);
  }

  @Test
  void theReadSelectionLasts() {
    bench.initialised();
    bench.raise(1, 5);
    bench.pic.acknowledge();
    assertEquals(0x20, bench.in(0x20), "IRR after initialisation");
    bench.out(0x20, 0x0b);
    assertEquals(0x02, bench.in(0x20));
    bench.out(0x20, 0x08); // neither RR nor P
    assertEquals(0x02, bench.in(0x20));
    bench.out(0x20, 0x0a);
    assertEquals(0x20, bench.in(0x20));
  }

  @Test
  void elcrMakesInputsLevelTriggered() {
    bench.initialised();
    bench.out(0x4d0, 0xff);
    bench.out(0x4d1, 0xff);
    assertEquals(0xf8, bench.in(0x4d0));
    assertEquals(0xde, bench.in(0x4d1));
    assertEquals(0xdef8, bench.pic.readPort(0x4d0, 2));

    bench.raise(5);
    assertEquals(0x25, bench.pic.acknowledge());
    bench.out(0x20, EOI);
    assertTrue(bench.intr, "still asserted: requests again");
    bench.lower(5);
    assertFalse(bench.intr);

    bench.raise(10);
    assertEquals(0x2a, bench.pic.acknowledge());
    bench.out(0xa0, EOI);
    bench.out(0x20, EOI);
    assertTrue(bench.intr);
    assertEquals(0x2a, bench.pic.acknowledge());
  }

  @Test
  void ltimMakesAllInputsLevelTriggered() {
    bench.init(0x20, 0x19, 0x20, 0x04, ICW4_8086);
    bench.raise(1);
    assertEquals(0x21, bench.pic.acknowledge());
    bench.out(0x20, EOI);
    assertTrue(bench.intr);
  }

  @Test
  void aWideAccessIsTwoByteAccesses() {
    bench.initialised();
    bench.pic.writePort(0x20, 2, 0xaa0b); // OCW3: read ISR; OCW1
    assertEquals(0xaa00, bench.pic.readPort(0x20, 2));
  }

  @Test
  void bufferedModeIsAccepted() {
    bench.initialised(ICW4_8086 | 0x0c, ICW4_8086 | 0x08);
    bench.raise(9);
    assertEquals(0x29, bench.pic.acknowledge());
  }

  @Test
  void resetMasksEverythingAndKeepsTheWires() {
    bench.initialised();
    bench.out(0x4d0, 0x20);
    bench.raise(5);
    bench.pic.reset(ResetKind.RESET);
    assertFalse(bench.intr);
    assertEquals(0, bench.in(0x4d0));
    bench.initialised();
    bench.out(0x4d0, 0x20);
    assertTrue(bench.intr, "the level is still there");
  }

  @Test
  void aRestoredPairGoesOnAsIfNothingHadHappened() throws InvalidState {
    long seed = System.nanoTime();
    System.out.println("PicPairTest.aRestoredPairGoesOnAsIfNothingHadHappened: seed " + seed);
    Random random = new Random(seed);
    PicBench original = new PicBench().initialised();
    for (int i = 0; i < 20_000; i++) {
      randomStep(original, random.nextLong());
      if (random.nextInt(50) == 0) {
        PicBench copy = new PicBench();
        copy.pic.restore(original.pic.save());
        assertEquals(original.intr, copy.intr);
        assertEquals(original.pic.save(), copy.pic.save());
        List<Integer> expected = new ArrayList<>();
        List<Integer> actual = new ArrayList<>();
        for (int j = 0; j < 20; j++) {
          long step = random.nextLong();
          expected.add(randomStep(original, step));
          actual.add(randomStep(copy, step));
        }
        assertEquals(expected, actual);
      }
      assertEquals(original.pic.interruptRequested(), original.intr);
    }
  }

  private static int randomStep(PicBench bench, long seed) {
    Random random = new Random(seed);
    int port = random.nextBoolean() ? 0x20 : 0xa0;
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> {
        bench.pic.pin(random.nextInt(16), random.nextBoolean());
        yield 0;
      }
      case 3 -> bench.pic.acknowledge();
      case 4 -> {
        bench.out(port, random.nextInt(0x10) == 0 ? random.nextInt(0x100) & ~0x12 : random.nextInt(0x100) & ~0x10);
        yield 0;
      }
      case 5 -> {
        bench.out(random.nextBoolean() ? port + 1 : 0x4d0 + random.nextInt(2), random.nextInt(0x100));
        yield 0;
      }
      default -> bench.in(port + random.nextInt(2));
    };
  }

  @Test
  void anImpossibleStateIsRefusedAndNothingChanges() {
    bench.initialised();
    bench.raise(3);
    PicState before = bench.pic.save();
    PicState.Chip good = before.slave();
    PicState.Chip bad =
        new PicState.Chip(good.lines(), good.edges(), good.inService(), good.mask(), good.levels(), good.icw1(),
            good.vectorBase(), good.icw3(), good.icw4(), good.expecting(), 8, false, false, false, false);
    InvalidState refusal =
        assertThrows(InvalidState.class, () -> bench.pic.restore(new PicState(before.master(), bad)));
    assertTrue(refusal.getMessage().contains("slave.lowest"), refusal.getMessage());
    assertEquals(before, bench.pic.save());
    assertTrue(bench.intr);
  }

  /** Every edge is served exactly once, whatever the order, as long as the line waits for its service. */
  @Test
  void noInterruptIsLostOrDoubled() {
    long seed = System.nanoTime();
    System.out.println("PicPairTest.noInterruptIsLostOrDoubled: seed " + seed);
    Random random = new Random(seed);
    bench.initialised();
    int[] raised = new int[16];
    int[] served = new int[16];
    boolean[] high = new boolean[16];
    List<Integer> nested = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      int pin = random.nextInt(16);
      switch (random.nextInt(4)) {
        case 0 -> {
          if (pin != 2 && !high[pin]) {
            high[pin] = true;
            raised[pin]++;
            bench.raise(pin);
          }
        }
        case 1 -> {
          if (bench.intr) {
            int vector = bench.pic.acknowledge();
            int line = vector - 0x20;
            assertTrue(high[line], "spurious or doubled: " + line);
            assertEquals(raised[line], ++served[line]);
            nested.add(line);
            high[line] = false;
            bench.lower(line);
          }
        }
        case 2 -> {
          if (!nested.isEmpty()) {
            int line = nested.removeLast();
            if (line >= 8) {
              bench.out(0xa0, 0x60 | line - 8);
              bench.out(0x20, 0x62);
            } else {
              bench.out(0x20, 0x60 | line);
            }
          }
        }
        default -> bench.out(random.nextBoolean() ? 0x21 : 0xa1, random.nextInt(0x100) & ~4);
      }
    }
    bench.out(0x21, 0);
    bench.out(0xa1, 0);
    while (!nested.isEmpty()) {
      int line = nested.removeLast();
      bench.out(line >= 8 ? 0xa0 : 0x20, EOI);
      if (line >= 8) {
        bench.out(0x20, EOI);
      }
    }
    while (bench.intr) {
      int line = bench.pic.acknowledge() - 0x20;
      served[line]++;
      bench.lower(line);
      bench.out(0xa0, EOI);
      bench.out(0x20, EOI);
    }
    for (int pin = 0; pin < 16; pin++) {
      assertEquals(raised[pin], served[pin], "line " + pin);
    }
  }
}
