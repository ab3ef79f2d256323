package org.sallyport.device.pci;

import org.sallyport.api.device.MachineControl;

/**
 * The programmable attribute map (PAM) of the 82441FX (datasheet 290549, section 3.2.18): for each part of the area
 * between 0xC0000 and 1 MiB, whether reads and writes go to RAM or to the firmware's ROM. What firmware copies itself
 * into RAM with.
 */
final class MemoryAttributes {
  // @formatter:off
  static final int PAM0             = 0x59;     // 0xF0000 to 0xFFFFF in its high nibble; the low one is reserved
  static final int PAM6             = 0x5f;     // PAM1 to PAM6: two parts of 16 KiB each from 0xC0000 on, the lower one in the low nibble

  private static final int READ     = 1;        // RE: reads go to RAM
  private static final int WRITE    = 1 << 1;   // WE: writes go to RAM

  private static final long FIRST   = 0xc0000;
  private static final long PART    = 0x4000;
  private static final long LAST    = 0xf0000;  // the part that PAM0 is for
  private static final long LAST_SIZE = 0x10000;
  // @formatter:on

  private MemoryAttributes() {}

  static boolean isPam(int register) {
    return register >= PAM0 && register <= PAM6;
  }

  /** Does what a register says that has changed. */
  static void apply(MachineControl control, int register, int before, int now) {
    if (register == PAM0) {
      apply(control, LAST, LAST_SIZE, before >> 4, now >> 4);
    } else {
      long first = FIRST + 2 * PART * (register - PAM0 - 1);
      apply(control, first, PART, before, now);
      apply(control, first + PART, PART, before >> 4, now >> 4);
    }
  }

  private static void apply(MachineControl control, long first, long length, int before, int now) {
    if (((before ^ now) & (READ | WRITE)) != 0) {
      control.shadow(first, length, (now & READ) != 0, (now & WRITE) != 0);
    }
  }
}
