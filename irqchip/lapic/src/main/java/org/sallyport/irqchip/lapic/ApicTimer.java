package org.sallyport.irqchip.lapic;

import static org.sallyport.irqchip.lapic.ApicRegisters.DIVIDE_WRITABLE;

import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.irq.ProcessorSignals;
import org.sallyport.irqchip.lapic.LocalApicState.TimerState;

/**
 * The APIC timer (SDM volume 3A, "APIC Timer"). The count is never stepped: it follows from the clock and the time at
 * which it will be zero. No timer is armed while the interrupt is masked.
 *
 * <p>The divide configuration divides a bus clock of {@value #BUS_HZ} Hz.
 *
 * <p>A periodic timer keeps its phase however late it is served; periods that have passed unserved become one
 * interrupt, as they would in the IRR.
 */
final class ApicTimer {
  /** Frequency before division, in Hz: one tick a nanosecond. */
  static final long BUS_HZ = 1_000_000_000L;

  /**
   * Nanoseconds between two interrupts at least: a guest that asks for shorter periods gets every n-th, and the host
   * stays alive.
   */
  static final long SHORTEST_PERIOD = 10_000;

  // Timer modes, LVT bits 18:17
  static final int ONE_SHOT = 0;
  static final int PERIODIC = 1;
  static final int TSC_DEADLINE = 2;

  private static final long NEVER = Long.MAX_VALUE - 1;

  private final VmClock clock;
  private final ProcessorSignals processor;
  private final long tscHz;
  private final Runnable expired;
  private final Timer timer;

  private int mode = ONE_SHOT;
  private boolean masked = true;
  private int initialCount;
  private int divide;

  /** Whether it counts towards {@link #zeroAt}. */
  private boolean counting;

  /** Clock time of the next interrupt, at which the count is zero. */
  private long zeroAt;

  /** IA32_TSC_DEADLINE; 0 is disarmed. */
  private long deadline;

  /**
   * @param expired what to do when it has expired, masked or not
   */
  ApicTimer(String name, VmClock clock, ProcessorSignals processor, long tscHz, Runnable expired) {
    this.clock = clock;
    this.processor = processor;
    this.tscHz = tscHz;
    this.expired = expired;
    timer = clock.timer(name, this::fire);
  }

  void reset() {
    timer.cancel();
    mode = ONE_SHOT;
    masked = true;
    initialCount = 0;
    divide = 0;
    counting = false;
    zeroAt = 0;
    deadline = 0;
  }

  void close() {
    timer.close();
  }

  /** Takes over the timer's LVT entry; call {@link #catchUp()} before it changes. */
  void configure(int newMode, boolean newMasked) {
    if (newMode != mode && (newMode >= TSC_DEADLINE || mode >= TSC_DEADLINE)) {
      // "TSC-Deadline Mode": changing to it or from it disarms the timer.
      counting = false;
      initialCount = 0;
      deadline = 0;
    }
    if (newMode == ONE_SHOT && counting) {
      long now = clock.nanos();
      zeroAt = now + nanosLeft(now);
    }
    mode = newMode;
    masked = newMasked;
    arm();
  }

  int initialCount() {
    return initialCount;
  }

  /** Starts the count, or stops it by 0; without effect in TSC-deadline mode. */
  void initialCount(int value) {
    if (mode >= TSC_DEADLINE) {
      return;
    }
    long now = catchUp();
    initialCount = value;
    counting = value != 0;
    zeroAt = now + period();
    arm();
  }

  int currentCount() {
    long now = catchUp();
    return counting ? (int) ticksLeft(now) : 0;
  }

  int divide() {
    return divide;
  }

  /** A running count goes on from where it is, at the new rate. */
  void divide(int value) {
    long now = catchUp();
    if (counting) {
      long ticks = ticksLeft(now);
      divide = value & DIVIDE_WRITABLE;
      zeroAt = now + (ticks << shift());
      arm();
    } else {
      divide = value & DIVIDE_WRITABLE;
    }
  }

  long deadline() {
    catchUp();
    return deadline;
  }

  /** Arms the TSC deadline; one that has passed expires at once. Without effect in other modes. */
  void deadline(long tsc) {
    if (mode == TSC_DEADLINE) {
      catchUp();
      deadline = tsc;
      catchUp();
      arm();
    }
  }

  /**
   * Lets it expire if it is time, without waiting for the host.
   *
   * @return the clock time up to which it has caught up
   */
  long catchUp() {
    long now = clock.nanos();
    if (mode == TSC_DEADLINE) {
      if (deadline != 0 && Long.compareUnsigned(processor.tsc(), deadline) >= 0) {
        deadline = 0;
        expired.run();
      }
    } else if (counting) {
      long late = now - zeroAt;
      if (late >= 0) {
        if (mode == PERIODIC) {
          long pause = period() < SHORTEST_PERIOD ? SHORTEST_PERIOD - 1 : 0;
          zeroAt += ((late + pause) / period() + 1) * period();
        } else {
          counting = false;
        }
        expired.run();
      }
    }
    return now;
  }

  private void fire() {
    catchUp();
    arm();
  }

  private void arm() {
    if (masked) {
      timer.cancel();
    } else if (mode == TSC_DEADLINE && deadline != 0) {
      timer.at(nanosAtDeadline());
    } else if (counting) {
      timer.at(zeroAt);
    } else {
      timer.cancel();
    }
  }

  /**
   * Later than now while the time-stamp counter has not come there, even if the conversion rounds down or overflows: an
   * early timer must not spin.
   */
  private long nanosAtDeadline() {
    long now = clock.nanos();
    long at = processor.nanosAtTsc(deadline);
    long tsc = processor.tsc();
    if (at <= now && Long.compareUnsigned(tsc, deadline) < 0) {
      long ticks = deadline - tsc;
      long seconds = Long.divideUnsigned(ticks, tscHz);
      if (seconds >= Integer.MAX_VALUE) {
        return NEVER;
      }
      long rest = Long.divideUnsigned(Long.remainderUnsigned(ticks, tscHz) * BUS_HZ, tscHz);
      at = now + Math.max(1, seconds * BUS_HZ + rest);
    }
    return Math.min(at, NEVER);
  }

  private long period() {
    return Integer.toUnsignedLong(initialCount) << shift();
  }

  /** Nanoseconds until the count is zero, 1 to {@link #period()}; the next interrupt may be whole periods later. */
  private long nanosLeft(long now) {
    return (zeroAt - now - 1) % period() + 1;
  }

  private long ticksLeft(long now) {
    return nanosLeft(now) + (1L << shift()) - 1 >> shift();
  }

  /** "Divide Configuration Register": bits 3, 1 and 0; 0b111 divides by 1, 0b000 by 2 and so on. */
  private int shift() {
    return (divide >> 1 & 4 | divide & 3) + 1 & 7;
  }

  TimerState save() {
    return new TimerState(initialCount, divide, counting, zeroAt, deadline);
  }

  /** Takes over a state that has been validated. */
  void restore(TimerState state, int savedMode, boolean savedMasked) {
    mode = savedMode;
    masked = savedMasked;
    initialCount = state.initialCount();
    divide = state.divide();
    counting = state.counting();
    zeroAt = state.zeroAt();
    deadline = state.deadline();
    arm();
  }
}
