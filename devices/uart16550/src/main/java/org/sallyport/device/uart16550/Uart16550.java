package org.sallyport.device.uart16550;

import static org.sallyport.device.uart16550.UartRegisters.*;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.device.CharacterBackend;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;

/**
 * A serial port of a PC: an NS16550A (PC16550D datasheet) whose interrupt passes when the output OUT2 is on.
 *
 * <p>A character that the guest transmits has left before the write returns, so the transmitter is never busy; the
 * interrupt for the empty transmitter comes as the datasheet says. Characters are received as fast as there is room for
 * them: the far end keeps the others, so that none is lost. The far end is always there and ready (DCD, DSR and CTS are
 * on).
 */
public final class Uart16550 implements Device, PortIo, Persistent<UartState> {
  static final int FAR_END_READY = MSR_CTS | MSR_DSR | MSR_DCD;

  /**
   * Characters after which the receiver FIFO asks to be emptied though it is below its trigger level.
   */
  private static final int TIMEOUT_CHARACTERS = 4;

  private static final int DIVISOR_9600 = 12;

  // Static configuration
  private final int base;
  private final List<PortRange> ranges;

  // What it is wired to
  private final IrqLine irq;
  private final CharacterBackend farEnd;
  private final VmClock clock;
  private final Timer timer;

  // Registers
  private int ier;
  private int fcr;
  private int lcr;
  private int mcr;
  private int lsr;
  private int msr;
  private int scr;
  private int divisor;
  private final ReceiverFifo received = new ReceiverFifo();

  // Conditions behind the registers
  private boolean threInterrupt;
  private boolean timeout;

  /** A successor may listen to the far end by now: this one must not take its place, only keep quiet. */
  private boolean closed;

