package org.sallyport.machine.bench;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.PowerButton;
import org.sallyport.api.device.ResetKind;

/**
 * A device with eight ports: +0 counts writes (a read gives the low byte of the count), +1 sets its line, +2 asks the
 * machine for something, +3 throws, +4 sends and receives characters.
 */
public final class FakeDevice implements Device, PortIo, PowerButton {
  /** Its properties. */
  public record Configuration(int port, int irq, boolean keepsState, List<Integer> numbers, String label) {}

  /** Its state. */
  public record State(int writes, boolean line, int version) {}

  /** Makes them; each factory is a version of its own, which takes the states of those before it. */
  public static final class Factory implements DeviceFactory<Configuration> {
    public final AtomicInteger made = new AtomicInteger();
    public final AtomicInteger closed = new AtomicInteger();
    public volatile FakeDevice last;
    private final String type;
    private final int version;

    public Factory(String type, int version) {
      this.type = type;
      this.version = version;
    }

    @Override
    public String type() {
      return type;
    }

    @Override
    public Configuration defaults() {
      return new Configuration(0x100, 5, true, List.of(), "");
    }

    @Override
    public Device create(Configuration configuration, DeviceContext context) throws DeviceException {
      if (configuration.label().equals("refused")) {
        throw new DeviceException("label 'refused' is refused; choose another one");
      }
      made.incrementAndGet();
      last = new FakeDevice(configuration, context, this);
      return last;
    }
  }

  public final Configuration configuration;
  public final DeviceContext context;
  public final Timer timer;
  public volatile int writes;
  public volatile int resets;
  public volatile int presses;
  public volatile int timerShots;
  private final Factory factory;
  private final org.sallyport.api.irq.IrqLine line;

  FakeDevice(Configuration configuration, DeviceContext context, Factory factory) {
    this.configuration = configuration;
    this.context = context;
    this.factory = factory;
    line = context.irq(configuration.irq());
    timer = context.clock().timer("shot", () -> timerShots++);
    context.characters().onReadable(() -> line.set(true));
  }

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return List.of(new PortRange(configuration.port(), 8));
  }

  @Override
  public int readPort(int port, int size) {
    return switch (port - configuration.port()) {
      case 0 -> writes;
      case 3 -> throw new IllegalStateException("this port throws");
      case 4 -> context.characters().read();
      default -> 0;
    };
  }

  @Override
  public void writePort(int port, int size, int value) {
    switch (port - configuration.port()) {
      case 0 -> writes++;
      case 1 -> line.set(value != 0);
      case 2 -> ask(value);
      case 4 -> context.characters().write(value);
      default -> {}
    }
  }

  private void ask(int what) {
    switch (what) {
      case 0 -> context.control().reset("port");
      case 1 -> context.control().powerOff("port");
      case 2 -> context.control().suspend();
      case 3 -> context.control().a20(false);
      default -> context.control().exit(what);
    }
  }

  @Override
  public void press() {
    presses++;
  }

  @Override
  public void reset(ResetKind kind) {
    resets++;
    line.set(false);
  }

  @Override
  public void close() {
    factory.closed.incrementAndGet();
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return configuration.keepsState() ? Optional.of(new Keeper()) : Optional.empty();
  }

  private final class Keeper implements Persistent<State> {
    @Override
    public Class<State> type() {
      return State.class;
    }

    @Override
    public State save() {
      return new State(writes, line.isSet(), factory.version);
    }

    @Override
    public void restore(State state) throws InvalidState {
      InvalidState.unless(state.version() <= factory.version,
          "version " + state.version() + " is newer than " + factory.version);
      writes = state.writes();
      line.set(state.line());
    }
  }
}
