package org.sallyport.irqchip.lapic;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;

/** A clock that stands still between two {@link #advance}s. */
final class FakeClock implements VmClock {
  private final List<FakeTimer> timers = new ArrayList<>();
  private long now = 1_000_000;
  int firings;

  final class FakeTimer implements Timer {
    private final Runnable action;
    private long deadline = Long.MAX_VALUE;

    FakeTimer(Runnable action) {
      this.action = action;
    }

    @Override
    public void at(long nanos) {
      deadline = nanos;
    }

    @Override
    public void cancel() {
      deadline = Long.MAX_VALUE;
    }

    @Override
    public boolean isArmed() {
      return deadline != Long.MAX_VALUE;
    }

    @Override
    public long deadline() {
      return deadline;
    }

    @Override
    public void close() {
      cancel();
      timers.remove(this);
    }
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public Timer timer(String name, Runnable action) {
    FakeTimer timer = new FakeTimer(action);
    timers.add(timer);
    return timer;
  }

  @Override
  public long epochSeconds() {
    return 0;
  }

  /** Lets time pass; every timer fires at its deadline. */
  void advance(long nanos) {
    long end = now + nanos;
    for (FakeTimer next = next(); next != null && next.deadline <= end; next = next()) {
      now = Math.max(now, next.deadline);
      fire(next);
    }
    now = end;
  }

  /** Lets time pass while the host is busy; the timers fire late, at the end. */
  void advanceLate(long nanos) {
    now += nanos;
    for (FakeTimer next = next(); next != null && next.deadline <= now; next = next()) {
      fire(next);
    }
  }

  /** Time passes, and the timers have not fired yet. */
  void advanceWithoutTimers(long nanos) {
    now += nanos;
  }

  long nextDeadline() {
    FakeTimer next = next();
    return next == null ? Long.MAX_VALUE : next.deadline;
  }

  private FakeTimer next() {
    return timers.stream().filter(Timer::isArmed).min(Comparator.comparingLong(timer -> timer.deadline)).orElse(null);
  }

  private void fire(FakeTimer timer) {
    timer.deadline = Long.MAX_VALUE;
    firings++;
    timer.action.run();
  }
}
