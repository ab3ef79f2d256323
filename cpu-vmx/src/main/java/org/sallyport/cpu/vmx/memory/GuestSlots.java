package org.sallyport.cpu.vmx.memory;

import java.util.Arrays;
import java.util.Comparator;
import org.sallyport.api.memory.MemorySlot;

/**
 * The memory slots of a cluster: for the outermost guest they are what extended page tables are on silicon, the map from guest-physical
 * to host memory. Replaced as a whole on change.
 */
public final class GuestSlots {
  /** One slot with what the processors note about its pages. */
  public static final class Slot {
    public final MemorySlot slot;
    final long first;
    final long end;
    public final long host;
    public final boolean readOnly;
    /** Per page: one bit for each processor that holds decoded code of it. Written under the lock, read by all. */
    final short[] code;

    Slot(MemorySlot slot) {
      this.slot = slot;
      first = slot.guestAddress();
      end = slot.end();
      host = slot.memory().address();
      readOnly = slot.readOnly();
      code = new short[(int) (slot.size() >>> 12)];
    }
  }

  private volatile Slot[] slots = {};

  public synchronized void map(MemorySlot added) {
    for (Slot s : slots) {
      if (added.guestAddress() < s.end && s.first < added.end()) {
        throw new IllegalArgumentException("memory slot " + added.name() + " overlaps " + s.slot.name());
      }
    }
    Slot[] more = Arrays.copyOf(slots, slots.length + 1);
    more[slots.length] = new Slot(added);
    Arrays.sort(more, Comparator.comparingLong(s -> s.first));
    slots = more;
  }

  public synchronized void unmap(MemorySlot gone) {
    slots = Arrays.stream(slots).filter(s -> s.slot != gone).toArray(Slot[]::new);
  }

  /** The slot that holds a guest-physical address, or null. */
  public Slot find(long physical) {
    for (Slot s : slots) {
      if (physical >= s.first && physical < s.end) {
        return s;
      }
    }
    return null;
  }

  /** Host address of a guest-physical address, or 0 where no slot is. */
  public long host(long physical) {
    Slot s = find(physical);
    return s == null ? 0 : s.host + (physical - s.first);
  }

  public boolean hasCode(Slot slot, long physical) {
    return slot.code[(int) (physical - slot.first >>> 12)] != 0;
  }

  /** Notes that processor {@code cpu} holds decoded code of a page (or does no longer). */
  public synchronized void markCode(Slot slot, long physical, int cpu, boolean code) {
    int page = (int) (physical - slot.first >>> 12);
    int bits = slot.code[page] & ~(1 << cpu) | (code ? 1 << cpu : 0);
    slot.code[page] = (short) bits;
  }

  /** Whether some processor holds decoded code of any page of this range. */
  public boolean anyCode(long physical, long length) {
    long end = physical + length;
    for (long p = physical; p < end; p = (p | 0xfff) + 1) {
      Slot s = find(p);
      if (s != null && hasCode(s, p)) {
        return true;
      }
    }
    return false;
  }

  /** The mapped slots. */
  public MemorySlot[] all() {
    return Arrays.stream(slots).map(s -> s.slot).toArray(MemorySlot[]::new);
  }
}
