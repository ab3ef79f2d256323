package org.sallyport.device.acpi;

/** Registers and bits by the names of the ACPI specification 6.4, section 4.8. */
final class AcpiRegisters {
  // @formatter:off
  // Offsets from the base port
  static final int PM1_STS          = 0x00;  // 2 bytes, bits are cleared by writing 1
  static final int PM1_EN           = 0x02;  // 2 bytes
  static final int PM1_CNT          = 0x04;  // 2 bytes
  static final int PM_TMR           = 0x08;  // 4 bytes, read only
  static final int GPE0_STS         = 0x0c;  // 2 bytes, bits are cleared by writing 1
  static final int GPE0_EN          = 0x0e;  // 2 bytes
  static final int RESET_REG        = 0x10;  // 1 byte, write only
  static final int PORTS            = 0x14;

  // PM1 status and enable (sections 4.8.3.1.1 and 4.8.3.1.2)
  static final int TMR              = 1;
  static final int GBL              = 1 << 5;
  static final int PWRBTN           = 1 << 8;
  static final int SLPBTN           = 1 << 9;
  static final int RTC              = 1 << 10;
  static final int WAK              = 1 << 15;  // status only, raises no SCI
  static final int EVENTS           = TMR | GBL | PWRBTN | SLPBTN | RTC;

  // PM1 control (section 4.8.3.2.1)
  static final int SCI_EN           = 1;        // switched by SMI_CMD, read only here
  static final int BM_RLD           = 1 << 1;
  static final int GBL_RLS          = 1 << 2;   // write only: would raise an SMI
  static final int SLP_TYP          = 7 << 10;
  static final int SLP_TYP_SHIFT    = 10;
  static final int SLP_EN           = 1 << 13;  // write only
  static final int PM1_CNT_WRITABLE = BM_RLD | SLP_TYP;
  static final int PM1_CNT_READABLE = PM1_CNT_WRITABLE | SCI_EN;

  // What is this machine's choice, announced by the FADT and the DSDT
  static final int SMI_CMD          = 0xb2;
  static final int ACPI_ENABLE      = 0xa0;
  static final int ACPI_DISABLE     = 0xa1;
  static final int RESET_VALUE      = 0x06;
  static final int SLEEP_S0         = 0;
  static final int SLEEP_S3         = 1;
  static final int SLEEP_S5         = 5;
  // @formatter:on

  private AcpiRegisters() {}
}
