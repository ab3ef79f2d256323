package org.sallyport.loaders.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sallyport.loaders.ArrayMemory;

/** Finds its way through tables in memory as an operating system does, checking every checksum. */
final class Acpi {
  private Acpi() {}

  static String signature(ArrayMemory memory, long at, int length) {
    return new String(memory.bytes(at, length), StandardCharsets.US_ASCII);
  }

  static int sum(ArrayMemory memory, long at, long length) {
    int sum = 0;
    for (long i = 0; i < length; i++) {
      sum += (int) memory.read(at + i, 1);
    }
    return sum & 0xff;
  }

  /** The addresses of the tables that RSDT and XSDT name (both have to name the same), and DSDT and FACS. */
  static Map<String, Long> tables(ArrayMemory memory, long rsdp) {
    assertEquals("RSD PTR ", signature(memory, rsdp, 8));
    assertEquals(0, sum(memory, rsdp, 20));
    assertEquals(0, sum(memory, rsdp, memory.read(rsdp + 20, 4)));
    assertEquals(2, memory.read(rsdp + 15, 1));
    Map<String, Long> viaRsdt = list(memory, memory.read(rsdp + 16, 4), "RSDT", 4);
    Map<String, Long> tables = list(memory, memory.read(rsdp + 24, 8), "XSDT", 8);
    assertEquals(viaRsdt, tables);
    long fadt = tables.get("FACP");
    long dsdt = memory.read(fadt + 140, 8);
    assertEquals(dsdt, memory.read(fadt + 40, 4));
    check(memory, dsdt);
    tables.put(signature(memory, dsdt, 4), dsdt);
    long facs = memory.read(fadt + 36, 4);
    tables.put(signature(memory, facs, 4), facs);
    return tables;
  }

  private static Map<String, Long> list(ArrayMemory memory, long at, String signature, int size) {
    assertEquals(signature, signature(memory, at, 4));
    check(memory, at);
    Map<String, Long> tables = new LinkedHashMap<>();
    for (long entry = at + 36; entry < at + memory.read(at + 4, 4); entry += size) {
      long table = memory.read(entry, size);
      check(memory, table);
      tables.put(signature(memory, table, 4), table);
    }
    return tables;
  }

  private static void check(ArrayMemory memory, long table) {
    assertEquals(0, sum(memory, table, memory.read(table + 4, 4)), "checksum of " + signature(memory, table, 4));
  }
}
