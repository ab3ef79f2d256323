package org.sallyport.device.bench;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;

/**
 * Ports and memory windows of some devices, asked anew for each access. An access that no range holds as a whole is
 * split into bytes; where nothing answers, reads give all ones and writes vanish.
 */
public final class BenchBus {
  private final List<Device> devices = new ArrayList<>();

  /** Puts a device on the bus. */
  public void plug(Device device) {
    devices.add(device);
  }

  /** Takes a device off the bus. */
  public void unplug(Device device) {
    devices.remove(device);
  }

  /** Reads a port; zero-extended. */
  public int in(int port, int size) {
    PortIo io = portIo(port, size);
    if (io != null) {
      return (int) mask(io.readPort(port, size), size);
    }
    if (size == 1) {
      return 0xff;
    }
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= in(port + i & 0xffff, 1) << (8 * i);
    }
    return value;
  }

  /** Writes a port. */
  public void out(int port, int size, int value) {
    PortIo io = portIo(port, size);
    if (io != null) {
      io.writePort(port, size, (int) mask(value, size));
    } else if (size > 1) {
      for (int i = 0; i < size; i++) {
        out(port + i & 0xffff, 1, value >>> (8 * i) & 0xff);
      }
    }
  }

  /** Reads a memory window; zero-extended. */
  public long read(long address, int size) {
    MemoryIo io = memoryIo(address, size);
    if (io != null) {
      return mask(io.readMemory(address, size), size);
    }
    if (size == 1) {
      return 0xff;
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= read(address + i, 1) << (8 * i);
    }
    return value;
  }

  /** Writes a memory window. */
  public void write(long address, int size, long value) {
    MemoryIo io = memoryIo(address, size);
    if (io != null) {
      io.writeMemory(address, size, mask(value, size));
    } else if (size > 1) {
      for (int i = 0; i < size; i++) {
        write(address + i, 1, value >>> (8 * i) & 0xff);
      }
    }
  }

  private PortIo portIo(int port, int size) {
    for (Device each : devices) {
      PortIo io = each.portIo().orElse(null);
      if (io != null) {
        for (PortRange range : io.portRanges()) {
          if (port >= range.first() && port + size - 1 <= range.last()) {
            return io;
          }
        }
      }
    }
    return null;
  }

  private MemoryIo memoryIo(long address, int size) {
    for (Device each : devices) {
      MemoryIo io = each.memoryIo().orElse(null);
      if (io != null) {
        for (MemoryRange range : io.memoryRanges()) {
          if (address >= range.first() && address + size - 1 <= range.last()) {
            return io;
          }
        }
      }
    }
    return null;
  }

  private static long mask(long value, int size) {
    return size == 8 ? value : value & (1L << (8 * size)) - 1;
  }
}
