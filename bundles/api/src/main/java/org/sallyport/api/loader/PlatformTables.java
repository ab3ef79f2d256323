package org.sallyport.api.loader;

import org.sallyport.api.memory.GuestMemory;

/** Writes the tables that tell a guest what machine it is on: ACPI (RSDP, XSDT, FADT, MADT, DSDT, FACS) and MP. A service. */
public interface PlatformTables {
  /**
   * Writes the tables where firmware would leave them.
   *
   * @return guest-physical address of the RSDP
   */
  long write(Platform platform, GuestMemory memory) throws LoadException;
}
