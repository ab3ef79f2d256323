package org.sallyport.device.uart16550;

import org.sallyport.api.device.DeviceException;

/**
 * Where a serial port is. The four of a PC are at 0x3F8 (interrupt 4), 0x2F8 (3), 0x3E8 (4) and 0x2E8 (3).
 *
 * @param port the first of its 8 ports
 * @param irq number of its interrupt line, 0 to 23
 */
public record UartConfiguration(int port, int irq) {
  /** The first serial port of a PC. */
  public static final UartConfiguration COM1 = new UartConfiguration(0x3f8, 4);

  void check() throws DeviceException {
    if (port < 0 || port > 0x10000 - UartRegisters.PORTS) {
      throw new DeviceException(String.format("uart16550: port 0x%x: it must be 0 to 0xfff8", port));
    }
    if (irq < 0 || irq > 23) {
      throw new DeviceException("uart16550: irq " + irq + ": it must be 0 to 23");
    }
  }
}
