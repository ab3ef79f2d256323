package org.sallyport.api.device;

/**
 * Where a device has put the fixed hardware of ACPI (ACPI specification 6.4, section 4.8), for the tables that announce
 * it. A capability of devices.
 */
public interface AcpiBlocks {
  /**
   * @param pm1Event port of PM1a_EVT_BLK (4 bytes)
   * @param pm1Control port of PM1a_CNT_BLK (2 bytes)
   * @param pmTimer port of PM_TMR_BLK (4 bytes, 32-bit counter)
   * @param gpe0 port of GPE0_BLK (4 bytes), or 0 when there is none
   * @param smiCommand port of SMI_CMD, or 0 when the machine is always in ACPI mode
   * @param acpiEnable value that switches to ACPI mode when written to {@code smiCommand}
   * @param acpiDisable value that switches back
   * @param sciIrq ISA interrupt number of the SCI, level-triggered, active low
   * @param resetPort port of RESET_REG
   * @param resetValue value that resets
   * @param sleepTypeS5 SLP_TYP for soft off
   * @param sleepTypeS3 SLP_TYP for suspend to RAM, or -1 when the machine cannot
   */
  record Blocks(int pm1Event, int pm1Control, int pmTimer, int gpe0, int smiCommand, int acpiEnable, int acpiDisable,
      int sciIrq,
      int resetPort, int resetValue, int sleepTypeS5, int sleepTypeS3) {}

  /** Fixed for the life of the device. */
  Blocks acpiBlocks();
}
