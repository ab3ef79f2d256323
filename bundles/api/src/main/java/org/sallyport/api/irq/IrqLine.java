package org.sallyport.api.irq;

/**
 * One end of an interrupt wire. The level is remembered, also while nothing is bound to the other end. Used under the
 * device lock.
 *
 * <p>Levels are logical: {@code true} is asserted, whatever the electrical polarity.
 */
public interface IrqLine {
  /** Drives the line. Setting the level that it has already does nothing. */
  void set(boolean asserted);

  /** The level that this end drives; the wire is asserted while any end asserts it. */
  boolean isSet();

  /** Asserts and deasserts: one edge. */
  default void pulse() {
    set(true);
    set(false);
  }
}
