package org.sallyport.device.iommu;

import static org.sallyport.device.iommu.FaultLog.*;

import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.memory.GuestMemory;

/**
 * Interrupt remapping by the interrupt remapping table (chapter "Interrupt Remapping"). Nothing of it is remembered.
 */
final class InterruptTable {
  // @formatter:off
  // Address and data of a request in the remappable format
  private static final long FORMAT       = 1 << 4;
  private static final long SHV          = 1 << 3;      // the data has a subhandle
  private static final int HANDLE        = 5;           // bits 14:0; bit 15 is address bit 2
  private static final int DATA_RSVD     = 0xffff_0000; // with SHV

  // Interrupt remapping table entry, lower half
  private static final long PRESENT      = 1;
  private static final long FPD          = 1 << 1;
  private static final long LOGICAL      = 1 << 2;      // DM
  private static final long LEVEL        = 1 << 4;      // TM
  private static final int DELIVERY_MODE = 5;
  private static final int VECTOR        = 16;
  private static final int DESTINATION   = 32;
  private static final long RSVD_LOW     = 0xff00_f000L; // bit 15 (posted interrupts), too
  private static final long RSVD_XAPIC   = 0xffff_00ff_0000_0000L;
  // upper half
  private static final long RSVD_HIGH    = ~0xf_ffffL;
  private static final int SQ            = 16;
  private static final int SVT           = 18;
  private static final int[] SID_MASKS   = {0xffff, 0xfffb, 0xfff9, 0xfff8}; // by SQ: which bits count
  // @formatter:on

  private final GuestMemory memory;
  private final FaultLog faults;

  InterruptTable(GuestMemory memory, FaultLog faults) {
    this.memory = memory;
    this.faults = faults;
  }

  /**
   * @param table address of the table, with EIME and size as in IRTA
   * @param compatible whether requests in the compatibility format pass
   * @param verified whether the requester is the one that it says it is
   * @return the message, or null when the request is blocked
   */
  ApicMessage remap(long table, boolean compatible, int requester, boolean verified, long address, int data) {
    boolean extended = (table & VtdRegisters.EIME) != 0;
    if ((address & FORMAT) == 0) {
      if (compatible && !extended) {
        return ApicMessage.ofMsi(address, data);
      }
      return fault(requester, COMPATIBILITY, 0);
    }
    int index = (int) (address >>> HANDLE) & 0x7fff | (int) (address >>> 2 & 1) << 15;
    if ((address & SHV) != 0) {
      index += data & 0xffff;
      if ((data & DATA_RSVD) != 0) {
        return fault(requester, REQUEST_RESERVED, index);
      }
    }
    if (index >= 2 << (int) (table & 0xf)) {
      return fault(requester, INDEX_BEYOND, index);
    }
    long entry = (table & VtdRegisters.TABLE) + 16L * index;
    if (!memory.isMapped(entry, 16)) {
      return fault(requester, IRTE_UNREACHABLE, index);
    }
    long low = memory.read(entry, 8);
    long high = memory.read(entry + 8, 8);
    int reason = check(low, high, extended, requester, verified);
    if (reason != 0) {
      return (low & FPD) != 0 ? null : fault(requester, reason, index);
    }
    int wide = (int) (low >>> DESTINATION);
    int narrow = wide >>> 8 & 0xff;
    int destination = extended ? wide : narrow == 0xff ? ApicMessage.BROADCAST : narrow;
    return new ApicMessage(destination, (low & LOGICAL) != 0, mode(low), (int) (low >>> VECTOR) & 0xff,
        (low & LEVEL) != 0, true);
  }

  /** Returns the reason of the fault, or 0. */
  private static int check(long low, long high, boolean extended, int requester, boolean verified) {
    if ((low & PRESENT) == 0) {
      return IRTE_ABSENT;
    }
    DeliveryMode mode = mode(low);
    int type = (int) (high >>> SVT) & 3;
    if ((low & RSVD_LOW) != 0 || (high & RSVD_HIGH) != 0 || !extended && (low & RSVD_XAPIC) != 0
        || mode == DeliveryMode.RESERVED || mode == DeliveryMode.STARTUP || type == 3) {
      return IRTE_RESERVED;
    }
    return verified || isFrom(requester, type, (int) high) ? 0 : SOURCE;
  }

  /** By SVT: anybody, a requester that the entry names, or one on a bus of a range. */
  private static boolean isFrom(int requester, int type, int sid) {
    return switch (type) {
      case 0 -> true;
      case 1 -> ((requester ^ sid) & SID_MASKS[sid >>> SQ & 3]) == 0;
      default -> requester >> 8 >= (sid >>> 8 & 0xff) && requester >> 8 <= (sid & 0xff);
    };
  }

  private static DeliveryMode mode(long low) {
    return DeliveryMode.of((int) (low >>> DELIVERY_MODE));
  }

  private ApicMessage fault(int requester, int reason, long index) {
    faults.record(requester, reason, index << 48, false);
    return null;
  }
}
