package org.sallyport.api.memory;

import java.lang.foreign.MemorySegment;

/**
 * A piece of host memory that appears at a guest-physical address.
 *
 * @param name for people: {@code ram}, {@code bios}
 * @param guestAddress first guest-physical address, a multiple of 4096
 * @param memory native (off-heap) memory, aligned to 4096 bytes, a multiple of 4096 bytes long, that any thread may use
 *     and that stays valid while the slot is mapped
 * @param readOnly guest writes become memory exits
 */
public record MemorySlot(String name, long guestAddress, MemorySegment memory, boolean readOnly) {
  /** The unit of slots, in bytes. */
  public static final int PAGE = 4096;

  /**
   * @throws IllegalArgumentException when the memory is not native or not in whole pages
   */
  public MemorySlot {
    if (!memory.isNative() || ((guestAddress | memory.byteSize() | memory.address()) & (PAGE - 1)) != 0) {
      throw new IllegalArgumentException("a memory slot is native memory in whole pages");
    }
  }

  /** Size in bytes. */
  public long size() {
    return memory.byteSize();
  }

  /** First guest-physical address behind the slot. */
  public long end() {
    return guestAddress + memory.byteSize();
  }

  /** Whether a guest-physical address is in the slot. */
  public boolean contains(long address) {
    return address >= guestAddress && address < end();
  }
}
