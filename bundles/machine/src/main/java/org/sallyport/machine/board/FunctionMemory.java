package org.sallyport.machine.board;

import java.util.Arrays;
import java.util.List;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.api.memory.MemorySlot;

/**
 * Memory as a PCI function's requests reach it: through the machine's IOMMU, if there is one. A request is translated
 * page by page; where it is blocked, reads give all ones and writes vanish. Writes to ROM vanish as well.
 */
final class FunctionMemory implements GuestMemory {
  private static final int PAGE = 4096;
  /** The interrupt address range: a write there is a message, and it is read by nobody. */
  private static final long MESSAGES = 0xfee;
  private static final int MESSAGES_SHIFT = 20;

  private final Board board;
  private final int requester;

  FunctionMemory(Board board, int requester) {
    this.board = board;
    this.requester = requester;
  }

  @Override
  public long ramSize() {
    return board.guestMemory().ramSize();
  }

  @Override
  public List<MemorySlot> slots() {
    return board.iommu() == null ? board.guestMemory().slots() : List.of();
  }

  @Override
  public boolean isMapped(long address, long length) {
    Iommu iommu = board.iommu();
    if (iommu == null || length <= 0) {
      return board.guestMemory().isMapped(address, length);
    }
    for (long done = 0; done < length;) {
      int part = part(address + done, length - done);
      long physical = iommu.translate(requester, address + done, false);
      if (physical == Iommu.BLOCKED || !board.guestMemory().isMapped(physical, part)) {
        return false;
      }
      done += part;
    }
    return true;
  }

  @Override
  public long read(long address, int size) {
    if (part(address, size) == size) {
      long physical = target(address, false);
      return physical == Iommu.BLOCKED ? -1L >>> 64 - 8 * size : board.guestMemory().read(physical, size);
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= read(address + i, 1) << 8 * i;
    }
    return value;
  }

  @Override
  public void write(long address, int size, long value) {
    if (address >>> MESSAGES_SHIFT == MESSAGES) {
      if (size == 4 && (address & 3) == 0) {
        board.fabric().send(requester, address, (int) value);
      }
    } else if (part(address, size) == size) {
      long physical = target(address, true);
      if (takesWrites(physical)) {
        board.guestMemory().write(physical, size, value);
      }
    } else {
      for (int i = 0; i < size; i++) {
        write(address + i, 1, value >>> 8 * i);
      }
    }
  }

  @Override
  public void read(long address, byte[] into, int offset, int length) {
    for (int done = 0; done < length;) {
      int part = part(address + done, length - done);
      long physical = target(address + done, false);
      if (physical == Iommu.BLOCKED) {
        Arrays.fill(into, offset + done, offset + done + part, (byte) 0xff);
      } else {
        board.guestMemory().read(physical, into, offset + done, part);
      }
      done += part;
    }
  }

  @Override
  public void write(long address, byte[] from, int offset, int length) {
    if (address >>> MESSAGES_SHIFT == MESSAGES) {
      if (length == 4) {
        write(address, 4, from[offset] & 0xff | (from[offset + 1] & 0xff) << 8 | (from[offset + 2] & 0xff) << 16
            | from[offset + 3] << 24);
      }
      return;
    }
    for (int done = 0; done < length;) {
      int part = part(address + done, length - done);
      long physical = target(address + done, true);
      if (takesWrites(physical)) {
        board.guestMemory().write(physical, from, offset + done, part);
      }
      done += part;
    }
  }

  private long target(long address, boolean write) {
    if (address >>> MESSAGES_SHIFT == MESSAGES) {
      return Iommu.BLOCKED;
    }
    Iommu iommu = board.iommu();
    return iommu == null ? address : iommu.translate(requester, address, write);
  }

  /** ROM is whole pages, and no part of a request goes beyond its page. */
  private boolean takesWrites(long physical) {
    return physical != Iommu.BLOCKED && !board.guestMemory().isReadOnly(physical);
  }

  /** How much of a request is in its first page. */
  private static int part(long address, long length) {
    return (int) Math.min(length, PAGE - (address & PAGE - 1));
  }
}
