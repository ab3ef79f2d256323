package org.sallyport.machine.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.api.memory.MemorySlot;

/**
 * The memory of a PC: RAM from 0 to at most 3 GiB, the rest from 4 GiB on, and perhaps firmware. The adapter area from
 * 0xA0000 to 1 MiB is RAM as well, so that tables can live there and text can be written where a graphics card has its
 * text; the memory map does not offer it to the guest's allocator. With firmware, what is between 0xC0000 and 1 MiB is
 * the {@link ShadowArea}'s matter.
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
  private final MemorySegment ram;
  private final ShadowArea shadow;
  private MemorySegment firmware;
  private volatile MemorySlot[] slots;
  private volatile WriteListener listener = NOBODY;
  private boolean closed;

  /**
   * @param ramSize bytes, a multiple of 4096
   */
  public PcMemory(long ramSize) {
    this.ramSize = ramSize;
    try {
      ram = HostMemory.allocate(ramSize, arena);
      shadow = new ShadowArea(ram);
      slots = layOut();
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

  /**
   * Puts firmware in, or the same firmware again: it ends at 4 GiB, and its last 128 KiB (all of it, if it is smaller)
   * end at 1 MiB, too, until {@link #shadow} has it that there is RAM.
   *
   * @param image its length is a multiple of 4096
   */
  public synchronized void firmware(byte[] image) {
    long address = FOUR_GIB - image.length;
    if (firmware == null) {
      firmware = HostMemory.allocate(image.length, arena);
    } else if (firmware.byteSize() != image.length) {
      throw new IllegalArgumentException("there is firmware of another size already");
    }
    MemorySegment.copy(image, 0, firmware, ValueLayout.JAVA_BYTE, 0, image.length);
    shadow.firmware(firmware);
    slots = layOut();
    listener.memoryWritten(address, image.length);
    listener.memoryWritten(ShadowArea.FIRST, ShadowArea.LENGTH);
  }

  /**
   * Says what is in part of the area from 0xC0000 to 1 MiB; without firmware that is RAM in any case.
   *
   * @param first a multiple of 4096
   * @param length a multiple of 4096
   * @param ramReads reads come from RAM, otherwise from the firmware
   * @param ramWrites writes go to RAM
   * @return whether anything is different now
   */
  public synchronized boolean shadow(long first, long length, boolean ramReads, boolean ramWrites) {
    if (!shadow.set(first, length, ramReads, ramWrites)) {
      return false;
    }
    slots = layOut();
    return true;
  }

  /** The shadow area's pages that no slot stands for as they are: RAM that takes writes and gives no reads. */
  public MemoryIo shadowWrites() {
    return shadow;
  }

  /** The slots anew; those that are as before stay the same objects. */
  private MemorySlot[] layOut() {
    List<MemorySlot> all = new ArrayList<>();
    long low = lowSize();
    if (firmware == null) {
      all.add(slot("ram", 0, ram.asSlice(0, low), false));
    } else {
      for (ShadowArea.Run run : shadow.runs(low)) {
        all.add(slot(run.readOnly() ? "bios-shadow" : "ram", run.first(), run.memory(), run.readOnly()));
      }
      all.add(slot("bios", FOUR_GIB - firmware.byteSize(), firmware, true));
    }
    if (ramSize > low) {
      all.add(slot("ram-high", FOUR_GIB, ram.asSlice(low), false));
    }
    return all.toArray(MemorySlot[]::new);
  }

  private MemorySlot slot(String name, long address, MemorySegment memory, boolean readOnly) {
    if (slots != null) {
      for (MemorySlot slot : slots) {
        if (slot.guestAddress() == address && slot.readOnly() == readOnly && slot.size() == memory.byteSize()
            && slot.memory().address() == memory.address()) {
          return slot;
        }
      }
    }
    return new MemorySlot(name, address, memory, readOnly);
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

  /** Whether there is ROM at an address: writes of the machine's own fill it, requests on its buses do not. */
  public boolean isReadOnly(long address) {
    MemorySlot slot = find(address);
    return slot != null && slot.readOnly();
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
