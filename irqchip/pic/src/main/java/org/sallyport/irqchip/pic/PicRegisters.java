package org.sallyport.irqchip.pic;

/** Ports and command words, with the names of the 8259A datasheet. */
final class PicRegisters {
  // @formatter:off
  static final int MASTER        = 0x020;  // A0 = 0; A0 = 1 is the next port
  static final int SLAVE         = 0x0a0;
  static final int ELCR1         = 0x4d0;  // edge/level control of inputs 0 to 7
  static final int ELCR2         = 0x4d1;  // ... 8 to 15

  static final int CASCADE       = 2;      // master input that the slave's INT is wired to
  static final int DEFAULT_LEVEL = 7;      // answered to an INTA without a request
  static final int NO_DRIVER     = 0xff;   // data bus while no chip drives it

  // PIIX4: the timer, the keyboard, the cascade, the clock and the coprocessor are edge-triggered for good.
  static final int ELCR1_WRITABLE = 0b1111_1000;
  static final int ELCR2_WRITABLE = 0b1101_1110;

  // Initialisation command words
  static final int ICW1          = 1 << 4; // tells ICW1 from OCW2 and OCW3 (A0 = 0)
  static final int ICW1_IC4      = 1 << 0; // ICW4 follows
  static final int ICW1_SNGL     = 1 << 1; // single: no ICW3
  static final int ICW1_LTIM     = 1 << 3; // all inputs level-triggered
  static final int ICW2_VECTOR   = 0xf8;   // T7 to T3
  static final int ICW3_ID       = 0x07;   // slave: the master's input it is wired to
  static final int ICW4_UPM      = 1 << 0; // 8086 mode
  static final int ICW4_AEOI     = 1 << 1; // automatic end of interrupt
  static final int ICW4_SFNM     = 1 << 4; // special fully nested mode
  static final int ICW4_WRITABLE = 0x1f;   // the buffered-mode bits 3:2 have no effect without bus buffers

  // Operation command words (A0 = 0)
  static final int OCW3          = 1 << 3; // tells OCW3 from OCW2
  static final int OCW2_LEVEL    = 0x07;
  static final int OCW3_RIS      = 1 << 0; // with RR: read ISR, else IRR
  static final int OCW3_RR       = 1 << 1;
  static final int OCW3_P        = 1 << 2; // poll command
  static final int OCW3_SMM      = 1 << 5; // with ESMM: special mask mode
  static final int OCW3_ESMM     = 1 << 6;
  static final int POLL_REQUEST  = 1 << 7; // answer to a poll: there is a request

  // OCW2 bits 7:5: R, SL, EOI
  static final int ROTATE_AEOI_CLEAR   = 0b000;
  static final int NON_SPECIFIC_EOI    = 0b001;
  static final int NO_OPERATION        = 0b010;
  static final int SPECIFIC_EOI        = 0b011;
  static final int ROTATE_AEOI_SET     = 0b100;
  static final int ROTATE_NON_SPECIFIC = 0b101;
  static final int SET_PRIORITY        = 0b110;
  static final int ROTATE_SPECIFIC     = 0b111;
  // @formatter:on

  private PicRegisters() {}
}
