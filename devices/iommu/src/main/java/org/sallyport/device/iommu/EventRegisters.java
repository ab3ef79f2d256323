package org.sallyport.device.iommu;

import org.sallyport.api.device.InvalidState;
import org.sallyport.api.irq.MessageInterrupts;

/**
 * Four registers by which the unit interrupts on behalf of itself: control, data, address and upper address of the
 * fault event and, alike, of the invalidation event. Its messages are never remapped.
 */
final class EventRegisters {
  // @formatter:off
  static final int MASK    = 1 << 31;  // IM
  static final int PENDING = 1 << 30;  // IP, read-only
  static final int ADDRESS = ~3;
  // @formatter:on

  private final MessageInterrupts messages;
  private int control;
  private int data;
  private int address;
  private int upper;

  /** What they hold. */
  record State(int control, int data, int address, int upper) {
    void check(String name) throws InvalidState {
      InvalidState.unless((control & ~(MASK | PENDING)) == 0 && control != PENDING,
          name + ".control: only IM, and IP with it, can be set");
      InvalidState.unless((address & ~ADDRESS) == 0, name + ".address: no multiple of 4");
    }
  }

  EventRegisters(MessageInterrupts messages) {
    this.messages = messages;
    reset();
  }

  void reset() {
    control = MASK;
    data = 0;
    address = 0;
    upper = 0;
  }

  /** The condition arose. */
  void raise() {
    control |= PENDING;
    deliver();
  }

  /** Software has seen to the condition. */
  void clear() {
    control &= ~PENDING;
  }

  /**
   * @param register 0 to 3
   */
  int read(int register) {
    return switch (register) {
      case 0 -> control;
      case 1 -> data;
      case 2 -> address;
      default -> upper;
    };
  }

  void write(int register, int value) {
    switch (register) {
      case 0 -> {
        control = control & PENDING | value & MASK;
        deliver();
      }
      case 1 -> data = value;
      case 2 -> address = value & ADDRESS;
      default -> upper = value;
    }
  }

  private void deliver() {
    if (control == PENDING) {
      control = 0;
      messages.send((long) upper << 32 | Integer.toUnsignedLong(address), data);
    }
  }

  State save() {
    return new State(control, data, address, upper);
  }

  void restore(State state) {
    control = state.control();
    data = state.data();
    address = state.address();
    upper = state.upper();
  }
}
