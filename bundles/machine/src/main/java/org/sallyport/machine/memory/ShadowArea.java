package org.sallyport.machine.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;

/**
 * The area from 0xC0000 to 1 MiB of a PC with firmware: for each page, whether reads and whether writes go to the RAM
 * there. Reads that do not come from the end of the firmware's image, where that reaches so far down, or give all ones.
 * The host bridge decides; the registers by which a guest tells it are not known here.
 *
 * <p>A page that takes writes into RAM and does not read from it is no memory that a processor could be given: reads
 * are the image's slot or nobody's, and writes come here over the memory bus.
 */
final class ShadowArea implements MemoryIo {
  static final long FIRST = 0xc0000;
  static final long LENGTH = 0x40000;
  private static final long END = FIRST + LENGTH;
  private static final int PAGE = 4096;
  private static final int PAGES = (int) (LENGTH / PAGE);
  /** As much of the firmware's image as appears here at the most. */
  private static final long MOST = 128 << 10;

  private static final int RAM_READS = 1;
  private static final int RAM_WRITES = 2;

  /**
   * Guest-physical memory without a gap from one piece of host memory.
   *
   * @param first guest-physical address
   * @param offset where in {@code backing} it begins
   */
  record Run(long first, MemorySegment backing, long offset, long length, boolean readOnly) {
    MemorySegment memory() {
      return backing.asSlice(offset, length);
    }
  }

  private final MemorySegment ram;
  private final byte[] pages = new byte[PAGES];
  private MemorySegment image;

  /**
   * @param ram all of the RAM, from address 0 on
   */
  ShadowArea(MemorySegment ram) {
    this.ram = ram;
    Arrays.fill(pages, (byte) (RAM_READS | RAM_WRITES));
  }

  /** The firmware's image is here now, and nothing of the RAM. */
  synchronized void firmware(MemorySegment firmware) {
    image = firmware.asSlice(Math.max(firmware.byteSize() - MOST, 0));
    Arrays.fill(pages, (byte) 0);
  }

  /** Returns whether anything is different now. */
  synchronized boolean set(long first, long length, boolean ramReads, boolean ramWrites) {
    if (((first | length) & PAGE - 1) != 0 || first < FIRST || length < 0 || length > END - first) {
      throw new IllegalArgumentException(
          String.format("the shadow area has no pages at 0x%x, %d bytes", first, length));
    }
    if (image == null) {
      return false;
    }
    byte wanted = (byte) ((ramReads ? RAM_READS : 0) | (ramWrites ? RAM_WRITES : 0));
    boolean changed = false;
    for (int page = (int) (first - FIRST) / PAGE; page < (first - FIRST + length) / PAGE; page++) {
      changed |= pages[page] != wanted;
      pages[page] = wanted;
    }
    return changed;
  }

  /**
   * What is in the low memory, in order, in as few pieces as can be.
   *
   * @param ramEnd where the low RAM ends, 1 MiB or more
   */
  synchronized List<Run> runs(long ramEnd) {
    List<Run> runs = new ArrayList<>();
    Run open = new Run(0, ram, 0, FIRST, false);
    for (int page = 0; page < PAGES; page++) {
      open = join(runs, open, page(page));
    }
    open = join(runs, open, ramEnd == END ? null : new Run(END, ram, END, ramEnd - END, false));
    if (open != null) {
      runs.add(open);
    }
    return runs;
  }

  private Run page(int page) {
    long first = FIRST + (long) page * PAGE;
    if ((pages[page] & RAM_READS) != 0) {
      return new Run(first, ram, first, PAGE, (pages[page] & RAM_WRITES) == 0);
    }
    long offset = first - (END - image.byteSize());
    return offset < 0 ? null : new Run(first, image, offset, PAGE, true);
  }

  /** Makes one of two runs if they are one; otherwise the first is complete. Either may be null: nothing. */
  private static Run join(List<Run> runs, Run open, Run next) {
    if (open == null) {
      return next;
    }
    if (next != null && next.readOnly == open.readOnly && next.backing == open.backing) {
      return new Run(open.first, open.backing, open.offset, open.length + next.length, open.readOnly);
    }
    runs.add(open);
    return next;
  }

  // --- writes into RAM that is not there for reads ---

  @Override
  public synchronized List<MemoryRange> memoryRanges() {
    List<MemoryRange> ranges = new ArrayList<>();
    for (int page = 0; page < PAGES; page++) {
      if (pages[page] == RAM_WRITES) {
        ranges.add(new MemoryRange(FIRST + (long) page * PAGE, PAGE));
      }
    }
    return ranges;
  }

  @Override
  public long readMemory(long address, int size) {
    return -1;
  }

  @Override
  public void writeMemory(long address, int size, long value) {
    for (int i = 0; i < size; i++) {
      ram.set(ValueLayout.JAVA_BYTE, address + i, (byte) (value >>> 8 * i));
    }
  }
}
