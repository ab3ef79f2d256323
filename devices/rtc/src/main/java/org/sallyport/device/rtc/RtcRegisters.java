package org.sallyport.device.rtc;

/** Registers and bits by the names of the MC146818A datasheet, and what a PC keeps in the CMOS memory behind them. */
final class RtcRegisters {
  // @formatter:off
  static final int INDEX           = 0x70;  // the port; bit 7 masks the NMI
  static final int DATA            = 0x71;
  static final int INDEX_NMI_MASK  = 0x80;
  static final int SIZE            = 128;

  // "Address Map"
  static final int SECONDS         = 0x00;
  static final int SECONDS_ALARM   = 0x01;
  static final int MINUTES         = 0x02;
  static final int MINUTES_ALARM   = 0x03;
  static final int HOURS           = 0x04;
  static final int HOURS_ALARM     = 0x05;
  static final int DAY_OF_WEEK     = 0x06;  // Sunday is 1
  static final int DATE            = 0x07;
  static final int MONTH           = 0x08;
  static final int YEAR            = 0x09;
  static final int A               = 0x0a;
  static final int B               = 0x0b;
  static final int C               = 0x0c;
  static final int D               = 0x0d;

  static final int HOURS_PM        = 0x80;  // in 12-hour mode
  static final int ALARM_ANY       = 0xc0;  // an alarm byte with both bits set: "don't care"

  static final int A_UIP           = 0x80;  // update in progress, or about to be
  static final int A_DV            = 0x70;  // divider
  static final int A_DV_RESET      = 0x60;  // both bits set: the divider is held in reset
  static final int A_DV_32KHZ      = 0x20;
  static final int A_RS            = 0x0f;  // rate of the periodic interrupt

  static final int B_SET           = 0x80;  // no updates
  static final int B_UIE           = 0x10;
  static final int B_SQWE          = 0x08;
  static final int B_DM            = 0x04;  // binary, not BCD
  static final int B_24            = 0x02;  // 24-hour mode

  static final int C_IRQF          = 0x80;
  static final int C_PF            = 0x40;  // these three are where B has their enabling bits
  static final int C_AF            = 0x20;
  static final int C_UF            = 0x10;
  static final int C_FLAGS         = C_PF | C_AF | C_UF;

  static final int D_VRT           = 0x80;  // the battery is good

  // CMOS memory of a PC/AT
  static final int EQUIPMENT       = 0x14;
  static final int BASE_MEMORY     = 0x15;  // KiB, 2 bytes
  static final int EXTENDED        = 0x17;  // KiB above 1 MiB, 2 bytes
  static final int CHECKED_FIRST   = 0x10;
  static final int CHECKED_LAST    = 0x2d;
  static final int CHECKSUM        = 0x2e;  // high byte first
  static final int EXTENDED_FOUND  = 0x30;  // as EXTENDED
  static final int CENTURY         = 0x32;
  static final int ABOVE_16M       = 0x34;  // 64 KiB, 2 bytes
  static final int ABOVE_4G        = 0x5b;  // 64 KiB, 3 bytes

  static final int EQUIPMENT_FPU   = 0x02;
  // @formatter:on

  private RtcRegisters() {}
}
