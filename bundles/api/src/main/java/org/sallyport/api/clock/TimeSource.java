package org.sallyport.api.clock;

/** Where the time-stamp counters take their time from. Called on hot paths, by any thread. */
@FunctionalInterface
public interface TimeSource {
  /** Nanoseconds since the machine was created, not counting the time it was paused; never runs backwards. */
  long nanos();
}
