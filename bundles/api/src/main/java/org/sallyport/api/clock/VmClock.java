package org.sallyport.api.clock;

/** A machine's time. It stands still while the machine is paused, and begins at 0 when the machine is created. */
public interface VmClock extends TimeSource {
  /**
   * Makes a timer, not armed yet.
   *
   * @param name for people: {@code pit.channel0}
   * @param action what to do when it fires; runs under the device lock, on a thread of the machine, and must not block
   */
  Timer timer(String name, Runnable action);

  /** The date and time of day at clock time 0, in seconds since 1970-01-01 UTC. */
  long epochSeconds();
}
