package org.sallyport.device.pit8254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.BenchLine;
import org.sallyport.device.bench.RandomUse;
import org.sallyport.device.bench.States;

/** The chip in a PC: ports, interrupt, time. */
class Pit8254Test {
  private static final long SECOND = 1_000_000_000L;

  private final Bench bench = new Bench();
  private final BenchLine irq = bench.irq(0);
  private Device pit;

  @BeforeEach
  void make() {
    pit = bench.make(new Pit8254Component());
  }

  private static void program(Bench bench, int counter, int mode, int count) {
    bench.out(0x43, counter << 6 | 0x30 | mode << 1);
    bench.out(0x40 + counter, count & 0xff);
    bench.out(0x40 + counter, count >> 8);
  }

  private void program(int counter, int mode, int count) {
    program(bench, counter, mode, count);
  }

  private int count(int counter) {
    bench.out(0x43, counter << 6);
    return bench.in(0x40 + counter) | bench.in(0x40 + counter) << 8;
  }

  @Test
  void quietUntilProgrammed() {
    bench.clock().step(SECOND);
    assertEquals(0, irq.rises());
    assertEquals(Long.MAX_VALUE, bench.clock().nextDeadline());
  }

  @Test
  void thousandHertzDoNotDrift() {
    program(0, 2, 1193);
    int before = irq.rises();
    bench.clock().step(3600 * SECOND);
    assertEquals(3600L * 1_193_182 / 1193, irq.rises() - before);
    assertTrue(irq.isSet(), "low for one pulse only");
  }

  @Test
  void squareWaveRisesAndFallsOnce() {
    program(0, 3, 0);
    int rises = irq.rises();
    int falls = irq.falls();
    bench.clock().step(600 * SECOND);
    assertEquals(600L * 1_193_182 / 65536, irq.rises() - rises);
    assertEquals((600L * 1_193_182 + 32767) / 65536, irq.falls() - falls);
  }

  @Test
  void oneShotComesOnceAndOnTime() {
    program(0, 0, 11932);
    assertFalse(irq.isSet());
    bench.clock().step(10_000_600L); // 11933 pulses are 10,000.99 µs
    assertFalse(irq.isSet());
    bench.clock().step(1_000);
    assertTrue(irq.isSet());
    bench.clock().step(SECOND);
    assertEquals(1, irq.rises());
    program(0, 0, 100);
    assertFalse(irq.isSet(), "a new control word takes it back");
    bench.clock().step(SECOND);
    assertEquals(2, irq.rises());
  }

  @Test
  void strobeIsAnEdge() {
    program(0, 4, 1000);
    int before = irq.rises();
    bench.clock().step(1_000_000);
    assertEquals(before + 1, irq.rises());
    bench.clock().step(SECOND);
    assertEquals(before + 1, irq.rises());
    bench.out(0x40, 0xe8);
    bench.out(0x40, 0x03);
    bench.clock().step(SECOND);
    assertEquals(before + 2, irq.rises(), "a new count is all it takes");
  }

  @Test
  void lateEdgesBecomeOneAndThePhaseStays() {
    program(0, 2, 1193);
    bench.clock().step(10_500_000);
    int before = irq.rises();
    bench.clock().stall(100_000_000);
    assertEquals(before + 1, irq.rises());
    long next = bench.clock().nextDeadline();
    long tick = next * 1_193_182 / SECOND;
    assertEquals(1, tick % 1193, "loaded at pulse 1");
    bench.clock().stepTo(next);
    assertEquals(before + 2, irq.rises());
  }

  @Test
  void lateSquareWaveStaysHighUntilTheNextRise() {
    program(0, 3, 1000);
    bench.clock().stall((1 + 5000 + 700) * SECOND / 1_193_182 + 1); // the output is low here
    assertTrue(irq.isSet());
    int before = irq.rises();
    bench.clock().step(300 * SECOND / 1_193_182 + 1000);
    assertEquals(before + 1, irq.rises());
  }

  @Test
  void anEdgeThatIsDueIsNotLostByReprogramming() {
    program(0, 2, 1193);
    int before = irq.rises();
    bench.clock().stall(1_100_000, () -> program(0, 2, 1193));
    assertEquals(before + 1, irq.rises());
  }

