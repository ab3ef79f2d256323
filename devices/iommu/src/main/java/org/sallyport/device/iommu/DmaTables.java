package org.sallyport.device.iommu;

import static org.sallyport.device.iommu.FaultLog.*;

import org.sallyport.api.device.Iommu;
import org.sallyport.api.memory.GuestMemory;

/**
 * DMA remapping by root, context and second-level tables (chapter "DMA Remapping", appendix "Translation Structure
 * Formats"). The tables are walked for every request; nothing is remembered, so that there is nothing to invalidate.
 */
final class DmaTables {
  // @formatter:off
  private static final long PRESENT         = 1;
  private static final long ADDRESS         = 0x000f_ffff_ffff_f000L;
  private static final long BEYOND_HOST     = 0x000f_0000_0000_0000L;  // address bits that hosts of 48 bits have not

  private static final long ROOT_RSVD_LOW   = 0xffeL | 0xfff0_0000_0000_0000L | BEYOND_HOST;

  private static final long FPD             = 1 << 1;       // context entry: faults are not recorded
  private static final int TT               = 2;            // 2 bits
  private static final int TT_TABLES        = 0;
  private static final int TT_PASS          = 2;
  private static final long CONTEXT_RSVD_LOW  = 0xff0L | 0xfff0_0000_0000_0000L | BEYOND_HOST;
  private static final long CONTEXT_RSVD_HIGH = ~0xff_ff7fL;
  private static final int AW_39            = 1;
  private static final int AW_48            = 2;

  private static final long READ            = 1;
  private static final long WRITE           = 1 << 1;
  private static final long LARGE           = 1 << 7;       // PS, at levels 2 and 3
  private static final long TABLE_RSVD      = BEYOND_HOST | 1L << 62; // TM, as there are no device TLBs
  // @formatter:on

  private final GuestMemory memory;
  private final FaultLog faults;
  /** The result of the last walk that went well. */
  private long found;

  DmaTables(GuestMemory memory, FaultLog faults) {
    this.memory = memory;
    this.faults = faults;
  }

  /**
   * @param root guest-physical address of the root table
   * @return where the request goes, or {@link Iommu#BLOCKED}
   */
  long translate(long root, int requester, long address, boolean write) {
    long rootEntry = root + 16 * (requester >> 8 & 0xff);
    if (!memory.isMapped(rootEntry, 16)) {
      return fault(requester, ROOT_UNREACHABLE, address, write);
    }
    long rootLow = memory.read(rootEntry, 8);
    if ((rootLow & PRESENT) == 0) {
      return fault(requester, ROOT_ABSENT, address, write);
    }
    if ((rootLow & ROOT_RSVD_LOW) != 0 || memory.read(rootEntry + 8, 8) != 0) {
      return fault(requester, ROOT_RESERVED, address, write);
    }
    long contextEntry = (rootLow & ADDRESS) + 16 * (requester & 0xff);
    if (!memory.isMapped(contextEntry, 16)) {
      return fault(requester, CONTEXT_UNREACHABLE, address, write);
    }
    long low = memory.read(contextEntry, 8);
    int reason = translateBy(low, memory.read(contextEntry + 8, 8), address, write);
    if (reason != 0) {
      return (low & FPD) != 0 ? Iommu.BLOCKED : fault(requester, reason, address, write);
    }
    return found;
  }

  /** Returns the reason of the fault, or 0. */
  private int translateBy(long low, long high, long address, boolean write) {
    if ((low & PRESENT) == 0) {
      return CONTEXT_ABSENT;
    }
    if ((low & CONTEXT_RSVD_LOW) != 0 || (high & CONTEXT_RSVD_HIGH) != 0) {
      return CONTEXT_RESERVED;
    }
    int type = (int) (low >>> TT) & 3;
    int width = (int) high & 7;
    if (width != AW_39 && width != AW_48 || type != TT_TABLES && type != TT_PASS) {
      return CONTEXT_INVALID;
    }
    if (address >>> (type == TT_PASS || width == AW_48 ? 48 : 39) != 0) {
      return BEYOND_WIDTH;
    }
    if (type == TT_PASS) {
      found = address;
      return 0;
    }
    return walk(low & ADDRESS, width + 2, address, write);
  }

  private int walk(long top, int levels, long address, boolean write) {
    long table = top;
    for (int level = levels;; level--) {
      int shift = 12 + 9 * (level - 1);
      long at = table + 8 * (address >>> shift & 0x1ff);
      if (!memory.isMapped(at, 8)) {
        return TABLE_UNREACHABLE;
      }
      long entry = memory.read(at, 8);
      if ((entry & (write ? WRITE : READ)) == 0) {
        return write ? WRITE_FORBIDDEN : READ_FORBIDDEN;
      }
      boolean leaf = level == 1 || (entry & LARGE) != 0;
      long offset = (1L << shift) - 1;
      if ((entry & TABLE_RSVD) != 0 || level == 4 && leaf || leaf && (entry & ADDRESS & offset) != 0) {
        return TABLE_RESERVED;
      }
      table = entry & ADDRESS;
      if (leaf) {
        found = table | address & offset;
        return 0;
      }
    }
  }

  private long fault(int requester, int reason, long address, boolean write) {
    faults.record(requester, reason, address & ~0xfffL, !write);
    return Iommu.BLOCKED;
  }
}
