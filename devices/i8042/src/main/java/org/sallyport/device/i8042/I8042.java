package org.sallyport.device.i8042;

import static org.sallyport.device.i8042.I8042Registers.*;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.KeyboardInput;
import org.sallyport.api.device.MachineControl;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;

/**
 * The keyboard and auxiliary device controller of a PC with a keyboard and no mouse, and system control port A (PS/2
 * Hardware Interface Technical Reference). One gate of A20 serves the output port and port A; the last write counts.
 *
 * <p>Everything takes no time: the input buffer is never full, and the next byte is in the output buffer as soon as one
 * has been read. Each byte of the keyboard is an edge of its own on the interrupt line, which stays up until the byte
 * is read. What the controller itself answers waits for the byte before it; of two such answers the later one counts.
 */
public final class I8042 implements Device, PortIo, KeyboardInput, Persistent<I8042State> {
  private static final List<PortRange> RANGES =
      List.of(new PortRange(DATA, 1), new PortRange(STATUS_COMMAND, 1), new PortRange(SYSTEM_A, 1));

  private final MachineControl control;
  private final IrqLine irq;
  private final IrqLine auxIrq;
  private final Keyboard keyboard = new Keyboard();
  private final ScanCodeTranslator translator = new ScanCodeTranslator();

  private final byte[] ram = new byte[RAM_SIZE];
  private int output;
  private int held;
  private int command;
  private boolean commandWritten;
  private boolean a20 = true;

  public I8042(I8042Configuration configuration, DeviceContext context) {
    control = context.control();
    irq = context.irq(configuration.irq());
    auxIrq = context.irq(configuration.auxIrq());
    ram[0] = COMMAND_POWER_ON;
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
    return RANGES;
  }

  /** The keyboard has no reset line; it is reset with the controller as firmware does it. */
  @Override
  public void reset(ResetKind kind) {
    Arrays.fill(ram, (byte) 0);
    ram[0] = COMMAND_POWER_ON;
    output = 0;
    held = 0;
    command = 0;
    commandWritten = false;
    translator.breaks(false);
    keyboard.powerOn();
    gateA20(true);
    updateIrqs();
  }

  @Override
  public boolean scanCode(int code) {
    boolean taken = keyboard.type(code & 0xff);
    fillOutput();
    return taken;
  }

  @Override
  public int readPort(int port, int size) {
    return switch (port) {
      case DATA -> readData();
      case STATUS_COMMAND -> output >>> 8 | NOT_INHIBITED | (has(COMMAND_SYS) ? SYS : 0) | (commandWritten ? CD : 0);
      default -> a20 ? A_A20 : 0;
    };
  }

  @Override
  public void writePort(int port, int size, int value) {
    int octet = value & 0xff;
    switch (port) {
      case DATA -> {
        commandWritten = false;
        int waiting = command;
        command = 0;
        data(waiting, octet);
      }
      case STATUS_COMMAND -> {
        commandWritten = true;
        command = dataFollows(octet) ? octet : 0;
        execute(octet);
      }
      default -> {
        gateA20((octet & A_A20) != 0);
        if ((octet & A_RESET) != 0) {
          control.reset("system control port A");
        }
      }
    }
    fillOutput();
  }

  private int readData() {
    int value = output & 0xff;
    output = value; // read again, it is still there
    updateIrqs();
    fillOutput();
    return value;
  }

  private void execute(int value) {
    switch (value) {
      case TEST_PASSWORD -> put(OBF, NO_PASSWORD);
      case DISABLE_AUX -> commandByte(ram[0] | AUX_DISABLE);
      case ENABLE_AUX -> commandByte(ram[0] & ~AUX_DISABLE);
      case TEST_AUX, TEST_KBD -> put(OBF, TEST_PASSED);
      case SELF_TEST -> {
        commandByte(ram[0] | COMMAND_SYS);
        put(OBF, SELF_TEST_PASSED);
      }
      case DISABLE_KBD -> commandByte(ram[0] | KBD_DISABLE);
      case ENABLE_KBD -> commandByte(ram[0] & ~KBD_DISABLE);
      case READ_INPUT_PORT -> put(OBF, INPUT_PORT);
      case READ_OUTPUT_PORT -> put(OBF, outputPort());
      case A20_OFF -> gateA20(false);
      case A20_ON -> gateA20(true);
      default -> {
        if (value >= READ_RAM && value < READ_RAM + RAM_SIZE) {
          put(OBF, ram[value - READ_RAM]);
        } else if (value >= PULSE_OUTPUT_PORT && (value & P2_NOT_RESET) == 0) {
          control.reset("keyboard controller");
        }
      }
    }
  }

