package org.sallyport.scripting;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What one thread has to do, in order: tasks that any thread posts, and timers. Timers and the running belong to the
 * loop's own thread.
 */
final class EventLoop {
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.<Timer>comparingLong(timer -> timer.due).thenComparingLong(timer -> timer.number));
  private long numbers;
  private int operations;

  /** A task for later; cancelled by {@link #cancel}. */
  static final class Timer {
    private final long due;
    private final long number;
    private final Runnable action;

    private Timer(long due, long number, Runnable action) {
      this.due = due;
      this.number = number;
      this.action = action;
    }
  }

  /** Adds a task; from any thread. */
  void post(Runnable task) {
    tasks.add(task);
  }

  Timer after(long millis, Runnable action) {
    Timer timer = new Timer(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), numbers++, action);
    timers.add(timer);
    return timer;
  }

  void cancel(Timer timer) {
    timers.remove(timer);
  }

  /** Notes that something is under way elsewhere that will post its result. */
  void begun() {
    operations++;
  }

  void ended() {
    operations--;
  }

  /**
   * Runs what is next, waiting for it.
   *
   * @param more whether something could still be posted although neither a timer nor an operation is under way
   * @return false when nothing can come any more
   */
  boolean runNext(BooleanSupplier more) throws InterruptedException {
    Timer first = timers.peek();
    if (first != null && first.due - System.nanoTime() <= 0) {
      timers.remove(first);
      first.action.run();
      return true;
    }
    Runnable task = tasks.poll();
    if (task == null) {
      if (first != null) {
        task = tasks.poll(first.due - System.nanoTime(), TimeUnit.NANOSECONDS);
      } else if (operations > 0 || more.getAsBoolean()) {
        task = tasks.take();
      } else {
        task = tasks.poll(); // One last look: what made "more" false may have posted before.
        if (task == null) {
          return false;
        }
      }
    }
    if (task != null) {
      task.run();
    }
    return true;
  }
}
