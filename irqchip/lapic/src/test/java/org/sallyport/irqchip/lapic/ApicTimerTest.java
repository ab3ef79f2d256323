package org.sallyport.irqchip.lapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import org.junit.jupiter.api.Test;

/** The APIC timer on a stepped clock. */
class ApicTimerTest {
  private static final int VECTOR = 0xee;
  private static final int PERIODIC = 1 << 17;
  private static final int DEADLINE = 2 << 17;
  private static final int BY_1 = 0xb;

  private final ApicBench bench = new ApicBench().enabled();
  private final XApic apic = bench.apics[0];
  private final FakeClock clock = bench.clock;
  private final FakeProcessor processor = bench.processors[0];

  private void start(int mode, int divide, int count) {
    bench.write(LVT_TIMER, mode | VECTOR);
    bench.write(DIVIDE, divide);
    bench.write(INITIAL_COUNT, count);
  }

  /** Takes the interrupt if there is one. */
  private boolean interrupted() {
    if (!apic.interruptPending()) {
      return false;
    }
    assertEquals(VECTOR, apic.acknowledge());
    bench.write(EOI, 0);
    return true;
  }

  @Test
  void oneShot() {
    start(0, BY_1, 0x10000);
    assertEquals(0x10000, bench.read(CURRENT_COUNT));
    clock.advance(0xffff);
    assertEquals(1, bench.read(CURRENT_COUNT));
    assertFalse(interrupted());
    clock.advance(1);
    assertTrue(interrupted());
    assertEquals(0, bench.read(CURRENT_COUNT));
    assertEquals(0x10000, bench.read(INITIAL_COUNT));
    clock.advance(0x100000);
    assertFalse(interrupted());
    assertEquals(Long.MAX_VALUE, clock.nextDeadline());
  }

  @Test
  void theCountIsUnsigned() {
    start(0, BY_1, -1);
    assertEquals(-1, bench.read(CURRENT_COUNT));
    clock.advance(0xffff_fffeL);
    assertFalse(interrupted());
    assertEquals(1, bench.read(CURRENT_COUNT));
    clock.advance(1);
    assertTrue(interrupted());
  }

  @Test
  void dividers() {
    int[] divisors = {2, 4, 8, 16, 0, 0, 0, 0, 32, 64, 128, 1};
    for (int divide = 0; divide < divisors.length; divide++) {
      if (divisors[divide] != 0) {
        start(0, divide, 1000);
        clock.advance(999L * divisors[divide]);
        assertEquals(1, bench.read(CURRENT_COUNT));
        assertFalse(interrupted());
        clock.advance(divisors[divide]);
        assertTrue(interrupted());
      }
    }
  }

  @Test
  void zeroStops() {
    start(0, BY_1, 1000);
    bench.write(INITIAL_COUNT, 0);
    clock.advance(2000);
    assertFalse(interrupted());
    assertEquals(0, bench.read(CURRENT_COUNT));
  }

  @Test
  void aNewInitialCountStartsAnew() {
    start(0, BY_1, 1000);
    clock.advance(900);
    bench.write(INITIAL_COUNT, 1000);
    clock.advance(900);
    assertFalse(interrupted());
    clock.advance(100);
    assertTrue(interrupted());
  }

  @Test
  void periodic() {
    start(PERIODIC, BY_1, 20_000);
    for (int i = 0; i < 100; i++) {
      clock.advance(19_999);
      assertEquals(1, bench.read(CURRENT_COUNT));
      assertFalse(interrupted());
      clock.advance(1);
      assertEquals(20_000, bench.read(CURRENT_COUNT));
      assertTrue(interrupted());
    }
    assertEquals(100, clock.firings);
  }

  @Test
  void aLatePeriodicTimerKeepsItsPhaseAndMerges() {
    start(PERIODIC, BY_1, 20_000);
    clock.advanceLate(20_000 * 1000L + 7_000);
    assertEquals(1, clock.firings);
    assertTrue(interrupted());
    assertFalse(interrupted());
    assertEquals(13_000, bench.read(CURRENT_COUNT));
    clock.advance(12_999);
    assertFalse(interrupted());
    clock.advance(1);
    assertTrue(interrupted());
  }

