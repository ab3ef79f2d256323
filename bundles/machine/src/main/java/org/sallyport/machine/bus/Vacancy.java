package org.sallyport.machine.bus;

import java.util.List;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;

/**
 * Answers for a device that was taken out: for a while a processor's access waits for the device's successor, after
 * that the slot is empty and reads all ones. To wait, the access throws this object; the processor lets go of the
 * device lock and tries again later.
 */
public final class Vacancy extends RuntimeException implements PortIo, MemoryIo {
  private static final long serialVersionUID = 1;

  private final transient List<PortRange> ports;
  private final transient List<MemoryRange> windows;
  private volatile long patienceEnds;

  /**
   * @param nanos how long to wait
   */
  public Vacancy(List<PortRange> ports, List<MemoryRange> windows, long nanos) {
    super("the device is being replaced", null, false, false);
    this.ports = ports;
    this.windows = windows;
    patienceEnds = System.nanoTime() + nanos;
  }

  /** Whether an access still waits. */
  public boolean isWaiting() {
    return patienceEnds - System.nanoTime() > 0;
  }

  /** Nobody waits any more. */
  public void giveUp() {
    patienceEnds = System.nanoTime();
  }

  @Override
  public List<PortRange> portRanges() {
    return ports;
  }

  @Override
  public int readPort(int port, int size) {
    await();
    return -1;
  }

  @Override
  public void writePort(int port, int size, int value) {
    await();
  }

  @Override
  public List<MemoryRange> memoryRanges() {
    return windows;
  }

  @Override
  public long readMemory(long address, int size) {
    await();
    return -1;
  }

  @Override
  public void writeMemory(long address, int size, long value) {
    await();
  }

  private void await() {
    if (isWaiting()) {
      throw this;
    }
  }
}
