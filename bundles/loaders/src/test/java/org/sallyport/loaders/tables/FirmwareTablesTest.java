package org.sallyport.loaders.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.loaders.Bench.MIB;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.loaders.ArrayMemory;
import org.sallyport.loaders.Bench;

class FirmwareTablesTest {
  private final ArrayMemory memory = new ArrayMemory(2 * MIB);

  private Map<String, Long> write(Platform platform) throws LoadException {
    long rsdp = new FirmwareTables().write(platform, memory);
    assertEquals(0, rsdp % 16);
    assertTrue(rsdp >= 0xe0000 && rsdp < 0x100000);
    return Acpi.tables(memory, rsdp);
  }

  @Test
  void fadtSaysWhereTheHardwareIs() throws LoadException {
    Map<String, Long> tables = write(Bench.pc(1, 2 * MIB));
    long fadt = tables.get("FACP");
    assertEquals(6, memory.read(fadt + 8, 1));
    assertEquals(276, memory.read(fadt + 4, 4));
    assertEquals(9, memory.read(fadt + 46, 2), "SCI_INT");
    assertEquals(0xb2, memory.read(fadt + 48, 4), "SMI_CMD");
    assertEquals(0xa1a0, memory.read(fadt + 52, 2), "ACPI_ENABLE, ACPI_DISABLE");
    assertEquals(0x600, memory.read(fadt + 56, 4), "PM1a_EVT_BLK");
    assertEquals(0x604, memory.read(fadt + 64, 4), "PM1a_CNT_BLK");
    assertEquals(0x608, memory.read(fadt + 76, 4), "PM_TMR_BLK");
    assertEquals(0x620, memory.read(fadt + 80, 4), "GPE0_BLK");
    assertEquals(0x0400_0204L, memory.read(fadt + 88, 4), "PM1_EVT_LEN, PM1_CNT_LEN, PM2_CNT_LEN, PM_TMR_LEN");
    assertEquals(4, memory.read(fadt + 92, 1), "GPE0_BLK_LEN");
    assertEquals(0b111, memory.read(fadt + 109, 2), "IAPC_BOOT_ARCH: legacy devices, 8042, no VGA");
    assertEquals(1 << 10, memory.read(fadt + 112, 4) & 1 << 10, "RESET_REG_SUP");
    assertEquals(0, memory.read(fadt + 112, 4) & 1 << 20, "not HW_REDUCED_ACPI");
    assertRegister(fadt + 116, 0xcf9, 8);
    assertEquals(6, memory.read(fadt + 128, 1), "RESET_VALUE");
    assertRegister(fadt + 148, 0x600, 32);
    assertRegister(fadt + 172, 0x604, 16);
    assertRegister(fadt + 208, 0x608, 32);
    assertRegister(fadt + 220, 0x620, 32);
    long facs = tables.get("FACS");
    assertEquals(0, facs % 64);
    assertEquals(64, memory.read(facs + 4, 4));
  }

  private void assertRegister(long at, int port, int bits) {
    assertEquals(1, memory.read(at, 1), "system I/O");
    assertEquals(bits, memory.read(at + 1, 1));
    assertEquals(port, memory.read(at + 4, 8));
  }

  @Test
  void bootArchitectureFollowsTheDevices() throws LoadException {
    Platform pc = Bench.pc(1, 2 * MIB);
    Platform bare =
        new Platform(1, pc.memoryMap(), pc.localApicBase(), pc.ioApicBase(), 1, pc.acpi(), false, 0, 0, List.of());
    long fadt = write(bare).get("FACP");
    assertEquals(0b100100, memory.read(fadt + 109, 2), "no VGA, no RTC");
  }

