package org.sallyport.api.device;

/**
 * A window of guest-physical memory.
 *
 * @param first first address
 * @param length bytes, at least 1
 */
public record MemoryRange(long first, long length) {
  public MemoryRange {
    if (first < 0 || length < 1 || first + length < 0) {
      throw new IllegalArgumentException(String.format("no memory window: 0x%x, %d bytes", first, length));
    }
  }

  /** The last address. */
  public long last() {
    return first + length - 1;
  }

  @Override
  public String toString() {
    return String.format("0x%x-0x%x", first, last());
  }
}
