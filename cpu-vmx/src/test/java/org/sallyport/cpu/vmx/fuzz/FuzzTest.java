package org.sallyport.cpu.vmx.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Guests made of noise: see {@link Fuzzer}. {@code -Dseed=N} repeats a run, {@code -Dcases=N} sets how many the long one makes, {@code -Dcase=N}
 * picks one.
 */
class FuzzTest {
  private static final int SOME = 10_000;
  private static final long MANY = 1_000_000;
  private static final int PIECE = 50_000;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void everyGuestGetsItsException() {
    run(SOME);
  }

  @Tag("long")
  @Test
  @Timeout(value = 6, unit = TimeUnit.HOURS, threadMode = ThreadMode.SEPARATE_THREAD)
  void everyGuestOfManyGetsItsException() {
    run(Long.getLong("cases", MANY));
  }

  private static void run(long cases) {
    long seed = Long.getLong("seed", System.nanoTime());
    Long only = Long.getLong("case");
    System.out.println("seed " + seed);
    try (Fuzzer fuzzer = new Fuzzer(seed)) {
      if (only != null) {
        fuzzer.run(only, 1);
      } else {
        for (long i = 0; i < cases; i += PIECE) {
          fuzzer.run(i, Math.min(PIECE, cases - i));
          System.out.println(fuzzer.summary());
        }
      }
      fuzzer.open().forEach(text -> System.out.println("known: " + text));
      assertEquals(List.of(), fuzzer.failures(), "seed " + seed);
    }
  }
}
