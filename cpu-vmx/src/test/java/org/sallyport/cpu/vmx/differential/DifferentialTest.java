package org.sallyport.cpu.vmx.differential;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random instructions in 16-, 32- and 64-bit code against the host's own processor. {@code -Dseed=N} repeats a run, {@code -Dseconds=N} sets how
 * long the long one takes.
 */
class DifferentialTest {
  private static final double SHORT = 5;

  @Test
  void agreesWithTheHost(@TempDir Path directory) throws Exception {
    run(directory, SHORT);
  }

  @Tag("long")
  @Test
  void agreesWithTheHostForLong(@TempDir Path directory) throws Exception {
    run(directory, Double.parseDouble(System.getProperty("seconds", "120")));
  }

  private static void run(Path directory, double seconds) throws InterruptedException {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    try (Differential differential = new Differential(directory, seed, "")) {
      differential.run(seconds, 0);
      System.out.println(differential.summary());
      differential.printRarest(System.out);
      Map<String, String> failures = differential.failures();
      if (!failures.isEmpty()) {
        StringBuilder text = new StringBuilder("seed " + seed);
        failures.forEach((name, what) -> text.append('\n').append(name).append(':').append(what));
        Assumptions.assumeTrue(differential.isKnownHost(),
            () -> "HostDifferences does not know this host's processor yet: " + text);
        fail(text.toString());
      }
    } catch (NativeCpu.Missing e) {
      Assumptions.abort(e.getMessage());
    }
  }
}
