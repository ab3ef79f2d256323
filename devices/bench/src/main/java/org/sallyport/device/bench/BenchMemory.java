package org.sallyport.device.bench;

import java.util.List;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.api.memory.MemorySlot;

/** RAM from address 0 on, for DMA. It has no slots. */
public final class BenchMemory implements GuestMemory {
  private final byte[] ram;

  BenchMemory(int size) {
    ram = new byte[size];
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
    return address >= 0 && length >= 0 && address <= ram.length - length;
  }

  @Override
  public long read(long address, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) load(address + i) << (8 * i);
    }
    return value;
  }

  @Override
  public void write(long address, int size, long value) {
    for (int i = 0; i < size; i++) {
      store(address + i, (byte) (value >>> (8 * i)));
    }
  }

  @Override
  public void read(long address, byte[] into, int offset, int length) {
    for (int i = 0; i < length; i++) {
      into[offset + i] = (byte) load(address + i);
    }
  }

  @Override
  public void write(long address, byte[] from, int offset, int length) {
    for (int i = 0; i < length; i++) {
      store(address + i, from[offset + i]);
    }
  }

  private int load(long address) {
    return isMapped(address, 1) ? ram[(int) address] & 0xff : 0xff;
  }

  private void store(long address, byte value) {
    if (isMapped(address, 1)) {
      ram[(int) address] = value;
    }
  }
}
