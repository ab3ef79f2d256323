package org.sallyport.loaders.tables;

import java.util.OptionalLong;
import org.osgi.service.component.annotations.Component;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.PlatformTables;
import org.sallyport.api.memory.GuestMemory;

/**
 * Writes the ACPI tables from E0000h and the MP tables from F0000h on. A machine without fixed ACPI hardware gets no
 * ACPI tables, and the address of the RSDP is then 0; one without local APICs and IO APIC gets no MP tables. The
 * real-mode interrupt vectors come with them.
 */
@Component(service = PlatformTables.class)
public final class FirmwareTables implements PlatformTables {
  static final long ACPI_AREA = Platform.FIRMWARE_AREA;
  /** The MP floating pointer is looked for from here to 1 MiB (MP specification 1.4, chapter 4). */
  static final long MP_AREA = 0xf0000;
  static final long END = 0x100000;
  /** From here on is the code of {@link RealModeVectors}. */
  static final long CODE_AREA = 0xffe00;

  @Override
  public long write(Platform platform, GuestMemory memory) throws LoadException {
    if (!memory.isMapped(ACPI_AREA, END - ACPI_AREA)) {
      throw new LoadException(
          "the machine has no memory at E0000h to FFFFFh, where its firmware tables belong: memory=2M or more");
    }
    memory.write(ACPI_AREA, new byte[(int) (END - ACPI_AREA)]);
    RealModeVectors.write(memory);
    if (platform.localApicBase().isPresent() && platform.ioApicBase().isPresent()) {
      byte[] tables = MpTable.build(platform, MP_AREA);
      check(tables.length, CODE_AREA - MP_AREA, "MP");
      memory.write(MP_AREA, tables);
    }
    if (platform.acpi().isEmpty()) {
      return 0;
    }
    byte[] tables = AcpiTables.build(platform, platform.acpi().get(), ACPI_AREA);
    check(tables.length, MP_AREA - ACPI_AREA, "ACPI");
    memory.write(ACPI_AREA, tables);
    return ACPI_AREA;
  }

  @Override
  public OptionalLong wakingVector(GuestMemory memory) {
    long vector = AcpiTables.wakingVector(memory, ACPI_AREA);
    return vector == 0 ? OptionalLong.empty() : OptionalLong.of(vector);
  }

  private static void check(int length, long room, String kind) throws LoadException {
    if (length > room) {
      throw new LoadException("the " + kind + " tables need " + length + " bytes, there is room for " + room
          + ": describe a machine with fewer devices");
    }
  }
}
