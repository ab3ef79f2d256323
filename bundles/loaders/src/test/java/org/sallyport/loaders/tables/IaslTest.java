package org.sallyport.loaders.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.sallyport.loaders.Bench.MIB;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.loaders.ArrayMemory;
import org.sallyport.loaders.Bench;

/** The ACPI project's own tool reads every table back and, for the DSDT, compiles what it has read. */
class IaslTest {
  @TempDir Path folder;

  @BeforeEach
  void iasl() {
    boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(path -> Files.isExecutable(Path.of(path, "iasl")));
    assumeTrue(found, "iasl is not installed (Debian: acpica-tools)");
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
        .redirectOutput(output.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "iasl does not end");
    String text = Files.readString(output);
    assertEquals(0, process.exitValue(), text);
    return text;
  }

  private void check(Platform platform) throws LoadException, IOException, InterruptedException {
    ArrayMemory memory = new ArrayMemory(2 * MIB);
    Map<String, Long> tables = Acpi.tables(memory, new FirmwareTables().write(platform, memory));
    for (Map.Entry<String, Long> table : tables.entrySet()) {
      Path file = folder.resolve(table.getKey().toLowerCase(Locale.ROOT) + ".dat");
      Files.write(file, memory.bytes(table.getValue(), (int) memory.read(table.getValue() + 4, 4)));
      String text = run("iasl", "-d", file.toString());
      for (String complaint : List.of("rror", "arning", "nvalid", "ncorrect")) {
        assertFalse(text.contains(complaint), text);
      }
    }
    String compiled = run("iasl", "-p", folder.resolve("again").toString(), folder.resolve("dsdt.dsl").toString());
    assertTrue(compiled.contains("Compilation successful. 0 Errors, 0 Warnings"), compiled);
    byte[] again = Files.readAllBytes(folder.resolve("again.aml"));
    byte[] ours = Files.readAllBytes(folder.resolve("dsdt.dat"));
    // The compiler signs the header with its own name and version, and the checksum follows from that.
    assertArrayEquals(Arrays.copyOfRange(ours, 36, ours.length), Arrays.copyOfRange(again, 36, again.length));
  }

  @Test
  void acceptsAPc() throws Exception {
    check(Bench.pc(2, 2 * MIB));
  }

  @Test
  void acceptsAPcWithAnIommu() throws Exception {
    check(Bench.withIommu(Bench.pc(2, 2 * MIB)));
    String dmar = Files.readString(folder.resolve("dmar.dsl"));
    assertTrue(dmar.contains("Hardware Unit Definition") && dmar.contains("IOAPIC"), dmar);
  }

  @Test
  void acceptsTheLargest() throws Exception {
    check(Bench.pc(16, 2 * MIB));
  }

  @Test
  void acceptsTheSmallest() throws Exception {
    Platform pc = Bench.pc(1, 2 * MIB);
    check(new Platform(1, pc.memoryMap(), Optional.empty(), Optional.empty(), 0, pc.acpi(), false,
        0, 0, List.of()));
  }

  @Test
  void readsWhatWeMeant() throws Exception {
    check(Bench.pc(2, 2 * MIB));
    String dsdt = Files.readString(folder.resolve("dsdt.dsl")).replaceAll("\\s+", " ");
    for (String text : List.of("Name (_S5, Package (0x04)", "Name (_S3, Package (0x04)", "Device (PCI0)",
        "EisaId (\"PNP0A03\")",
        "Device (UAR1)", "IRQNoFlags () {3}", "Device (C001)", "\"ACPI0007\"", "0xE0000000, // Range Minimum",
        "Package (0x04) { 0x0002FFFF, 0x03, Zero, 0x11 }")) {
      assertTrue(dsdt.contains(text), () -> text + " is not in " + dsdt);
    }
    String madt = Files.readString(folder.resolve("apic.dsl"));
    assertTrue(madt.contains("Polarity : 3") && madt.contains("Trigger Mode : 3"), madt);
  }
}
