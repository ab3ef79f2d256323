package org.sallyport.device.testdev;

/** Where test programs find the device. */
final class TestDeviceRegisters {
  // @formatter:off
  /** Ports E0h to E3h: a latch of 32 bits, in accesses of 1, 2 and 4 bytes. */
  static final int LATCH        = 0xe0;
  static final int LATCH_PORTS  = 4;
  /** Ports E4h to E7h: the address of a page whose mapping the machine is to forget. */
  static final int FLUSH        = 0xe4;
  static final int FLUSH_PORTS  = 4;
  /** Port E8h: the low byte of the latch. (The next one is where programs expect a console.) */
  static final int BYTE         = 0xe8;
  /** Ports 2000h and so on: the level of an interrupt line each, 0 or not 0. */
  static final int LINES        = 0x2000;
  static final int LINE_COUNT   = 24;
  /** Within a PC, interrupt 2 is the wire between the two PICs: no device can be on it, and its port does nothing. */
  static final int CASCADE      = 2;
  static final int ALL_LINES    = (1 << LINE_COUNT) - 1 & ~(1 << CASCADE);
  /** Memory that answers as RAM does, but is a device: each access leaves the guest. */
  static final long MEMORY      = 0xff000000L;
  static final int MEMORY_BYTES = 0x10000;
  // @formatter:on

  private TestDeviceRegisters() {}
}
