package org.sallyport.machine;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock under which the devices of a machine are called, one at a time.
 *
 * <p>A processor that hammers a device takes the lock again before a woken thread can get it. Timers must not wait for
 * that: the clock takes the lock {@linkplain #lockUrgently urgently}, and processors let it pass. An uncontended pair
 * costs some 8 ns.
 */
public final class DeviceLock {
  /** How often a processor looks whether the clock has had its turn before it goes on all the same. */
  private static final int PATIENCE = 200;

  /** How often a processor looks whether the lock is free before its thread sleeps: some microseconds. */
  private static final int SPINS = 200;

  private final ReentrantLock lock = new ReentrantLock();
  private volatile int urgent;

  /** Takes the lock; may be taken again by the thread that has it. */
  public void lock() {
    if (urgent != 0) {
      giveWay();
    }
    if (!lock.tryLock()) {
      spin();
    }
  }

  /** Devices are quick: who has the lock gives it back long before a thread could be put to sleep and woken up. */
  private void spin() {
    for (int i = 0; i < SPINS; i++) {
      Thread.onSpinWait();
      if (!lock.isLocked() && lock.tryLock()) {
        return;
      }
    }
    lock.lock();
  }

  /** Takes the lock ahead of those who use {@link #lock}. For one thread only: the clock's. */
  public void lockUrgently() {
    if (lock.tryLock()) {
      return;
    }
    urgent = 1;
    try {
      lock.lock();
    } finally {
      urgent = 0;
    }
  }

  public void unlock() {
    lock.unlock();
  }

  /** Whether the calling thread has the lock. */
  public boolean isMine() {
    return lock.isHeldByCurrentThread();
  }

  /** Runs something under the lock. */
  public void locked(Runnable action) {
    lock();
    try {
      action.run();
    } finally {
      unlock();
    }
  }

  private void giveWay() {
    if (lock.isHeldByCurrentThread()) {
      return;
    }
    for (int i = 0; urgent != 0 && i < PATIENCE; i++) {
      Thread.yield();
    }
  }
}
