package org.sallyport.api.irq;

/** Sends message-signalled interrupts for a device. Used under the device lock. */
@FunctionalInterface
public interface MessageInterrupts {
  /** A write of {@code data} to the MSI address. */
  void send(long address, int data);
}
