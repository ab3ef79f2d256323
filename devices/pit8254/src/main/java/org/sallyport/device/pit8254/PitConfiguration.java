package org.sallyport.device.pit8254;

import org.sallyport.api.device.DeviceException;

/**
 * How an interval timer is wired. Its ports are fixed: 0x40 to 0x43 and 0x61.
 *
 * @param irq number of the interrupt line on the output of counter 0, 0 to 23
 */
public record PitConfiguration(int irq) {
  /** As in every PC. */
  public static final PitConfiguration PC = new PitConfiguration(0);

  void check() throws DeviceException {
    if (irq < 0 || irq > 23) {
      throw new DeviceException("pit8254: irq " + irq + ": it must be 0 to 23");
    }
  }
}