  @Test
  void aGuestThatPollsTheCountSeesTheInterruptWithoutTheHost() {
    start(PERIODIC, BY_1, 20_000);
    clock.advanceWithoutTimers(20_001);
    assertEquals(19_999, bench.read(CURRENT_COUNT));
    assertTrue(interrupted());
    clock.advance(0);
    assertFalse(interrupted());
  }

  @Test
  void veryShortPeriodsDoNotFloodTheHost() {
    start(PERIODIC, BY_1, 3);
    int taken = 0;
    for (int i = 0; i < 1000; i++) {
      clock.advance(1_000);
      taken += interrupted() ? 1 : 0;
      int count = bench.read(CURRENT_COUNT);
      assertTrue(count >= 1 && count <= 3, "count " + count);
    }
    assertTrue(clock.firings <= 101, clock.firings + " firings in 1 ms");
    assertTrue(taken >= 99, taken + " interrupts");
  }

  @Test
  void theModeChangesWhileItCounts() {
    int count = 0x999999;
    start(0, BY_1, count);
    bench.write(LVT_TIMER, PERIODIC | VECTOR);
    assertEquals(count, bench.read(INITIAL_COUNT));
    bench.write(LVT_TIMER, VECTOR);
    bench.write(INITIAL_COUNT, count);
    clock.advance(count);
    assertEquals(0, bench.read(CURRENT_COUNT));
    assertTrue(interrupted());

    bench.write(INITIAL_COUNT, count);
    clock.advance(count / 2 + 10);
    bench.write(LVT_TIMER, PERIODIC | VECTOR);
    int rest = bench.read(CURRENT_COUNT);
    assertTrue(rest > 0 && rest < count / 2, "goes on from where it was");
    clock.advance(rest + 100);
    assertTrue(interrupted());
    assertEquals(count - 100, bench.read(CURRENT_COUNT));
    clock.advance(count / 2 + 100);
    bench.write(LVT_TIMER, VECTOR);
    rest = bench.read(CURRENT_COUNT);
    assertTrue(rest > 0 && rest < count / 2);
    clock.advance(rest);
    assertEquals(0, bench.read(CURRENT_COUNT));
    assertTrue(interrupted());
    bench.write(LVT_TIMER, PERIODIC | VECTOR);
    assertEquals(0, bench.read(CURRENT_COUNT), "stays at zero");
    clock.advance(2L * count);
    assertFalse(interrupted());
  }

  @Test
  void theDividerChangesWhileItCounts() {
    start(0, BY_1, 1000);
    clock.advance(400);
    bench.write(DIVIDE, 0); // by 2
    assertEquals(600, bench.read(CURRENT_COUNT));
    clock.advance(1199);
    assertFalse(interrupted());
    clock.advance(1);
    assertTrue(interrupted());
  }

  @Test
  void aMaskedTimerCountsAndArmsNothing() {
    start(PERIODIC | LVT_MASKED, BY_1, 20_000);
    assertEquals(Long.MAX_VALUE, clock.nextDeadline());
    clock.advance(50_000);
    assertEquals(10_000, bench.read(CURRENT_COUNT));
    bench.write(LVT_TIMER, PERIODIC | VECTOR);
    assertFalse(interrupted(), "periods that ended while it was masked are gone");
    clock.advance(10_000);
    assertTrue(interrupted());
    bench.write(SVR, 0xff);
    assertEquals(Long.MAX_VALUE, clock.nextDeadline(), "software-disabled: masked");
    bench.write(SVR, 0x1ff);
    bench.write(LVT_TIMER, PERIODIC | VECTOR);
    clock.advance(20_000);
    assertTrue(interrupted());
  }

  @Test
  void anIllegalTimerVectorIsAnError() {
    start(0, BY_1, 100);
    bench.write(LVT_TIMER, 3);
    clock.advance(100);
    assertFalse(apic.interruptPending());
    bench.write(ESR, 0);
    assertEquals(ESR_RECEIVED_ILLEGAL_VECTOR, bench.read(ESR));
  }

  @Test
  void tscDeadline() {
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    long deadline = processor.tsc() + 250_001;
    bench.msr(IA32_TSC_DEADLINE, deadline);
    assertEquals(deadline, bench.msr(IA32_TSC_DEADLINE));
    clock.advance(100_000);
    assertFalse(interrupted());
    clock.advance(1);
    assertTrue(processor.tsc() >= deadline);
    assertTrue(interrupted());
    assertEquals(0, bench.msr(IA32_TSC_DEADLINE));
    assertEquals(Long.MAX_VALUE, clock.nextDeadline());
  }

