package org.sallyport.api.cpu;

import org.sallyport.api.memory.MemorySlot;

/**
 * The processors of one machine and their common view of guest-physical memory.
 *
 * <p>Slots may change only while no processor is inside {@link VirtualCpu#run}. An access to an address that no slot
 * maps, or a write to a read-only slot, is a memory exit.
 */
public interface CpuCluster extends AutoCloseable {
  /** The processor with this index, from 0. The same object each time. */
  VirtualCpu cpu(int index);

  /** Maps a slot; it must not overlap another one. */
  void map(MemorySlot slot);

  /** Removes a slot that was mapped. */
  void unmap(MemorySlot slot);

  /**
   * Says that somebody other than a virtual CPU wrote to guest memory (a device's DMA, a debugger), so that cached code
   * is thrown away. May be called from any thread, also while processors run.
   *
   * @param guestAddress first byte written
   * @param length number of bytes, 0 or more
   */
  void memoryWritten(long guestAddress, long length);

  /** Frees everything. No processor may be inside {@link VirtualCpu#run}; a second call does nothing. */
  @Override
  void close();
}
