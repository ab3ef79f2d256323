package org.sallyport.device.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.irq.MessageInterrupts;

/**
 * Everything a device is given by a machine, with the ends in a test's hands.
 *
 * <pre>{@code
 * Bench bench = new Bench();
 * Device uart = bench.make(new Uart16550Component());
 * bench.out(0x3f8, 1, 'A');
 * bench.clock().step(1_000_000);
 * assertTrue(bench.irq(4).isSet());
 * }</pre>
 */
public final class Bench implements DeviceContext {
  private static final int LINES = 24;

  /** A message-signalled interrupt that a device sent. */
  public record Message(long address, int data) {}

  private final BenchClock clock;
  private final BenchLine[] lines = new BenchLine[LINES];
  private final BenchMemory memory = new BenchMemory(1 << 20);
  private final BenchCharacters characters = new BenchCharacters();
  private final BenchControl control = new BenchControl();
  private final BenchBus bus = new BenchBus();
  private final List<Message> sent = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private int rangeChanges;

  /** A bench whose clock stands at 0. */
  public Bench() {
    this(new BenchClock());
  }

  /** A bench with this clock: two benches may share one. */
  public Bench(BenchClock clock) {
    this.clock = clock;
    Arrays.setAll(lines, BenchLine::new);
  }

  /** Makes a device with its default configuration and puts it on the bus. */
  public <C extends Record> Device make(DeviceFactory<C> factory) {
    return make(factory, factory.defaults());
  }

  /** Makes a device and puts it on the bus. */
  public <C extends Record> Device make(DeviceFactory<C> factory, C configuration) {
    try {
      return plug(factory.create(configuration, this));
    } catch (DeviceException e) {
      throw new AssertionError(e);
    }
  }

  /** Puts a device on the bus. */
  public <D extends Device> D plug(D device) {
    bus.plug(device);
    return device;
  }

  /** Reads a port of the devices on the bus; all ones where there is none. */
  public int in(int port, int size) {
    return bus.in(port, size);
  }

  /** Reads a byte from a port. */
  public int in(int port) {
    return bus.in(port, 1);
  }

  /** Writes a port of the devices on the bus. */
  public void out(int port, int size, int value) {
    bus.out(port, size, value);
  }

  /** Writes a byte to a port. */
  public void out(int port, int value) {
    bus.out(port, 1, value);
  }

  public BenchBus bus() {
    return bus;
  }

  @Override
  public String name() {
    return "dut";
  }

  @Override
  public BenchLine irq(int gsi) {
    return lines[gsi];
  }

  @Override
  public MessageInterrupts messages() {
    return (address, data) -> sent.add(new Message(address, data));
  }

  @Override
  public BenchClock clock() {
    return clock;
  }

  @Override
  public BenchMemory memory() {
    return memory;
  }

  @Override
  public BenchCharacters characters() {
    return characters;
  }

  @Override
  public BenchControl control() {
    return control;
  }

  @Override
  public void rangesChanged() {
    rangeChanges++;
  }

  @Override
  public void log(String message) {
    log.add(message);
  }

  /** The message-signalled interrupts sent so far. */
  public List<Message> sent() {
    return sent;
  }

  /** The lines logged so far. */
  public List<String> logged() {
    return log;
  }

  /** How often the device said that its ranges are others. */
  public int rangeChanges() {
    return rangeChanges;
  }

  /** Gives all lines the levels that they have on another bench, as a machine does when it replaces a device. */
  public void takeLevels(Bench other) {
    for (int i = 0; i < LINES; i++) {
      lines[i].preset(other.lines[i].isSet());
    }
  }

  /** The levels of all lines: bit n is line n. */
  public int levels() {
    int levels = 0;
    for (int i = 0; i < LINES; i++) {
      levels |= lines[i].isSet() ? 1 << i : 0;
    }
    return levels;
  }

  /** How many edges all lines have seen. */
  public int edges() {
    int edges = 0;
    for (BenchLine line : lines) {
      edges += line.rises() + line.falls();
    }
    return edges;
  }
}