  @Test
  void countsFollowTheClock() {
    program(0, 2, 0);
    bench.clock().step(SECOND / 100);
    assertEquals(65536 - (11931 - 1), count(0));
    bench.clock().step(SECOND);
    int before = count(0);
    bench.clock().step(1_000_000);
    assertEquals(1193, before - count(0), 1);
  }

  @Test
  void readBackLatchesSeveral() {
    program(0, 2, 1000);
    program(2, 3, 2000);
    bench.clock().step(100_000);
    bench.out(0x43, 0xc0 | 0x02 | 0x08);
    bench.clock().step(50_000);
    assertEquals(0x34, bench.in(0x40) & 0x3f);
    assertEquals(1000 - 118, bench.in(0x40) | bench.in(0x40) << 8);
    assertEquals(0x36, bench.in(0x42) & 0x3f);
    bench.out(0x43, 0xe2); // status only
    assertEquals(0x34, bench.in(0x40) & 0x3f);
    assertEquals(0xff, bench.in(0x43));
  }

  @Test
  void wideAccesses() {
    bench.out(0x40, 4, 0x34_b6_74_34); // nothing but the control word counts: it comes last
    bench.out(0x40, 0x10);
    bench.out(0x40, 0x00);
    assertEquals(0xff, bench.in(0x40, 4) >>> 24);
  }

  @Test
  void speakerGateAndOutput() {
    assertEquals(0x00, bench.in(0x61) & 0x0f);
    bench.out(0x61, 0xff);
    assertEquals(0x0f, bench.in(0x61) & 0xcf);
    bench.out(0x61, 0x00);
    program(2, 0, 1000);
    bench.clock().step(SECOND);
    assertEquals(0x00, bench.in(0x61) & 0x20, "the gate is low");
    bench.out(0x61, 0x01);
    bench.clock().step(830_000);
    assertEquals(0x01, bench.in(0x61) & 0x21);
    bench.clock().step(10_000);
    assertEquals(0x21, bench.in(0x61) & 0x21);
  }

  /** How Linux measures the time-stamp counter: 50 ms of counter 2, waiting for bit 5. */
  @Test
  void calibrationLoop() {
    bench.out(0x61, bench.in(0x61) & ~0x02 | 0x01);
    bench.out(0x43, 0xb0);
    int latch = 1_193_182 / 20;
    bench.out(0x42, latch & 0xff);
    bench.out(0x42, latch >> 8);
    long start = bench.clock().nanos();
    while ((bench.in(0x61) & 0x20) == 0) {
      bench.clock().step(1_000);
    }
    assertEquals(50_000_000, bench.clock().nanos() - start, 3_000);
  }

  @Test
  void refreshToggles() {
    int toggles = 0;
    int last = bench.in(0x61) & 0x10;
    for (int i = 0; i < 10_000; i++) {
      bench.clock().step(1_000);
      int bit = bench.in(0x61) & 0x10;
      toggles += bit != last ? 1 : 0;
      last = bit;
    }
    assertEquals(10_000_000 / 15_085, toggles, 1);
  }

  @Test
  void resetSilences() {
    program(0, 2, 100);
    pit.reset(ResetKind.RESET);
    assertFalse(irq.isSet());
    int before = irq.rises();
    bench.clock().step(SECOND);
    assertEquals(before, irq.rises());
  }

  @Test
  void restoredTimerGoesOnInPhase() throws InvalidState {
    program(0, 2, 11932);
    bench.clock().step(5_000_000);
    Bench other = new Bench();
    other.clock().step(5_000_000);
    other.takeLevels(bench);
    States.copy(pit, other.make(new Pit8254Component()));
    assertEquals(bench.clock().nextDeadline(), other.clock().nextDeadline());
    other.clock().step(SECOND);
    assertEquals(1_193_182L * 1_005 / 1000 / 11932, other.irq(0).rises());
  }

  @Test
  void closedMeansQuiet() {
    program(0, 2, 100);
    pit.close();
    assertEquals(0, bench.clock().openTimers());
  }

  @Test
  void configuration() {
    Bench second = new Bench();
    second.make(new Pit8254Component(), new PitConfiguration(2));
    program(second, 0, 2, 1193);
    second.clock().step(10_000_000);
    assertTrue(second.irq(2).rises() >= 9);
    Pit8254Component factory = new Pit8254Component();
    assertThrows(DeviceException.class, () -> factory.create(new PitConfiguration(-1), second));
  }

  @Test
  void randomUse() {
    RandomUse.run(new Pit8254Component(), 40_000);
  }
}
