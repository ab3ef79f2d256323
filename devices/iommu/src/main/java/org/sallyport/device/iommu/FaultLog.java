package org.sallyport.device.iommu;

import static org.sallyport.device.iommu.VtdRegisters.FAULTS;

import java.util.Arrays;
import org.sallyport.api.device.InvalidState;

/** Primary fault logging (chapter "Fault Reporting"): fault status, the recording registers, and the event. */
final class FaultLog {
  // @formatter:off
  // Fault status register
  static final int PFO           = 1;          // overflow
  static final int PPF           = 1 << 1;     // a record is there: read-only
  static final int IQE           = 1 << 4;     // invalidation queue error
  static final int STORED        = PFO | IQE;  // cleared by writing 1
  static final int FRI           = 8;          // the first record

  // Fault recording register, upper half
  static final long F            = 1L << 63;   // cleared by writing 1
  static final long T_READ       = 1L << 62;
  static final int REASON        = 32;

  // Fault reasons (appendix "Fault Reason Encodings")
  static final int ROOT_ABSENT        = 0x1;
  static final int CONTEXT_ABSENT     = 0x2;
  static final int CONTEXT_INVALID    = 0x3;
  static final int BEYOND_WIDTH       = 0x4;
  static final int WRITE_FORBIDDEN    = 0x5;
  static final int READ_FORBIDDEN     = 0x6;
  static final int TABLE_UNREACHABLE  = 0x7;
  static final int ROOT_UNREACHABLE   = 0x8;
  static final int CONTEXT_UNREACHABLE = 0x9;
  static final int ROOT_RESERVED      = 0xa;
  static final int CONTEXT_RESERVED   = 0xb;
  static final int TABLE_RESERVED     = 0xc;
  static final int REQUEST_RESERVED   = 0x20;
  static final int INDEX_BEYOND       = 0x21;
  static final int IRTE_ABSENT        = 0x22;
  static final int IRTE_UNREACHABLE   = 0x23;
  static final int IRTE_RESERVED      = 0x24;
  static final int COMPATIBILITY      = 0x25;
  static final int SOURCE             = 0x26;
  // @formatter:on

  private final EventRegisters event;
  private final long[] records = new long[2 * FAULTS];
  private int status;
  private int first;
  private int next;

  /**
   * What is logged: status bits, lower and upper halves of the records in turn, indices of the first and the next one.
   */
  record State(int status, long[] records, int first, int next) {
    void check() throws InvalidState {
      InvalidState.unless((status & ~STORED) == 0, "faults.status: only PFO and IQE are stored");
      InvalidState.unless(records.length == 2 * FAULTS, "faults.records: not " + FAULTS + " of them");
      InvalidState.unless(first >= 0 && first < FAULTS, "faults.first: " + first);
      InvalidState.unless(next >= 0 && next < FAULTS, "faults.next: " + next);
    }
  }

  FaultLog(EventRegisters event) {
    this.event = event;
  }

  void reset() {
    Arrays.fill(records, 0);
    status = 0;
    first = 0;
    next = 0;
  }

  /**
   * Records a fault. While the overflow is not cleared, or when the next register is not free, it is lost.
   *
   * @param info address or interrupt index, where the register has them
   */
  void record(int requester, int reason, long info, boolean read) {
    if ((status & PFO) != 0) {
      return;
    }
    boolean quiet = isQuiet();
    if (records[2 * next + 1] < 0) {
      status |= PFO;
    } else {
      if ((status() & PPF) == 0) {
        first = next;
      }
      records[2 * next] = info;
      records[2 * next + 1] = F | (read ? T_READ : 0) | (long) reason << REASON | requester;
      next = (next + 1) % FAULTS;
    }
    if (quiet) {
      event.raise();
    }
  }

  /** The queue cannot go on. */
  void queueError() {
    boolean quiet = isQuiet();
    status |= IQE;
    if (quiet) {
      event.raise();
    }
  }

  boolean hasQueueError() {
    return (status & IQE) != 0;
  }

  int status() {
    int result = status;
    for (int i = 1; i < records.length; i += 2) {
      if (records[i] < 0) {
        result |= PPF | first << FRI;
      }
    }
    return result;
  }

  void clearStatus(int bits) {
    status &= ~(bits & STORED);
    settle();
  }

  /**
   * @param word 0 to 3 for each record in turn
   */
  int read(int word) {
    return (int) (records[word >> 1] >>> 32 * (word & 1));
  }

  void write(int word, int value) {
    if ((word & 3) == 3 && value < 0) {
      records[word >> 1] &= ~F;
      settle();
    }
  }

  private void settle() {
    if (isQuiet()) {
      event.clear();
    }
  }

  private boolean isQuiet() {
    return (status() & (STORED | PPF)) == 0;
  }

  State save() {
    return new State(status, records.clone(), first, next);
  }

  void restore(State state) {
    status = state.status();
    System.arraycopy(state.records(), 0, records, 0, records.length);
    first = state.first();
    next = state.next();
  }
}
