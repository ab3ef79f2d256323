package org.sallyport.api.irq;

import org.sallyport.api.device.Device;

/** An IO APIC (82093AA): turns the levels of its pins into messages to local APICs by its redirection table. */
public interface IoApic extends Device, InterruptPins {
  /** Service property for {@link IoApicFactory}; the value names the implementation: {@code 82093aa}. */
  String PROPERTY = "irqchip.ioapic";

  /** Guest-physical address of the registers of the first IO APIC. */
  long DEFAULT_BASE = 0xfec00000L;

  /** A local APIC broadcast the end of a level-triggered interrupt with this vector. */
  void endOfInterrupt(int vector);
}
