package org.sallyport.device.acpi;

/**
 * Arithmetic of the power-management timer (ACPI specification 6.4, section 4.8.2.1): it counts from clock time 0 and
 * never stops, so that the clock alone says what it shows.
 */
final class PmTimer {
  static final long HZ = 3_579_545;

  /** The timer event comes whenever the counter's top bit changes. */
  private static final int EVENT_SHIFT = 31;

  private static final long SECOND = 1_000_000_000;

  private PmTimer() {}

  /** How often the counter has counted up to this time in nanoseconds; the register shows the low 32 bits. */
  static long ticks(long nanos) {
    // In two parts, as the product of the whole would overflow after 43 minutes.
    return nanos / SECOND * HZ + nanos % SECOND * HZ / SECOND;
  }

  /** How often bit 31 has changed up to this time in nanoseconds. */
  static long events(long nanos) {
    return ticks(nanos) >>> EVENT_SHIFT;
  }

  /** The time in nanoseconds of this change of bit 31. */
  static long nanosOfEvent(long event) {
    long ticks = event << EVENT_SHIFT;
    return ticks / HZ * SECOND + (ticks % HZ * SECOND + HZ - 1) / HZ;
  }
}
