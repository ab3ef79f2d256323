package org.sallyport.irqchip.lapic;

import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;

/**
 * The interrupt command register and the message that it describes (SDM volume 3A, "Issuing Interprocessor
 * Interrupts").
 */
final class InterruptCommand {
  // Destination shorthands
  static final int NO_SHORTHAND = 0;
  static final int SELF = 1;
  static final int ALL = 2;
  static final int ALL_BUT_SELF = 3;

  private long value;

  /** The last message; a kernel sends the same few again and again. */
  private ApicMessage message;

  private long messageValue;
  private boolean messageX2apic;

  long value() {
    return value;
  }

  void value(long newValue) {
    value = newValue & (0xffff_ffffL << 32 | ICR_WRITABLE);
  }

  int low() {
    return (int) value;
  }

  void low(int low) {
    value = value & 0xffff_ffffL << 32 | low & ICR_WRITABLE;
  }

  int high() {
    return (int) (value >>> 32);
  }

  /** In xAPIC mode only bits 31:24 are there. */
  void high(int high) {
    value = value & 0xffff_ffffL | (long) (high & 0xff00_0000) << 32;
  }

  int shorthand() {
    return (int) value >>> ICR_SHORTHAND & 3;
  }

  DeliveryMode mode() {
    return DeliveryMode.of((int) value >>> 8);
  }

  int vector() {
    return (int) value & 0xff;
  }

  /**
   * The message. Level and trigger mode matter for the INIT level de-assert alone; any other interrupt is sent as an
   * edge ("Interrupt Command Register (ICR)").
   */
  ApicMessage message(boolean x2apic) {
    if (message == null || messageValue != value || messageX2apic != x2apic) {
      int destination = x2apic ? high() : high() >>> 24;
      if (!x2apic && destination == 0xff) {
        destination = ApicMessage.BROADCAST;
      }
      boolean deassert = mode() == DeliveryMode.INIT && (value & (ICR_LEVEL | ICR_ASSERT)) == ICR_LEVEL;
      message = new ApicMessage(destination, (value & ICR_LOGICAL) != 0, mode(), vector(), deassert, !deassert);
      messageValue = value;
      messageX2apic = x2apic;
    }
    return message;
  }
}
