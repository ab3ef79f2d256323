package org.sallyport.api.device;

/** How thorough a reset is. */
public enum ResetKind {
  /** Power was off: everything starts anew. */
  POWER_ON,
  /** The reset line was pulsed: what survives it on the real chip survives (CMOS memory, for instance). */
  RESET
}
