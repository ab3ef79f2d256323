package org.sallyport.loaders;

import java.util.Arrays;
import java.util.List;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.api.memory.MemorySlot;

/**
 * Guest memory in an array: RAM from address 0 on, all ones behind it. Filled with a pattern, so that nothing may count
 * on zeros.
 */
public final class ArrayMemory implements GuestMemory {
  private static final byte PATTERN = (byte) 0xa5;

  private final byte[] ram;

  public ArrayMemory(int size) {
    ram = new byte[size];
    Arrays.fill(ram, PATTERN);
  }

  @Override
  public long ramSize() {
    return ram.length;
  }

  @Override
  public List<MemorySlot> slots() {
    return List.of();
  }

  @Override
  public boolean isMapped(long address, long length) {
    return address >= 0 && address + length <= ram.length;
  }

  @Override
  public long read(long address, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | byteAt(address + i);
    }
    return value;
  }

  @Override
  public void write(long address, int size, long value) {
    for (int i = 0; i < size; i++) {
      put(address + i, (byte) (value >> 8 * i));
    }
  }

  @Override
  public void read(long address, byte[] into, int offset, int length) {
    for (int i = 0; i < length; i++) {
      into[offset + i] = (byte) byteAt(address + i);
    }
  }

  @Override
  public void write(long address, byte[] from, int offset, int length) {
    for (int i = 0; i < length; i++) {
      put(address + i, from[offset + i]);
    }
  }

  /** The string up to its NUL. */
  public String string(long address) {
    StringBuilder text = new StringBuilder();
    for (long at = address; read(at, 1) != 0; at++) {
      text.append((char) read(at, 1));
    }
    return text.toString();
  }

  private int byteAt(long address) {
    return address >= 0 && address < ram.length ? ram[(int) address] & 0xff : 0xff;
  }

  private void put(long address, byte value) {
    if (address >= 0 && address < ram.length) {
      ram[(int) address] = value;
    }
  }
}
