package org.sallyport.api.device;

/**
 * The end of the wire that a PC's chip set has from the real-time clock to its power management. A capability of
 * devices.
 */
public interface ClockAlarmInput {
  /** The real-time clock raised its interrupt (ISA interrupt 8). */
  void clockInterrupt();
}
