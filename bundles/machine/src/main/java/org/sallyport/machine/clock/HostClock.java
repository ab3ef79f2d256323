package org.sallyport.machine.clock;

import java.util.concurrent.locks.LockSupport;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.machine.DeviceLock;

/**
 * A machine's time by the host's monotonic clock, less the time for which the machine stood. It begins stopped.
 *
 * <p>One thread fires the timers, under the device lock. It sleeps until the earliest deadline; arming a timer wakes it
 * only when the new deadline is earlier than the one it sleeps for.
 */
public final class HostClock implements VmClock {
  /** Hears of an exception that a timer's action threw. Called on the clock's thread, under the device lock. */
  @FunctionalInterface
  public interface Failure {
    void failed(String timer, Throwable cause);
  }

  /**
   * How time runs now.
   *
   * @param base while running: host time at clock time 0
   * @param standing while stopped: the clock time
   */
  private record Phase(boolean running, long base, long standing) {}

  /** Shown while the time at which the clock stops is taken: who reads the clock then waits for that time. */
  private static final Phase STOPPING = new Phase(true, 0, 0);

  private static final int AT_A_TIME = 64;
  private static final long AWAKE = Long.MIN_VALUE;

  private final DeviceLock lock;
  private final Failure failure;
  private final TimerHeap heap = new TimerHeap();
  private volatile Phase phase = new Phase(false, 0, 0);
  private volatile long epochSeconds = Math.floorDiv(System.currentTimeMillis(), 1000L);
  private volatile long nextDeadline = Long.MAX_VALUE;
  private volatile long sleepingUntil = AWAKE;
  private volatile boolean ended;
  private volatile Thread thread;

  /**
   * @param lock the device lock, under which timers fire
   */
  public HostClock(DeviceLock lock, Failure failure) {
    this.lock = lock;
    this.failure = failure;
  }

  @Override
  public long nanos() {
    // The phase is read again, so that a stop and a go in between cannot make time run backwards.
    for (Phase now = phase;;) {
      if (!now.running) {
        return now.standing;
      }
      long host = System.nanoTime();
      Phase after = phase;
      if (after == now && now != STOPPING) {
        return host - now.base;
      }
      if (after == STOPPING) {
        Thread.yield();
      }
      now = after;
    }
  }

  @Override
  public long epochSeconds() {
    return epochSeconds;
  }

  @Override
  public Timer timer(String name, Runnable action) {
    return new HostTimer(this, name, action);
  }

  /** Sets the date and time of day at clock time 0. */
  public void epochSeconds(long seconds) {
    epochSeconds = seconds;
  }

  /** Starts the thread that fires timers. */
  public void start(String threadName) {
    Thread fresh = Thread.ofPlatform().daemon().name(threadName).unstarted(this::fireForever);
    thread = fresh; // first, so that it knows itself
    fresh.start();
  }

  /** Lets time go on. */
  public void go() {
    lock.lock();
    try {
      if (!phase.running) {
        phase = new Phase(true, System.nanoTime() - phase.standing, 0);
        wake();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Stops time; no timer fires after this returns. */
  public void halt() {
    lock.lock();
    try {
      if (phase.running) {
        long base = phase.base;
        phase = STOPPING;
        phase = new Phase(false, 0, System.nanoTime() - base);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Runs something while time stands still. */
  public void frozen(Runnable action) {
    lock.lock();
    try {
      boolean running = phase.running;
      halt();
      try {
        action.run();
      } finally {
        if (running) {
          go();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Stops time and ends the thread; returns when it has ended. A second call does nothing. */
  public void end() {
    halt();
    ended = true;
    Thread running = thread;
    if (running == null) {
      return;
    }
    LockSupport.unpark(running);
    boolean interrupted = false;
    while (running.isAlive() && running != Thread.currentThread()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the calling thread is the clock's. */
  public boolean isMine() {
    return Thread.currentThread() == thread;
  }

  void arm(HostTimer timer, long deadline) {
    heap.put(timer, deadline);
    publish();
  }

  void disarm(HostTimer timer) {
    heap.remove(timer);
    publish();
  }

  private void publish() {
    HostTimer first = heap.first();
    long next = first == null ? Long.MAX_VALUE : first.deadline;
    if (next != nextDeadline) {
      nextDeadline = next;
      if (next < sleepingUntil) {
        wake();
      }
    }
  }

  private void wake() {
    LockSupport.unpark(thread);
  }

  private void fireForever() {
    while (!ended) {
      long next = nextDeadline;
      boolean running = phase.running;
      long wait = running ? next - nanos() : Long.MAX_VALUE;
      if (wait <= 0) {
        fireDue();
        continue;
      }
      // Whoever arms a timer writes the deadline and then reads this; here it is the other way round, so that one of us
      // sees the other.
      sleepingUntil = running ? next : Long.MAX_VALUE;
      if (nextDeadline == next && phase.running == running && !ended) {
        if (!running || next == Long.MAX_VALUE) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, wait);
        }
        Thread.interrupted(); // nobody has a reason to interrupt this thread, and park would not wait any more
      }
      sleepingUntil = AWAKE;
    }
  }

  private void fireDue() {
    lock.lockUrgently();
    try {
      // Only so many at a time: a timer that is always armed for a time that has passed must not keep the lock for
      // ever.
      long now = nanos();
      for (int i = 0; i < AT_A_TIME && phase.running; i++) {
        HostTimer timer = heap.first();
        if (timer == null || timer.deadline > now) {
          break;
        }
        heap.remove(timer);
        try {
          timer.action.run();
        } catch (RuntimeException | Error e) {
          failure.failed(timer.name, e);
        }
      }
      publish();
    } finally {
      lock.unlock();
    }
  }
}
