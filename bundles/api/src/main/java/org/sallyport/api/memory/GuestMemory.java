package org.sallyport.api.memory;

import java.util.List;

/**
 * Guest-physical memory as a device's DMA, a loader or a debugger sees it: RAM and ROM only, little-endian, any
 * alignment. Reads where nothing is mapped give all ones, writes there vanish, as on a bus. ROM can be written here
 * (that is how it is filled). May be used from any thread; accesses up to 8 bytes that are naturally aligned are
 * atomic. Writes reach cached guest code at once.
 */
public interface GuestMemory {
  /** Size of the RAM in bytes. */
  long ramSize();

  /** The mapped slots in order of address. */
  List<MemorySlot> slots();

  /** Whether all of a range is mapped. */
  boolean isMapped(long address, long length);

  /** Reads 1, 2, 4 or 8 bytes, zero-extended. */
  long read(long address, int size);

  /** Writes the low 1, 2, 4 or 8 bytes of a value. */
  void write(long address, int size, long value);

  /**
   * Reads {@code length} bytes into a part of an array.
   *
   * @throws IndexOutOfBoundsException when the array has no such part
   */
  void read(long address, byte[] into, int offset, int length);

  /**
   * Writes {@code length} bytes out of a part of an array.
   *
   * @throws IndexOutOfBoundsException when the array has no such part
   */
  void write(long address, byte[] from, int offset, int length);

  /** Reads bytes into an array of their own. */
  default byte[] bytes(long address, int length) {
    byte[] result = new byte[length];
    read(address, result, 0, length);
    return result;
  }

  /** Writes a whole array. */
  default void write(long address, byte[] bytes) {
    write(address, bytes, 0, bytes.length);
  }
}
