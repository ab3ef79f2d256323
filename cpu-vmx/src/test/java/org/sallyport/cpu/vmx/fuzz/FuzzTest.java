package org.sallyport.cpu.vmx.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Guests made of noise: see {@link Fuzzer}. {@code -Dseed=N} repeats a run, {@code -Dcases=N} sets how many the long one makes,
 * {@code -Dcase=N} picks one. The short one makes the same cases each time; those of the long one are others each time, and are kicked at
 * any time.
 */
class FuzzTest {
  private static final long SEED = 1;
  private static final int SOME = 10_000;
  private static final long MANY = 1_000_000;
  private static final int PIECE = 50_000;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void everyGuestGetsItsException() {
    run(Long.getLong("seed", SEED), SOME, true);
  }

  @Tag("long")
  @Test
  @Timeout(value = 6, unit = TimeUnit.HOURS, threadMode = ThreadMode.SEPARATE_THREAD)
  void everyGuestOfManyGetsItsException() {
    run(Long.getLong("seed", System.nanoTime()), Long.getLong("cases", MANY), false);
  }

  private static void run(long seed, long cases, boolean repeatable) {
    Long only = Long.getLong("case");
    System.out.println("seed " + seed);
    try (Fuzzer fuzzer = new Fuzzer(seed, repeatable)) {
      if (only != null) {
        fuzzer.run(only, 1);
      } else {
        for (long i = 0; i < cases; i += PIECE) {
          fuzzer.run(i, Math.min(PIECE, cases - i));
          System.out.println(fuzzer.summary());
        }
      }
      assertEquals(List.of(), fuzzer.failures(), "seed " + seed);
    }
  }
}
