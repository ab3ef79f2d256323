package org.sallyport.api.irq;

import org.sallyport.api.device.Device;

/** A pair of cascaded 8259A interrupt controllers with 16 inputs (input 2 is the cascade). */
public interface Pic extends Device, InterruptPins {
  /** Service property for {@link PicFactory}; the value names the implementation: {@code 8259a}. */
  String PROPERTY = "irqchip.pic";

  /**
   * The two INTA cycles of the processor: takes the highest-priority request into service.
   *
   * @return the vector; that of a spurious interrupt (input 7) when no request is left
   */
  int acknowledge();

  /** Whether INTR is asserted. */
  boolean interruptRequested();
}
