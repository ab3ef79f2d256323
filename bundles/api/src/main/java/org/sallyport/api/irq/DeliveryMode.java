package org.sallyport.api.irq;

/**
 * Delivery modes of interrupt messages, in encoding order (SDM volume 3, "Local Vector Table"; 82093AA, redirection
 * table).
 */
public enum DeliveryMode {
  FIXED,
  LOWEST_PRIORITY,
  SMI,
  RESERVED,
  NMI,
  INIT,
  STARTUP,
  EXTINT;

  private static final DeliveryMode[] ALL = values();

  /** The mode with this encoding, of which the low 3 bits count. */
  public static DeliveryMode of(int encoding) {
    return ALL[encoding & 7];
  }
}
