package org.sallyport.device.fwcfg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A small set of ACPI tables at an address, and what firmware makes of the files that come of them. */
final class AcpiSample {
  private static final int FACS = 0x40;
  private static final int DSDT = 0x80;
  private static final int FADT = 0xc0;
  private static final int MADT = 0x200;
  private static final int RSDT = 0x240;
  private static final int XSDT = 0x270;
  private static final int END = 0x2a4;

  private final long base;
  private final ByteBuffer bytes = ByteBuffer.allocate(0x1000).order(ByteOrder.LITTLE_ENDIAN);

  AcpiSample(long base) {
    this.base = base;
    table(FACS, "FACS", 64);
    table(DSDT, "DSDT", 40);
    table(FADT, "FACP", 244);
    bytes.putInt(FADT + 36, address(FACS)).putInt(FADT + 40, address(DSDT)).putLong(FADT + 140, address(DSDT));
    table(MADT, "APIC", 44);
    table(RSDT, "RSDT", 44);
    bytes.putInt(RSDT + 36, address(FADT)).putInt(RSDT + 40, address(MADT));
    table(XSDT, "XSDT", 52);
    bytes.putLong(XSDT + 36, address(FADT)).putLong(XSDT + 44, address(MADT));
    bytes.put(0, "RSD PTR ".getBytes(StandardCharsets.US_ASCII)).put(15, (byte) 2);
    bytes.putInt(16, address(RSDT)).putInt(20, 36).putLong(24, address(XSDT));
    for (int table : new int[]{DSDT, FADT, MADT, RSDT, XSDT}) {
      bytes.put(table + 9, (byte) -sum(bytes, table, bytes.getInt(table + 4)));
    }
    bytes.put(8, (byte) -sum(bytes, 0, 20));
    bytes.put(32, (byte) -sum(bytes, 0, 36));
  }

  byte[] bytes() {
    return bytes.array().clone();
  }

  long rsdp() {
    return base;
  }

  private int address(int offset) {
    return (int) base + offset;
  }

  private void table(int at, String signature, int length) {
    bytes.put(at, signature.getBytes(StandardCharsets.US_ASCII)).putInt(at + 4, length);
  }

  private static int sum(ByteBuffer from, int first, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += from.get(first + i) & 0xff;
    }
    return sum & 0xff;
  }

  /** The files put into memory by the loader's commands, as the specification of the commands has them. */
  static final class Placed {
    private final ByteBuffer tables;
    private final ByteBuffer rsdp;
    private final long tablesAt;
    private final long rsdpAt;
    private int allocated;

    Placed(Map<String, byte[]> files, long tablesAt, long rsdpAt) {
      tables = ByteBuffer.wrap(files.get("etc/acpi/tables")).order(ByteOrder.LITTLE_ENDIAN);
      rsdp = ByteBuffer.wrap(files.get("etc/acpi/rsdp")).order(ByteOrder.LITTLE_ENDIAN);
      this.tablesAt = tablesAt;
      this.rsdpAt = rsdpAt;
      ByteBuffer script = ByteBuffer.wrap(files.get("etc/table-loader")).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(0, script.capacity() % 128);
      for (int at = 0; at < script.capacity(); at += 128) {
        execute(script.slice(at, 128).order(ByteOrder.LITTLE_ENDIAN));
      }
      assertEquals(2, allocated);
    }

    private void execute(ByteBuffer command) {
      ByteBuffer file = file(command, 4);
      switch (command.getInt(0)) {
        case 1 -> {
          long at = file == tables ? tablesAt : rsdpAt;
          assertEquals(0, at % command.getInt(60));
          assertEquals(file == tables ? 1 : 2, command.get(64), "zone");
          allocated++;
        }
        case 2 -> {
          long target = file(command, 60) == tables ? tablesAt : rsdpAt;
          int at = command.getInt(116);
          if (command.get(120) == 4) {
            file.putInt(at, (int) (file.getInt(at) + target));
          } else {
            assertEquals(8, command.get(120));
            file.putLong(at, file.getLong(at) + target);
          }
        }
        case 3 -> {
          int at = command.getInt(60);
          file.put(at, (byte) (file.get(at) - sum(file, command.getInt(64), command.getInt(68))));
        }
        default -> throw new AssertionError("command " + command.getInt(0));
      }
    }

    private ByteBuffer file(ByteBuffer command, int at) {
      byte[] name = new byte[56];
      command.get(at, name);
      return switch (new String(name, StandardCharsets.US_ASCII).replaceAll("\0+$", "")) {
        case "etc/acpi/tables" -> tables;
        case "etc/acpi/rsdp" -> rsdp;
        case String other -> throw new AssertionError("file " + other);
      };
    }

    /** All is as it was, further up by this many bytes. */
    void check(long moved) {
      assertEquals(END, tables.capacity(), "nothing behind the last table");
      assertEquals("RSD PTR ", text(rsdp, 0, 8));
      assertEquals(0, sum(rsdp, 0, 20));
      assertEquals(0, sum(rsdp, 0, 36));
      assertEquals(0, sum(tables, 0, 36), "the RSDP is not in this file");
      assertEquals(tablesAt + RSDT, rsdp.getInt(16));
      assertEquals(tablesAt + XSDT, rsdp.getLong(24));
      for (int table : new int[]{DSDT, FADT, MADT, RSDT, XSDT}) {
        assertEquals(0, sum(tables, table, tables.getInt(table + 4)), text(tables, table, 4));
      }
      assertEquals(tablesAt + FADT, tables.getInt(RSDT + 36));
      assertEquals(tablesAt + MADT, tables.getInt(RSDT + 40));
      assertEquals(tablesAt + FADT, tables.getLong(XSDT + 36));
      assertEquals(tablesAt + MADT, tables.getLong(XSDT + 44));
      assertEquals(tablesAt + FACS, tables.getInt(FADT + 36));
      assertEquals(tablesAt + DSDT, tables.getInt(FADT + 40));
      assertEquals(0, tables.getLong(FADT + 132), "no pointer stays none");
      assertEquals(0xe0000 + moved + DSDT, tables.getLong(FADT + 140));
      assertEquals("FACS", text(tables, FACS, 4));
    }

    private static String text(ByteBuffer from, int at, int length) {
      byte[] text = new byte[length];
      from.get(at, text);
      return new String(text, StandardCharsets.US_ASCII);
    }
  }
}
