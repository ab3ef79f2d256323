package org.sallyport.device.pci;

import org.sallyport.api.device.PciFunction;

/**
 * The bridge as the bus shows it at 00:00.0: an Intel 82441FX, which every PC guest knows and which asks for no driver. Its chip-specific
 * registers (memory attributes and the like) can be read and written and do nothing.
 */
final class HostBridge implements PciFunction {
  private static final int VENDOR_AND_DEVICE = 0x1237_8086;
  private static final int CLASS_HOST_BRIDGE = 0x060000;
  private static final int REVISION = 2;
  private static final int SPECIFIC = 0x40;
  private static final int COMMAND_WRITABLE = 0x0107;
  private static final int STATUS = 0x0200; // medium DEVSEL timing

  private final byte[] specific = new byte[256 - SPECIFIC];
  private int command;

  HostBridge() {
    reset();
  }

  void reset() {
    command = 0x0006;
    java.util.Arrays.fill(specific, (byte) 0);
  }

  int command() {
    return command;
  }

  byte[] specific() {
    return specific;
  }

  void restore(int newCommand, byte[] newSpecific) {
    command = newCommand & COMMAND_WRITABLE;
    System.arraycopy(newSpecific, 0, specific, 0, specific.length);
  }

  @Override
  public int deviceFunction() {
    return 0;
  }

  @Override
  public int readConfig(int offset, int size) {
    int value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | readByte(offset + i);
    }
    return value;
  }

  private int readByte(int offset) {
    if (offset >= SPECIFIC) {
      return specific[offset - SPECIFIC] & 0xff;
    }
    int register =
        switch (offset & ~3) {
          case PciRegisters.VENDOR_ID -> VENDOR_AND_DEVICE;
          case PciRegisters.COMMAND -> STATUS << 16 | command;
          case PciRegisters.REVISION_ID -> CLASS_HOST_BRIDGE << 8 | REVISION;
          default -> 0;
        };
    return register >>> 8 * (offset & 3) & 0xff;
  }

  @Override
  public void writeConfig(int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      int b = value >>> 8 * i & 0xff;
      int at = offset + i;
      if (at >= SPECIFIC) {
        specific[at - SPECIFIC] = (byte) b;
      } else if (at == PciRegisters.COMMAND) {
        command = command & 0xff00 | b & COMMAND_WRITABLE;
      } else if (at == PciRegisters.COMMAND + 1) {
        command = command & 0xff | b << 8 & COMMAND_WRITABLE;
      }
    }
  }
}
