package org.sallyport.device.acpi;

import org.sallyport.api.device.DeviceException;

/**
 * Where the fixed hardware is.
 *
 * @param port the first of its ports, a multiple of 32; the port of SMI_CMD is 0xB2 always
 * @param irq number of the SCI, an ISA interrupt
 * @param suspend the tables announce S3
 */
public record AcpiConfiguration(int port, int irq, boolean suspend) {
  /** Ports from 0x600, interrupt 9 as in most PCs. */
  public static final AcpiConfiguration USUAL = new AcpiConfiguration(0x600, 9, true);

  private static final int ALIGNMENT = 32;
  private static final int LOWEST = 0x100;
  private static final int HIGHEST = 0x10000 - ALIGNMENT;

  void check() throws DeviceException {
    if (port < LOWEST || port > HIGHEST || port % ALIGNMENT != 0) {
      throw new DeviceException(
          String.format("acpi: port 0x%x: it must be a multiple of 0x20 from 0x100 to 0xffe0", port));
    }
    if (irq < 0 || irq > 15) {
      throw new DeviceException("acpi: irq " + irq + ": it must be 0 to 15");
    }
  }
}
