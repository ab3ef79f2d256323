package org.sallyport.api.irq;

/**
 * One end of an interrupt wire. The level is remembered, also while nothing is bound to the other end. Used under the device lock.
 *
 * <p>Levels are logical: {@code true} is asserted, whatever the electrical polarity.
 */
public interface IrqLine {
  void set(boolean asserted);

  boolean isSet();

  /** Asserts and deasserts: one edge. */
  default void pulse() {
    set(true);
    set(false);
  }
}