  public Uart16550(UartConfiguration configuration, DeviceContext context) {
    base = configuration.port();
    ranges = List.of(new PortRange(base, PORTS));
    irq = context.irq(configuration.irq());
    farEnd = context.characters();
    clock = context.clock();
    timer = clock.timer(context.name() + ".timeout", this::timedOut);
    farEnd.onReadable(this::receive);
    clear(ResetKind.POWER_ON); // and nothing outside yet: a state may be restored next
  }

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return ranges;
  }

  @Override
  public void reset(ResetKind kind) {
    clear(kind);
    receive();
    updateIrq();
  }

  /** "UART Reset Configuration": the master reset leaves the divisor latch and the scratch register alone. */
  private void clear(ResetKind kind) {
    if (kind == ResetKind.POWER_ON) {
      scr = 0;
      divisor = DIVISOR_9600;
    }
    ier = 0;
    fcr = 0;
    lcr = 0;
    mcr = 0;
    lsr = LSR_IDLE;
    msr = FAR_END_READY;
    threInterrupt = false;
    received.clear(false);
    restartTimeout();
  }

  @Override
  public void close() {
    closed = true;
    timer.close();
  }

  @Override
  public int readPort(int port, int size) {
    int register = port - base;
    if (size == 1) {
      return readRegister(register);
    }
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= readRegister(register + i) << (8 * i);
    }
    return value;
  }

  @Override
  public void writePort(int port, int size, int value) {
    int register = port - base;
    if (size == 1) {
      writeRegister(register, value & 0xff);
      return;
    }
    for (int i = 0; i < size; i++) {
      writeRegister(register + i, value >>> (8 * i) & 0xff);
    }
  }

  private int readRegister(int register) {
    return switch (register) {
      case RBR_THR -> (lcr & LCR_DLAB) != 0 ? divisor & 0xff : readReceiverBuffer();
      case IER -> (lcr & LCR_DLAB) != 0 ? divisor >> 8 : ier;
      case IIR_FCR -> readInterruptIdentification();
      case LCR -> lcr;
      case MCR -> mcr;
      case LSR -> readLineStatus();
      case MSR -> readModemStatus();
      case SCR -> scr;
      default -> 0xff;
    };
  }

  private void writeRegister(int register, int value) {
    switch (register) {
      case RBR_THR -> {
        if ((lcr & LCR_DLAB) != 0) {
          divisor = divisor & 0xff00 | value;
        } else {
          transmit(value);
        }
      }
      case IER -> {
        if ((lcr & LCR_DLAB) != 0) {
          divisor = divisor & 0xff | value << 8;
        } else {
          writeInterruptEnable(value);
        }
      }
      case IIR_FCR -> writeFifoControl(value);
      case LCR -> writeLineControl(value);
      case MCR -> writeModemControl(value);
      case SCR -> scr = value;
      default -> {} // LSR and MSR are for reading; writing LSR is for the factory's tests
    }
  }

  /** The holding register is full for no time at all: the interrupt goes and comes back, an edge for each character. */
  private void transmit(int character) {
    if ((mcr & MCR_LOOP) != 0) {
      arrive(character & 0xff >> 3 - (lcr & LCR_WLS), 0);
    } else if ((lcr & LCR_BREAK) == 0) { // a break keeps the wire down, and the character is lost
      // All eight bits, whatever the word length: the far end is no wire, and programs that never set LCR are heard.
      farEnd.write(character);
    }
    if ((ier & IER_ETBEI) == 0) {
      threInterrupt = true;
      return;
    }
    threInterrupt = false;
    updateIrq();
    threInterrupt = true;
    updateIrq();
  }

  private int readReceiverBuffer() {
    int character = received.character();
    if (received.count() > 0) {
      received.drop();
      timeout = false;
      receivedChanged();
      receive();
      restartTimeout();
      updateIrq();
    }
    return character;
  }

  /** "Interrupt Identification Register": reading takes the transmitter's interrupt away, if that is the one shown. */
  private int readInterruptIdentification() {
    int id = interrupt();
    if (id == IIR_THRE) {
      threInterrupt = false;
      updateIrq();
    }
    return (fcr & FCR_ENABLE) != 0 ? id | IIR_FIFOS : id;
  }

  /** "Line Status Register": reading clears the errors. */
  private int readLineStatus() {
    int value = lsr;
    if ((value & (LSR_ERRORS | LSR_FIFO_ERR)) != 0) {
      received.forgetError();
      lsr = value & ~(LSR_ERRORS | LSR_FIFO_ERR);
      receivedChanged();
      updateIrq();
    }
    return value;
  }

  /** "Modem Status Register": reading clears the deltas. */
  private int readModemStatus() {
    int value = msr;
    if ((value & MSR_DELTAS) != 0) {
      msr = value & MSR_LINES;
      updateIrq();
    }
    return value;
  }

  /** Enabling the transmitter's interrupt while the transmitter is empty, and it always is, raises it. */
  private void writeInterruptEnable(int value) {
    if ((value & ~ier & IER_ETBEI) != 0) {
      threInterrupt = true;
    }
    ier = value & IER_MASK;
    updateIrq();
  }

  /**
   * "FIFO Control Register": the other bits count only when the enabling one is set; a change of that empties the
   * FIFOs.
   */
  private void writeFifoControl(int value) {
    boolean fifo = (value & FCR_ENABLE) != 0;
    boolean changes = ((value ^ fcr) & FCR_ENABLE) != 0;
    fcr = fifo ? value & FCR_KEPT : 0;
    if (changes || (fifo && (value & FCR_RESET_RX) != 0)) {
      received.clear(fifo);
      timeout = false;
      lsr &= ~LSR_FIFO_ERR;
      receivedChanged();
      receive();
    }
    restartTimeout();
    updateIrq();
  }

  private void writeLineControl(int value) {
    boolean breakBegins = (value & ~lcr & LCR_BREAK) != 0;
    lcr = value;
    if (breakBegins && (mcr & MCR_LOOP) != 0) {
      arrive(0, LSR_BI | LSR_FE); // the stop bit is missing too
      updateIrq();
    }
  }

  private void writeModemControl(int value) {
    mcr = value & MCR_MASK;
    int lines = (mcr & MCR_LOOP) != 0 ? loopedLines(mcr) : FAR_END_READY;
    int changed = lines ^ msr & MSR_LINES;
    int deltas = (changed & (MSR_CTS | MSR_DSR | MSR_DCD) | changed & msr & MSR_RI) >> 4;
    msr = lines | deltas | msr & MSR_DELTAS;
    receive();
    updateIrq();
  }

  /** Takes from the far end what there is room for. In loopback mode the receiver is not connected to it. */
  private void receive() {
    if ((mcr & MCR_LOOP) != 0 || closed) {
      return;
    }
    boolean any = false;
    while (!received.isFull()) {
      int character = farEnd.read();
      if (character < 0) {
        break;
      }
      received.add(character, 0);
      any = true;
    }
    if (any) {
      arrived();
      updateIrq();
    }
  }

  /** A character comes in by the looped wire, whether or not there is room. */
  private void arrive(int character, int error) {
    if (!received.isFull()) {
      received.add(character, error);
    } else {
      lsr |= LSR_OE;
      if ((fcr & FCR_ENABLE) == 0) {
        received.overwrite(character, error); // the FIFO keeps what it has, the register does not
      }
    }
    arrived();
  }

  private void arrived() {
    timeout = false;
    receivedChanged();
    restartTimeout();
  }

  /** Brings the line status up to the receiver FIFO: the oldest character shows its errors. */
  private void receivedChanged() {
    int error = received.error();
    lsr = lsr & ~LSR_DR | (received.count() > 0 ? LSR_DR : 0) | error;
    if ((fcr & FCR_ENABLE) != 0 && received.hasErrors()) {
      lsr |= LSR_FIFO_ERR;
    }
  }

  /**
   * "FIFO Interrupt Mode Operation": four character times without a character coming or going, while fewer wait than
   * the trigger level.
   */
  private void restartTimeout() {
    boolean waiting = (fcr & FCR_ENABLE) != 0 && received.count() > 0 && received.count() < trigger(fcr);
    if (!waiting) {
      timeout = false;
    }
    if (waiting && !timeout) {
      timer.at(clock.nanos() + TIMEOUT_CHARACTERS * characterNanos(lcr, divisor));
    } else {
      timer.cancel();
    }
  }

  private void timedOut() {
    timeout = true;
    updateIrq();
  }

  /** The enabled interrupt of the highest priority ("Interrupt Identification Register"). */
  private int interrupt() {
    if ((ier & IER_ELSI) != 0 && (lsr & LSR_ERRORS) != 0) {
      return IIR_RLS;
    }
    if ((ier & IER_ERBFI) != 0) {
      if (received.count() >= trigger(fcr)) {
        return IIR_RDA;
      }
      if (timeout) {
        return IIR_CTI;
      }
    }
    if ((ier & IER_ETBEI) != 0 && threInterrupt) {
      return IIR_THRE;
    }
    return (ier & IER_EDSSI) != 0 && (msr & MSR_DELTAS) != 0 ? IIR_MS : IIR_NONE;
  }

  /**
   * On a PC OUT2 switches the interrupt to the bus; in loopback mode that output is off, whatever MCR says
   * ("Modem Control Register").
   */
  private void updateIrq() {
    irq.set((mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2 && interrupt() != IIR_NONE);
  }

  @Override
  public Class<UartState> type() {
    return UartState.class;
  }

  @Override
  public UartState save() {
    return new UartState(ier, fcr, lcr, mcr, lsr, msr, scr, divisor, received.saveData(), received.saveErrors(),
        threInterrupt, timeout, timer.deadline());
  }

  @Override
  public void restore(UartState state) throws InvalidState {
    state.check();
    ier = state.ier();
    fcr = state.fcr();
    lcr = state.lcr();
    mcr = state.mcr();
    lsr = state.lsr();
    msr = state.msr();
    scr = state.scr();
    divisor = state.divisor();
    received.restore((fcr & FCR_ENABLE) != 0, state.data(), state.errors());
    threInterrupt = state.threInterrupt();
    timeout = state.timeout();
    if (state.timeoutAt() == Long.MAX_VALUE) {
      timer.cancel();
    } else {
      timer.at(state.timeoutAt());
    }
    receive();
    updateIrq();
  }
}
