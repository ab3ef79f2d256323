package org.sallyport.loaders.tables;

import org.sallyport.api.device.Iommu;
import org.sallyport.api.loader.Platform;

/**
 * DMA Remapping Reporting Table (VT-d specification, chapter "BIOS Considerations"): one unit for all PCI functions,
 * and, where it remaps interrupts, for the IO APIC, which is a requester of its own.
 */
final class Dmar {
  // @formatter:off
  static final int HOST_ADDRESS_WIDTH = 36;  // less one
  static final int FLAGS              = 37;
  static final int FIXED_SIZE         = 48;
  static final int INTR_REMAP         = 1;

  /** DMA Remapping Hardware Unit Definition: what it is, for which segment, where its registers are. */
  static final int DRHD               = 0;
  static final int DRHD_SIZE          = 16;
  static final int INCLUDE_PCI_ALL    = 1;

  /** Device scope: a kind of device, its number in other tables, and its way from a bus on. */
  static final int SCOPE_SIZE         = 8;
  static final int SCOPE_IO_APIC      = 3;
  // @formatter:on

  private Dmar() {}

  static byte[] build(Platform platform, Iommu.Facts iommu) {
    boolean ioApic = platform.ioApicBase().isPresent();
    int length = DRHD_SIZE + (ioApic ? SCOPE_SIZE : 0);
    AcpiTable table = new AcpiTable("DMAR", 1, FIXED_SIZE + length);
    table.octet(HOST_ADDRESS_WIDTH, iommu.addressBits() - 1);
    table.octet(FLAGS, iommu.remapsInterrupts() ? INTR_REMAP : 0);
    table.word(FIXED_SIZE, DRHD);
    table.word(FIXED_SIZE + 2, length);
    table.octet(FIXED_SIZE + 4, INCLUDE_PCI_ALL);
    table.qword(FIXED_SIZE + 8, iommu.registers());
    if (ioApic) {
      int scope = FIXED_SIZE + DRHD_SIZE;
      table.octet(scope, SCOPE_IO_APIC);
      table.octet(scope + 1, SCOPE_SIZE);
      table.octet(scope + 4, platform.ioApicId());
      table.octet(scope + 5, Iommu.IO_APIC >> 8);
      table.octet(scope + 6, Iommu.IO_APIC >> 3 & 0x1f);
      table.octet(scope + 7, Iommu.IO_APIC & 7);
    }
    return table.finish();
  }
}
