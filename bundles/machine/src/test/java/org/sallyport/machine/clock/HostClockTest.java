package org.sallyport.machine.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.machine.bench.TestMachines.await;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.clock.Timer;
import org.sallyport.machine.DeviceLock;

/** The clock and its timers. */
@Timeout(60)
class HostClockTest {
  private final DeviceLock lock = new DeviceLock();
  private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
  private final HostClock clock =
      new HostClock(lock, (timer, cause) -> failures.add(timer + ": " + cause.getMessage()));
  private final List<Long> shots = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void end() {
    clock.end();
    assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.getName().equals("test-clock")));
  }

  private void start() {
    clock.start("test-clock");
    clock.go();
  }

  @Test
  void timeBeginsAtZeroAndStandsUntilItGoes() throws Exception {
    assertEquals(0, clock.nanos());
    Thread.sleep(5);
    assertEquals(0, clock.nanos());
    clock.go();
    await("time runs", () -> clock.nanos() > 1_000_000);
    clock.halt();
    long time = clock.nanos();
    Thread.sleep(5);
    assertEquals(time, clock.nanos());
    clock.go();
    assertTrue(clock.nanos() < time + 4_000_000_000L);
  }

  @Test
  void timeNeverRunsBackwardsWhileOthersStopIt() throws Exception {
    clock.go();
    AtomicBoolean done = new AtomicBoolean();
    Thread stopper = Thread.ofPlatform().daemon().start(() -> {
      while (!done.get()) {
        clock.halt();
        clock.go();
        clock.frozen(() -> {});
      }
    });
    long last = 0;
    for (int i = 0; i < 1_000_000; i++) {
      long now = clock.nanos();
      assertTrue(now >= last, last + " then " + now);
      last = now;
    }
    done.set(true);
    stopper.join();
  }

  @Test
  void timersFireInOrderAndNotTooEarly() {
    start();
    int count = 200;
    List<Long> late = Collections.synchronizedList(new ArrayList<>());
    Random random = new Random(5);
    lock.locked(() -> {
      long base = clock.nanos() + 2_000_000;
      for (int i = 0; i < count; i++) {
        long deadline = base + random.nextInt(20_000_000);
        clock.timer("t" + i, () -> {
          shots.add(deadline);
          late.add(clock.nanos() - deadline);
        }).at(deadline);
      }
    });
    await("all fire", () -> shots.size() == count);
    List<Long> sorted = new ArrayList<>(shots);
    Collections.sort(sorted);
    assertEquals(sorted, shots);
    assertTrue(Collections.min(late) >= 0);
  }

  @Test
  void anEarlierDeadlineReplacesALaterOne() {
    start();
    Timer timer = clock.timer("t", () -> shots.add(clock.nanos()));
    lock.locked(() -> timer.at(clock.nanos() + 3_600_000_000_000L));
    lock.locked(() -> {
      assertTrue(timer.isArmed());
      timer.at(clock.nanos() + 1_000_000);
    });
    await("it fires", () -> shots.size() == 1);
    lock.locked(() -> {
      assertFalse(timer.isArmed());
      assertEquals(Long.MAX_VALUE, timer.deadline());
    });
  }

  @Test
  void cancelledAndClosedTimersDoNotFire() {
    start();
    Timer cancelled = clock.timer("a", () -> shots.add(1L));
    Timer closed = clock.timer("b", () -> shots.add(2L));
    Timer last = clock.timer("c", () -> shots.add(3L));
    lock.locked(() -> {
      long soon = clock.nanos() + 500_000;
      cancelled.at(soon);
      closed.at(soon);
      last.at(soon + 1);
      cancelled.cancel();
      closed.close();
      closed.at(soon);
    });
    await("the last one fires", () -> !shots.isEmpty());
    assertEquals(List.of(3L), shots);
  }

  @Test
  void aPeriodicTimerDoesNotDrift() {
    start();
    long period = 200_000;
    Timer[] timer = new Timer[1];
    long[] next = new long[1];
    long[] first = new long[1];
    timer[0] = clock.timer("periodic", () -> {
      shots.add(clock.nanos());
      next[0] += period;
      timer[0].at(next[0]);
    });
    lock.locked(() -> {
      next[0] = clock.nanos() + period;
      first[0] = next[0];
      timer[0].at(next[0]);
    });
    await("it fires often", () -> shots.size() >= 500);
    lock.locked(() -> timer[0].cancel());
    // As many shots as periods have passed, however late single ones were: the next one is due so many periods after
    // the first.
    long count = shots.size();
    assertEquals(first[0] + count * period, next[0]);
    assertTrue(shots.getLast() >= first[0] + (count - 1) * period);
  }

  @Test
  void aTimerThatIsAlwaysDueDoesNotKeepTheLock() {
    start();
    Timer[] timer = new Timer[1];
    timer[0] = clock.timer("greedy", () -> timer[0].at(0));
    lock.locked(() -> timer[0].at(0));
    for (int i = 0; i < 100; i++) {
      lock.locked(() -> {});
    }
    lock.locked(() -> timer[0].close());
  }

  @Test
  void theClockGetsTheLockFromThreadsThatHammerIt() throws Exception {
    start();
    AtomicBoolean done = new AtomicBoolean();
    Thread hammer = Thread.ofPlatform().daemon().start(() -> {
      while (!done.get()) {
        lock.lock();
        lock.unlock();
      }
    });
    Timer timer = clock.timer("t", () -> shots.add(1L));
    for (int i = 1; i <= 200; i++) {
      int expected = i;
      lock.locked(() -> timer.at(clock.nanos() + 50_000));
      await("shot " + expected, () -> shots.size() == expected);
    }
    done.set(true);
    hammer.join();
  }

  @Test
  void exceptionsOfActionsAreReportedAndTheClockGoesOn() {
    start();
    lock.locked(() -> clock.timer("bad", () -> {
      throw new IllegalStateException("broken");
    }).at(0));
    lock.locked(() -> clock.timer("good", () -> shots.add(1L)).at(1));
    await("the good one fires", () -> shots.size() == 1);
    assertEquals(List.of("bad: broken"), failures);
  }

  @Test
  void theHeapGivesWhatASortedListGives() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    TimerHeap heap = new TimerHeap();
    List<HostTimer> timers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      timers.add(new HostTimer(clock, "t" + i, () -> {}));
    }
    for (int i = 0; i < 20_000; i++) {
      HostTimer timer = timers.get(random.nextInt(timers.size()));
      if (random.nextInt(3) == 0) {
        heap.remove(timer);
      } else {
        heap.put(timer, random.nextInt(1000));
      }
      long expected = timers.stream().filter(HostTimer::isArmed).mapToLong(HostTimer::deadline).min().orElse(-1);
      if (expected < 0) {
        assertNull(heap.first());
      } else {
        assertEquals(expected, heap.first().deadline, "seed " + seed);
      }
    }
  }
}
