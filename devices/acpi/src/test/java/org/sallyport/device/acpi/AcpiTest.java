package org.sallyport.device.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.PowerButton;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.BenchLine;
import org.sallyport.device.bench.RandomUse;

/** Against the ACPI specification 6.4, section 4.8. */
class AcpiTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int TMR = 1;
  private static final int PWRBTN = 0x100;
  private static final int RTC = 0x400;
  private static final int WAK = 0x8000;
  private static final int SLP_EN = 0x2000;

  private final Bench bench = new Bench();
  private final BenchLine sci = bench.irq(9);
  private Acpi acpi;
  private AcpiBlocks.Blocks at;

  @BeforeEach
  void make() {
    acpi = (Acpi) bench.make(new AcpiComponent());
    at = acpi.capability(AcpiBlocks.class).orElseThrow().acpiBlocks();
  }

  private int status() {
    return bench.in(at.pm1Event(), 2);
  }

  private void enable(int events) {
    bench.out(at.pm1Event() + 2, 2, events);
  }

  private void acpiMode() {
    bench.out(at.smiCommand(), at.acpiEnable());
  }

  private void sleep(int type) {
    bench.out(at.pm1Control(), 2, SLP_EN | type << 10);
  }

  @Test
  void blocks() {
    assertEquals(new AcpiBlocks.Blocks(0x600, 0x604, 0x608, 0x60c, 0xb2, 0xa0, 0xa1, 9, 0x610, 6, 5, 1), at);
    Bench other = new Bench();
    var blocks = other.make(new AcpiComponent(), new AcpiConfiguration(0xb000, 11, false))
        .capability(AcpiBlocks.class).orElseThrow().acpiBlocks();
    assertEquals(new AcpiBlocks.Blocks(0xb000, 0xb004, 0xb008, 0xb00c, 0xb2, 0xa0, 0xa1, 11, 0xb010, 6, 5, -1), blocks);
    other.clock().step(SECOND);
    assertEquals(3_579_545, other.in(0xb008, 4));
  }

  @Test
  void powerOn() {
    for (int port : new int[]{0x600, 0x604, 0x608, 0x60c, 0x610}) {
      assertEquals(0, bench.in(port, 4));
    }
    assertEquals(0, bench.in(0xb2));
    assertEquals(Long.MAX_VALUE, bench.clock().nextDeadline());
  }

  @Test
  void smiCommandSwitchesModes() {
    acpiMode();
    assertEquals(1, bench.in(at.pm1Control(), 2));
    assertEquals(0xa0, bench.in(0xb2));
    bench.out(0xb2, 0x55);
    assertEquals(1, bench.in(at.pm1Control(), 2), "a command of nobody");
    bench.out(0xb2, at.acpiDisable());
    assertEquals(0, bench.in(at.pm1Control(), 2));
  }

  @Test
  void controlRegister() {
    bench.out(at.pm1Control(), 2, 0xdfff); // all but SLP_EN
    assertEquals(0x1c02, bench.in(at.pm1Control(), 2), "SLP_TYP and BM_RLD; SCI_EN is not OSPM's");
    acpiMode();
    bench.out(at.pm1Control(), 2, 0);
    assertEquals(1, bench.in(at.pm1Control(), 2));
    bench.out(at.pm1Control() + 1, 1, 0x14);
    assertEquals(0x1401, bench.in(at.pm1Control(), 2));
    assertEquals(0x14, bench.in(at.pm1Control() + 1));
  }

  @Test
  void softOff() {
    sleep(0);
    assertEquals(List.of(), bench.control().asked());
    bench.out(at.pm1Control(), 2, 5 << 10);
    assertEquals(List.of(), bench.control().asked(), "the type alone does nothing");
    sleep(at.sleepTypeS5());
    assertEquals(List.of("powerOff"), bench.control().asked());
    assertEquals(0x1400, bench.in(at.pm1Control(), 2), "SLP_EN reads 0");
    sleep(3);
    assertEquals(1, bench.logged().size());
    assertEquals(List.of("powerOff"), bench.control().asked());
  }

  @Test
  void softOffByBytes() {
    bench.out(at.pm1Control() + 1, 1, 0x34);
    assertEquals(List.of("powerOff"), bench.control().asked());
  }

  @Test
  void suspendAndWakeByReset() {
    acpiMode();
    enable(PWRBTN);
    sleep(1);
    assertEquals(List.of("suspend"), bench.control().asked());
    acpi.reset(ResetKind.RESET);
    assertEquals(WAK, status());
    assertEquals(PWRBTN, bench.in(at.pm1Event() + 2, 2));
    assertEquals(1, bench.in(at.pm1Control(), 2) & 1);
    assertFalse(sci.isSet(), "waking is no event by itself");
    acpi.reset(ResetKind.RESET);
    assertEquals(0, bench.in(at.pm1Event(), 4), "it was awake");
    assertEquals(0, bench.in(at.pm1Control(), 2));
  }

  @Test
  void suspendAndWakeByButton() {
    acpiMode();
    enable(PWRBTN);
    sleep(1);
    acpi.press();
    assertEquals(List.of("suspend", "wake"), bench.control().asked());
    acpi.reset(ResetKind.RESET);
    assertTrue(sci.isSet());
    assertEquals(WAK | PWRBTN, status());
  }

  @Test
  void suspendAndWakeByTheClock() {
    acpiMode();
    acpi.clockInterrupt();
    assertEquals(RTC, status());
    bench.out(at.pm1Event(), 2, RTC);
    sleep(1);
    acpi.clockInterrupt();
    assertEquals(List.of("suspend"), bench.control().asked(), "RTC_EN is not set");
    enable(RTC);
    bench.out(at.pm1Event(), 2, RTC);
    sleep(1);
    acpi.clockInterrupt();
    assertEquals(List.of("suspend", "suspend", "wake"), bench.control().asked());
    acpi.reset(ResetKind.RESET);
    assertEquals(WAK | RTC, status());
    assertTrue(sci.isSet());
  }

  @Test
  void guestThatRunsOnIsAwake() {
    sleep(1);
    status();
    acpi.reset(ResetKind.RESET);
    assertEquals(0, status());
  }

  @Test
  void powerButton() {
    PowerButton button = acpi.capability(PowerButton.class).orElseThrow();
    acpiMode();
    enable(PWRBTN);
    button.press();
    assertTrue(sci.isSet());
    assertEquals(PWRBTN, status());
    assertTrue(sci.isSet(), "reading changes nothing");
    bench.out(at.pm1Event(), 2, ~PWRBTN & 0xffff);
    assertTrue(sci.isSet(), "other bits");
    bench.out(at.pm1Event() + 1, 1, 1);
    assertFalse(sci.isSet());
    assertEquals(0, status());
    assertEquals(1, sci.rises());
  }

  @Test
  void eventsNeedEnableAndAcpiMode() {
    acpi.press();
    assertEquals(PWRBTN, status(), "the status stands in any mode");
    enable(PWRBTN);
    assertFalse(sci.isSet());
    acpiMode();
    assertTrue(sci.isSet());
    enable(0);
    assertFalse(sci.isSet());
    bench.out(at.pm1Event(), 4, PWRBTN << 16);
    assertTrue(sci.isSet());
    bench.out(0xb2, at.acpiDisable());
    assertFalse(sci.isSet());
    enable(0xffff);
    assertEquals(0x0721, bench.in(at.pm1Event() + 2, 2), "RTC, SLPBTN, PWRBTN, GBL, TMR");
  }

  @Test
  void generalPurposeEvents() {
    acpiMode();
    acpi.generalPurposeEvent(2);
    acpi.generalPurposeEvent(11);
    assertEquals(0x0804, bench.in(at.gpe0(), 4));
    assertFalse(sci.isSet());
    bench.out(at.gpe0() + 3, 1, 0x08);
    assertTrue(sci.isSet());
    assertEquals(0x0800_0804, bench.in(at.gpe0(), 4));
    bench.out(at.gpe0(), 1, 0x0c);
    assertEquals(0x0800, bench.in(at.gpe0(), 2));
    assertTrue(sci.isSet());
    bench.out(at.gpe0() + 1, 1, 0x08);
    assertFalse(sci.isSet());
    bench.out(at.gpe0() + 2, 2, 0xffff);
    assertEquals(0xffff_0000, bench.in(at.gpe0(), 4));
  }

  @Test
  void timerCounts() {
    bench.clock().stepTo(279_364);
    assertEquals(999, bench.in(at.pmTimer(), 4));
    bench.clock().stepTo(279_366);
    assertEquals(1000, bench.in(at.pmTimer(), 4));
    bench.clock().stepTo(10_000 * SECOND);
    assertEquals((int) (3_579_545L * 10_000), bench.in(at.pmTimer(), 4));
    bench.out(at.pmTimer(), 4, 0);
    int value = bench.in(at.pmTimer(), 4);
    assertEquals((int) (3_579_545L * 10_000), value, "read only");
    assertEquals(value & 0xffff, bench.in(at.pmTimer(), 2));
    assertEquals(value >>> 16, bench.in(at.pmTimer() + 2, 2));
    assertEquals(value >>> 24, bench.in(at.pmTimer() + 3));
    bench.out(at.gpe0() + 2, 2, 0x5a5a);
    assertEquals(value >>> 16, bench.in(at.pmTimer() + 2, 4), "and GPE0_STS, which is 0");
    assertEquals(0x5a5a_0000, bench.in(at.pmTimer() + 4, 4));
    assertEquals(0x5a_0000 << 8 | value >>> 24, bench.in(at.pmTimer() + 3, 4));
  }

  @Test
  void timerArithmetic() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("acpi: timer with -Dseed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      long nanos = random.nextLong(1L << random.nextInt(1, 63));
      long exact = BigInteger.valueOf(nanos).multiply(BigInteger.valueOf(3_579_545)).divide(BigInteger.valueOf(SECOND))
          .longValueExact();
      assertEquals(exact, PmTimer.ticks(nanos), () -> "ticks of " + nanos);
      long event = PmTimer.events(nanos) + 1;
      long then = PmTimer.nanosOfEvent(event);
      assertEquals(event, PmTimer.events(then));
      assertEquals(event - 1, PmTimer.events(then - 1));
    }
  }

  /** "This bit gets set any time the most significant bit of the counter changes". */
  @Test
  void timerEvents() {
    long half = 599_932_015_941L; // 2^31 / 3.579545 MHz, rounded up
    long whole = 1_199_864_031_882L;
    acpiMode();
    assertEquals(Long.MAX_VALUE, bench.clock().nextDeadline());
    enable(TMR);
    assertEquals(half, bench.clock().nextDeadline());
    bench.clock().stepTo(half - 1);
    assertEquals(0x7fff_ffff, bench.in(at.pmTimer(), 4));
    assertEquals(0, status());
    assertFalse(sci.isSet());
    bench.clock().stepTo(half);
    assertEquals(0x8000_0000, bench.in(at.pmTimer(), 4));
    assertTrue(sci.isSet());
    assertEquals(TMR, status());
    assertEquals(Long.MAX_VALUE, bench.clock().nextDeadline(), "nothing new can happen");
    bench.out(at.pm1Event(), 2, TMR);
    assertFalse(sci.isSet());
    assertEquals(whole, bench.clock().nextDeadline());
    bench.clock().stepTo(whole);
    assertEquals(0, bench.in(at.pmTimer(), 4));
    assertTrue(sci.isSet());
  }

  @Test
  void timerEventsWithoutTimer() {
    bench.clock().step(700 * SECOND);
    assertEquals(Long.MAX_VALUE, bench.clock().nextDeadline());
    assertEquals(TMR, status());
    bench.clock().step(1200 * SECOND);
    bench.out(at.pm1Event(), 2, TMR);
    assertEquals(0, status(), "what happened before the write is cleared");
    bench.clock().step(600 * SECOND);
    acpiMode();
    enable(TMR);
    assertTrue(sci.isSet(), "the event was late");
  }

  @Test
  void resetRegister() {
    bench.out(at.resetPort(), 1, 4);
    assertEquals(List.of(), bench.control().asked());
    bench.out(at.resetPort(), at.resetValue());
    assertEquals(List.of("reset"), bench.control().asked());
    assertEquals(0, bench.in(at.resetPort()));
  }

  @Test
  void resetLeadsToLegacyMode() {
    acpiMode();
    enable(PWRBTN);
    acpi.press();
    assertTrue(sci.isSet());
    bench.clock().step(SECOND);
    acpi.reset(ResetKind.RESET);
    assertFalse(sci.isSet());
    assertEquals(0, bench.in(at.pm1Event(), 4));
    assertEquals(3_579_545, bench.in(at.pmTimer(), 4), "the timer never stops");
  }

  @Test
  void impossibleStates() {
    bench.clock().step(700 * SECOND);
    AcpiState good = new AcpiState(PWRBTN | WAK, PWRBTN, 1, 0, 0, 0xa0, false, 1);
    List<AcpiState> bad = List.of(
        new AcpiState(2, PWRBTN, 1, 0, 0, 0xa0, false, 1),
        new AcpiState(0, WAK, 1, 0, 0, 0xa0, false, 1),
        new AcpiState(0, 0, SLP_EN, 0, 0, 0xa0, false, 1),
        new AcpiState(0, 0, 0, 0x10000, 0, 0, false, 1),
        new AcpiState(0, 0, 0, 0, -1, 0, false, 1),
        new AcpiState(0, 0, 0, 0, 0, 0x100, false, 1),
        new AcpiState(0, 0, 0, 0, 0, 0, false, 2),
        new AcpiState(0, 0, 0, 0, 0, 0, false, -1));
    AcpiState before = acpi.save();
    for (AcpiState each : bad) {
      assertThrows(InvalidState.class, () -> acpi.restore(each), each::toString);
      assertEquals(before, acpi.save());
    }
    try {
      acpi.restore(good);
    } catch (InvalidState e) {
      throw new AssertionError(e);
    }
    assertEquals(good, acpi.save());
    assertTrue(sci.isSet());
  }

  /** Timer events that nobody has looked at yet stay so, and are found later all the same. */
  @Test
  void restoringChangesNothing() throws InvalidState {
    bench.clock().step(700 * SECOND);
    Bench other = new Bench(bench.clock());
    Acpi twin = (Acpi) other.make(new AcpiComponent());
    AcpiState saved = acpi.save();
    assertEquals(0, saved.timerEvents());
    twin.restore(saved);
    assertEquals(saved, twin.save());
    assertEquals(TMR, other.in(at.pm1Event(), 2));
  }

  @Test
  void configuration() {
    AcpiComponent factory = new AcpiComponent();
    for (int port : new int[]{0, 0xa0, 0x610, 0xfff0, 0x10000, -32}) {
      assertThrows(DeviceException.class, () -> factory.create(new AcpiConfiguration(port, 9, false), bench));
    }
    assertThrows(DeviceException.class, () -> factory.create(new AcpiConfiguration(0x600, 16, false), bench));
    assertThrows(DeviceException.class, () -> factory.create(new AcpiConfiguration(0x600, -1, false), bench));
  }

  @Test
  void closing() {
    enable(TMR);
    acpi.close();
    assertEquals(0, bench.clock().openTimers());
  }

  @Test
  void randomUse() {
    RandomUse.run(new AcpiComponent(), 20_000);
  }
}
