package org.sallyport.tests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the distribution without one of its bundles: a line says what is missing, and nothing goes on running. */
@Timeout(120)
class AbsentBundleIT {
  private static final Path HOME = Path.of(System.getProperty("sallyport.home")).toAbsolutePath().normalize();

  @TempDir Path home;

  @ParameterizedTest
  @CsvSource({
      "org.sallyport.device.pit8254, device 'pit': no device type 'pit8254' is there",
      "org.sallyport.cpu.vmx, no CPU backend is there; install a bundle that has one",
      "org.sallyport.irqchip.lapic, no local APIC is there; install a bundle that has one",
      "org.sallyport.loaders, 'no bundle has the package org.sallyport.loaders.image, which org.sallyport.scripting needs'",
      "org.sallyport.scripting, 'no bundle has the service org.sallyport.api.script.ScriptRunner, which'",
      "org.sallyport.console, no bundle here runs scripts; org.sallyport.console does"})
  void isNamed(String absent, String message) throws IOException, InterruptedException {
    for (String name : List.of("lib", "conf", "etc", "console-scripts", "guests")) {
      Files.createSymbolicLink(home.resolve(name), HOME.resolve(name));
    }
    try (var files = Files.walk(HOME.resolve("bundles"), 2)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path level = Files.createDirectories(home.resolve("bundles").resolve(file.getParent().getFileName()));
        if (!file.getFileName().toString().startsWith(absent + "-")) {
          Files.createSymbolicLink(level.resolve(file.getFileName()), file);
        }
      }
    }
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC",
        "-Dsallyport.home=" + home, "-cp", home.resolve("lib") + "/*", "org.sallyport.launcher.Main", "run",
        home.resolve("console-scripts/hello.js").toString()).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes());
      assertTrue(process.waitFor(10, TimeUnit.SECONDS), "it ends");
      assertTrue(output.contains(message), output);
      assertEquals(1, output.lines().count(), output);
      assertEquals(1, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }
}
