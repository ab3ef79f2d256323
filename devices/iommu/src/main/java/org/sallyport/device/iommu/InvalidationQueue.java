package org.sallyport.device.iommu;

import org.sallyport.api.device.InvalidState;
import org.sallyport.api.memory.GuestMemory;

/**
 * Queued invalidation (chapter "Caching Translation Information", section "Queued Invalidation Interface"). Nothing is
 * cached, so that an invalidation is done as soon as it is read; what matters is that waits are answered, and in
 * order.
 */
final class InvalidationQueue {
  // @formatter:off
  private static final int DESCRIPTOR    = 16;
  private static final long ADDRESS      = ~0xfffL;
  private static final long SIZE         = 7;           // QS: 2^QS pages
  private static final long POINTER      = 0x7fff0;     // bits of head and tail

  private static final int CONTEXT_CACHE = 1;
  private static final int IOTLB         = 2;
  private static final int IRTE_CACHE    = 4;
  private static final int WAIT          = 5;
  private static final int TYPE          = 0xf;
  private static final long WAIT_IF      = 1 << 4;      // interrupt
  private static final long WAIT_SW      = 1 << 5;      // write the upper 32 bits to the address in the second quadword
  private static final long WAIT_RSVD    = 0xffff_ff80L;
  private static final long STATUS_RSVD  = 3;
  // @formatter:on

  private final GuestMemory memory;
  private final FaultLog faults;
  private final EventRegisters event;
  private boolean enabled;
  private long base;
  private long head;
  private long tail;
  /** ICS.IWC: a wait asked for an interrupt and was reached. */
  private boolean complete;

  /** Where it is: IQA, IQH, IQT, ICS. */
  record State(long base, long head, long tail, boolean complete) {
    void check() throws InvalidState {
      InvalidState.unless((base & ~(ADDRESS | SIZE)) == 0, "queue.base: reserved bits are set");
      InvalidState.unless((head & ~POINTER) == 0, "queue.head: reserved bits are set");
      InvalidState.unless((tail & ~POINTER) == 0, "queue.tail: reserved bits are set");
    }
  }

  InvalidationQueue(GuestMemory memory, FaultLog faults, EventRegisters event) {
    this.memory = memory;
    this.faults = faults;
    this.event = event;
  }

  void reset() {
    enabled = false;
    base = 0;
    head = 0;
    tail = 0;
    complete = false;
  }

  void enable(boolean on) {
    if (enabled && !on) {
      head = 0;
    }
    enabled = on;
    process();
  }

  long base() {
    return base;
  }

  void base(long value) {
    base = value & (ADDRESS | SIZE);
  }

  long head() {
    return head;
  }

  long tail() {
    return tail;
  }

  void tail(long value) {
    tail = value & POINTER;
    process();
  }

  boolean isComplete() {
    return complete;
  }

  void clearComplete() {
    complete = false;
    event.clear();
  }

  /** Goes on until head and tail are the same, or there is an error. */
  void process() {
    long bytes = 0x1000L << (base & SIZE);
    while (enabled && !faults.hasQueueError() && head != tail) {
      if (head >= bytes || tail >= bytes || !execute((base & ADDRESS) + head)) {
        faults.queueError();
        return;
      }
      head = (head + DESCRIPTOR) % bytes;
    }
  }

  /** Returns whether the descriptor makes sense. */
  private boolean execute(long at) {
    if (!memory.isMapped(at, DESCRIPTOR)) {
      return false;
    }
    long low = memory.read(at, 8);
    return switch ((int) low & TYPE) {
      case CONTEXT_CACHE, IOTLB, IRTE_CACHE -> true;
      case WAIT -> answer(low, memory.read(at + 8, 8));
      default -> false;
    };
  }

  private boolean answer(long low, long address) {
    if ((low & WAIT_RSVD) != 0 || (address & STATUS_RSVD) != 0) {
      return false;
    }
    if ((low & WAIT_SW) != 0) {
      memory.write(address, 4, low >>> 32);
    }
    if ((low & WAIT_IF) != 0 && !complete) {
      complete = true;
      event.raise();
    }
    return true;
  }

  State save() {
    return new State(base, head, tail, complete);
  }

  void restore(State state, boolean on) {
    base = state.base();
    head = state.head();
    tail = state.tail();
    complete = state.complete();
    enabled = on;
  }
}
