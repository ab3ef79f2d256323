package org.sallyport.machine.bus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;

/** Claims in order of address, without overlap. Immutable. */
final class RangeTable<T> {
  private final List<Claim<T>> sorted;

  private RangeTable(List<Claim<T>> sorted) {
    this.sorted = List.copyOf(sorted);
  }

  static <T> RangeTable<T> empty() {
    return new RangeTable<>(List.of());
  }

  /**
   * Makes a table. Where two claims overlap, the one that comes first in the list stays and the other one is left out.
   *
   * @param conflict hears of each claim that is left out (second), and because of whom (first)
   */
  static <T> RangeTable<T> of(List<Claim<T>> claims, BiConsumer<Claim<T>, Claim<T>> conflict) {
    List<Claim<T>> accepted = new ArrayList<>();
    for (Claim<T> claim : claims) {
      Claim<T> earlier = null;
      for (Claim<T> other : accepted) {
        if (other.overlaps(claim)) {
          earlier = other;
          break;
        }
      }
      if (earlier == null) {
        accepted.add(claim);
      } else {
        conflict.accept(earlier, claim);
      }
    }
    accepted.sort(Comparator.comparingLong(Claim::first));
    return new RangeTable<>(accepted);
  }

  /** The claim that has this address, or null. */
  Claim<T> find(long address) {
    int low = 0;
    int high = sorted.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Claim<T> claim = sorted.get(middle);
      if (address < claim.first()) {
        high = middle - 1;
      } else if (address > claim.last()) {
        low = middle + 1;
      } else {
        return claim;
      }
    }
    return null;
  }
}
