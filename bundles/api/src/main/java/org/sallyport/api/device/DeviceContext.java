package org.sallyport.api.device;

import org.sallyport.api.clock.VmClock;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.MessageInterrupts;
import org.sallyport.api.memory.GuestMemory;

/** What a machine gives a device when it is made. */
public interface DeviceContext {
  /** The device's name in the machine: {@code com1}. */
  String name();

  /**
   * The machine's interrupt line with this number.
   *
   * @param gsi global system interrupt: 0 to 15 are the ISA interrupts, up to 23 the further pins of the IO APIC
   */
  IrqLine irq(int gsi);

  /** Message-signalled interrupts of the chip set's own devices, never remapped; a PCI function has {@link #pci}. */
  MessageInterrupts messages();

  /** The machine's time. */
  VmClock clock();

  /** Guest memory for DMA of the chip set's own devices, never translated; a PCI function has {@link #pci}. */
  GuestMemory memory();

  /**
   * What a PCI function has by being in its slot. The default is that of a machine without IOMMU.
   *
   * @param deviceFunction where it is on bus 0, as its {@link PciFunction#deviceFunction()} says
   */
  default PciConnection pci(int deviceFunction) {
    return new PciConnection() {
      @Override
      public GuestMemory memory() {
        return DeviceContext.this.memory();
      }

      @Override
      public MessageInterrupts messages() {
        return DeviceContext.this.messages();
      }

      @Override
      public IrqLine interrupt(int pin) {
        return irq(PciConnection.gsi(deviceFunction >> 3, pin));
      }
    };
  }

  /** The outside of a character device; bytes go nowhere while nobody is attached. */
  CharacterBackend characters();

  /** What the device may ask of the whole machine: reset, power, A20. */
  MachineControl control();

  /** The device's port or memory ranges are others now; the machine asks for them again before it returns. */
  void rangesChanged();

  /** A line for the machine's log: what a person who debugs the guest wants to know. */
  void log(String message);
}