  /** A byte for the command that waits for it; for the keyboard if none does. */
  private void data(int waiting, int value) {
    switch (waiting) {
      case 0 -> {
        commandByte(ram[0] & ~KBD_DISABLE); // the line is needed for it
        keyboard.receive(value);
      }
      case WRITE_RAM -> commandByte(value & COMMAND_BITS);
      case WRITE_OUTPUT_PORT -> {
        gateA20((value & P2_A20) != 0);
        if ((value & P2_NOT_RESET) == 0) {
          control.reset("keyboard controller's output port");
        }
      }
      case WRITE_KBD_OUT -> put(OBF, value);
      case WRITE_AUX_OUT -> put(OBF | AUX_OBF, value);
      case WRITE_AUX -> {
        commandByte(ram[0] & ~AUX_DISABLE);
        put(OBF | AUX_OBF | TO, RESEND); // nobody is there
      }
      default -> ram[waiting - WRITE_RAM] = (byte) value;
    }
  }

  private boolean has(int bit) {
    return (ram[0] & bit) != 0;
  }

  private void commandByte(int value) {
    ram[0] = (byte) value;
    updateIrqs();
  }

  /** The interrupt lines are two of its bits. */
  private int outputPort() {
    return P2_LINES | P2_NOT_RESET | (a20 ? P2_A20 : 0) | (requestsIrq() ? P2_KBD_IRQ : 0)
        | (requestsAuxIrq() ? P2_AUX_IRQ : 0);
  }

  private void gateA20(boolean open) {
    if (open != a20) {
      a20 = open;
      control.a20(open);
    }
  }

  /** Puts a byte with these status bits into the output buffer, or next to it while it is full. */
  private void put(int status, int value) {
    int buffer = status << 8 | value & 0xff;
    if (isFull()) {
      held = buffer;
    } else {
      output = buffer;
      updateIrqs();
    }
  }

  private boolean isFull() {
    return output >>> 8 != 0;
  }

  private void fillOutput() {
    if (!isFull() && held != 0) {
      output = held;
      held = 0;
      updateIrqs();
    }
    while (!isFull() && !has(KBD_DISABLE) && keyboard.hasByte()) {
      int value = keyboard.send();
      int shown = has(XLATE) ? translator.translate(value) : value;
      if (shown >= 0) {
        put(OBF, shown);
      }
    }
  }

  private void updateIrqs() {
    irq.set(requestsIrq());
    auxIrq.set(requestsAuxIrq());
  }

  /** Also for what the controller itself answers. */
  private boolean requestsIrq() {
    return (output >>> 8 & (OBF | AUX_OBF)) == OBF && has(KBD_INT);
  }

  private boolean requestsAuxIrq() {
    return (output >>> 8 & AUX_OBF) != 0 && has(AUX_INT);
  }

  @Override
  public Class<I8042State> type() {
    return I8042State.class;
  }

  @Override
  public I8042State save() {
    return new I8042State(ram.clone(), output, held, command, commandWritten, translator.breaks(), a20,
        keyboard.save());
  }

  @Override
  public void restore(I8042State state) throws InvalidState {
    state.check();
    System.arraycopy(state.ram(), 0, ram, 0, RAM_SIZE);
    output = state.output();
    held = state.held();
    command = state.command();
    commandWritten = state.commandWritten();
    translator.breaks(state.breaks());
    keyboard.restore(state.keyboard());
    gateA20(state.a20());
    updateIrqs();
    fillOutput();
  }
}
