package org.sallyport.api.clock;

/** A one-shot timer on a {@link VmClock}. Used under the device lock. */
public interface Timer {
  /** Fires at this clock time in nanoseconds, soon if it has passed; replaces an earlier deadline. */
  void at(long nanos);

  /** Takes the deadline back; after this the action does not run before the next {@link #at}. */
  void cancel();

  /** Whether a deadline is set that has not passed or been taken back. */
  boolean isArmed();

  /** The deadline in nanoseconds of clock time, or {@link Long#MAX_VALUE} while not armed. */
  long deadline();

  /** Cancels the timer for good and takes it off the clock; for a device that goes away. */
  void close();
}
