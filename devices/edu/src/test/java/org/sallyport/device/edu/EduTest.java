package org.sallyport.device.edu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.Bench.Message;
import org.sallyport.device.bench.BenchLine;
import org.sallyport.device.bench.RandomUse;
import org.sallyport.device.bench.States;

class EduTest {
  private static final long BAR = 0xc0100000L;
  private static final int MEMORY_AND_MASTER = 6;
  private static final long MOMENT = 1_000_000;

  private final Bench bench = new Bench();
  private Edu card;
  /** INTA# of slot 3. */
  private BenchLine pin;

  @BeforeEach
  void make() {
    card = (Edu) bench.make(new EduComponent());
    card.writeConfig(0x10, 4, (int) BAR);
    card.writeConfig(0x04, 2, MEMORY_AND_MASTER);
    pin = bench.irq(19);
  }

  private int read(int register) {
    return (int) bench.bus().read(BAR + register, 4);
  }

  private void write(int register, long value) {
    bench.bus().write(BAR + register, 4, value & 0xffff_ffffL);
  }

  private void messages() {
    card.writeConfig(0x44, 4, 0xfee03000);
    card.writeConfig(0x48, 4, 0x12);
    card.writeConfig(0x4c, 2, 0x4567);
    card.writeConfig(0x42, 2, 1);
  }

  private void dma(long source, long target, long count, int command) {
    bench.bus().write(BAR + 0x80, 8, source);
    bench.bus().write(BAR + 0x88, 8, target);
    bench.bus().write(BAR + 0x90, 8, count);
    write(0x98, command);
  }

  // ---- configuration space -----------------------------------------------------------------------------------------

  @Test
  void saysWhatItIs() {
    assertEquals(3 << 3, card.deviceFunction());
    assertEquals(0x11e8_1234, card.readConfig(0, 4));
    assertEquals(0x00ff, card.readConfig(0x0a, 2));
    assertEquals(0x10, card.readConfig(0x08, 1));
    assertEquals(1, card.readConfig(0x3d, 1), "INTA#");
    card.writeConfig(0, 4, 0);
    assertEquals(0x1234, card.readConfig(0, 2));
    assertEquals(0, card.readConfig(0x14, 4));
  }

  @Test
  void theWindowTellsItsSizeAndMoves() {
    assertEquals(1, bench.rangeChanges());
    card.writeConfig(0x10, 4, -1);
    assertEquals(0xfff00000, card.readConfig(0x10, 4));
    card.writeConfig(0x10, 4, 0xd0000000);
    assertEquals(-1, read(0));
    assertEquals(0x010000ed, bench.bus().read(0xd0000000L, 4));
    card.writeConfig(0x04, 1, 0);
    assertEquals(-1, (int) bench.bus().read(0xd0000000L, 4));
    assertEquals(4, bench.rangeChanges());
    card.writeConfig(0x10, 4, 0);
    assertEquals(4, bench.rangeChanges(), "it answers nowhere before and after");
  }

  @Test
  void theCapabilityForMessages() {
    assertTrue((card.readConfig(0x06, 2) & 0x10) != 0);
    int at = card.readConfig(0x34, 1);
    assertEquals(0x0080_0005, card.readConfig(at, 4), "MSI, the last, with 64-bit addresses, one message");
    messages();
    assertEquals(0x0081_0005, card.readConfig(at, 4));
    assertEquals(0x4567, card.readConfig(at + 0xc, 4));
  }

  // ---- the window --------------------------------------------------------------------------------------------------

  @Test
  void liveness() {
    write(4, 0x12345678);
    assertEquals(~0x12345678, read(4));
  }

  @Test
  void otherSizesAreRefused() {
    assertEquals(0xffff, bench.bus().read(BAR, 2));
    assertEquals(-1L, bench.bus().read(BAR, 8));
    write(4, 7);
    bench.bus().write(BAR + 4, 1, 9);
    assertEquals(~7, read(4));
    assertEquals(-1, read(0x1000), "there is nothing");
  }

