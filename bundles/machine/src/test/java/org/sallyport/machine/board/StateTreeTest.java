package org.sallyport.machine.board;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.InvalidState;

/** State that moves from one class loader's record to another's. */
class StateTreeTest {
  record Inner(int a, boolean b) {}

  enum Colour {
    RED,
    GREEN
  }

  record Old(int number, long large, String text, int[] array, List<Inner> list, Inner inner, Colour colour,
      List<Long> longs) {}

  /** As the next version of the bundle has it: other classes, same names. */
  static final class Next {
    record Inner(int a, boolean b) {
      Inner {
        if (a > 100) {
          throw new IllegalArgumentException("a must be at most 100");
        }
      }
    }

    enum Colour {
      GREEN,
      RED
    }

    record New(int number, long large, String text, int[] array, List<Inner> list, Inner inner, Colour colour,
        List<Long> longs) {}

    record Wider(int number, int more) {}

    record Other(String number) {}
  }

  private static Old old(int a) {
    return new Old(5, 1L << 40, "x", new int[]{1, 2}, List.of(new Inner(1, true)), new Inner(a, false), Colour.GREEN,
        List.of(7L));
  }

  @Test
  void recordsOfOtherClassesAreFilledByName() throws Exception {
    Next.New result = StateTree.to(Next.New.class, StateTree.of(old(9)));
    assertEquals(5, result.number());
    assertEquals(1L << 40, result.large());
    assertEquals("x", result.text());
    assertArrayEquals(new int[]{1, 2}, result.array());
    assertEquals(List.of(new Next.Inner(1, true)), result.list());
    assertEquals(new Next.Inner(9, false), result.inner());
    assertEquals(Next.Colour.GREEN, result.colour());
    assertEquals(List.of(7L), result.longs());
  }

  @Test
  void whatDoesNotFitIsRefusedWithItsName() {
    assertEquals("Wider.more was not saved",
        assertThrows(InvalidState.class, () -> StateTree.to(Next.Wider.class, Map.of("number", 1))).getMessage());
    assertEquals("Other.number is String and was saved as Integer",
        assertThrows(InvalidState.class, () -> StateTree.to(Next.Other.class, Map.of("number", 1))).getMessage());
    assertEquals("Other does not know all of what was saved: [number, z]", assertThrows(InvalidState.class,
        () -> StateTree.to(Next.Other.class, new java.util.TreeMap<>(Map.of("number", "1", "z", 2)))).getMessage());
    assertEquals("Inner: a must be at most 100",
        assertThrows(InvalidState.class, () -> StateTree.to(Next.New.class, StateTree.of(old(101)))).getMessage());
  }
}
