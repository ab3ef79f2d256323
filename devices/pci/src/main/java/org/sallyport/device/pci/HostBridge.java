package org.sallyport.device.pci;

import org.sallyport.api.device.MachineControl;
import org.sallyport.api.device.PciFunction;

/**
 * The bridge as the bus shows it at 00:00.0: an Intel 82441FX, which every PC guest knows and which asks for no driver.
 * Its subsystem identifiers are those by which firmware knows that it runs in a virtual machine that it can ask through
 * fw_cfg. Of its chip-specific registers the memory attributes do something ({@link MemoryAttributes}); the others can
 * be read and written.
 */
final class HostBridge implements PciFunction {
  private static final int VENDOR_AND_DEVICE = 0x1237_8086;
  private static final int SUBSYSTEM = 0x1100_1af4;
  private static final int CLASS_HOST_BRIDGE = 0x060000;
  private static final int REVISION = 2;
  private static final int SPECIFIC = 0x40;
  private static final int COMMAND_WRITABLE = 0x0107;
  private static final int COMMAND_AT_RESET = 0x0006;
  private static final int STATUS = 0x0200; // medium DEVSEL timing

  private final byte[] specific = new byte[256 - SPECIFIC];
  private final MachineControl control;
  private int command = COMMAND_AT_RESET;

  HostBridge(MachineControl control) {
    this.control = control;
  }

  void reset() {
    command = COMMAND_AT_RESET;
    for (int i = 0; i < specific.length; i++) {
      writeSpecific(SPECIFIC + i, 0);
    }
  }

  int command() {
    return command;
  }

  byte[] specific() {
    return specific;
  }

  void restore(int newCommand, byte[] newSpecific) {
    command = newCommand & COMMAND_WRITABLE;
    for (int i = 0; i < specific.length; i++) {
      writeSpecific(SPECIFIC + i, newSpecific[i]);
    }
  }

  private void writeSpecific(int register, int value) {
    int before = specific[register - SPECIFIC];
    specific[register - SPECIFIC] = (byte) value;
    if (MemoryAttributes.isPam(register)) {
      MemoryAttributes.apply(control, register, before, value);
    }
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
          case PciRegisters.SUBSYSTEM_VENDOR_ID -> SUBSYSTEM;
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
        writeSpecific(at, b);
      } else if (at == PciRegisters.COMMAND) {
        command = command & 0xff00 | b & COMMAND_WRITABLE;
      } else if (at == PciRegisters.COMMAND + 1) {
        command = command & 0xff | b << 8 & COMMAND_WRITABLE;
      }
    }
  }
}
