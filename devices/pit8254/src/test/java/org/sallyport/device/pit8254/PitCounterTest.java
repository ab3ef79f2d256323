package org.sallyport.device.pit8254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * The waveforms of the 8254 datasheet, "Mode Definitions": a count that is written at pulse 0 is loaded at pulse 1. OUT
 * is drawn as {@code -} for high and {@code _} for low.
 */
class PitCounterTest {
  private static final int LSB = 0x10;
  private static final int MSB = 0x20;
  private static final int BOTH = 0x30;
  private static final int BCD = 0x01;

  private final PitCounter counter = new PitCounter(true);
  private long now;

  private void mode(int mode, int access) {
    counter.control(access | mode << 1, now);
  }

  private void write(int value) {
    counter.write(value, now);
  }

  /** OUT at this pulse and those that follow; ends at the last one. */
  private String out(int pulses) {
    StringBuilder drawn = new StringBuilder();
    for (int i = 0; i < pulses; i++) {
      now += i == 0 ? 0 : 1;
      drawn.append(counter.out(now) ? '-' : '_');
    }
    return drawn.toString();
  }

  /** What is read at this pulse and those that follow, with one-byte access. */
  private String counts(int pulses) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pulses; i++) {
      now += i == 0 ? 0 : 1;
      text.append(String.format("%02x ", counter.read(now)));
    }
    return text.toString().trim();
  }

  private void tick() {
    now++;
  }

  @Test
  void mode0() {
    mode(0, LSB);
    write(4);
    assertEquals("_____---", out(8));
  }

  @Test
  void mode0CountsOnThroughZero() {
    mode(0, LSB);
    write(4);
    tick();
    assertEquals("04 03 02 01 00 ff fe", counts(7));
  }

  @Test
  void mode0GateHolds() {
    mode(0, LSB);
    write(3);
    tick();
    assertEquals("03 02", counts(2));
    counter.gate(false, now);
    now += 5;
    assertEquals("02", counts(1));
    counter.gate(true, now);
    assertEquals("02 01 00 ff", counts(4));
    assertTrue(counter.out(now));
  }

  @Test
  void mode0NewCount() {
    mode(0, LSB);
    write(3);
    assertEquals("____-", out(5));
    write(2);
    assertEquals("___-", out(4));
  }

  @Test
  void mode0FirstOfTwoBytesStops() {
    mode(0, BOTH);
    write(5);
    write(0);
    now += 10;
    assertTrue(counter.out(now));
    write(3);
    assertFalse(counter.out(now));
    now += 100;
    assertFalse(counter.out(now));
    write(0);
    assertEquals("____-", out(5));
  }

  @Test
  void mode0LoadsWhileTheGateIsLow() {
    counter.gate(false, now);
    mode(0, LSB);
    write(2);
    now += 10;
    counter.gate(true, now);
    assertEquals("__-", out(3), "no pulse is needed to load");
  }

  @Test
  void mode1() {
    counter.gate(false, now);
    mode(1, LSB);
    write(3);
    now += 5;
    assertTrue(counter.out(now));
    counter.gate(true, now);
    assertEquals("-___-", out(5));
    counter.gate(false, now);
    now += 3;
    counter.gate(true, now);
    assertEquals("-__", out(3));
    counter.gate(false, now);
    counter.gate(true, now);
    assertEquals("____-", out(5), "a trigger during the pulse makes it longer");
  }

  @Test
  void mode1NewCountWaitsForTheTrigger() {
    counter.gate(false, now);
    mode(1, LSB);
    write(2);
    counter.gate(true, now);
    assertEquals("-__", out(3));
    write(4);
    assertEquals("_-", out(2));
    counter.gate(false, now);
    counter.gate(true, now);
    assertEquals("-____-", out(6));
  }

  @Test
  void mode2() {
    mode(2, LSB);
    write(3);
    assertEquals("---_--_--_-", out(11));
  }

  @Test
  void mode2Counts() {
    mode(2, LSB);
    write(3);
    tick();
    assertEquals("03 02 01 03 02 01", counts(6));
  }

  @Test
  void mode2Gate() {
    mode(2, LSB);
    write(3);
    assertEquals("---", out(3));
    counter.gate(false, now);
    assertEquals("----", out(4));
    counter.gate(true, now);
    assertEquals("---_--_", out(7), "begins anew one pulse after the gate rose");
  }

  @Test
  void mode2GateLowDuringThePulseSetsOutHigh() {
    mode(2, LSB);
    write(3);
    assertEquals("---_", out(4));
    counter.gate(false, now);
    assertTrue(counter.out(now));
  }

  @Test
  void mode2NewCountAtTheEndOfTheCycle() {
    mode(2, LSB);
    write(4);
    assertEquals("--", out(2));
    write(5);
    assertEquals("---_----_-", out(10));
  }

  @Test
  void mode3Even() {
    mode(3, LSB);
    write(4);
    assertEquals("---__--__-", out(10));
  }

  @Test
  void mode3EvenCounts() {
    mode(3, LSB);
    write(4);
    tick();
    assertEquals("04 02 04 02 04 02 04", counts(7));
  }

  @Test
  void mode3Odd() {
    mode(3, LSB);
    write(5);
    assertEquals("----__---__--", out(13));
  }

  @Test
  void mode3OddCounts() {
    mode(3, LSB);
    write(5);
    tick();
    assertEquals("04 02 00 04 02 04 02 00 04 02", counts(10));
  }

  @Test
  void mode3Gate() {
    mode(3, LSB);
    write(4);
    assertEquals("---_", out(4));
    counter.gate(false, now);
    assertEquals("---", out(3));
    counter.gate(true, now);
    assertEquals("---__--", out(7));
  }

  @Test
  void mode3NewCountAtTheEndOfTheHalfCycle() {
    mode(3, LSB);
    write(8);
    tick(); // high for pulses 1 to 4, and with the new count low for 5 and 6
    write(4);
    assertEquals("----__--__", out(10));
  }

  @Test
  void mode4() {
    mode(4, LSB);
    write(3);
    assertEquals("----_------", out(11));
  }

  @Test
  void mode4NewCountIsLoadedAtTheNextPulse() {
    mode(4, LSB);
    write(3);
    assertEquals("---", out(3));
    write(2);
    assertEquals("---_-", out(5));
  }

  @Test
  void mode4GateHolds() {
    mode(4, LSB);
    write(2);
    assertEquals("--", out(2));
    counter.gate(false, now);
    now += 10;
    counter.gate(true, now);
    assertEquals("--_-", out(4));
  }

  @Test
  void mode5() {
    counter.gate(false, now);
    mode(5, LSB);
    write(3);
    now += 4;
    counter.gate(true, now);
    assertEquals("----_--", out(7));
    counter.gate(false, now);
    counter.gate(true, now);
    assertEquals("---", out(3));
    counter.gate(false, now);
    counter.gate(true, now);
    assertEquals("----_-", out(6), "triggered again");
  }

  @Test
  void zeroIsTheLargestCount() {
    mode(0, BOTH);
    write(0);
    write(0);
    now += 65_536;
    assertFalse(counter.out(now));
    tick();
    assertTrue(counter.out(now));
    mode(0, BOTH | BCD);
    write(0);
    write(0);
    now += 10_000;
    assertFalse(counter.out(now));
    tick();
    assertTrue(counter.out(now));
  }

  @Test
  void bcd() {
    mode(2, BOTH | BCD);
    write(0x34);
    write(0x12);
    now += 1;
    assertEquals(0x34, counter.read(now));
    assertEquals(0x12, counter.read(now));
    now += 235;
    assertEquals(0x99, counter.read(now));
    assertEquals(0x09, counter.read(now));
    now += 998;
    assertEquals(0x01, counter.read(now));
    assertEquals(0x00, counter.read(now));
    assertFalse(counter.out(now), "period 1234");
  }

  @Test
  void bcdWrapsTo9999() {
    mode(0, LSB | BCD);
    write(1);
    now += 2;
    assertEquals(0x00, counter.read(now));
    tick();
    counter.latchCount(now);
    assertEquals(0x99, counter.read(now));
  }

  @Test
  void oneByteAccess() {
    mode(2, MSB);
    write(0x12);
    tick();
    assertEquals(0x12, counter.read(now));
    tick();
    assertEquals(0x11, counter.read(now));
    mode(2, LSB);
    write(0x80);
    tick();
    assertEquals(0x80, counter.read(now));
    assertEquals(0x80, counter.read(now));
  }

  @Test
  void latchedCountStandsStillUntilItIsRead() {
    mode(2, BOTH);
    write(0x00);
    write(0x10);
    tick();
    counter.latchCount(now);
    now += 100;
    counter.latchCount(now); // ignored, the first was not read yet
    assertEquals(0x00, counter.read(now));
    now += 100;
    assertEquals(0x10, counter.read(now));
    assertEquals(0x1000 - 200 & 0xff, counter.read(now));
    assertEquals(0x1000 - 200 >> 8, counter.read(now));
  }

  @Test
  void writeAndReadHaveFlipFlopsOfTheirOwn() {
    mode(2, BOTH);
    write(0x00);
    write(0x20);
    tick();
    assertEquals(0x00, counter.read(now));
    write(0x34);
    assertEquals(0x20, counter.read(now));
    write(0x12);
    now += 0x2000;
    assertEquals(0x34, counter.read(now));
    assertEquals(0x12, counter.read(now));
  }

  @Test
  void statusByte() {
    mode(3, BOTH);
    counter.latchStatus(now);
    assertEquals(0x80 | 0x40 | 0x36, counter.read(now));
    write(4);
    write(0);
    counter.latchStatus(now);
    assertEquals(0x80 | 0x40 | 0x36, counter.read(now), "not loaded yet");
    now += 3;
    counter.latchStatus(now);
    counter.latchCount(now);
    now += 1;
    assertEquals(0x36, counter.read(now), "output low, no null count; status comes first");
    assertEquals(0x04, counter.read(now));
    assertEquals(0x00, counter.read(now));
  }

  @Test
  void nullCountUntilTheNewCountIsLoaded() {
    mode(2, LSB);
    write(10);
    tick();
    write(20);
    counter.latchStatus(now);
    assertEquals(0x40, counter.read(now) & 0x40);
    now += 10;
    counter.latchStatus(now);
    assertEquals(0x00, counter.read(now) & 0x40);
  }

  @Test
  void modesSixAndSevenAreTwoAndThree() {
    mode(6, LSB);
    write(3);
    assertEquals("---_--_", out(7));
    counter.latchStatus(now);
    assertEquals(6, counter.read(now) >> 1 & 7, "the status shows what was programmed");
    mode(7, LSB);
    write(4);
    assertEquals("---__--", out(7));
  }

  @Test
  void aCountOfOneIsIllegalInPeriodicModes() {
    mode(2, LSB);
    write(1);
    assertEquals("------", out(6));
    assertEquals(Long.MAX_VALUE, counter.nextRise(now));
  }

  /** The predictions that the interrupt's timer relies on, against the output pulse by pulse. */
  @Test
  void predictionsHold() {
    for (int mode : new int[]{0, 2, 3, 4}) {
      for (int value = 2; value < 12; value++) {
        for (int second = 0; second < 12; second++) {
          mode(mode, LSB);
          write(value);
          for (int i = 0; i < 40; i++) {
            boolean before = counter.out(now);
            long rise = counter.nextRise(now);
            long fall = counter.nextFall(now);
            String where = "mode " + mode + ", count " + value + ", then at " + second + ", pulse " + i;
            assertEquals(rise == now + 1, !before && counter.out(now + 1), where + " rise");
            if (mode == 3) {
              assertEquals(fall == now + 1, before && !counter.out(now + 1), where + " fall");
            }
            tick();
            if (i == second) {
              write(value / 2 + 2);
            }
          }
        }
      }
    }
  }
}
