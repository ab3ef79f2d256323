package org.sallyport.device.bench;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;

/** A clock that moves only when told to. Timers fire in order of their deadlines, each at its own time. */
public final class BenchClock implements VmClock {
  private static final int MOST_FIRINGS_AT_ONE_TIME = 10_000;

  private final List<BenchTimer> timers = new ArrayList<>();
  private long now;
  private long epochSeconds;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public Timer timer(String name, Runnable action) {
    BenchTimer timer = new BenchTimer(name, action);
    timers.add(timer);
    return timer;
  }

  @Override
  public long epochSeconds() {
    return epochSeconds;
  }

  /** Sets the date and time of day at clock time 0. */
  public void epochSeconds(long seconds) {
    epochSeconds = seconds;
  }

  /** Lets time pass; timers fire on the way. */
  public void step(long nanos) {
    if (nanos < 0) {
      throw new IllegalArgumentException("time does not run backwards");
    }
    stepTo(now + nanos);
  }

  /** Lets time pass until a time. */
  public void stepTo(long nanos) {
    int firings = 0;
    for (BenchTimer next = first(); next != null && next.deadline <= nanos; next = first()) {
      if (next.deadline > now) {
        now = next.deadline;
        firings = 0;
      } else if (++firings > MOST_FIRINGS_AT_ONE_TIME) {
        throw new AssertionError(next.name + " fires without end at " + now + " ns");
      }
      next.fire();
    }
    now = Math.max(now, nanos);
  }

  /** Lets time pass as on a stalled host: nothing fires before the end, where everything is late. */
  public void stall(long nanos) {
    now += nanos;
    stepTo(now);
  }

  /** Lets time pass, does something before anything fires, and then fires what is late. */
  public void stall(long nanos, Runnable before) {
    now += nanos;
    before.run();
    stepTo(now);
  }

  /** The next deadline, or {@link Long#MAX_VALUE} when no timer is armed. */
  public long nextDeadline() {
    BenchTimer next = first();
    return next == null ? Long.MAX_VALUE : next.deadline;
  }

  /** How many timers were made and not closed. */
  public int openTimers() {
    return timers.size();
  }

  private BenchTimer first() {
    BenchTimer first = null;
    for (BenchTimer each : timers) {
      if (each.armed && (first == null || each.deadline < first.deadline)) {
        first = each;
      }
    }
    return first;
  }

  private final class BenchTimer implements Timer {
    final String name;
    final Runnable action;
    boolean armed;
    boolean closed;
    long deadline = Long.MAX_VALUE;

    BenchTimer(String name, Runnable action) {
      this.name = name;
      this.action = action;
    }

    void fire() {
      cancel();
      action.run();
    }

    @Override
    public void at(long nanos) {
      if (closed) {
        throw new AssertionError(name + " was closed and is armed");
      }
      armed = true;
      deadline = nanos;
    }

    @Override
    public void cancel() {
      armed = false;
      deadline = Long.MAX_VALUE;
    }

    @Override
    public boolean isArmed() {
      return armed;
    }

    @Override
    public long deadline() {
      return deadline;
    }

    @Override
    public void close() {
      cancel();
      closed = true;
      timers.remove(this);
    }
  }
}
