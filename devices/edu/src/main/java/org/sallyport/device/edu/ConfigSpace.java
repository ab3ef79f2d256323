package org.sallyport.device.edu;

import org.sallyport.api.device.InvalidState;

/**
 * The card's configuration space (PCI Local Bus Specification 3.0, chapter 6): a type 0 header with one range of
 * memory and one interrupt pin, and the capability for messages with addresses of 64 bits (section 6.8.1).
 */
final class ConfigSpace {
  // @formatter:off
  private static final int VENDOR_AND_DEVICE = 0x00;
  private static final int COMMAND           = 0x04;       // and status in the upper half
  private static final int CLASS             = 0x08;       // and revision in the lowest byte
  private static final int BAR0              = 0x10;
  private static final int SUBSYSTEM         = 0x2c;
  private static final int CAPABILITIES      = 0x34;
  private static final int INTERRUPT         = 0x3c;       // line 7:0, pin 15:8
  private static final int MSI               = 0x40;       // identifier, next, control in the upper half
  private static final int MSI_ADDRESS       = 0x44;
  private static final int MSI_UPPER         = 0x48;
  private static final int MSI_DATA          = 0x4c;

  private static final int ID                = 0x11e8_1234;
  private static final int CLASS_OTHER       = 0x00ff_0010; // class 0, subclass FFh: none; revision 10h
  private static final int SUBSYSTEM_ID      = 0x1100_1af4;

  private static final int MEMORY_SPACE      = 1 << 1;
  private static final int BUS_MASTER        = 1 << 2;
  private static final int NO_INTX           = 1 << 10;
  private static final int COMMAND_BITS      = MEMORY_SPACE | BUS_MASTER | NO_INTX;
  private static final int INTX_STATUS       = 1 << 3 + 16;
  private static final int HAS_CAPABILITIES  = 1 << 4 + 16;

  private static final int INTA              = 1 << 8;
  private static final int MSI_CAPABILITY    = 0x0080_0005; // 64-bit addresses, one message
  private static final int MSI_ENABLE        = 1 << 16;
  private static final int BAR_BITS          = -EduRegisters.WINDOW;
  // @formatter:on

  private int command;
  private int bar;
  private int line;
  private int msiControl;
  private int msiAddress;
  private int msiUpper;
  private int msiData;

  /** What of it can be written. */
  record State(int command, int bar, int line, int msiControl, int msiAddress, int msiUpper, int msiData) {
    void check() throws InvalidState {
      InvalidState.unless((command & ~COMMAND_BITS) == 0, "config.command: reserved bits are set");
      InvalidState.unless((bar & ~BAR_BITS) == 0, "config.bar: no multiple of the window's size");
      InvalidState.unless((line & ~0xff) == 0, "config.line: no byte");
      InvalidState.unless((msiControl & ~MSI_ENABLE) == 0, "config.msiControl: reserved bits are set");
      InvalidState.unless((msiAddress & 3) == 0, "config.msiAddress: no multiple of 4");
      InvalidState.unless((msiData & ~0xffff) == 0, "config.msiData: more than 16 bits");
    }
  }

  void reset() {
    restore(new State(0, 0, 0, 0, 0, 0, 0));
  }

  /** First address of the window, or -1 while the card does not answer there. */
  long window() {
    return (command & MEMORY_SPACE) != 0 ? Integer.toUnsignedLong(bar) : -1;
  }

  boolean isMaster() {
    return (command & BUS_MASTER) != 0;
  }

  boolean hasMessages() {
    return (msiControl & MSI_ENABLE) != 0;
  }

  boolean mayDrivePin() {
    return (command & NO_INTX) == 0 && !hasMessages();
  }

  long messageAddress() {
    return (long) msiUpper << 32 | Integer.toUnsignedLong(msiAddress);
  }

  int messageData() {
    return msiData;
  }

  /**
   * @param interrupting what the interrupt status bit says
   */
  int read(int offset, int size, boolean interrupting) {
    int value = register(offset & ~3, interrupting) >>> 8 * (offset & 3);
    return size == 4 ? value : value & (1 << 8 * size) - 1;
  }

  private int register(int offset, boolean interrupting) {
    return switch (offset) {
      case VENDOR_AND_DEVICE -> ID;
      case COMMAND -> command | HAS_CAPABILITIES | (interrupting ? INTX_STATUS : 0);
      case CLASS -> CLASS_OTHER;
      case BAR0 -> bar;
      case SUBSYSTEM -> SUBSYSTEM_ID;
      case CAPABILITIES -> MSI;
      case INTERRUPT -> INTA | line;
      case MSI -> MSI_CAPABILITY | msiControl;
      case MSI_ADDRESS -> msiAddress;
      case MSI_UPPER -> msiUpper;
      case MSI_DATA -> msiData;
      default -> 0;
    };
  }

  void write(int offset, int size, int value) {
    int shift = 8 * (offset & 3);
    int mask = (size == 4 ? -1 : (1 << 8 * size) - 1) << shift;
    int now = register(offset & ~3, false) & ~mask | value << shift & mask;
    switch (offset & ~3) {
      case COMMAND -> command = now & COMMAND_BITS;
      case BAR0 -> bar = now & BAR_BITS;
      case INTERRUPT -> line = now & 0xff;
      case MSI -> msiControl = now & MSI_ENABLE;
      case MSI_ADDRESS -> msiAddress = now & ~3;
      case MSI_UPPER -> msiUpper = now;
      case MSI_DATA -> msiData = now & 0xffff;
      default -> {
        // read-only
      }
    }
  }

  State save() {
    return new State(command, bar, line, msiControl, msiAddress, msiUpper, msiData);
  }

  void restore(State state) {
    command = state.command();
    bar = state.bar();
    line = state.line();
    msiControl = state.msiControl();
    msiAddress = state.msiAddress();
    msiUpper = state.msiUpper();
    msiData = state.msiData();
  }
}
