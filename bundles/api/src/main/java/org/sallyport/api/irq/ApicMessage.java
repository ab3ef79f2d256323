package org.sallyport.api.irq;

/**
 * A message to local APICs: from an IO APIC, an MSI, or another local APIC's ICR.
 *
 * @param destination 8 bits (0xFF is everybody) or, from an x2APIC, 32 bits (0xFFFFFFFF is everybody)
 * @param logical logical destination mode
 * @param vector 0 to 255
 * @param levelTriggered trigger mode
 * @param asserted level; false only for the INIT level de-assert message
 */
public record ApicMessage(
    int destination, boolean logical, DeliveryMode mode, int vector, boolean levelTriggered, boolean asserted) {
  /** Destination of a message to everybody; IO APICs, MSIs and xAPICs use 0xFF, which the bus turns into this. */
  public static final int BROADCAST = -1;

  /** The message of an MSI (SDM volume 3, "Message Signalled Interrupts"): address 0xFEExxxxx and its data. */
  public static ApicMessage ofMsi(long address, int data) {
    int destination = (int) (address >>> 12) & 0xff;
    boolean level = (data & 0x8000) != 0;
    return new ApicMessage(destination == 0xff ? BROADCAST : destination, (address & 4) != 0,
        DeliveryMode.of(data >>> 8), data & 0xff,
        level, !level || (data & 0x4000) != 0);
  }
}
