package org.sallyport.machine.bus;

import java.util.List;
import java.util.function.BiConsumer;
import org.sallyport.api.device.PortIo;

/**
 * The 65536 I/O ports. Used under the device lock. An access that leaves a device's range is split, and each part goes
 * to whom it belongs; ports that nobody claims read all ones, and what is written there is lost.
 */
public final class PortBus {
  private static final Claim<PortIo> NOBODY = new Claim<>("", 1, 0, null);

  private RangeTable<PortIo> table = RangeTable.empty();
  private Claim<PortIo> recent = NOBODY;

  /** Replaces the whole table; see {@link RangeTable#of}. */
  public void claims(List<Claim<PortIo>> claims, BiConsumer<Claim<PortIo>, Claim<PortIo>> conflict) {
    table = RangeTable.of(claims, conflict);
    recent = NOBODY;
  }

  /** Name of the device at a port, or the empty string. */
  public String owner(int port) {
    Claim<PortIo> claim = table.find(port);
    return claim == null ? "" : claim.owner();
  }

  /**
   * @param size 1, 2 or 4
   * @return the value, zero-extended
   */
  public int read(int port, int size) {
    Claim<PortIo> claim = recent;
    if (port < claim.first() || port + size - 1 > claim.last()) {
      claim = table.find(port);
      if (claim == null || port + size - 1 > claim.last()) {
        return readSplit(port, size);
      }
      recent = claim;
    }
    return claim.target().readPort(port, size) & mask(size);
  }

  /**
   * @param size 1, 2 or 4
   */
  public void write(int port, int size, int value) {
    Claim<PortIo> claim = recent;
    if (port < claim.first() || port + size - 1 > claim.last()) {
      claim = table.find(port);
      if (claim == null || port + size - 1 > claim.last()) {
        writeSplit(port, size, value);
        return;
      }
      recent = claim;
    }
    claim.target().writePort(port, size, value & mask(size));
  }

  private int readSplit(int port, int size) {
    int value = 0;
    for (int done = 0; done < size;) {
      Claim<PortIo> claim = table.find(port + done);
      int part = part(claim, port + done, size - done);
      int read = claim == null ? -1 : claim.target().readPort(port + done, part);
      value |= (read & mask(part)) << (8 * done);
      done += part;
    }
    return value;
  }

  private void writeSplit(int port, int size, int value) {
    for (int done = 0; done < size;) {
      Claim<PortIo> claim = table.find(port + done);
      int part = part(claim, port + done, size - done);
      if (claim != null) {
        claim.target().writePort(port + done, part, (value >>> (8 * done)) & mask(part));
      }
      done += part;
    }
  }

  /** The largest access of 1, 2 or 4 bytes from here on that stays within a claim. */
  private static int part(Claim<PortIo> claim, int port, int rest) {
    if (claim == null) {
      return 1;
    }
    long room = Math.min(rest, claim.last() - port + 1);
    return room >= 4 ? 4 : room >= 2 ? 2 : 1;
  }

  private static int mask(int size) {
    return -1 >>> (32 - 8 * size);
  }
}
