package org.sallyport.machine.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.api.memory.MemorySlot;

/**
 * The memory of a PC: RAM from 0 to at most 3 GiB, the rest from 4 GiB on, ROMs where they were put. The adapter area
 * from 0xA0000 to 1 MiB is RAM as well, so that tables and firmware can live there; the memory map does not offer it to
 * the guest's allocator.
 */
public final class PcMemory implements GuestMemory, AutoCloseable {
  /** End of the low RAM at the most: what follows up to 4 GiB is for devices. */
  public static final long LOW_TOP = 0xc0000000L;

  public static final long FOUR_GIB = 0x1_0000_0000L;

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Hears of every write, so that cached guest code is thrown away. */
  @FunctionalInterface
  public interface WriteListener {
    void memoryWritten(long address, long length);
  }

  private static final WriteListener NOBODY = (address, length) -> {};

  private final long ramSize;
  private final Arena arena = Arena.ofShared();
  private volatile MemorySlot[] slots;
  private volatile WriteListener listener = NOBODY;
  private boolean closed;

  /**
   * @param ramSize bytes, a multiple of 4096
   */
  public PcMemory(long ramSize) {
    this.ramSize = ramSize;
    try {
      MemorySegment ram = HostMemory.allocate(ramSize, arena);
      long low = lowSize();
      slots = ramSize == low
          ? new MemorySlot[]{new MemorySlot("ram", 0, ram, false)}
          : new MemorySlot[]{new MemorySlot("ram", 0, ram.asSlice(0, low), false),
              new MemorySlot("ram-high", FOUR_GIB, ram.asSlice(low), false)};
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** Bytes of RAM below {@link #LOW_TOP}. */
  public long lowSize() {
    return Math.min(ramSize, LOW_TOP);
  }

  /** Who hears of writes from now on; null for nobody. */
  public void onWrite(WriteListener newListener) {
    listener = newListener == null ? NOBODY : newListener;
  }

  /** Adds a ROM with these bytes, or fills it again when it is there already. Its length is a multiple of 4096. */
  public synchronized void rom(String name, long address, byte[] image) {
    for (MemorySlot slot : slots) {
      if (slot.name().equals(name) && slot.guestAddress() == address && slot.size() == image.length) {
        write(address, image);
        return;
      }
    }
    MemorySegment memory = HostMemory.allocate(image.length, arena);
    MemorySegment.copy(image, 0, memory, ValueLayout.JAVA_BYTE, 0, image.length);
    List<MemorySlot> all = new ArrayList<>(List.of(slots));
    all.add(new MemorySlot(name, address, memory, true));
    all.sort(Comparator.comparingLong(MemorySlot::guestAddress));
    slots = all.toArray(MemorySlot[]::new);
  }

  @Override
  public long ramSize() {
    return ramSize;
  }

  @Override
  public List<MemorySlot> slots() {
    return List.of(slots);
  }

  @Override
  public boolean isMapped(long address, long length) {
    long at = address;
    long end = address + length;
    while (at < end) {
      MemorySlot slot = find(at);
      if (slot == null) {
        return false;
      }
      at = slot.end();
    }
    return true;
  }

  @Override
  public long read(long address, int size) {
    MemorySlot slot = find(address);
    if (slot == null || slot.end() - address < size) {
      return readBytewise(address, size);
    }
    long offset = address - slot.guestAddress();
    MemorySegment memory = slot.memory();
    return switch (size) {
      case 1 -> memory.get(ValueLayout.JAVA_BYTE, offset) & 0xffL;
      case 2 -> memory.get(SHORT, offset) & 0xffffL;
      case 4 -> memory.get(INT, offset) & 0xffffffffL;
      case 8 -> memory.get(LONG, offset);
      default -> throw badSize(size);
    };
  }

  @Override
  public void write(long address, int size, long value) {
    MemorySlot slot = find(address);
    if (slot == null || slot.end() - address < size) {
      writeBytewise(address, size, value);
      return;
    }
    long offset = address - slot.guestAddress();
    MemorySegment memory = slot.memory();
    switch (size) {
      case 1 -> memory.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
      case 2 -> memory.set(SHORT, offset, (short) value);
      case 4 -> memory.set(INT, offset, (int) value);
      case 8 -> memory.set(LONG, offset, value);
      default -> throw badSize(size);
    }
    listener.memoryWritten(address, size);
  }

  @Override
  public void read(long address, byte[] into, int offset, int length) {
    int done = 0;
    while (done < length) {
      MemorySlot slot = find(address + done);
      if (slot == null) {
        into[offset + done++] = (byte) 0xff;
        continue;
      }
      int count = (int) Math.min(length - done, slot.end() - (address + done));
      MemorySegment.copy(slot.memory(), ValueLayout.JAVA_BYTE, address + done - slot.guestAddress(), into,
          offset + done, count);
      done += count;
    }
  }

  @Override
  public void write(long address, byte[] from, int offset, int length) {
    int done = 0;
    while (done < length) {
      long at = address + done;
      MemorySlot slot = find(at);
      if (slot == null) {
        done++;
        continue;
      }
      int count = (int) Math.min(length - done, slot.end() - at);
      MemorySegment.copy(from, offset + done, slot.memory(), ValueLayout.JAVA_BYTE, at - slot.guestAddress(), count);
      listener.memoryWritten(at, count);
      done += count;
    }
  }

  /** Gives the memory back; every later access throws {@link IllegalStateException}. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      listener = NOBODY;
      arena.close();
    }
  }

  private MemorySlot find(long address) {
    for (MemorySlot slot : slots) {
      if (slot.contains(address)) {
        return slot;
      }
    }
    return null;
  }

  private long readBytewise(long address, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      MemorySlot slot = find(address + i);
      long octet =
          slot == null ? 0xff : slot.memory().get(ValueLayout.JAVA_BYTE, address + i - slot.guestAddress()) & 0xffL;
      value |= octet << (8 * i);
    }
    return value;
  }

  private void writeBytewise(long address, int size, long value) {
    for (int i = 0; i < size; i++) {
      MemorySlot slot = find(address + i);
      if (slot != null) {
        slot.memory().set(ValueLayout.JAVA_BYTE, address + i - slot.guestAddress(), (byte) (value >>> (8 * i)));
        listener.memoryWritten(address + i, 1);
      }
    }
  }

  private static IllegalArgumentException badSize(int size) {
    return new IllegalArgumentException("memory is read and written in 1, 2, 4 or 8 bytes, not " + size);
  }
}