  @Test
  void madtNamesProcessorsAndTheIoApic() throws LoadException {
    long madt = write(Bench.pc(3, 2 * MIB)).get("APIC");
    assertEquals(0xfee00000L, memory.read(madt + 36, 4));
    assertEquals(1, memory.read(madt + 40, 4), "PCAT_COMPAT: there are 8259s");
    StringBuilder text = new StringBuilder();
    long end = madt + memory.read(madt + 4, 4);
    long at = madt + 44;
    for (; at < end; at += memory.read(at + 1, 1)) {
      switch ((int) memory.read(at, 1)) {
        case 0 -> text.append(String.format("cpu %d apic %d flags %d; ", memory.read(at + 2, 1), memory.read(at + 3, 1),
            memory.read(at + 4, 4)));
        case 1 -> text.append(String.format("ioapic %d at %x gsi %d; ", memory.read(at + 2, 1), memory.read(at + 4, 4),
            memory.read(at + 8, 4)));
        case 2 -> text.append(String.format("irq %d gsi %d flags %x; ", memory.read(at + 3, 1), memory.read(at + 4, 4),
            memory.read(at + 8, 2)));
        case 4 -> text.append(String.format("nmi %x lint %d; ", memory.read(at + 2, 1), memory.read(at + 5, 1)));
        default -> text.append("unknown; ");
      }
    }
    assertEquals(end, at);
    assertEquals("cpu 0 apic 0 flags 1; cpu 1 apic 1 flags 1; cpu 2 apic 2 flags 1; ioapic 1 at fec00000 gsi 0; "
        + "irq 0 gsi 2 flags 5; irq 9 gsi 9 flags f; nmi ff lint 1; ", text.toString());
  }

  @Test
  void dmarNamesTheIommuAndTheIoApic() throws LoadException {
    assertFalse(write(Bench.pc(1, 2 * MIB)).containsKey("DMAR"));
    long dmar = write(Bench.withIommu(Bench.pc(1, 2 * MIB))).get("DMAR");
    assertEquals(48 + 24, memory.read(dmar + 4, 4));
    assertEquals(47, memory.read(dmar + 36, 1), "width of host addresses, less one");
    assertEquals(1, memory.read(dmar + 37, 1), "it remaps interrupts");
    assertEquals(24L << 16, memory.read(dmar + 48, 4), "a remapping unit of 24 bytes");
    assertEquals(1, memory.read(dmar + 52, 4), "for all functions of segment 0");
    assertEquals(0xfed90000L, memory.read(dmar + 56, 8));
    assertEquals(0x0000_ff01_0000_0803L, memory.read(dmar + 64, 8), "and for the IO APIC with the identifier 1");
  }

  @Test
  void writesOnlyWhatThereIs() throws LoadException {
    Platform pc = Bench.pc(1, 2 * MIB);
    Platform noApic =
        new Platform(1, pc.memoryMap(), Optional.empty(), Optional.empty(), 0, pc.acpi(), true, pc.pciWindowFirst(),
            pc.pciWindowLast(), pc.legacyDevices());
    assertFalse(write(noApic).containsKey("APIC"));
    assertEquals(-1, findMp(), "no MP table without APICs");
    Platform noAcpi = new Platform(1, pc.memoryMap(), pc.localApicBase(), pc.ioApicBase(), 1, Optional.empty(), true,
        pc.pciWindowFirst(), pc.pciWindowLast(), pc.legacyDevices());
    assertEquals(0, new FirmwareTables().write(noAcpi, memory));
    assertEquals(0, memory.read(0xe0000, 8), "what was there before is gone");
    assertTrue(findMp() > 0);
    assertThrows(LoadException.class, () -> new FirmwareTables().write(pc, new ArrayMemory(0xf0000)));
  }

  private long findMp() {
    for (long at = 0xf0000; at < 0x100000; at += 16) {
      if (Acpi.signature(memory, at, 4).equals("_MP_") && Acpi.sum(memory, at, 16) == 0) {
        return at;
      }
    }
    return -1;
  }

