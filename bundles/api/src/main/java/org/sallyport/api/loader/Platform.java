package org.sallyport.api.loader;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.device.Iommu;

/**
 * The facts about a machine that guests are told.
 *
 * @param cpus number of processors; their APIC identifiers are 0 to {@code cpus - 1}
 * @param memoryMap what the E820 map says, in order of address
 * @param localApicBase guest-physical address of the local APICs' registers, or empty when there are none
 * @param ioApicBase guest-physical address of the IO APIC's registers, or empty when there is none
 * @param ioApicId its APIC identifier
 * @param acpi where the fixed ACPI hardware is, or empty when there is none
 * @param pci whether there is a PCI bus 0 with type-1 configuration access
 * @param pciWindowFirst first address of the memory window for PCI devices below 4 GiB
 * @param pciWindowLast its last address
 * @param legacyDevices ISA devices that the DSDT names
 * @param iommu the unit that remaps the requests of all PCI devices and of the IO APIC, or empty when there is none
 */
public record Platform(int cpus, List<MemoryRegion> memoryMap, Optional<Long> localApicBase, Optional<Long> ioApicBase,
    int ioApicId,
    Optional<AcpiBlocks.Blocks> acpi, boolean pci, long pciWindowFirst, long pciWindowLast,
    List<LegacyDevice> legacyDevices, Optional<Iommu.Facts> iommu) {

  /** Where the tables are: from here to 1 MiB is for firmware. */
  public static final long FIRMWARE_AREA = 0xe0000;

  public Platform {
    memoryMap = List.copyOf(memoryMap);
    legacyDevices = List.copyOf(legacyDevices);
  }

  /** A machine without IOMMU. */
  public Platform(int cpus, List<MemoryRegion> memoryMap, Optional<Long> localApicBase, Optional<Long> ioApicBase,
      int ioApicId, Optional<AcpiBlocks.Blocks> acpi, boolean pci, long pciWindowFirst, long pciWindowLast,
      List<LegacyDevice> legacyDevices) {
    this(cpus, memoryMap, localApicBase, ioApicBase, ioApicId, acpi, pci, pciWindowFirst, pciWindowLast, legacyDevices,
        Optional.empty());
  }

  /**
   * A line of the E820 map.
   *
   * @param type 1 usable, 2 reserved, 3 ACPI tables, 4 ACPI NVS
   */
  public record MemoryRegion(long first, long length, int type) {
    public static final int USABLE = 1;
    public static final int RESERVED = 2;
    public static final int ACPI_TABLES = 3;
    public static final int ACPI_NVS = 4;
  }

  /**
   * An ISA device to be named in the DSDT.
   *
   * @param hid its PNP identifier: {@code PNP0501} for a 16550A, {@code PNP0B00} for the RTC, {@code PNP0303} for a
   *     keyboard
   * @param irq ISA interrupt, or -1
   */
  public record LegacyDevice(String hid, int firstPort, int ports, int irq) {}
}
