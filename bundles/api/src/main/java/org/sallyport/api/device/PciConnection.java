package org.sallyport.api.device;

import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.MessageInterrupts;
import org.sallyport.api.memory.GuestMemory;

/**
 * What a PCI function has of the machine by being in its slot. What it sends carries its bus address, so that an
 * {@link Iommu} knows whose it is; memory and messages are the same all the time, whether there is an IOMMU or not,
 * and whether it is being exchanged. While an IOMMU is missing because its bundle is being exchanged, memory reads
 * give all ones, writes vanish, and interrupt messages wait.
 */
public interface PciConnection {
  /** Pins of a PCI slot: INTA# to INTD#. */
  int PINS = 4;

  /**
   * Memory as the function's requests reach it. Used under the device lock. It has {@linkplain GuestMemory#slots()
   * slots} only where no IOMMU can move them; asking whether an address is mapped is a request, too. A write of 4
   * bytes to the interrupt address range (FEExxxxxh) is a message.
   */
  GuestMemory memory();

  /** Message-signalled interrupts. */
  MessageInterrupts messages();

  /**
   * The wire of an interrupt pin. Functions may share it.
   *
   * @param pin 0 for INTA# to 3 for INTD#
   */
  IrqLine interrupt(int pin);

  /**
   * How a PC's slots are wired: their pins are distributed over the inputs 16 to 19 of the IO APIC, turned by one from
   * slot to slot.
   *
   * @param device device number, 0 to 31
   * @param pin 0 for INTA# to 3 for INTD#
   * @return global system interrupt
   */
  static int gsi(int device, int pin) {
    return 16 + (device + pin) % PINS;
  }
}
