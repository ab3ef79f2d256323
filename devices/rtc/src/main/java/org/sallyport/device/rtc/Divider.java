package org.sallyport.device.rtc;

import static org.sallyport.device.rtc.RtcRegisters.*;

/**
 * When the divider chain does something, in nanoseconds since a second began (datasheet, "Divider Stages", "Periodic
 * Interrupt Selection" and "Update Cycle"). All of it is exact: seconds apart from fractions, so that nothing overflows
 * and nothing drifts.
 */
final class Divider {
  static final long SECOND = 1_000_000_000L;

  /** After the divider's reset the first update comes this soon. */
  static final long FIRST_UPDATE = SECOND / 2;

  private static final int CRYSTAL_HZ = 32_768;

  /** UIP rises so long before an update begins. */
  private static final long T_BUC = 244_000;

  /** How long an update takes with the slow crystal, and with the two fast ones. */
  private static final long T_UC_32KHZ = 1_984_000;
  private static final long T_UC_MHZ = 248_000;

  private Divider() {}

  static boolean runs(int a) {
    return (a & A_DV_RESET) != A_DV_RESET;
  }

  /** How long before the end of a second UIP shows. */
  static long updateWindow(int a) {
    return T_BUC + ((a & A_DV) == A_DV_32KHZ ? T_UC_32KHZ : T_UC_MHZ);
  }

  /**
   * Crystal periods between two periodic interrupts, or 0 for none. The two highest rates exist with a fast crystal
   * only.
   */
  static int period(int a) {
    int rate = a & A_RS;
    if (rate == 0) {
      return 0;
    }
    return rate <= 2 && (a & A_DV) == A_DV_32KHZ ? 1 << rate + 6 : 1 << rate - 1;
  }

  /** How many periods have ended. */
  static long periods(long nanos, int period) {
    long second = Math.floorDiv(nanos, SECOND);
    long fraction = Math.floorMod(nanos, SECOND) * CRYSTAL_HZ / SECOND;
    return (second * CRYSTAL_HZ + fraction) / period;
  }

  /** When a period ends. */
  static long endOfPeriod(long number, int period) {
    long ticks = number * period;
    long fraction = (ticks % CRYSTAL_HZ * SECOND + CRYSTAL_HZ - 1) / CRYSTAL_HZ;
    return ticks / CRYSTAL_HZ * SECOND + fraction;
  }
}
