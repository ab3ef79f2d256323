package org.sallyport.device.edu;

import static org.sallyport.device.edu.EduRegisters.*;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.PciConnection;
import org.sallyport.api.device.PciFunction;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.MessageInterrupts;

/**
 * The card.
 *
 * <p>Where its specification leaves room: accesses of other sizes than those allowed read all ones and change nothing.
 * A factorial takes a microsecond, a transfer that and 10 ns a byte. A transfer that leaves the buffer moves nothing,
 * and one without leave to be bus master does neither, but it ends. Whatever adds a reason while there are some sends
 * another message.
 */
public final class Edu implements Device, PciFunction, MemoryIo, Persistent<EduState> {
  private final DeviceContext context;
  private final int deviceFunction;
  private final MessageInterrupts messages;
  private final IrqLine pin;
  private final ConfigSpace config = new ConfigSpace();
  private final Dma dma;
  private final Timer computed;
  private int liveness;
  private int factorial;
  private int status;
  private int reasons;

  public Edu(EduConfiguration configuration, DeviceContext context) {
    this.context = context;
    deviceFunction = configuration.slot() << 3;
    PciConnection slot = context.pci(deviceFunction);
    messages = slot.messages();
    pin = slot.interrupt(0);
    dma = new Dma(context, slot.memory(), config::isMaster, configuration.dmaMask(), () -> raise(BY_DMA));
    computed = context.clock().timer("factorial", this::computed);
  }

  // ---- configuration space -----------------------------------------------------------------------------------------

  @Override
  public int deviceFunction() {
    return deviceFunction;
  }

  @Override
  public int readConfig(int offset, int size) {
    return config.read(offset, size, reasons != 0);
  }

  @Override
  public void writeConfig(int offset, int size, int value) {
    long window = config.window();
    config.write(offset, size, value);
    drivePin();
    if (config.window() != window) {
      context.rangesChanged();
    }
  }

  // ---- the window --------------------------------------------------------------------------------------------------

  @Override
  public Optional<MemoryIo> memoryIo() {
    return Optional.of(this);
  }

  @Override
  public List<MemoryRange> memoryRanges() {
    long window = config.window();
    return window < 0 ? List.of() : List.of(new MemoryRange(window, WINDOW));
  }

  @Override
  public long readMemory(long address, int size) {
    int register = (int) (address - config.window());
    if (!isAllowed(register, size)) {
      return -1;
    }
    if (isDma(register)) {
      long low = Integer.toUnsignedLong(dma.read(register));
      return size == 8 ? low | (long) dma.read(register + 4) << 32 : low;
    }
    return switch (register) {
      case ID -> VERSION_1_0;
      case LIVENESS -> ~liveness;
      case FACTORIAL -> factorial;
      case STATUS -> status;
      case IRQ_STATUS -> reasons;
      default -> -1;
    };
  }

  @Override
  public void writeMemory(long address, int size, long value) {
    int register = (int) (address - config.window());
    if (!isAllowed(register, size)) {
      return;
    }
    if (isDma(register)) {
      dma.write(register, size, value);
      return;
    }
    int bits = (int) value;
    switch (register) {
      case LIVENESS -> liveness = bits;
      case FACTORIAL -> compute(bits);
      case STATUS -> status = status & COMPUTING | bits & RAISE;
      case IRQ_RAISE -> raise(bits);
      case IRQ_ACK -> {
        reasons &= ~bits;
        drivePin();
      }
      default -> {
        // read-only, or there is nothing
      }
    }
  }

  private static boolean isAllowed(int register, int size) {
    return (size == 4 || size == 8 && register >= WIDE) && (register & size - 1) == 0;
  }

  private static boolean isDma(int register) {
    return register >= DMA_SOURCE && register < DMA_COMMAND + 8;
  }

  private void compute(int n) {
    if ((status & COMPUTING) == 0) {
      factorial = n;
      status |= COMPUTING;
      computed.at(context.clock().nanos() + COMPUTE_TIME);
    }
  }

  private void computed() {
    factorial = factorialOf(factorial);
    status &= ~COMPUTING;
    if ((status & RAISE) != 0) {
      raise(BY_FACTORIAL);
    }
  }

  /** Modulo 2^32; 34! is the first that is a multiple of that. */
  private static int factorialOf(int n) {
    int result = 1;
    for (long i = Integer.toUnsignedLong(n); i > 1 && result != 0; i--) {
      result *= (int) i;
    }
    return result;
  }

  // ---- interrupts --------------------------------------------------------------------------------------------------

  private void raise(int added) {
    reasons |= added;
    if (reasons != 0 && config.hasMessages()) {
      if (config.isMaster()) {
        messages.send(config.messageAddress(), config.messageData());
      }
    } else {
      drivePin();
    }
  }

  private void drivePin() {
    pin.set(reasons != 0 && config.mayDrivePin());
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  @Override
  public void reset(ResetKind kind) {
    boolean answered = config.window() >= 0;
    config.reset();
    liveness = 0;
    factorial = 0;
    status = 0;
    reasons = 0;
    computed.cancel();
    dma.reset();
    drivePin();
    if (answered) {
      context.rangesChanged();
    }
  }

  @Override
  public void close() {
    computed.close();
    dma.close();
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<EduState> type() {
    return EduState.class;
  }

  @Override
  public EduState save() {
    return new EduState(config.save(), liveness, factorial, status, reasons,
        computed.isArmed() ? computed.deadline() : 0, dma.save());
  }

  @Override
  public void restore(EduState state) throws InvalidState {
    state.check();
    config.restore(state.config());
    liveness = state.liveness();
    factorial = state.factorial();
    status = state.status();
    reasons = state.reasons();
    if (state.computed() != 0) {
      computed.at(state.computed());
    } else {
      computed.cancel();
    }
    dma.restore(state.dma());
    drivePin();
    context.rangesChanged();
  }
}
