package org.sallyport.device.pit8254;

/** Ports, control words and commands by the names of the 8254 datasheet, and the bits of port 0x61. */
final class PitRegisters {
  // @formatter:off
  static final int COUNTER_0       = 0x40;
  static final int COUNTERS        = 3;
  static final int CONTROL_WORD    = 0x43;
  static final int PORT_B          = 0x61;

  // Control word ("Control Word Format")
  static final int SC              = 6;     // shift: select counter
  static final int SC_READ_BACK    = 3;
  static final int RW              = 4;     // shift: read/write
  static final int RW_LATCH        = 0;     // counter latch command
  static final int RW_LSB          = 1;
  static final int RW_MSB          = 2;
  static final int RW_BOTH         = 3;     // least significant byte first
  static final int M               = 1;     // shift: mode
  static final int BCD             = 0x01;
  static final int CONTROL_KEPT    = 0x3f;

  // Read-back command; the counters' bits begin at bit 1
  static final int NOT_COUNT       = 0x20;
  static final int NOT_STATUS      = 0x10;

  // Status byte
  static final int STATUS_OUTPUT   = 0x80;
  static final int STATUS_NULL     = 0x40;

  // Port 0x61, system control port B of the PC/AT
  static final int B_GATE_2        = 0x01;
  static final int B_SPEAKER_DATA  = 0x02;
  static final int B_KEPT          = 0x0f;  // bits 2 and 3 switch the parity and channel checks off
  static final int B_REFRESH       = 0x10;  // toggles with every refresh of the memory
  static final int B_OUT_2         = 0x20;
  // @formatter:on

  /** Clock input of the three counters. */
  static final long CLK_HZ = 1_193_182;

  /** Counts between two refreshes: counter 1 of a PC/AT divides by this, which gives 15.1 µs. */
  static final int REFRESH_COUNT = 18;

  /** No tick: something that will not happen by itself. */
  static final long NEVER = Long.MAX_VALUE;

  private static final long SECOND = 1_000_000_000L;

  private PitRegisters() {}

  /** The CLK pulses up to a clock time. Seconds and the rest apart, so that nothing overflows and nothing drifts. */
  static long ticks(long nanos) {
    return nanos / SECOND * CLK_HZ + nanos % SECOND * CLK_HZ / SECOND;
  }

  /** The first clock time in nanoseconds at which {@link #ticks} gives this. */
  static long nanos(long tick) {
    return tick / CLK_HZ * SECOND + (tick % CLK_HZ * SECOND + CLK_HZ - 1) / CLK_HZ;
  }
}
