package org.sallyport.device.debugexit;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.CharacterBackend;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MachineControl;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;

/**
 * Ends the run when something is written to its first ports: the value, of 1, 2 or 4 bytes, is the status as it is. A
 * byte written to the console port goes to the far end; reading that port gives {@value #CONSOLE_THERE}, by which a
 * program knows that it is there. The word {@value #SHUTDOWN}, written letter by letter to a third port, switches the
 * machine off.
 */
public final class DebugExit implements Device, PortIo, Persistent<DebugExitState> {
  static final int EXIT_PORTS = 4;
  static final String SHUTDOWN = "Shutdown";

  private static final int CONSOLE_THERE = 0xe9;

  private final int console;
  private final int shutdown;
  private final List<PortRange> ranges;
  private final MachineControl control;
  private final CharacterBackend farEnd;
  private int spelled;

  public DebugExit(DebugExitConfiguration configuration, DeviceContext context) {
    console = configuration.console();
    shutdown = configuration.shutdown();
    ranges = List.of(new PortRange(configuration.port(), EXIT_PORTS), new PortRange(console, 1),
        new PortRange(shutdown, 1));
    control = context.control();
    farEnd = context.characters();
  }

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return ranges;
  }

  @Override
  public void reset(ResetKind kind) {
    spelled = 0;
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public int readPort(int port, int size) {
    return port == console ? CONSOLE_THERE : 0;
  }

  @Override
  public void writePort(int port, int size, int value) {
    if (port == console) {
      farEnd.write(value & 0xff);
    } else if (port == shutdown) {
      spell((char) (value & 0xff));
    } else {
      control.exit(value);
    }
  }

  private void spell(char letter) {
    spelled = letter == SHUTDOWN.charAt(spelled) ? spelled + 1 : letter == SHUTDOWN.charAt(0) ? 1 : 0;
    if (spelled == SHUTDOWN.length()) {
      spelled = 0;
      control.powerOff("the word " + SHUTDOWN);
    }
  }

  @Override
  public Class<DebugExitState> type() {
    return DebugExitState.class;
  }

  @Override
  public DebugExitState save() {
    return new DebugExitState(spelled);
  }

  @Override
  public void restore(DebugExitState state) throws InvalidState {
    state.check();
    spelled = state.spelled();
  }
}
