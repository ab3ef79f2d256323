package org.sallyport.device.rtc;

import static org.sallyport.device.rtc.RtcRegisters.*;

/** What firmware expects to find in the CMOS memory of a PC/AT behind the clock's registers. */
final class CmosMemory {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;
  private static final long UNIT = 64 * KIB;
  private static final long BASE_KIB = 640;

  /** What fits into the old two bytes: up to 64 MiB. */
  private static final long MOST_EXTENDED_KIB = 63 * MIB / KIB;

  private CmosMemory() {}

  static void fill(byte[] cmos, long memoryBelow4G, long memoryAbove4G) {
    cmos[EQUIPMENT] = EQUIPMENT_FPU;
    if (memoryBelow4G > 0) {
      long extended = Math.clamp((memoryBelow4G - MIB) / KIB, 0, MOST_EXTENDED_KIB);
      put(cmos, BASE_MEMORY, 2, Math.min(memoryBelow4G / KIB, BASE_KIB));
      put(cmos, EXTENDED, 2, extended);
      put(cmos, EXTENDED_FOUND, 2, extended);
      put(cmos, ABOVE_16M, 2, Math.clamp((memoryBelow4G - 16 * MIB) / UNIT, 0, 0xffff));
    }
    put(cmos, ABOVE_4G, 3, memoryAbove4G / UNIT);
    int sum = 0;
    for (int i = CHECKED_FIRST; i <= CHECKED_LAST; i++) {
      sum += cmos[i] & 0xff;
    }
    cmos[CHECKSUM] = (byte) (sum >> 8);
    cmos[CHECKSUM + 1] = (byte) sum;
  }

  private static void put(byte[] cmos, int at, int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      cmos[at + i] = (byte) (value >>> (8 * i));
    }
  }
}
