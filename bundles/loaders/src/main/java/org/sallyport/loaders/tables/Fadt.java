package org.sallyport.loaders.tables;

import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.loader.Platform;

/**
 * Fixed ACPI Description Table of ACPI 6.4 (section 5.2.9): where the fixed hardware is and what the PC's past has left
 * in it.
 */
final class Fadt {
  // @formatter:off
  static final int REVISION           = 6;
  static final int MINOR_REVISION     = 4;
  static final int SIZE               = 276;

  static final int FIRMWARE_CTRL      = 36;
  static final int DSDT               = 40;
  static final int PREFERRED_PROFILE  = 45;
  static final int SCI_INT            = 46;
  static final int SMI_CMD            = 48;
  static final int ACPI_ENABLE        = 52;
  static final int ACPI_DISABLE       = 53;
  static final int PM1A_EVT_BLK       = 56;
  static final int PM1A_CNT_BLK       = 64;
  static final int PM_TMR_BLK         = 76;
  static final int GPE0_BLK           = 80;
  static final int PM1_EVT_LEN        = 88;
  static final int PM1_CNT_LEN        = 89;
  static final int PM_TMR_LEN         = 91;
  static final int GPE0_BLK_LEN       = 92;
  static final int P_LVL2_LAT         = 96;
  static final int P_LVL3_LAT         = 98;
  static final int IAPC_BOOT_ARCH     = 109;
  static final int FLAGS              = 112;
  static final int RESET_REG          = 116;
  static final int RESET_VALUE        = 128;
  static final int FADT_MINOR         = 131;
  static final int X_DSDT             = 140;
  static final int X_PM1A_EVT_BLK     = 148;
  static final int X_PM1A_CNT_BLK     = 172;
  static final int X_PM_TMR_BLK       = 208;
  static final int X_GPE0_BLK         = 220;

  static final int WBINVD             = 1;
  static final int PROC_C1            = 1 << 2;
  static final int SLP_BUTTON         = 1 << 5;
  static final int TMR_VAL_EXT        = 1 << 8;
  static final int RESET_REG_SUP      = 1 << 10;

  static final int LEGACY_DEVICES     = 1;
  static final int BOOT_8042          = 1 << 1;
  static final int VGA_NOT_PRESENT    = 1 << 2;
  static final int RTC_NOT_PRESENT    = 1 << 5;

  private static final int PROFILE_DESKTOP = 1;
  /** Latencies above 100 and 1000 microseconds say that there is no C2 and C3. */
  private static final int NO_C2           = 101;
  private static final int NO_C3           = 1001;

  private static final int SYSTEM_IO       = 1;
  private static final int BYTE_ACCESS     = 1;
  private static final int WORD_ACCESS     = 2;
  private static final int DWORD_ACCESS    = 3;
  // @formatter:on

  private Fadt() {}

  static byte[] build(Platform platform, AcpiBlocks.Blocks acpi, long facs, long dsdt) {
    AcpiTable fadt = new AcpiTable("FACP", REVISION, SIZE);
    // The 64-bit address of the FACS stays 0: only one of both may be used.
    fadt.dword(FIRMWARE_CTRL, facs);
    fadt.dword(DSDT, dsdt);
    fadt.qword(X_DSDT, dsdt);
    fadt.octet(PREFERRED_PROFILE, PROFILE_DESKTOP);
    fadt.word(SCI_INT, acpi.sciIrq());
    fadt.dword(SMI_CMD, acpi.smiCommand());
    if (acpi.smiCommand() != 0) {
      fadt.octet(ACPI_ENABLE, acpi.acpiEnable());
      fadt.octet(ACPI_DISABLE, acpi.acpiDisable());
    }
    block(fadt, acpi.pm1Event(), 4, WORD_ACCESS, PM1A_EVT_BLK, PM1_EVT_LEN, X_PM1A_EVT_BLK);
    block(fadt, acpi.pm1Control(), 2, WORD_ACCESS, PM1A_CNT_BLK, PM1_CNT_LEN, X_PM1A_CNT_BLK);
    block(fadt, acpi.pmTimer(), 4, DWORD_ACCESS, PM_TMR_BLK, PM_TMR_LEN, X_PM_TMR_BLK);
    if (acpi.gpe0() != 0) {
      block(fadt, acpi.gpe0(), 4, BYTE_ACCESS, GPE0_BLK, GPE0_BLK_LEN, X_GPE0_BLK);
    }
    fadt.word(P_LVL2_LAT, NO_C2);
    fadt.word(P_LVL3_LAT, NO_C3);
    fadt.word(IAPC_BOOT_ARCH, bootArchitecture(platform));
    // There is no sleep button.
    fadt.dword(FLAGS, WBINVD | PROC_C1 | SLP_BUTTON | TMR_VAL_EXT | RESET_REG_SUP);
    address(fadt, RESET_REG, acpi.resetPort(), 1, BYTE_ACCESS);
    fadt.octet(RESET_VALUE, acpi.resetValue());
    fadt.octet(FADT_MINOR, MINOR_REVISION);
    return fadt.finish();
  }

  /** IA-PC Boot Architecture Flags (section 5.2.9.3), by the legacy devices that the DSDT names. */
  private static int bootArchitecture(Platform platform) {
    int flags = 0;
    if (!platform.legacyDevices().isEmpty()) {
      flags |= LEGACY_DEVICES;
    }
    if (has(platform, "PNP0303")) {
      flags |= BOOT_8042;
    }
    if (!has(platform, "PNP0900")) {
      flags |= VGA_NOT_PRESENT;
    }
    if (!has(platform, "PNP0B00")) {
      flags |= RTC_NOT_PRESENT;
    }
    return flags;
  }

  private static boolean has(Platform platform, String hid) {
    return platform.legacyDevices().stream().anyMatch(device -> device.hid().equals(hid));
  }

  private static void block(AcpiTable fadt, int port, int length, int access, int field, int lengthField,
      int extendedField) {
    fadt.dword(field, port);
    fadt.octet(lengthField, length);
    address(fadt, extendedField, port, length, access);
  }

  /** Generic Address Structure (section 5.2.3.2). */
  private static void address(AcpiTable fadt, int field, int port, int length, int access) {
    fadt.octet(field, SYSTEM_IO);
    fadt.octet(field + 1, 8 * length);
    fadt.octet(field + 3, access);
    fadt.qword(field + 4, port);
  }
}
