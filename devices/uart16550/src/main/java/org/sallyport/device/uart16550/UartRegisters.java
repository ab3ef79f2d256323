package org.sallyport.device.uart16550;

/** Registers and bits by the names of the PC16550D datasheet, "Registers". */
final class UartRegisters {
  // @formatter:off
  static final int PORTS         = 8;

  // Offset from the base port; the first two are the divisor latch while LCR_DLAB is set.
  static final int RBR_THR       = 0;
  static final int IER           = 1;
  static final int IIR_FCR       = 2;
  static final int LCR           = 3;
  static final int MCR           = 4;
  static final int LSR           = 5;
  static final int MSR           = 6;
  static final int SCR           = 7;

  // Interrupt enable register
  static final int IER_ERBFI     = 0x01;  // received data available, character time-out
  static final int IER_ETBEI     = 0x02;  // transmitter holding register empty
  static final int IER_ELSI      = 0x04;  // receiver line status
  static final int IER_EDSSI     = 0x08;  // modem status
  static final int IER_MASK      = 0x0f;

  // Interrupt identification register, in order of priority
  static final int IIR_NONE      = 0x01;
  static final int IIR_RLS       = 0x06;
  static final int IIR_RDA       = 0x04;
  static final int IIR_CTI       = 0x0c;
  static final int IIR_THRE      = 0x02;
  static final int IIR_MS        = 0x00;
  static final int IIR_FIFOS     = 0xc0;  // FIFOs are enabled

  // FIFO control register
  static final int FCR_ENABLE    = 0x01;
  static final int FCR_RESET_RX  = 0x02;
  static final int FCR_KEPT      = 0xc9;  // trigger level, DMA mode, enable; the reset bits clear themselves
  static final int FCR_TRIGGER   = 6;     // shift

  // Line control register
  static final int LCR_WLS       = 0x03;  // word length less 5
  static final int LCR_STB       = 0x04;  // two stop bits
  static final int LCR_PEN       = 0x08;  // parity
  static final int LCR_BREAK     = 0x40;
  static final int LCR_DLAB      = 0x80;

  // Modem control register
  static final int MCR_DTR       = 0x01;
  static final int MCR_RTS       = 0x02;
  static final int MCR_OUT1      = 0x04;
  static final int MCR_OUT2      = 0x08;  // on a PC: lets the interrupt through
  static final int MCR_LOOP      = 0x10;
  static final int MCR_MASK      = 0x1f;

  // Line status register
  static final int LSR_DR        = 0x01;
  static final int LSR_OE        = 0x02;
  static final int LSR_PE        = 0x04;
  static final int LSR_FE        = 0x08;
  static final int LSR_BI        = 0x10;
  static final int LSR_THRE      = 0x20;
  static final int LSR_TEMT      = 0x40;
  static final int LSR_FIFO_ERR  = 0x80;  // an error somewhere in the receiver FIFO
  static final int LSR_ERRORS    = LSR_OE | LSR_PE | LSR_FE | LSR_BI;
  static final int LSR_CHARACTER = LSR_PE | LSR_FE | LSR_BI;  // errors that belong to one character
  static final int LSR_IDLE      = LSR_THRE | LSR_TEMT;

  // Modem status register
  static final int MSR_DCTS      = 0x01;
  static final int MSR_DDSR      = 0x02;
  static final int MSR_TERI      = 0x04;  // trailing edge of the ring indicator
  static final int MSR_DDCD      = 0x08;
  static final int MSR_CTS       = 0x10;
  static final int MSR_DSR       = 0x20;
  static final int MSR_RI        = 0x40;
  static final int MSR_DCD       = 0x80;
  static final int MSR_DELTAS    = 0x0f;
  static final int MSR_LINES     = 0xf0;
  // @formatter:on

  /** Receiver FIFO trigger levels by FCR bits 7:6. */
  private static final int[] TRIGGER = {1, 4, 8, 14};

  static final int FIFO_SIZE = 16;

  /** The crystal of a PC's serial port; the divisor latch divides it to 16 times the baud rate. */
  static final long CRYSTAL_HZ = 1_843_200;

  private UartRegisters() {}

  /** How many characters in the receiver FIFO raise an interrupt. */
  static int trigger(int fcr) {
    return (fcr & FCR_ENABLE) == 0 ? 1 : TRIGGER[fcr >> FCR_TRIGGER & 3];
  }

  /** What the modem inputs show in loopback mode, wired to the modem outputs ("Modem Control Register"). */
  static int loopedLines(int mcr) {
    return ((mcr & MCR_RTS) != 0 ? MSR_CTS : 0) | ((mcr & MCR_DTR) != 0 ? MSR_DSR : 0)
        | ((mcr & MCR_OUT1) != 0 ? MSR_RI : 0) | ((mcr & MCR_OUT2) != 0 ? MSR_DCD : 0);
  }

  /** The time that a character takes on the wire in nanoseconds: start bit, data, parity and stop bits. */
  static long characterNanos(int lcr, int divisor) {
    int bits = 1 + 5 + (lcr & LCR_WLS) + ((lcr & LCR_PEN) != 0 ? 1 : 0) + ((lcr & LCR_STB) != 0 ? 2 : 1);
    return bits * 16L * Math.max(divisor, 1) * 1_000_000_000L / CRYSTAL_HZ;
  }
}