  @Test
  void factorials() {
    int[][] cases = {{0, 1}, {1, 1}, {5, 120}, {12, 479001600}, {13, 1932053504}, {33, 0x80000000}, {34, 0}, {-1, 0}};
    for (int[] each : cases) {
      write(8, each[0]);
      assertEquals(1, read(0x20));
      write(8, 3);
      bench.clock().step(MOMENT);
      assertEquals(0, read(0x20));
      assertEquals(each[1], read(8), () -> each[0] + "! modulo 2^32");
    }
    assertFalse(pin.isSet());
  }

  @Test
  void aFactorialMayInterrupt() {
    write(0x20, -1);
    assertEquals(0x80, read(0x20), "the other bits are read-only");
    write(8, 4);
    assertEquals(0x81, read(0x20));
    assertFalse(pin.isSet());
    bench.clock().step(MOMENT);
    assertTrue(pin.isSet());
    assertEquals(1, read(0x24));
    assertEquals(8, card.readConfig(6, 2) & 8, "interrupt status");
    write(0x64, 1);
    assertFalse(pin.isSet());
    assertEquals(0, card.readConfig(6, 2) & 8);
  }

  @Test
  void reasonsAddUpOnThePin() {
    write(0x60, 0x30);
    write(0x60, 0x01);
    assertEquals(0x31, read(0x24));
    assertEquals(1, pin.rises());
    write(0x64, 0x11);
    assertTrue(pin.isSet());
    write(0x60, 0);
    assertEquals(1, pin.rises());
    card.writeConfig(0x04, 2, MEMORY_AND_MASTER | 1 << 10);
    assertFalse(pin.isSet(), "interrupt disable");
    card.writeConfig(0x04, 2, MEMORY_AND_MASTER);
    assertTrue(pin.isSet());
    write(0x64, -1);
    assertFalse(pin.isSet());
  }

  @Test
  void messagesInThePlaceOfThePin() {
    write(0x60, 1);
    messages();
    assertFalse(pin.isSet());
    write(0x60, 2);
    assertEquals(List.of(new Message(0x12_fee0_3000L, 0x4567)), bench.sent());
    card.writeConfig(0x04, 2, 2);
    write(0x60, 4);
    assertEquals(1, bench.sent().size(), "no bus master, no message");
    assertFalse(pin.isSet());
  }

  // ---- DMA ---------------------------------------------------------------------------------------------------------

  @Test
  void dmaThereAndBack() {
    for (int i = 0; i < 4096; i += 8) {
      bench.memory().write(0x1003 + i, 8, 0x0101010101010101L * (i >> 3 & 0x7f));
    }
    dma(0x1003, 0x40000, 4096, 1);
    assertEquals(1, read(0x98));
    bench.bus().write(BAR + 0x80, 8, 0x5000);
    assertEquals(0x1003, bench.bus().read(BAR + 0x80, 8), "the registers stand still while it runs");
    bench.clock().step(1_000);
    assertEquals(1, read(0x98));
    bench.clock().step(MOMENT);
    assertEquals(0, read(0x98));
    dma(0x40008, 0x8000, 16, 3 | 4);
    bench.clock().step(MOMENT);
    assertEquals(0x0101010101010101L, bench.memory().read(0x8000, 8));
    assertEquals(0x0202020202020202L, bench.memory().read(0x8008, 8));
    assertEquals(0, bench.memory().read(0x8010, 8));
    assertEquals(0x100, read(0x24));
    assertTrue(pin.isSet());
    assertEquals(List.of(), bench.logged());
  }

  @Test
  void addressesAreMasked() throws DeviceException {
    bench.memory().write(0x2000, 4, 0xfeed);
    dma(0xf_1000_2000L, 0x40000, 4, 1);
    bench.clock().step(MOMENT);
    dma(0x40000, 0x3000, 4, 3);
    bench.clock().step(MOMENT);
    assertEquals(0xfeed, bench.memory().read(0x3000, 4));
    assertThrows(DeviceException.class, () -> new EduComponent().create(new EduConfiguration(0, -1), bench));
    assertThrows(DeviceException.class, () -> new EduComponent().create(new EduConfiguration(32, -1), bench));
  }

