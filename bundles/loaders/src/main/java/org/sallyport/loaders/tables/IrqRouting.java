package org.sallyport.loaders.tables;

import org.sallyport.api.device.PciConnection;
import org.sallyport.api.loader.Platform;

/**
 * How interrupts are wired on this machine, for MADT, MP table and the DSDT's _PRT alike.
 *
 * <p>ISA interrupts have the pin of their own number; the timer's is pin 2. The four interrupt pins of the PCI slots
 * are distributed over the four pins 16 to 19 of the IO APIC, turned by one from slot to slot; a machine without IO
 * APIC has them on the ISA interrupts 10 and 11.
 */
final class IrqRouting {
  static final int TIMER_IRQ = 0;
  static final int TIMER_GSI = 2;
  static final int CASCADE_IRQ = 2;
  static final int ISA_IRQS = 16;
  static final int PCI_SLOTS = 32;
  static final int PCI_PINS = PciConnection.PINS;

  /**
   * MPS INTI flags (ACPI specification 6.4, table 5.26; MP specification 1.4, table 4-10): polarity 1:0, trigger mode
   * 3:2.
   */
  static final int EDGE_HIGH = 0b0101;
  static final int LEVEL_LOW = 0b1111;

  private static final int[] PCI_ISA_IRQS = {10, 11};

  private IrqRouting() {}

  /**
   * The global system interrupt of a PCI pin.
   *
   * @param slot device number, 0 to 31
   * @param pin 0 for INTA# to 3 for INTD#
   */
  static int pciGsi(Platform platform, int slot, int pin) {
    return platform.ioApicBase().isPresent()
        ? PciConnection.gsi(slot, pin)
        : PCI_ISA_IRQS[(slot + pin) % PCI_ISA_IRQS.length];
  }
}
