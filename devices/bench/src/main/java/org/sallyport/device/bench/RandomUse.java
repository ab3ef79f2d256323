package org.sallyport.device.bench;

import java.util.List;
import java.util.Random;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;

/**
 * Uses a device at random: accesses of all sizes at and around its ports and windows, time that passes or is lost,
 * bytes from outside, resets. Now and then the device's state moves into a fresh instance on a bench of its own; both
 * must save the same, and from then on the second one gets the same treatment and must give the same answers. Damaged
 * states must be refused without a trace, or taken and lived with.
 *
 * @param <C> the device's configuration
 */
public final class RandomUse<C extends Record> {
  private static final long EPOCH = 951_868_795; // 2000-02-29 23:59:55 UTC

  private final DeviceFactory<C> factory;
  private final C configuration;
  private final Random random;
  private final long seed;

  private Bench bench;
  private Device device;
  private Bench twinBench;
  private Device twin;
  private String last = "";

  private RandomUse(DeviceFactory<C> factory, C configuration, long seed) {
    this.factory = factory;
    this.configuration = configuration;
    this.seed = seed;
    this.random = new Random(seed);
  }

  /**
   * @param seed the same seed gives the same use; any failure names it
   * @throws AssertionError when the device throws, or differs from its twin
   */
  public static <C extends Record> void run(DeviceFactory<C> factory, C configuration, long seed, int steps) {
    RandomUse<C> use = new RandomUse<>(factory, configuration, seed);
    int step = 0;
    try {
      use.begin();
      for (; step < steps; step++) {
        use.step();
      }
    } catch (RuntimeException | AssertionError | InvalidState e) {
      throw new AssertionError("seed " + seed + "L, step " + step + ", " + use.last + ": " + e, e);
    }
  }

  /** As {@link #run(DeviceFactory, Record, long, int)} with the defaults and a new seed, which is printed. */
  public static <C extends Record> void run(DeviceFactory<C> factory, int steps) {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println(factory.type() + ": random use with -Dseed=" + seed);
    run(factory, factory.defaults(), seed, steps);
  }

  private void begin() {
    bench = freshBench(random.nextLong(10_000_000_000L));
    device = bench.make(factory, configuration);
  }

  private void step() throws InvalidState {
    switch (random.nextInt(100)) {
      case 0 -> twinBegins();
      case 1 -> damagedStateArrives();
      case 2 -> reset();
      case 3, 4, 5, 6 -> send();
      case 7 -> stall();
      case 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> time();
      default -> access();
    }
    if (twin != null) {
      same("lines", Integer.toHexString(bench.levels()), Integer.toHexString(twinBench.levels()));
      same("deadline", bench.clock().nextDeadline(), twinBench.clock().nextDeadline());
      same("bytes waiting", bench.characters().pending(), twinBench.characters().pending());
    }
  }

  private void access() {
    List<PortRange> ports = device.portIo().map(io -> io.portRanges()).orElse(List.of());
    List<MemoryRange> windows = device.memoryIo().map(io -> io.memoryRanges()).orElse(List.of());
    int which = random.nextInt(Math.max(1, ports.size() + windows.size()));
    if (which < ports.size()) {
      portAccess(ports.get(which));
    } else if (!windows.isEmpty()) {
      memoryAccess(windows.get(which - ports.size()));
    }
  }

  private void portAccess(PortRange range) {
    int port = Math.clamp(range.first() + random.nextInt(-1, range.count() + 1), 0, 0xffff);
    int size = random.nextInt(4) != 0 ? 1 : 1 << random.nextInt(3);
    if (random.nextBoolean()) {
      last = String.format("in 0x%x, %d bytes", port, size);
      int value = bench.in(port, size);
      if (twin != null) {
        same("value", value, twinBench.in(port, size));
      }
    } else {
      int value = (int) value(size);
      last = String.format("out 0x%x, %d bytes, 0x%x", port, size, value);
      bench.out(port, size, value);
      if (twin != null) {
        twinBench.out(port, size, value);
      }
    }
  }

