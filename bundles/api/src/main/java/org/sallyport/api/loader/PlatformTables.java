package org.sallyport.api.loader;

import java.util.OptionalLong;
import org.sallyport.api.memory.GuestMemory;

/**
 * Writes the tables that tell a guest what machine it is on: ACPI (RSDP, XSDT, FADT, MADT, DSDT, FACS) and MP. A
 * service.
 */
public interface PlatformTables {
  /**
   * Writes the tables where firmware would leave them.
   *
   * @return guest-physical address of the RSDP
   */
  long write(Platform platform, GuestMemory memory) throws LoadException;

  /**
   * Where the guest wants to go on after suspend to RAM: the firmware waking vector of the FACS, to be entered in real
   * mode (ACPI specification 6.4, section 5.2.10).
   *
   * @return empty when the guest has set none
   */
  default OptionalLong wakingVector(GuestMemory memory) {
    return OptionalLong.empty();
  }
}
