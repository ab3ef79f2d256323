package org.sallyport.device.edu;

/** The registers in the card's window (QEMU, "EDU device"); offsets from its start. */
final class EduRegisters {
  // @formatter:off
  static final int WINDOW      = 1 << 20;

  // In accesses of 32 bits
  static final int ID          = 0x00;       // read-only: major version 31:24, minor version 23:16, EDh
  static final int LIVENESS    = 0x04;       // reads as the complement of what was written
  static final int FACTORIAL   = 0x08;       // takes n, and later reads as n! modulo 2^32
  static final int STATUS      = 0x20;
  static final int IRQ_STATUS  = 0x24;       // read-only: why it interrupts
  static final int IRQ_RAISE   = 0x60;       // write-only: these are added to the reasons
  static final int IRQ_ACK     = 0x64;       // write-only: and these are taken away
  // In accesses of 32 or 64 bits
  static final int DMA_SOURCE  = 0x80;
  static final int DMA_TARGET  = 0x88;
  static final int DMA_COUNT   = 0x90;
  static final int DMA_COMMAND = 0x98;

  static final int WIDE        = 0x80;       // from here on accesses may be of 64 bits
  static final int VERSION_1_0 = 0x010000ed;

  // STATUS
  static final int COMPUTING   = 1;          // read-only
  static final int RAISE       = 1 << 7;     // interrupt when the factorial is there

  // DMA_COMMAND
  static final int RUN         = 1;          // reads 0 again when it is done
  static final int TO_MEMORY   = 1 << 1;     // from the card; otherwise to it
  static final int DMA_RAISE   = 1 << 2;     // interrupt when it is done
  static final int COMMAND_BITS = RUN | TO_MEMORY | DMA_RAISE;

  // Reasons of the card's own
  static final int BY_FACTORIAL = 0x001;
  static final int BY_DMA      = 0x100;

  // The buffer, as DMA addresses it
  static final long BUFFER     = 0x40000;
  static final int BUFFER_SIZE = 4096;

  // How long things take, in nanoseconds
  static final long COMPUTE_TIME = 1_000;
  static final long DMA_TIME   = 1_000;
  static final long DMA_TIME_PER_BYTE = 10;
  // @formatter:on

  private EduRegisters() {}
}
