package org.sallyport.loaders;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.Platform.MemoryRegion;

/**
 * Keeps account of what lies where in a guest's usable memory while it is loaded. Addresses are guest-physical, in
 * bytes.
 */
final class Placement {
  /** End of what real-mode addresses reach and the firmware leaves alone: base memory. */
  static final long BASE_MEMORY_END = 0xa0000;

  /** The interrupt vectors and the BIOS data area are below; nothing is put there by choice. */
  private static final long LOWEST = 0x1000;

  private record Range(long first, long end) {
    boolean overlaps(long otherFirst, long otherEnd) {
      return first < otherEnd && otherFirst < end;
    }
  }

  private final List<Range> usable = new ArrayList<>();
  private final List<Range> taken = new ArrayList<>();

  Placement(Platform platform) {
    platform.memoryMap().stream().filter(region -> region.type() == MemoryRegion.USABLE)
        .sorted(Comparator.comparingLong(MemoryRegion::first)).forEach(this::addUsable);
  }

  private void addUsable(MemoryRegion region) {
    Range range = new Range(region.first(), region.first() + region.length());
    if (!usable.isEmpty() && usable.getLast().end == range.first) {
      range = new Range(usable.removeLast().first, range.end);
    }
    usable.add(range);
  }

  /** Whether all of a range is usable RAM. */
  boolean isUsable(long address, long length) {
    return length >= 0 && usable.stream()
        .anyMatch(range -> range.first <= address && address <= range.end && length <= range.end - address);
  }

  /** First address behind the usable RAM that an address is in, or 0 when it is in none. */
  long endOfUsable(long address) {
    return usable.stream().filter(range -> range.first <= address && address < range.end).mapToLong(Range::end)
        .findFirst().orElse(0);
  }

  /**
   * Takes a range for something whose place is fixed.
   *
   * @return false when it is not usable RAM or something is there already; nothing is taken then
   */
  boolean take(long address, long length) {
    if (!isUsable(address, length) || isTaken(address, length)) {
      return false;
    }
    taken.add(new Range(address, address + length));
    return true;
  }

  boolean isTaken(long address, long length) {
    return taken.stream().anyMatch(range -> range.overlaps(address, address + length));
  }

  /**
   * Takes the highest free place.
   *
   * @param limit the place ends at or below this address
   * @param alignment a power of two
   */
  OptionalLong takeHighest(long limit, long length, long alignment) {
    for (Range range : usable.reversed()) {
      long address = Math.min(range.end, limit) - length & -alignment;
      while (address >= Math.max(range.first, LOWEST)) {
        if (take(address, length)) {
          return OptionalLong.of(address);
        }
        address = lowestTakenIn(address, length) - length & -alignment;
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Takes the lowest free place.
   *
   * @param from the place begins at or above this address
   * @param limit the place ends at or below this address
   * @param alignment a power of two
   */
  OptionalLong takeLowest(long from, long limit, long length, long alignment) {
    for (Range range : usable) {
      long address = alignUp(Math.max(Math.max(range.first, from), LOWEST), alignment);
      while (address + length <= Math.min(range.end, limit)) {
        if (take(address, length)) {
          return OptionalLong.of(address);
        }
        address = alignUp(highestTakenIn(address, length), alignment);
      }
    }
    return OptionalLong.empty();
  }

  static long alignUp(long address, long alignment) {
    return address + alignment - 1 & -alignment;
  }

  private long lowestTakenIn(long address, long length) {
    return taken.stream().filter(range -> range.overlaps(address, address + length)).mapToLong(Range::first).min()
        .orElseThrow();
  }

  private long highestTakenIn(long address, long length) {
    return taken.stream().filter(range -> range.overlaps(address, address + length)).mapToLong(Range::end).max()
        .orElseThrow();
  }
}
