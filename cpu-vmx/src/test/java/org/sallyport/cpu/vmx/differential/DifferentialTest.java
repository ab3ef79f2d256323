package org.sallyport.cpu.vmx.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random instructions in 16-, 32- and 64-bit code against the host's own processor. {@code -Dseed=N} repeats a run, {@code -Dseconds=N} sets how
 * long the long one takes; with {@code -Dtimes=N} it ends as soon as every form has been seen N times, and completed N times without an
 * exception where it can, and fails when the seconds do not suffice.
 */
class DifferentialTest {
  private static final double SHORT = 5;

  /** A build tries the same cases each time; new ones are for the long runs. */
  private static final long SEED = 1;

  @Test
  void agreesWithTheHost(@TempDir Path directory) throws Exception {
    run(directory, Long.getLong("seed", SEED), SHORT, 0);
  }

  @Tag("long")
  @Test
  void agreesWithTheHostForLong(@TempDir Path directory) throws Exception {
    long times = Long.getLong("times", 0);
    run(directory, Long.getLong("seed", System.nanoTime()),
        Double.parseDouble(System.getProperty("seconds", times > 0 ? "3600" : "120")), times);
  }

  private static void run(Path directory, long seed, double seconds, long times) throws InterruptedException {
    System.out.println("seed " + seed);
    try (Differential differential = new Differential(directory, seed, "")) {
      differential.run(seconds, times);
      System.out.println(differential.summary());
      if (seconds > SHORT) {
        differential.printCoverage(System.out, 5);
      }
      Map<String, String> failures = differential.failures();
      if (!failures.isEmpty()) {
        StringBuilder text = new StringBuilder("seed " + seed);
        failures.forEach((name, what) -> text.append('\n').append(name).append(':').append(what));
        Assumptions.assumeTrue(differential.isKnownHost(),
            () -> "HostDifferences does not know this host's processor yet: " + text);
        fail(text.toString());
      }
      assertEquals(List.of(), differential.coverage().unexpectedlyCompleted(), "privileged, but completed on both");
      assertTrue(times == 0 || differential.isEnough(times), () -> "not seen often enough: " + differential.summary());
    } catch (NativeCpu.Missing e) {
      Assumptions.abort(e.getMessage());
    }
  }
}
