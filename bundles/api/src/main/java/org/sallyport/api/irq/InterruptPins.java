package org.sallyport.api.irq;

/** The input pins of an interrupt controller. Used under the device lock. */
public interface InterruptPins {
  /** How many there are. */
  int pins();

  /**
   * The level of a pin changes; a call with the level it has already does nothing.
   *
   * @param pin 0 to {@link #pins()} - 1
   */
  void pin(int pin, boolean asserted);
}
