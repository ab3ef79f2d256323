package org.sallyport.irqchip.ioapic;

/** Registers and bits, with the names of the 82093AA datasheet. */
final class IoApicRegisters {
  // @formatter:off
  static final int PINS           = 24;
  static final int WINDOW         = 0x1000; // bytes of the memory window

  // Memory-mapped registers: offsets
  static final int IOREGSEL       = 0x00;   // 8 bits
  static final int IOWIN          = 0x10;   // 32 bits
  static final int IOEOIR         = 0x40;   // 8 bits, write-only; from version 0x20 on

  // Registers behind IOREGSEL
  static final int IOAPICID       = 0x00;
  static final int IOAPICVER      = 0x01;
  static final int IOAPICARB      = 0x02;
  static final int IOREDTBL       = 0x10;   // two for each entry, the low half first

  static final int ID_SHIFT       = 24;
  static final int ID_MASK        = 0xf;
  static final int VERSION        = 0x20 | PINS - 1 << 16;

  // Redirection table entry
  static final long VECTOR        = 0xff;
  static final int  DELIVERY_MODE = 8;      // 3 bits
  static final long LOGICAL       = 1L << 11;
  static final long DELIVERY_STATUS = 1L << 12; // read-only
  static final long POLARITY      = 1L << 13;   // stored only: the levels of the pins are logical
  static final long REMOTE_IRR    = 1L << 14;   // read-only
  static final long LEVEL         = 1L << 15;
  static final long MASKED        = 1L << 16;
  static final int  EXTENDED_DESTINATION = 48; // 8 bits, on later chips
  static final int  DESTINATION   = 56;     // 8 bits, also in physical mode, as on later chips

  static final long READ_ONLY     = DELIVERY_STATUS | REMOTE_IRR;
  static final long WRITABLE      = 0xffL << DESTINATION | 0xffL << EXTENDED_DESTINATION | MASKED | LEVEL | POLARITY | LOGICAL
                                  | 7L << DELIVERY_MODE | VECTOR;

  // What a message is on the system bus
  static final long ADDRESS       = 0xfee00000L;
  static final int ADDRESS_EXTENDED = 4;    // where the extended destination goes, the destination above it
  static final long ADDRESS_LOGICAL = 1L << 2;
  static final int DATA_LEVEL     = 1 << 15;
  static final int DATA_ASSERT    = 1 << 14;
  // @formatter:on

  private IoApicRegisters() {}
}