  @Test
  void aDeadlineThatHasPassedFiresAtOnce() {
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    bench.msr(IA32_TSC_DEADLINE, processor.tsc());
    assertTrue(interrupted());
    assertEquals(0, bench.msr(IA32_TSC_DEADLINE));
    bench.msr(IA32_TSC_DEADLINE, 1);
    assertTrue(interrupted());
  }

  @Test
  void aDeadlineCanBeTakenBackAndReplaced() {
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 2500);
    bench.msr(IA32_TSC_DEADLINE, 0);
    clock.advance(5000);
    assertFalse(interrupted());
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 2500);
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 25_000);
    clock.advance(9_999);
    assertFalse(interrupted());
    clock.advance(1);
    assertTrue(interrupted());
  }

  @Test
  void modesThatDoNotConcernEachOther() {
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 100);
    assertEquals(0, bench.msr(IA32_TSC_DEADLINE), "ignored outside its mode");
    start(0, BY_1, 1000);
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    assertEquals(0, bench.read(CURRENT_COUNT), "disarmed");
    bench.write(INITIAL_COUNT, 1000);
    assertEquals(0, bench.read(INITIAL_COUNT));
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 100);
    bench.write(LVT_TIMER, VECTOR);
    assertEquals(0, bench.msr(IA32_TSC_DEADLINE), "disarmed");
    clock.advance(10_000);
    assertFalse(interrupted());
    bench.write(LVT_TIMER, DEADLINE | PERIODIC | VECTOR); // the reserved mode
    bench.write(INITIAL_COUNT, 1000);
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 100);
    clock.advance(10_000);
    assertFalse(interrupted());
  }

  @Test
  void anEarlyTimerDoesNotSpinOrFireEarly() {
    processor.roundsDownBy = 400;
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    long deadline = processor.tsc() + 2500;
    bench.msr(IA32_TSC_DEADLINE, deadline);
    while (!interrupted()) {
      assertTrue(processor.tsc() < deadline);
      assertTrue(clock.nextDeadline() > clock.nanos() && clock.nextDeadline() <= clock.nanos() + 1000);
      clock.advance(clock.nextDeadline() - clock.nanos());
    }
    assertTrue(processor.tsc() >= deadline);
    assertTrue(clock.firings <= 3, clock.firings + " firings");
  }

  @Test
  void aDeadlineInTheFarFutureIsNoDeadlineInThePast() {
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    for (long deadline : new long[]{-1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE / 2}) {
      bench.msr(IA32_TSC_DEADLINE, deadline);
      assertFalse(interrupted());
      assertTrue(clock.nextDeadline() > clock.nanos() + 3_600_000_000_000L, clock.nextDeadline() + " ns");
      assertEquals(deadline, bench.msr(IA32_TSC_DEADLINE));
    }
  }

  @Test
  void aTimeStampCounterThatIsSetBackPostponesTheDeadline() {
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 2500);
    processor.tscOffset -= 25_000;
    clock.advance(10_999);
    assertFalse(interrupted());
    clock.advance(1);
    assertTrue(interrupted());
  }

  @Test
  void aMaskedDeadlinePassesSilently() {
    bench.write(LVT_TIMER, DEADLINE | LVT_MASKED | VECTOR);
    bench.msr(IA32_TSC_DEADLINE, processor.tsc() + 100);
    clock.advance(1000);
    assertEquals(0, bench.msr(IA32_TSC_DEADLINE));
    bench.write(LVT_TIMER, DEADLINE | VECTOR);
    assertFalse(interrupted());
  }

  @Test
  void resetsAndClosingStopIt() {
    start(PERIODIC, BY_1, 20_000);
    apic.init();
    assertEquals(Long.MAX_VALUE, clock.nextDeadline());
    assertEquals(0, bench.read(INITIAL_COUNT));
    bench.enabled();
    start(PERIODIC, BY_1, 20_000);
    apic.close();
    clock.advance(100_000);
    assertFalse(apic.interruptPending());
  }
}
