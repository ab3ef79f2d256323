package org.sallyport.cpu.vmx.memory;

import java.util.Arrays;

/**
 * What the present instruction has already accessed outside RAM. An instruction that leaves for the monitor is executed again from its
 * start; accesses that the monitor has served are answered from here instead of being repeated.
 */
public final class AccessLog {
  private long[] values = new long[8];
  private int count;
  private int position;

  /** Whether the next access has been served before. */
  public boolean replays() {
    return position < count;
  }

  /** The value of the next access (0 for a write). */
  public long next() {
    return values[position++];
  }

  /** The monitor has served the access that caused the last exit. */
  public void served(long value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  /** Whether the instruction is in the middle of being executed. */
  public boolean isActive() {
    return count > 0;
  }

  /** The instruction begins anew. */
  public void rewind() {
    position = 0;
  }

  /** The instruction (or one iteration of a repeated one) is complete. */
  public void clear() {
    count = 0;
    position = 0;
  }
}
