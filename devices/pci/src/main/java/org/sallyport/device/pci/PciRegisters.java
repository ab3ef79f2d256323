package org.sallyport.device.pci;

/** Ports and configuration registers under their names in the specification (PCI 3.0, sections 3.2.2.3.2 and 6.1). */
final class PciRegisters {
  // @formatter:off
  static final int CONFIG_ADDRESS = 0xcf8;   // 32 bits: enable 31, bus 23:16, device 15:11, function 10:8, register 7:2
  static final int CONFIG_DATA    = 0xcfc;   // 4 ports: the bytes of the register chosen
  static final int RESET_CONTROL  = 0xcf9;   // 8 bits: what to do on a reset 1, reset now 2

  static final int ENABLE         = 1 << 31;
  static final int ADDRESS_BITS   = 0x80ffffff;
  static final int REGISTER       = 0xfc;
  static final int BYTE           = 3;

  static final int SYSTEM_RESET   = 1 << 1;  // 1: hard reset, 0: only the processor
  static final int RESET_CPU      = 1 << 2;  // its change from 0 to 1 resets
  static final int RESET_BITS     = 0x0e;

  static final int VENDOR_ID      = 0x00;
  static final int COMMAND        = 0x04;
  static final int STATUS         = 0x06;
  static final int REVISION_ID    = 0x08;
  static final int CLASS_CODE     = 0x09;
  static final int HEADER_TYPE    = 0x0e;
  static final int SUBSYSTEM_VENDOR_ID = 0x2c;
  // @formatter:on

  private PciRegisters() {}
}
