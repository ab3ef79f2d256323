package org.sallyport.device.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
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

/** Against the MC146818A datasheet. */
class RtcTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int A = 0x0a;
  private static final int B = 0x0b;
  private static final int C = 0x0c;
  private static final int D = 0x0d;
  private static final int CENTURY = 0x32;

  private final Bench bench = new Bench();
  private final BenchLine irq = bench.irq(8);
  private Device rtc;

  @BeforeEach
  void make() {
    begin("2024-02-29T23:59:58");
  }

  private void begin(String utc) {
    if (rtc != null) {
      bench.bus().unplug(rtc);
      rtc.close();
    }
    bench.clock().epochSeconds(LocalDateTime.parse(utc).toEpochSecond(ZoneOffset.UTC)
        - bench.clock().nanos() / SECOND);
    rtc = bench.make(new RtcComponent());
  }

  private int read(int address) {
    bench.out(0x70, address);
    return bench.in(0x71);
  }

  private void write(int address, int value) {
    bench.out(0x70, address);
    bench.out(0x71, value);
  }

  /**
   * The time registers as they read, in hexadecimal: century, year, month, date, day of week, hours, minutes, seconds.
   */
  private String time() {
    return String.format("%02x%02x-%02x-%02x %02x %02x:%02x:%02x", read(CENTURY), read(9), read(8), read(7), read(6),
        read(4), read(2), read(0));
  }

  private void setTime(int hours, int minutes, int seconds) {
    write(B, read(B) | 0x80);
    write(4, hours);
    write(2, minutes);
    write(0, seconds);
    write(B, read(B) & 0x7f);
  }

  @Test
  void powerOn() {
    assertEquals(0x26, read(A));
    assertEquals(0x02, read(B));
    assertEquals(0x00, read(C));
    assertEquals(0x80, read(D));
    assertEquals("2024-02-29 05 23:59:58", time(), "a Thursday");
    assertEquals(0xff, bench.in(0x70));
  }

  @Test
  void countsThroughALeapDay() {
    bench.clock().step(SECOND);
    assertEquals("2024-02-29 05 23:59:59", time());
    bench.clock().step(SECOND);
    assertEquals("2024-03-01 06 00:00:00", time());
  }

  @Test
  void countsTheCentury() {
    begin("2099-12-31T23:59:59");
    bench.clock().step(SECOND);
    assertEquals("2100-01-01 06 00:00:00", time());
    begin("2100-02-28T23:59:59");
    bench.clock().step(SECOND);
    assertEquals("2100-03-01 02 00:00:00", time(), "no leap year");
  }

  @Test
  void weeksPassUnwatched() {
    bench.clock().step(100 * 86_400 * SECOND + 3 * SECOND);
    assertEquals("2024-06-09 01 00:00:01", time());
  }

  @Test
  void binary() {
    write(B, 0x06);
    write(CENTURY, 20);
    write(9, 99);
    write(8, 12);
    write(7, 31);
    write(6, 6);
    setTime(23, 59, 59);
    bench.clock().step(SECOND);
    assertEquals("1500-01-01 07 00:00:00", time(), "0x15 is 21");
  }

  @Test
  void twelveHours() {
    write(B, 0x00);
    String[] hours = {"12", "01", "11", "92", "81", "91"};
    int[] set = {0x91, 0x12, 0x10, 0x11, 0x92, 0x90};
    for (int i = 0; i < hours.length; i++) {
      setTime(set[i], 0x59, 0x59);
      bench.clock().step(SECOND);
      assertEquals(hours[i], String.format("%02x", read(4)), "the hour after " + Integer.toHexString(set[i]));
    }
    write(B, 0x04);
    setTime(0x80 | 11, 59, 59);
    bench.clock().step(SECOND);
    assertEquals(12, read(4), "midnight in binary");
  }

  @Test
  void setStopsUpdates() {
    write(B, 0x82);
    bench.clock().step(10 * SECOND);
    assertEquals("2024-02-29 05 23:59:58", time());
    write(0, 0x30);
    assertEquals(0x00, read(A) & 0x80);
    assertEquals(0x00, read(C) & 0x10, "no update, no flag");
    write(B, 0x02);
    bench.clock().step(SECOND);
    assertEquals("2024-02-29 05 23:59:31", time());
  }

  @Test
  void setClearsTheUpdateInterrupt() {
    write(B, 0x92);
    assertEquals(0x82, read(B));
  }

  /** "Update Cycle": 244 µs ahead, and 1984 µs for the update itself. */
  @Test
  void updateInProgress() {
    bench.clock().stepTo(SECOND - 2_229_000);
    assertEquals(0x00, read(A) & 0x80);
    bench.clock().stepTo(SECOND - 2_227_000);
    assertEquals(0x80, read(A) & 0x80);
    bench.clock().stepTo(SECOND - 1_000);
    assertEquals(0x80, read(A) & 0x80);
    bench.clock().stepTo(SECOND);
    assertEquals(0x00, read(A) & 0x80);
    assertEquals(0x10, read(C) & 0x10);
    write(A, 0x06); // 4.194304 MHz: 248 µs
    bench.clock().stepTo(2 * SECOND - 500_000);
    assertEquals(0x00, read(A) & 0x80);
    bench.clock().stepTo(2 * SECOND - 490_000);
    assertEquals(0x80, read(A) & 0x80);
  }

  @Test
  void updateInterruptsEverySecond() {
    write(B, 0x12);
    for (int i = 1; i <= 5; i++) {
      bench.clock().stepTo(i * SECOND - 1);
      assertFalse(irq.isSet());
      bench.clock().step(1);
      assertTrue(irq.isSet());
      assertEquals(0x90, read(C) & 0x90);
      assertFalse(irq.isSet(), "reading C takes it away");
      assertEquals(0x00, read(C));
    }
    assertEquals(5, irq.rises());
  }

  @Test
  void interruptWaitsUntilItIsRead() {
    write(B, 0x12);
    bench.clock().step(10 * SECOND);
    assertEquals(1, irq.rises());
    read(C);
    bench.clock().step(SECOND);
    assertEquals(2, irq.rises());
  }

  @Test
  void enablingALateFlagRaisesAtOnce() {
    bench.clock().step(SECOND);
    assertFalse(irq.isSet());
    write(B, 0x12);
    assertTrue(irq.isSet(), "the flag stood");
    write(B, 0x02);
    assertFalse(irq.isSet());
  }

  /** "Periodic Interrupt Selection" with the 32.768 kHz crystal. */
  @Test
  void periodicRates() {
    int[] hertz = {0, 256, 128, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2};
    write(B, 0x42);
    for (int rate = 0; rate < 16; rate++) {
      write(A, 0x20 | rate);
      read(C);
      int interrupts = 0;
      long end = bench.clock().nanos() + 2 * SECOND;
      while (bench.clock().nextDeadline() <= end) {
        bench.clock().stepTo(bench.clock().nextDeadline());
        assertTrue(irq.isSet());
        assertEquals(0xc0, read(C) & 0xc0);
        interrupts++;
      }
      bench.clock().stepTo(end);
      assertEquals(2 * hertz[rate], interrupts, "rate " + rate);
    }
  }

  @Test
  void fastCrystalsHaveTwoMoreRates() {
    write(A, 0x01);
    write(B, 0x42);
    int interrupts = 0;
    while (bench.clock().nextDeadline() <= SECOND / 16) {
      bench.clock().stepTo(bench.clock().nextDeadline());
      read(C);
      interrupts++;
    }
    assertEquals(32_768 / 16, interrupts);
  }

  @Test
  void periodicDoesNotDrift() {
    write(A, 0x26);
    write(B, 0x42);
    long periods = 0;
    while (periods < 100_000) {
      bench.clock().stepTo(bench.clock().nextDeadline());
      read(C);
      periods++;
    }
    assertEquals((periods * SECOND + 1023) / 1024, bench.clock().nanos());
  }

  @Test
  void latePeriodsBecomeOneInterrupt() {
    write(B, 0x42);
    bench.clock().stall(100_000_000);
    assertEquals(1, irq.rises());
    read(C);
    assertEquals((100_000_000L * 1024 / SECOND + 1) * SECOND / 1024, bench.clock().nextDeadline(), 1);
  }

  @Test
  void periodicFlagWithoutInterrupt() {
    bench.clock().step(SECOND / 1000);
    assertEquals(0x40, read(C));
    assertEquals(0x00, read(C));
    bench.clock().step(SECOND / 1000);
    assertEquals(0x40, read(C));
    assertEquals(0, irq.rises());
  }

  @Test
  void alarm() {
    write(1, 0x05);
    write(3, 0x00);
    write(5, 0x00);
    write(B, 0x22);
    bench.clock().step(6 * SECOND + SECOND / 2);
    assertFalse(irq.isSet());
    bench.clock().step(SECOND);
    assertTrue(irq.isSet());
    assertEquals(0x20, read(C) & 0x20);
    bench.clock().step(86_399 * SECOND);
    assertFalse(irq.isSet());
    bench.clock().step(SECOND);
    assertTrue(irq.isSet(), "and the next day again");
  }

  @Test
  void alarmBytesThatDoNotCare() {
    write(1, 0xc0);
    write(3, 0xff);
    write(5, 0xc0);
    write(B, 0x22);
    for (int i = 1; i <= 3; i++) {
      bench.clock().step(SECOND);
      assertEquals(i, irq.rises(), "every second");
      read(C);
    }
    write(1, 0x00);
    bench.clock().step(120 * SECOND);
    assertTrue(irq.isSet(), "every minute");
    read(C);
    assertEquals("2024-03-01 06 00:02:01", time());
    write(3, 0x30);
    bench.clock().step(1678 * SECOND);
    assertFalse(irq.isSet());
    bench.clock().step(SECOND);
    assertTrue(irq.isSet(), "at half past every hour");
  }

  @Test
  void alarmThatPassedUnwatchedIsFlagged() {
    write(1, 0x00);
    write(3, 0x00);
    write(5, 0x12);
    bench.clock().step(13 * 3600 * SECOND);
    assertEquals(0x20, read(C) & 0x20);
    bench.clock().step(3600 * SECOND);
    assertEquals(0x00, read(C) & 0x20);
  }

  @Test
  void dividerReset() {
    bench.clock().step(SECOND / 4);
    write(A, 0x66);
    bench.clock().step(10 * SECOND);
    assertEquals("2024-02-29 05 23:59:58", time());
    write(A, 0x26);
    bench.clock().step(SECOND / 2 - 1);
    assertEquals("2024-02-29 05 23:59:58", time());
    bench.clock().step(1);
    assertEquals("2024-02-29 05 23:59:59", time(), "the first update comes half a second later");
  }

  @Test
  void statusRegistersCannotBeWritten() {
    write(C, 0xff);
    write(D, 0x00);
    assertEquals(0x00, read(C));
    assertEquals(0x80, read(D));
    write(A, 0xa6);
    assertEquals(0x26, read(A));
  }

  @Test
  void memoryKeepsWhatIsWrittenAlsoThroughAReset() {
    for (int i = 0x0e; i < 0x80; i++) {
      if (i != CENTURY) {
        write(i, i ^ 0x5a);
      }
    }
    write(B, 0x7a);
    bench.clock().step(SECOND);
    assertTrue(irq.isSet());
    rtc.reset(ResetKind.RESET);
    assertFalse(irq.isSet());
    assertEquals(0x02, read(B));
    assertEquals("2024-02-29 05 23:59:59", time());
    for (int i = 0x0e; i < 0x80; i++) {
      if (i != CENTURY) {
        assertEquals(i ^ 0x5a, read(i));
      }
    }
  }

  @Test
  void indexHasTheNmiMaskInItsTopBit() {
    write(0x40, 0x77);
    bench.out(0x70, 0xc0);
    assertEquals(0x77, bench.in(0x71));
    bench.out(0x70, 2, 0x55_c1);
    assertEquals(0x55, read(0x41), "both ports in one access");
  }

  @Test
  void memorySizes() {
    Bench second = new Bench();
    second.make(new RtcComponent(), new RtcConfiguration(8, true, 256L << 20, 5L << 30));
    byte[] cmos = new byte[128];
    for (int i = 0; i < 128; i++) {
      second.out(0x70, i);
      cmos[i] = (byte) second.in(0x71);
    }
    assertEquals(640, word(cmos, 0x15));
    assertEquals(63 * 1024, word(cmos, 0x17));
    assertEquals(63 * 1024, word(cmos, 0x30));
    assertEquals(240 * 16, word(cmos, 0x34));
    assertEquals(5 * 1024 * 16, word(cmos, 0x5b) | (cmos[0x5d] & 0xff) << 16);
    int sum = 0;
    for (int i = 0x10; i <= 0x2d; i++) {
      sum += cmos[i] & 0xff;
    }
    assertEquals(sum, (cmos[0x2e] & 0xff) << 8 | cmos[0x2f] & 0xff);
    assertEquals(0, read(0x34), "left out by default");
  }

  private static int word(byte[] cmos, int at) {
    return cmos[at] & 0xff | (cmos[at + 1] & 0xff) << 8;
  }

  @Test
  void localTime() {
    Bench second = new Bench();
    second.clock().epochSeconds(1_700_000_000L);
    second.make(new RtcComponent(), new RtcConfiguration(8, false, 0, 0));
    second.out(0x70, 4);
    int hour = ZoneId.systemDefault().getRules().getOffset(java.time.Instant.ofEpochSecond(1_700_000_000L))
        .getTotalSeconds() / 3600 + 22;
    assertEquals(Math.floorMod(hour, 24), Integer.parseInt(Integer.toHexString(second.in(0x71))));
  }

  @Test
  void aClockMadeLaterShowsTheTimeOfThen() throws InvalidState {
    bench.clock().step(3600 * SECOND);
    Bench other = new Bench(bench.clock());
    Device copy = other.make(new RtcComponent());
    other.out(0x70, 4);
    assertEquals(0x00, other.in(0x71));
    read(C);
    write(B, 0x42);
    bench.clock().step(100_000);
    States.copy(rtc, copy);
    assertEquals(0, other.irq(8).rises());
    bench.clock().step(1_000_000);
    assertEquals(1, other.irq(8).rises());
  }

  @Test
  void closedMeansQuiet() {
    write(B, 0x72);
    rtc.close();
    assertEquals(0, bench.clock().openTimers());
  }

  @Test
  void configuration() {
    RtcComponent factory = new RtcComponent();
    assertThrows(DeviceException.class, () -> factory.create(new RtcConfiguration(24, true, 0, 0), bench));
    assertThrows(DeviceException.class, () -> factory.create(new RtcConfiguration(8, true, 5L << 30, 0), bench));
    assertThrows(DeviceException.class, () -> factory.create(new RtcConfiguration(8, true, 0, -1), bench));
  }

  @Test
  void randomUse() {
    RandomUse.run(new RtcComponent(), 30_000);
  }
}
