package org.sallyport.machine.description;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.api.machine.CpuDescription;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;

/** Plain data in, descriptions or clear messages out. */
class DescriptionTest {
  private static final Path BASE = Path.of("/base");

  /** All types that a configuration may have. */
  public record Settings(int port, long size, boolean on, String text, List<Integer> numbers, List<String> words) {}

  private static final Settings DEFAULTS = new Settings(1, 2, false, "t", List.of(), List.of());

  private static MachineDescription read(Map<String, ?> data) throws MachineException {
    return new DescriptionReader(BASE).read(data, "vm1");
  }

  private static String complaint(Map<String, ?> data) {
    return assertThrows(MachineException.class, () -> read(data)).getMessage();
  }

  @Test
  void anEmptyDescriptionIsAStandardPc() throws Exception {
    MachineDescription description = read(Map.of());
    assertEquals("vm1", description.name());
    assertEquals(256L << 20, description.memory());
    assertEquals(1, description.cpus());
    assertEquals(CpuDescription.of("auto"), description.cpu());
    assertEquals(List.of("com1", "pit", "rtc", "kbd", "pci", "acpi", "debug", "fwcfg"),
        description.devices().stream().map(DeviceDescription::name).toList());
  }

  @Test
  void everythingCanBeSaid() throws Exception {
    MachineDescription description =
        read(Map.of("name", "big", "memory", "2G", "cpus", 4.0, "cpu", "vmx", "features", "+avx, -xsave",
            "reset", "stop", "boot", Map.of("kernel", "../k", "initrd", "/i", "append", "quiet", "modules",
                List.of("m", Map.of("file", "n", "append", "x y")), "format", "linux"),
            "devices",
            new Object[]{"uart16550", Map.of("type", "uart16550", "port", 0x2f8), Map.of("type", "x", "name", "y")}));
    assertEquals(2L << 30, description.memory());
    assertEquals(4, description.cpus());
    assertEquals(List.of("+avx", "-xsave"), description.cpu().features());
    assertEquals("vmx", description.cpu().backend());
    assertEquals(Path.of("/k"), description.boot().orElseThrow().kernel().orElseThrow());
    assertEquals(Path.of("/i"), description.boot().orElseThrow().initrd().orElseThrow());
    assertEquals("x y", description.boot().orElseThrow().modules().get(1).commandLine());
    assertEquals(List.of("com1", "com2", "y"), description.devices().stream().map(DeviceDescription::name).toList());
    assertEquals(Map.of("port", 0x2f8), description.devices().get(1).properties());
    assertEquals("stop", description.properties().get("reset"));
  }

  @Test
  void processorsInDetail() throws Exception {
    MachineDescription description = read(Map.of("features", "-sse3", "cpu", Map.of("backend", "kvm", "model",
        "x86-64-v2", "features", List.of("+aes"), "vendor", "AuthenticAMD", "physicalBits", 36)));
    assertEquals(
        new CpuDescription("kvm", "x86-64-v2", List.of("+aes", "-sse3"), Optional.of("AuthenticAMD"), 36),
        description.cpu());
    assertEquals("cpu has no property 'modle'; did you mean 'model'? Allowed: backend, features, model, physicalBits,"
        + " vendor", complaint(Map.of("cpu", Map.of("modle", "max"))));
    assertEquals("no CPU model is named 'z80'; there are: standard, max, x86-64, x86-64-v2, x86-64-v3",
        complaint(Map.of("cpu", Map.of("model", "z80"))));
    assertEquals("cpu.vendor must be 12 characters as in 'GenuineIntel', not 'Intel'",
        complaint(Map.of("cpu", Map.of("vendor", "Intel"))));
    assertEquals("cpu.physicalBits must be 32 to 52, not 20", complaint(Map.of("cpu", Map.of("physicalBits", 20))));
  }

  @ParameterizedTest
  @CsvSource({"4096K,4194304", "1m,1048576", "64 MiB,67108864", "1GB,1073741824", "1048576,1048576"})
  void sizes(String text, long bytes) throws Exception {
    assertEquals(bytes, read(Map.of("memory", text)).memory());
  }

