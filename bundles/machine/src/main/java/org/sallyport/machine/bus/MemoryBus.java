package org.sallyport.machine.bus;

import java.util.List;
import java.util.function.BiConsumer;
import org.sallyport.api.device.MemoryIo;

/**
 * The memory windows of devices. Used under the device lock. An access that leaves a window is split; what nobody
 * claims reads all ones, and what is written there is lost.
 */
public final class MemoryBus {
  private static final Claim<MemoryIo> NOBODY = new Claim<>("", 1, 0, null);

  private RangeTable<MemoryIo> table = RangeTable.empty();
  private Claim<MemoryIo> recent = NOBODY;

  /** Replaces the whole table; see {@link RangeTable#of}. */
  public void claims(List<Claim<MemoryIo>> claims, BiConsumer<Claim<MemoryIo>, Claim<MemoryIo>> conflict) {
    table = RangeTable.of(claims, conflict);
    recent = NOBODY;
  }

  /** Name of the device at an address, or the empty string. */
  public String owner(long address) {
    Claim<MemoryIo> claim = table.find(address);
    return claim == null ? "" : claim.owner();
  }

  /**
   * @param size 1 to 8
   * @return the value, zero-extended
   */
  public long read(long address, int size) {
    Claim<MemoryIo> claim = find(address, size);
    return claim == null ? readSplit(address, size) : claim.target().readMemory(address, size) & mask(size);
  }

  /**
   * @param size 1 to 8
   */
  public void write(long address, int size, long value) {
    Claim<MemoryIo> claim = find(address, size);
    if (claim == null) {
      writeSplit(address, size, value);
    } else {
      claim.target().writeMemory(address, size, value & mask(size));
    }
  }

  /** The claim that has all of an access, or null. */
  private Claim<MemoryIo> find(long address, int size) {
    Claim<MemoryIo> claim = recent;
    if (address >= claim.first() && address + size - 1 <= claim.last()) {
      return claim;
    }
    claim = table.find(address);
    if (claim == null || address + size - 1 > claim.last()) {
      return null;
    }
    recent = claim;
    return claim;
  }

  private long readSplit(long address, int size) {
    long value = 0;
    for (int done = 0; done < size;) {
      Claim<MemoryIo> claim = table.find(address + done);
      int part = part(claim, address + done, size - done);
      long read = claim == null ? -1 : claim.target().readMemory(address + done, part);
      value |= (read & mask(part)) << (8 * done);
      done += part;
    }
    return value;
  }

  private void writeSplit(long address, int size, long value) {
    for (int done = 0; done < size;) {
      Claim<MemoryIo> claim = table.find(address + done);
      int part = part(claim, address + done, size - done);
      if (claim != null) {
        claim.target().writeMemory(address + done, part, (value >>> (8 * done)) & mask(part));
      }
      done += part;
    }
  }

  private static int part(Claim<MemoryIo> claim, long address, int rest) {
    return claim == null ? 1 : (int) Math.min(rest, claim.last() - address + 1);
  }

  private static long mask(int size) {
    return -1L >>> (64 - 8 * size);
  }
}