  private void memoryAccess(MemoryRange range) {
    long reach = Math.min(range.length(), random.nextBoolean() ? 64 : range.length());
    long address = range.first() + random.nextLong(reach);
    int size = 1 << random.nextInt(4);
    if (random.nextBoolean()) {
      last = String.format("read 0x%x, %d bytes", address, size);
      long value = bench.bus().read(address, size);
      if (twin != null) {
        same("value", value, twinBench.bus().read(address, size));
      }
    } else {
      long value = value(size);
      last = String.format("write 0x%x, %d bytes, 0x%x", address, size, value);
      bench.bus().write(address, size, value);
      if (twin != null) {
        twinBench.bus().write(address, size, value);
      }
    }
  }

  private long value(int size) {
    long value = switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 1L << random.nextInt(8 * size);
      case 2 -> -1;
      default -> random.nextLong();
    };
    return size == 8 ? value : value & (1L << (8 * size)) - 1;
  }

  private void time() {
    long nanos = random.nextLong(1L << random.nextInt(1, 22));
    last = "step " + nanos;
    bench.clock().step(nanos);
    if (twin != null) {
      twinBench.clock().step(nanos);
    }
  }

  private void stall() {
    long nanos = random.nextLong(1L << random.nextInt(10, 45));
    last = "stall " + nanos;
    bench.clock().stall(nanos);
    if (twin != null) {
      twinBench.clock().stall(nanos);
    }
  }

  private void send() {
    if (bench.characters().pending() > 100) {
      return;
    }
    for (int count = random.nextInt(1, 20); count > 0; count--) {
      int value = random.nextInt(256);
      last = "send " + value;
      bench.characters().send(value);
      if (twin != null) {
        twinBench.characters().send(value);
      }
    }
  }

  private void reset() {
    ResetKind kind = random.nextBoolean() ? ResetKind.POWER_ON : ResetKind.RESET;
    last = "reset " + kind;
    device.reset(kind);
    if (twin != null) {
      twin.reset(kind);
    }
  }

  private void twinBegins() throws InvalidState {
    last = "save and restore";
    if (twin != null) {
      twin.close();
      same("timers after close", 0, twinBench.clock().openTimers());
    }
    twinBench = freshBench(bench.clock().nanos());
    twinBench.takeLevels(bench);
    twinBench.characters().takePending(bench.characters());
    twin = twinBench.make(factory, configuration);
    States.copy(device, twin);
    same("edges", 0, twinBench.edges());
    same("bytes taken", bench.characters().pending(), twinBench.characters().pending());
    same("state", States.text(device), States.text(twin));
  }

  private void damagedStateArrives() throws InvalidState {
    if (device.persistent().isEmpty()) {
      return;
    }
    last = "damaged state";
    Record damaged = States.damage(device.persistent().get().save(), random);
    Bench other = freshBench(bench.clock().nanos());
    Device victim = other.make(factory, configuration);
    String before = States.text(victim);
    boolean taken = true;
    try {
      States.restore(victim, damaged);
    } catch (InvalidState e) {
      taken = false;
      same("state after refusal", before, States.text(victim));
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("refused without a word: " + States.text(damaged));
      }
    }
    if (taken) {
      RandomUse<C> life = new RandomUse<>(factory, configuration, seed ^ random.nextLong());
      life.bench = other;
      life.device = victim;
      last = "after a damaged state: " + States.text(damaged);
      for (int i = 0; i < 50; i++) {
        switch (life.random.nextInt(8)) {
          case 0 -> life.time();
          case 1 -> life.send();
          case 2 -> life.twinBegins();
          default -> life.access();
        }
      }
    }
  }

  private static Bench freshBench(long nanos) {
    BenchClock clock = new BenchClock();
    clock.epochSeconds(EPOCH);
    clock.step(nanos);
    return new Bench(clock);
  }

  private static void same(String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new AssertionError(what + ": the device has " + expected + ", its twin " + actual);
    }
  }
}
