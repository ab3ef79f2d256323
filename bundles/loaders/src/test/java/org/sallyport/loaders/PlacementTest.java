package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private final Placement placement = new Placement(Bench.pc(1, 16 * Bench.MIB));

  @Test
  void takesOnlyUsableAndFreeMemory() {
    assertTrue(placement.take(0x100000, 0x1000));
    assertFalse(placement.take(0x100fff, 1));
    assertFalse(placement.take(0xfffff, 2), "begins in the firmware's area");
    assertFalse(placement.take(16 * Bench.MIB - 1, 2), "ends behind the RAM");
    assertFalse(placement.take(0x9fc00, 1));
    assertTrue(placement.take(0x9fbff, 1));
  }

  @Test
  void findsTheHighestPlaceBelowALimitAndAroundWhatIsThere() {
    assertEquals(OptionalLong.of(0xff_f000), placement.takeHighest(Long.MAX_VALUE, 0xfff, 0x1000));
    assertEquals(OptionalLong.of(0xff_d000), placement.takeHighest(Long.MAX_VALUE, 0x1001, 0x1000));
    assertEquals(OptionalLong.of(0x9e000), placement.takeHighest(0x100000, 0x1000, 0x1000));
    assertEquals(OptionalLong.empty(), placement.takeHighest(0x100000, 0x100000, 1));
  }

  @Test
  void findsTheLowestPlace() {
    assertEquals(OptionalLong.of(0x1000), placement.takeLowest(0, 0x100000, 0x800, 0x1000));
    assertEquals(OptionalLong.of(0x2000), placement.takeLowest(0, 0x100000, 0x800, 0x1000));
    assertEquals(OptionalLong.of(0x100000), placement.takeLowest(0, 1L << 32, 0xa0000, 0x1000));
    assertEquals(OptionalLong.empty(), placement.takeLowest(0, 0x100000, 0xa0000, 1));
  }

  @Test
  void neverGivesTheSameByteTwice() {
    long seed = System.nanoTime();
    System.out.println("PlacementTest seed " + seed);
    Random random = new Random(seed);
    Placement subject = new Placement(Bench.pc(1, 2 * Bench.MIB));
    List<long[]> given = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      long length = 1 + random.nextInt(20_000);
      long alignment = 1L << random.nextInt(13);
      OptionalLong at = random.nextBoolean()
          ? subject.takeHighest(random.nextInt(2 * Bench.MIB), length, alignment)
          : subject.takeLowest(random.nextInt(2 * Bench.MIB), 2 * Bench.MIB, length, alignment);
      if (at.isPresent()) {
        long first = at.getAsLong();
        assertEquals(0, first % alignment);
        assertTrue(subject.isUsable(first, length));
        for (long[] other : given) {
          assertTrue(first + length <= other[0] || other[1] <= first);
        }
        given.add(new long[]{first, first + length});
      }
    }
    assertTrue(given.size() > 50, "only " + given.size() + " places were found");
  }
}
