package org.sallyport.api.device;

import java.util.List;

/** The memory-mapped side of a device. */
public interface MemoryIo {
  /** The windows it answers; fixed unless the device says otherwise by {@link DeviceContext#rangesChanged()}. */
  List<MemoryRange> memoryRanges();

  /**
   * A read inside one of the windows.
   *
   * @param address guest-physical address
   * @param size 1 to 8 bytes
   */
  long readMemory(long address, int size);

  /** A write inside one of the windows; the value is zero-extended. */
  void writeMemory(long address, int size, long value);
}