  @Test
  void mpTableNamesTheSame() throws LoadException {
    write(Bench.pc(2, 2 * MIB));
    long pointer = findMp();
    assertEquals(4, memory.read(pointer + 9, 1), "specification 1.4");
    assertEquals(0, memory.read(pointer + 11, 5), "a table, no default configuration; virtual wire mode");
    long table = memory.read(pointer + 4, 4);
    int length = (int) memory.read(table + 4, 2);
    assertEquals("PCMP", Acpi.signature(memory, table, 4));
    assertEquals(0, Acpi.sum(memory, table, length));
    assertEquals(0xfee00000L, memory.read(table + 36, 4));
    StringBuilder text = new StringBuilder();
    long at = table + 44;
    int pciEntries = 0;
    for (int i = 0; i < memory.read(table + 34, 2); i++) {
      int type = (int) memory.read(at, 1);
      switch (type) {
        case 0 -> text.append(String.format("cpu %d flags %d; ", memory.read(at + 1, 1), memory.read(at + 3, 1)));
        case 1 ->
          text.append(String.format("bus %d %s; ", memory.read(at + 1, 1), Acpi.signature(memory, at + 2, 6).strip()));
        case 2 -> text.append(String.format("ioapic %d at %x; ", memory.read(at + 1, 1), memory.read(at + 4, 4)));
        default -> {
          if (memory.read(at + 4, 1) == 0) {
            pciEntries++;
            assertEquals(15, memory.read(at + 2, 2));
            long device = memory.read(at + 5, 1);
            assertEquals(16 + ((device >> 2) + (device & 3)) % 4, memory.read(at + 7, 1));
          } else {
            text.append(
                String.format("%s%d %x irq %d to %d pin %d; ", type == 3 ? "io" : "local", memory.read(at + 1, 1),
                    memory.read(at + 2, 2), memory.read(at + 5, 1), memory.read(at + 6, 1), memory.read(at + 7, 1)));
          }
        }
      }
      at += type == 0 ? 20 : 8;
    }
    assertEquals(table + length, at);
    assertEquals(128, pciEntries);
    assertEquals("cpu 0 flags 3; cpu 1 flags 1; bus 0 PCI; bus 1 ISA; ioapic 1 at fec00000; io0 0 irq 0 to 1 pin 2; "
        + "io0 0 irq 1 to 1 pin 1; io0 0 irq 3 to 1 pin 3; io0 0 irq 4 to 1 pin 4; io0 0 irq 5 to 1 pin 5; "
        + "io0 0 irq 6 to 1 pin 6; io0 0 irq 7 to 1 pin 7; io0 0 irq 8 to 1 pin 8; io0 f irq 9 to 1 pin 9; "
        + "io0 0 irq 10 to 1 pin 10; io0 0 irq 11 to 1 pin 11; io0 0 irq 12 to 1 pin 12; io0 0 irq 13 to 1 pin 13; "
        + "io0 0 irq 14 to 1 pin 14; io0 0 irq 15 to 1 pin 15; local3 0 irq 0 to 0 pin 0; "
        + "local1 0 irq 0 to 255 pin 1; ",
        text.toString());
  }

  @Test
  void theWakingVectorIsWhatTheGuestWritesIntoTheFacs() throws LoadException {
    long facs = write(Bench.pc(2, 2 * MIB)).get("FACS");
    assertEquals(OptionalLong.empty(), new FirmwareTables().wakingVector(memory));
    memory.write(facs + 12, 4, 0x9a000);
    assertEquals(OptionalLong.of(0x9a000), new FirmwareTables().wakingVector(memory));
    memory.write(facs, 4, 0);
    assertEquals(OptionalLong.empty(), new FirmwareTables().wakingVector(memory), "the table is gone");
  }

  @Test
  void realModeInterruptsReturn() throws LoadException {
    write(Bench.pc(16, 2 * MIB));
    for (int vector = 0; vector < 256; vector++) {
      long offset = memory.read(4L * vector, 2);
      long handler = (memory.read(4L * vector + 2, 2) << 4) + offset;
      String code = switch (vector & 0xf8) {
        case 0x08 -> "50b020e62058cf"; // end of interrupt to the master
        case 0x70 -> "50b020e6a0e62058cf"; // to both
        default -> "cf";
      };
      byte[] expected = HexFormat.of().parseHex(code);
      assertArrayEquals(expected, memory.bytes(handler, expected.length), "vector " + vector);
    }
  }

  @Test
  void theLargestMachineFits() throws LoadException {
    assertTrue(write(Bench.pc(16, 2 * MIB)).containsKey("DSDT"));
  }
}
