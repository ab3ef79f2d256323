package org.sallyport.device.rtc;

import org.sallyport.api.device.DeviceException;

/**
 * How a real-time clock is set up. Its ports are fixed: 0x70 and 0x71.
 *
 * @param irq number of its interrupt line, 0 to 23
 * @param utc it shows UTC; otherwise the local time of the host
 * @param memoryBelow4G RAM below 4 GiB in bytes, which firmware looks up in the CMOS memory; 0 leaves that out
 * @param memoryAbove4G RAM above 4 GiB in bytes, likewise
 */
public record RtcConfiguration(int irq, boolean utc, long memoryBelow4G, long memoryAbove4G) {
  /** Interrupt 8 as in every PC, UTC, no memory sizes. */
  public static final RtcConfiguration PC = new RtcConfiguration(8, true, 0, 0);

  private static final long MOST_BELOW = 1L << 32;
  private static final long MOST_ABOVE = 1L << 40; // 24 bits of 64 KiB

  void check() throws DeviceException {
    if (irq < 0 || irq > 23) {
      throw new DeviceException("rtc: irq " + irq + ": it must be 0 to 23");
    }
    if (memoryBelow4G < 0 || memoryBelow4G > MOST_BELOW) {
      throw new DeviceException("rtc: memoryBelow4G " + memoryBelow4G + ": it must be 0 to " + MOST_BELOW);
    }
    if (memoryAbove4G < 0 || memoryAbove4G >= MOST_ABOVE) {
      throw new DeviceException("rtc: memoryAbove4G " + memoryAbove4G + ": it must be below " + MOST_ABOVE);
    }
  }
}
