package org.sallyport.api.device;

/**
 * Consecutive ports.
 *
 * @param first 0 to 0xFFFF
 * @param count how many, at least 1
 */
public record PortRange(int first, int count) {
  public PortRange {
    if (first < 0 || count < 1 || first + count > 0x10000) {
      throw new IllegalArgumentException(String.format("no port range: 0x%x, %d ports", first, count));
    }
  }

  /** The last port. */
  public int last() {
    return first + count - 1;
  }

  @Override
  public String toString() {
    return count == 1 ? String.format("0x%x", first) : String.format("0x%x-0x%x", first, last());
  }
}
