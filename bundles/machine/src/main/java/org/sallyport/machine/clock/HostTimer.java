package org.sallyport.machine.clock;

import org.sallyport.api.clock.Timer;

/** A timer of a {@link HostClock}, which keeps it in its heap while it is armed. */
final class HostTimer implements Timer {
  final String name;
  final Runnable action;
  final HostClock clock;
  /** Where it is in the clock's heap, or -1 while it is not armed. */
  int index = -1;

  long deadline = Long.MAX_VALUE;
  private boolean closed;

  HostTimer(HostClock clock, String name, Runnable action) {
    this.clock = clock;
    this.name = name;
    this.action = action;
  }

  @Override
  public void at(long nanos) {
    if (!closed) {
      clock.arm(this, nanos);
    }
  }

  @Override
  public void cancel() {
    clock.disarm(this);
  }

  @Override
  public boolean isArmed() {
    return index >= 0;
  }

  @Override
  public long deadline() {
    return deadline;
  }

  @Override
  public void close() {
    closed = true;
    clock.disarm(this);
  }
}
