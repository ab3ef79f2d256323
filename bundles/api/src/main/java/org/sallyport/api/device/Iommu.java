package org.sallyport.api.device;

import org.sallyport.api.irq.ApicMessage;

/**
 * A unit between the devices and memory, which gives each of them an address space of its own, and between the devices
 * and the local APICs, which makes the guest's interrupts of their messages. A capability of devices; the machine asks
 * it about every request of a {@link PciConnection} and every message of the IO APIC. Used under the device lock.
 *
 * <p>A requester is 16 bits: bus 15:8, device 7:3, function 2:0.
 */
public interface Iommu {
  /** What {@link #translate} answers for a request that goes nowhere. */
  long BLOCKED = -1;

  /** The requester that the machine's IO APIC is: it is on no PCI bus, so it has one of a bus that does not exist. */
  int IO_APIC = 0xff00;

  /**
   * Where a request for memory goes. Reports a fault to the guest when it is not allowed.
   *
   * @param address as the device put it on the bus
   * @param write whether it writes
   * @return the guest-physical address, which holds to the end of the 4 KiB that it is in, or {@link #BLOCKED}
   */
  long translate(int requester, long address, boolean write);

  /**
   * What a write to the interrupt address range (FEExxxxxh) means. Reports a fault to the guest when it is not allowed.
   *
   * @return the message for the local APICs, or null when there is none
   */
  ApicMessage remap(int requester, long address, int data);

  /** What guests are told of it; fixed. */
  Facts facts();

  /**
   * The unit as the ACPI table DMAR announces it (VT-d specification, chapter "BIOS Considerations").
   *
   * @param registers guest-physical address of its registers
   * @param addressBits width of host addresses that it can reach
   * @param remapsInterrupts whether it does so
   */
  record Facts(long registers, int addressBits, boolean remapsInterrupts) {}
}
