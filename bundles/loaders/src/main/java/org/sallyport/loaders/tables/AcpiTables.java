package org.sallyport.loaders.tables;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.memory.GuestMemory;

/**
 * The set of ACPI tables (ACPI specification 6.4, chapter 5): RSDP, RSDT and XSDT, which point to FADT, MADT and DMAR;
 * the FADT points to DSDT and FACS. All lie in one block, the RSDP first.
 */
final class AcpiTables {
  static final int RSDP_SIZE = 36;
  private static final int RSDP_ACPI_1_SIZE = 20;
  private static final int FACS_SIZE = 64;
  private static final int FACS_ALIGNMENT = 64;
  private static final String FACS = "FACS";
  private static final int FIRMWARE_WAKING_VECTOR = 12;

  private final long base;
  private final List<byte[]> parts = new ArrayList<>();
  private final List<Integer> offsets = new ArrayList<>();
  private int end = RSDP_SIZE;

  private AcpiTables(long base) {
    this.base = base;
  }

  /** The whole block, to be written to {@code base}, a multiple of 64. */
  static byte[] build(Platform platform, AcpiBlocks.Blocks acpi, long base) {
    AcpiTables set = new AcpiTables(base);
    long facs = set.add(facs(), FACS_ALIGNMENT);
    long dsdt = set.add(Dsdt.build(platform, acpi), 16);
    List<Long> tables = new ArrayList<>();
    tables.add(set.add(Fadt.build(platform, acpi, facs, dsdt), 16));
    if (platform.localApicBase().isPresent()) {
      tables.add(set.add(Madt.build(platform, acpi), 16));
    }
    platform.iommu().ifPresent(iommu -> tables.add(set.add(Dmar.build(platform, iommu), 16)));
    long rsdt = set.add(pointers("RSDT", 4, tables), 16);
    long xsdt = set.add(pointers("XSDT", 8, tables), 16);
    return set.join(rsdp(rsdt, xsdt));
  }

  /** What the guest has written into the FACS of such a block; 0 when there is none, or no vector in it. */
  static long wakingVector(GuestMemory memory, long base) {
    long facs = base + (RSDP_SIZE + FACS_ALIGNMENT - 1 & -FACS_ALIGNMENT); // it comes first
    boolean there = new String(memory.bytes(facs, FACS.length()), StandardCharsets.US_ASCII).equals(FACS);
    return there ? memory.read(facs + FIRMWARE_WAKING_VECTOR, 4) : 0;
  }

  private long add(byte[] table, int alignment) {
    int offset = end + alignment - 1 & -alignment;
    parts.add(table);
    offsets.add(offset);
    end = offset + table.length;
    return base + offset;
  }

  private byte[] join(byte[] rsdp) {
    byte[] block = new byte[end];
    System.arraycopy(rsdp, 0, block, 0, rsdp.length);
    for (int i = 0; i < parts.size(); i++) {
      System.arraycopy(parts.get(i), 0, block, offsets.get(i), parts.get(i).length);
    }
    return block;
  }

  /** Root System Description Pointer, revision 2 (section 5.2.5.3). */
  private static byte[] rsdp(long rsdt, long xsdt) {
    ByteBuffer rsdp = ByteBuffer.allocate(RSDP_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    rsdp.put("RSD PTR ".getBytes(StandardCharsets.US_ASCII)).put((byte) 0)
        .put(AcpiTable.OEM_ID.getBytes(StandardCharsets.US_ASCII));
    rsdp.put((byte) 2).putInt((int) rsdt).putInt(RSDP_SIZE).putLong(xsdt);
    Checksum.set(rsdp.array(), 0, RSDP_ACPI_1_SIZE, 8);
    Checksum.set(rsdp.array(), 0, RSDP_SIZE, 32);
    return rsdp.array();
  }

  private static byte[] pointers(String signature, int size, List<Long> tables) {
    AcpiTable table = new AcpiTable(signature, 1, AcpiTable.HEADER + size * tables.size());
    for (int i = 0; i < tables.size(); i++) {
      if (size == 4) {
        table.dword(AcpiTable.HEADER + 4 * i, tables.get(i));
      } else {
        table.qword(AcpiTable.HEADER + 8 * i, tables.get(i));
      }
    }
    return table.finish();
  }

  /** Firmware ACPI Control Structure, version 2 (section 5.2.10); it has no checksum. */
  private static byte[] facs() {
    ByteBuffer facs = ByteBuffer.allocate(FACS_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    facs.put(FACS.getBytes(StandardCharsets.US_ASCII)).putInt(FACS_SIZE).put(32, (byte) 2);
    return facs.array();
  }
}
