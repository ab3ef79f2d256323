package org.sallyport.device.fwcfg;

/** Ports, keys and bits as QEMU's specification has them (docs/specs/fw_cfg: "QEMU Firmware Configuration Device"). */
final class FwCfgRegisters {
  // @formatter:off
  static final int SELECTOR        = 0;       // offset of the 16-bit selector register, written only
  static final int DATA            = 1;       // offset of the 8-bit data register
  static final int DMA_ADDRESS     = 4;       // offset of the 64-bit DMA address register, big-endian
  static final int DMA_TRIGGER     = 8;       // its low half: writing it starts a transfer
  static final int PORTS           = 12;

  static final int KEY_WRITE       = 0x4000;  // once for items that can be written
  static final int KEY_ARCH_LOCAL  = 0x8000;

  static final int KEY_SIGNATURE   = 0x00;
  static final int KEY_ID          = 0x01;
  static final int KEY_UUID        = 0x02;
  static final int KEY_RAM_SIZE    = 0x03;    // 64 bits, bytes
  static final int KEY_NOGRAPHIC   = 0x04;    // 16 bits
  static final int KEY_NB_CPUS     = 0x05;    // 16 bits
  static final int KEY_BOOT_MENU   = 0x0e;    // 16 bits
  static final int KEY_MAX_CPUS    = 0x0f;    // 16 bits
  static final int KEY_FILE_DIR    = 0x19;
  static final int KEY_FILE_FIRST  = 0x20;
  static final int KEY_FILE_LAST   = 0x3fff;
  static final int KEY_IRQ0        = KEY_ARCH_LOCAL | 2; // 8 bits: interrupt 0 is at pin 2 of the IO APIC

  static final int ID_TRADITIONAL  = 1;       // selector and data register are there
  static final int ID_DMA          = 1 << 1;  // the DMA interface is there

  static final int DMA_ERROR       = 1;
  static final int DMA_READ        = 1 << 1;
  static final int DMA_SKIP        = 1 << 2;
  static final int DMA_SELECT      = 1 << 3;  // the key is in bits 31:16
  static final int DMA_WRITE       = 1 << 4;

  static final int DMA_CONTROL     = 0;       // offsets in the structure that the address register points to, all
  static final int DMA_LENGTH      = 4;       // big-endian
  static final int DMA_BUFFER      = 8;
  static final int DMA_STRUCTURE   = 16;

  static final int FILE_NAME_SIZE  = 56;      // with the NUL at its end
  static final int FILE_ENTRY_SIZE = 64;
  // @formatter:on

  static final long DMA_SIGNATURE = 0x51454d5520434647L; // "QEMU CFG"

  private FwCfgRegisters() {}
}