  @Test
  void dmaThatMovesNothing() {
    long[][] cases = {{0x2000, 0x3ffff, 4}, {0x2000, 0x40ffd, 4}, {0x2000, 0x40000, 4097}, {0x2000, 0x40000, -1}};
    for (long[] each : cases) {
      dma(each[0], each[1], each[2], 1);
      bench.clock().step(MOMENT);
      assertEquals(0, read(0x98));
      assertTrue(bench.logged().removeLast().contains("outside"));
    }
    bench.memory().write(0x2000, 4, 0xfeed);
    card.writeConfig(0x04, 2, 2);
    dma(0x2000, 0x40000, 4, 1);
    bench.clock().step(MOMENT);
    assertTrue(bench.logged().removeLast().contains("bus master"));
    card.writeConfig(0x04, 2, MEMORY_AND_MASTER);
    dma(0x40000, 0x3000, 4, 3);
    bench.clock().step(MOMENT);
    assertEquals(0, bench.memory().read(0x3000, 4));
  }

  @Test
  void halvesOfARegister() {
    write(0x80, 0x11223344);
    write(0x84, 0x55667788);
    assertEquals(0x55667788_11223344L, bench.bus().read(BAR + 0x80, 8));
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  @Test
  void aSuccessorFinishesWhatWasBegun() throws InvalidState {
    messages();
    write(8, 6);
    bench.memory().write(0x2000, 4, 0xfeed);
    dma(0x2000, 0x40000, 4, 5);
    Bench other = new Bench();
    Edu successor = (Edu) other.make(new EduComponent());
    States.copy(card, successor);
    card.close();
    assertEquals(0, bench.clock().openTimers());
    other.memory().write(0x2000, 4, 0xbeef);
    other.clock().step(MOMENT);
    assertEquals(720, other.bus().read(BAR + 8, 4));
    assertEquals(0x100, other.bus().read(BAR + 0x24, 4));
    assertEquals(1, other.sent().size());
    successor.reset(ResetKind.RESET);
    assertEquals(0, successor.readConfig(4, 2));
    assertEquals(-1, (int) other.bus().read(BAR, 4));
    assertEquals(States.text(new Bench().make(new EduComponent())), States.text(successor));
  }

  @Test
  void randomUse() {
    RandomUse.run(new EduComponent(), 20_000);
  }

  /** Configuration space too, and the registers that matter: two cards, one of them made anew again and again. */
  @Test
  void randomUseByADriver() throws InvalidState {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("edu: random use by a driver with -Dseed=" + seed);
    Random random = new Random(seed);
    Bench one = new Bench();
    Edu first = (Edu) one.make(new EduComponent());
    for (int i = 0; i < 200; i++) {
      Bench fresh = new Bench();
      fresh.clock().step(one.clock().nanos());
      fresh.irq(19).preset(one.irq(19).isSet());
      Edu second = (Edu) fresh.make(new EduComponent());
      States.copy(first, second);
      one.sent().clear();
      runBoth(random, one, first, fresh, second, 100);
      assertEquals(States.text(first), States.text(second), "seed " + seed);
      assertEquals(one.sent(), fresh.sent(), "seed " + seed);
      assertEquals(one.irq(19).isSet(), fresh.irq(19).isSet(), "seed " + seed);
    }
  }

  private static void runBoth(Random random, Bench one, Edu first, Bench two, Edu second, int steps) {
    for (int i = 0; i < steps; i++) {
      int offset = 4 * random.nextInt(0x50 / 4);
      int value = random.nextInt(3) == 0 ? random.nextInt() : 1 << random.nextInt(32) | 6;
      switch (random.nextInt(4)) {
        case 0 -> {
          first.writeConfig(offset, 4, value);
          second.writeConfig(offset, 4, value);
          assertEquals(first.readConfig(offset, 4), second.readConfig(offset, 4));
        }
        case 1, 2 -> {
          if (!first.memoryRanges().isEmpty()) {
            long at = first.memoryRanges().getFirst().first() + 4 * random.nextInt(0xa0 / 4);
            one.bus().write(at, 4, value & 0xffff_ffffL);
            two.bus().write(at, 4, value & 0xffff_ffffL);
            assertEquals(one.bus().read(at, 4), two.bus().read(at, 4));
          }
        }
        default -> {
          int nanos = random.nextInt(20_000);
          one.clock().step(nanos);
          two.clock().step(nanos);
        }
      }
    }
  }
}
