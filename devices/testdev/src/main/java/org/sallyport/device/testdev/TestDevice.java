package org.sallyport.device.testdev;

import static org.sallyport.device.testdev.TestDeviceRegisters.*;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;

/**
 * The device that the programs of kvm-unit-tests find in a PC (QEMU calls it {@code pc-testdev}).
 *
 * <p>A write to the flush port makes a monitor that maps guest pages lazily forget a page, so that the next access
 * finds it absent. What such a write must not do is change the page; here no mapping is made behind the guest's back,
 * so that there is nothing to forget.
 */
public final class TestDevice implements Device, PortIo, MemoryIo, Persistent<TestDeviceState> {
  private static final List<PortRange> PORTS =
      List.of(new PortRange(LATCH, LATCH_PORTS), new PortRange(FLUSH, FLUSH_PORTS), new PortRange(BYTE, 1),
          new PortRange(LINES, LINE_COUNT));
  private static final List<MemoryRange> WINDOWS = List.of(new MemoryRange(MEMORY, MEMORY_BYTES));

  private final IrqLine[] lines = new IrqLine[LINE_COUNT];
  private final byte[] memory = new byte[MEMORY_BYTES];
  private int latch;
  private int levels;

  public TestDevice(DeviceContext context) {
    Arrays.setAll(lines, line -> line == CASCADE ? null : context.irq(line));
  }

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public Optional<MemoryIo> memoryIo() {
    return Optional.of(this);
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return PORTS;
  }

  @Override
  public List<MemoryRange> memoryRanges() {
    return WINDOWS;
  }

  /** The memory keeps what it holds when the reset line is pulsed, as RAM does. */
  @Override
  public void reset(ResetKind kind) {
    latch = 0;
    drive(0);
    if (kind == ResetKind.POWER_ON) {
      Arrays.fill(memory, (byte) 0);
    }
  }

  @Override
  public int readPort(int port, int size) {
    if (port >= LINES || port >= FLUSH && port < FLUSH + FLUSH_PORTS) {
      return -1; // for writing only
    }
    return latch >>> shift(port);
  }

  @Override
  public void writePort(int port, int size, int value) {
    if (port >= LINES) {
      int now = levels;
      for (int i = 0; i < size; i++) {
        int line = 1 << (port - LINES + i);
        now = (value >>> (8 * i) & 0xff) != 0 ? now | line : now & ~line;
      }
      drive(now);
    } else if (port < FLUSH || port >= BYTE) {
      int mask = -1 >>> (32 - 8 * size) << shift(port);
      latch = latch & ~mask | value << shift(port) & mask;
    }
  }

  private static int shift(int port) {
    return 8 * (port & 3);
  }

  @Override
  public long readMemory(long address, int size) {
    int at = (int) (address - MEMORY);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (memory[at + i] & 0xffL) << (8 * i);
    }
    return value;
  }

  @Override
  public void writeMemory(long address, int size, long value) {
    int at = (int) (address - MEMORY);
    for (int i = 0; i < size; i++) {
      memory[at + i] = (byte) (value >>> (8 * i));
    }
  }

  private void drive(int wanted) {
    int changes = (levels ^ wanted) & ALL_LINES;
    levels = wanted & ALL_LINES;
    for (int i = 0; changes != 0; i++, changes >>>= 1) {
      if ((changes & 1) != 0) {
        lines[i].set((wanted & 1 << i) != 0);
      }
    }
  }

  @Override
  public Class<TestDeviceState> type() {
    return TestDeviceState.class;
  }

  @Override
  public TestDeviceState save() {
    return new TestDeviceState(latch, levels, memory.clone());
  }

  @Override
  public void restore(TestDeviceState state) throws InvalidState {
    state.check();
    latch = state.latch();
    System.arraycopy(state.memory(), 0, memory, 0, MEMORY_BYTES);
    levels = state.lines();
    for (int i = 0; i < LINE_COUNT; i++) {
      if (i != CASCADE) { // the others without exception: they may have kept the levels of a predecessor
        lines[i].set((levels & 1 << i) != 0);
      }
    }
  }
}
