package org.sallyport.device.i8042;

import org.sallyport.api.device.DeviceException;

/**
 * How a keyboard controller is wired. Its ports are fixed: 0x60, 0x64 and 0x92.
 *
 * @param irq number of the keyboard's interrupt line, 0 to 23
 * @param auxIrq number of the auxiliary device's (the mouse's) interrupt line, 0 to 23
 */
public record I8042Configuration(int irq, int auxIrq) {
  /** Interrupts 1 and 12 as in every PC. */
  public static final I8042Configuration PC = new I8042Configuration(1, 12);

  void check() throws DeviceException {
    if (irq < 0 || irq > 23) {
      throw new DeviceException("i8042: irq " + irq + ": it must be 0 to 23");
    }
    if (auxIrq < 0 || auxIrq > 23 || auxIrq == irq) {
      throw new DeviceException("i8042: auxIrq " + auxIrq + ": it must be 0 to 23 and not the keyboard's");
    }
  }
}
