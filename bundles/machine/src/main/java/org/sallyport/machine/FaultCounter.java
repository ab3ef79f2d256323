package org.sallyport.machine;

/** Tells a guest that faults now and then from one that starts, faults and starts again for ever. */
final class FaultCounter {
  private static final int MOST = 10;
  private static final long SPAN_NANOS = 10_000_000_000L;

  private int count;
  private long begin;

  /** Counts a fault; true when there were more than ten in ten seconds of the machine's time. */
  synchronized boolean isTooMany(long nanos) {
    if (count == 0 || nanos - begin > SPAN_NANOS) {
      count = 0;
      begin = nanos;
    }
    return ++count > MOST;
  }
}
