package org.sallyport.device.edu;

import org.sallyport.api.device.DeviceException;

/**
 * Where the card is and how far its DMA reaches.
 *
 * @param slot device number on PCI bus 0, 1 to 31
 * @param dmaMask which bits of an address it puts on the bus
 */
public record EduConfiguration(int slot, long dmaMask) {
  /** In slot 3, with 28 bits. */
  public static final EduConfiguration USUAL = new EduConfiguration(3, (1L << 28) - 1);

  void check() throws DeviceException {
    if (slot < 1 || slot > 31) {
      throw new DeviceException("slot " + slot + ": it must be 1 to 31");
    }
  }
}