  @Test
  void whatIsWrongIsNamed() {
    assertEquals(
        "a machine has no property 'memroy'; did you mean 'memory'? Allowed: boot, cpu, cpus, devices, features, memory, name,"
            + " reset",
        complaint(Map.of("memroy", 1)));
    assertEquals("memory must be a size such as 256M or 1G, not 'lots'", complaint(Map.of("memory", "lots")));
    assertEquals("memory is too large: '99999999999G'", complaint(Map.of("memory", "99999999999G")));
    assertTrue(complaint(Map.of("memory", 4095)).startsWith("memory must be 1M to 256G in whole pages"));
    assertEquals("cpus must be 1 to 16, not 17", complaint(Map.of("cpus", 17)));
    assertEquals("cpus must be a whole number, not the number 1.5", complaint(Map.of("cpus", 1.5)));
    assertEquals("cpus must be a whole number, not 'two'", complaint(Map.of("cpus", "two")));
    assertTrue(complaint(Map.of("name", "../x")).startsWith("name '../x' must be"));
    assertTrue(complaint(Map.of("features", List.of("+warp"))).startsWith("features: no CPU feature is named 'warp'"));
    assertEquals("reset must be 'reboot' or 'stop', not 'never'", complaint(Map.of("reset", "never")));
    assertTrue(complaint(Map.of("boot", Map.of("kernal", "x")))
        .startsWith("boot has no property 'kernal'; did you mean 'kernel'?"));
    assertEquals("boot must be an object with named values, not the text 'x'", complaint(Map.of("boot", "x")));
    assertEquals("boot names nothing to start; give boot.kernel or boot.rom",
        complaint(Map.of("boot", Map.of("append", "x"))));
    assertEquals("devices must be a list, not the number 1", complaint(Map.of("devices", 1)));
    assertTrue(complaint(Map.of("devices", List.of(Map.of("name", "x")))).startsWith("a device needs a type"));
    assertEquals("two devices are named 'a'; give one of them another name", complaint(
        Map.of("devices", List.of(Map.of("type", "x", "name", "a"), Map.of("type", "y", "name", "a")))));
    assertTrue(
        complaint(Map.of("devices", List.of(Map.of("type", "x", "name", "lapic3")))).contains("interrupt controller"));
  }

  @Test
  void propertiesReplaceTheDefaults() throws Exception {
    Settings settings = DeviceConfiguration.of(new DeviceDescription("t", "d",
        Map.of("port", "0x3f8", "size", "4K", "on", "true", "numbers", List.of(1.0, "2"), "words",
            new String[]{"a", "b"})),
        DEFAULTS, Map.of("on", false));
    assertEquals(new Settings(0x3f8, 4096, true, "t", List.of(1, 2), List.of("a", "b")), settings);
  }

  @Test
  void theMachinesFactsStandWhereTheDescriptionSaysNothing() throws Exception {
    DeviceDescription silent = new DeviceDescription("t", "d", Map.of());
    assertEquals(77, DeviceConfiguration.of(silent, DEFAULTS, Map.of("size", 77L, "unknown", 1L)).size());
    DeviceDescription says = new DeviceDescription("t", "d", Map.of("size", 5));
    assertEquals(5, DeviceConfiguration.of(says, DEFAULTS, Map.of("size", 77L)).size());
  }

  @Test
  void propertiesThatDoNotFitAreNamed() {
    assertEquals("device 'd' (t): port must be a whole number, not true", refusal(Map.of("port", true)));
    assertEquals("device 'd' (t): port must be -2147483648 to 2147483647, not 4294967296",
        refusal(Map.of("port", 1L << 32)));
    assertEquals("device 'd' (t): on must be true or false, not the number 1", refusal(Map.of("on", 1)));
    assertEquals("device 'd' (t): numbers must be a list, not the text '1'", refusal(Map.of("numbers", "1")));
    assertEquals("device 'd' (t) has no property 'irq'. Allowed: numbers, on, port, size, text, words",
        refusal(Map.of("irq", 1)));
  }

  private static String refusal(Map<String, Object> properties) {
    return assertThrows(MachineException.class,
        () -> DeviceConfiguration.of(new DeviceDescription("t", "d", properties), DEFAULTS, Map.of())).getMessage();
  }

  @Test
  void distanceIsLevenshteins() {
    assertEquals(3, Suggestion.distance("kitten", "sitting"));
    assertEquals(0, Suggestion.distance("a", "a"));
    assertEquals(2, Suggestion.distance("", "ab"));
    assertEquals(". Allowed: b", Suggestion.of("quite different", Arrays.asList("b")));
  }
}
