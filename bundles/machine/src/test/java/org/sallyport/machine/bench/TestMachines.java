package org.sallyport.machine.bench;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.irq.IoApicFactory;
import org.sallyport.api.irq.LocalApicFactory;
import org.sallyport.api.irq.PicFactory;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.GuestLoader;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.machine.LocalMachineManager;
import org.sallyport.machine.Plugins;

/**
 * A bench with fakes for everything that a machine gets from outside. Closing it closes the machines and checks for
 * threads left.
 */
public final class TestMachines implements AutoCloseable {
  public final Plugins plugins = new Plugins();
  public final LocalMachineManager manager = new LocalMachineManager(plugins);
  public final FakeBackend backend;
  public final FakeDevice.Factory factory = new FakeDevice.Factory("fake", 1);
  public volatile FakeIoApic ioApic;
  public final List<FakeLapic> lapics = new ArrayList<>();
  public volatile Platform platform;
  public volatile int loads;
  public final PicFactory picFactory = FakePic::new;
  public final IoApicFactory ioApicFactory = (base, id, bus) -> ioApic = new FakeIoApic(bus);
  public final LocalApicFactory lapicFactory = (id, features, clock, bus, processor) -> {
    FakeLapic made = new FakeLapic(id, bus, processor);
    lapics.add(made);
    return made;
  };
  private final Path directory;

  public TestMachines(FakeCpu.Program... programs) {
    backend = new FakeBackend(programs);
    plugins.add(backend, factory, picFactory, ioApicFactory, lapicFactory, new Loader());
    try {
      directory = Files.createTempDirectory("machine");
      Files.writeString(directory.resolve("kernel"), "KERN");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A machine of 4 MiB with one fake device named dev, not started; {@code more} replaces and adds keys. */
  public Machine create(Map<String, Object> more) throws MachineException {
    Map<String, Object> data = new HashMap<>(
        Map.of("memory", "4M", "boot", Map.of("kernel", "kernel"), "devices",
            List.of(Map.of("type", "fake", "name", "dev"))));
    data.putAll(more);
    return manager.create(manager.describe(data, directory));
  }

  /** The same, started. */
  public Machine start(Map<String, Object> more) throws MachineException {
    Machine machine = create(more);
    machine.start();
    return machine;
  }

  public Machine start() throws MachineException {
    return start(Map.of());
  }

  public FakeCpu cpu(int index) {
    return backend.cpus[index];
  }

  public Path directory() {
    return directory;
  }

  /** Waits for something that another thread does; fails after ten seconds. */
  public static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("it did not happen: " + what);
      }
      Thread.onSpinWait();
    }
  }

  public static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
        .filter(name -> name.startsWith("sallyport-")).toList();
  }

  @Override
  public void close() {
    manager.close();
    await("no thread is left, but " + threads(), () -> threads().isEmpty());
    try {
      Files.delete(directory.resolve("kernel"));
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Knows files that begin with KERN and starts them at 0x7c00. */
  private final class Loader implements GuestLoader {
    @Override
    public String format() {
      return "kern";
    }

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public boolean recognises(ByteBuffer head) {
      return head.remaining() >= 4 && head.getInt() == 0x4e52454b;
    }

    @Override
    public VcpuState load(BootSource source, Platform facts, GuestMemory memory, VcpuState powerOn)
        throws LoadException {
      platform = facts;
      loads++;
      try {
        memory.write(0x7c00, Files.readAllBytes(source.kernel().orElseThrow()));
      } catch (IOException e) {
        throw new LoadException("the kernel has gone: " + e, e);
      }
      VcpuStateBuilder state = new VcpuStateBuilder(powerOn);
      state.rip = 0x7c00;
      state.rflags = 0x202;
      return state.build();
    }
  }
}
