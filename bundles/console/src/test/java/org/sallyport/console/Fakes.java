package org.sallyport.console;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VmcsView;
import org.sallyport.api.machine.CpuDescription;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineManager;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.machine.SerialConsole;
import org.sallyport.api.machine.StopReason;
import org.sallyport.api.memory.GuestMemory;

/** Machines that only answer questions, for the commands. */
final class Fakes implements MachineManager {
  final List<Machine> machines = new CopyOnWriteArrayList<>();
  Map<String, ?> described;

  @Override
  public MachineDescription describe(Map<String, ?> data, Path baseDirectory) throws MachineException {
    described = data;
    if (data.containsKey("memry")) {
      throw new MachineException("a machine has no property 'memry'; did you mean 'memory'?");
    }
    return new MachineDescription(data.get("name").toString(), 256 << 20, 2, CpuDescription.of("vmx"), Optional.empty(),
        standardDevices(), Map.of());
  }

  @Override
  public List<BackendInfo> backends() {
    return List
        .of(new BackendInfo("vmx", Availability.yes("always there"), Set.of(CpuFeature.FPU, CpuFeature.SSE4_2), 48));
  }

  @Override
  public List<DeviceDescription> standardDevices() {
    return List.of(new DeviceDescription("uart16550", "com1", Map.of()));
  }

  @Override
  public Machine create(MachineDescription description) {
    FakeMachine fake = new FakeMachine(this, description);
    machines.add(fake.machine);
    return fake.machine;
  }

  @Override
  public List<Machine> machines() {
    return machines;
  }

  @Override
  public Optional<Machine> machine(String name) {
    return machines.stream().filter(machine -> machine.name().equals(name)).findFirst();
  }

  /** What one machine answers; the methods have the names and parameters of {@link Machine}'s. */
  public static final class FakeMachine {
    private final Fakes manager;
    private final MachineDescription description;
    final Machine machine;
    private MachineState state = MachineState.CREATED;
    final CompletableFuture<StopReason> stopped = new CompletableFuture<>();
    final List<String> calls = new ArrayList<>();
    static final Port PORT = new Port();

    FakeMachine(Fakes manager, MachineDescription description) {
      this.manager = manager;
      this.description = description;
      this.machine = answering(Machine.class, this);
    }

    public String name() {
      return description.name();
    }

    public MachineDescription description() {
      return description;
    }

    public MachineState state() {
      return state;
    }

    public List<String> problems() {
      return name().equals("broken") ? List.of("there is no backend 'vmx': install its bundle") : List.of();
    }

    public void start() throws MachineException {
      if (state != MachineState.CREATED) {
        throw new MachineException("machine " + name() + " is " + state + ", not CREATED");
      }
      state = MachineState.RUNNING;
    }

    public void pause() {
      state = MachineState.PAUSED;
    }

    public void resume() {
      state = MachineState.RUNNING;
    }

    public void step(int instructions) {
      calls.add("step " + instructions);
    }

    public void reset() {}

    public void stop() {
      state = MachineState.STOPPED;
      stopped.complete(new StopReason(StopReason.Kind.STOPPED, "somebody stopped it", 0));
    }

    public void close() {
      stop();
      manager.machines.remove(machine);
    }

    public CompletableFuture<StopReason> stopped() {
      return stopped;
    }

    public Optional<String> backend() {
      return state == MachineState.CREATED ? Optional.empty() : Optional.of("vmx");
    }

    public int cpus() {
      return 2;
    }

    public VcpuState cpuState(int cpu) {
      return VcpuState.powerOn(0x606a6, VcpuState.Activity.ACTIVE);
    }

    public Optional<VmcsView> vmcs(int cpu) {
      return Optional.of(() -> List.of(new VmcsView.Field("Guest RIP", 0x681e, 64, 0xfff0, ""),
          new VmcsView.Field("Exit reason", 0x4402, 32, 12, "HLT")));
    }

    public long translate(int cpu, long linear) {
      return linear < 0 ? -1 : linear & 0xfffff;
    }

    public GuestMemory memory() {
      return answering(GuestMemory.class, new Ram());
    }

    public List<Machine.DeviceInfo> devices() {
      return state == MachineState.CREATED
          ? List.of()
          : List.of(new Machine.DeviceInfo("com1", "uart16550", List.of("ports 0x3f8-0x3ff", "line 4")));
    }

    public List<Machine.IrqInfo> irqs() {
      return List.of(new Machine.IrqInfo(0, List.of("pit"), false, 1_234_567, 1_234_567),
          new Machine.IrqInfo(4, List.of("com1"), true, 9, 8));
    }

    public Machine.Statistics statistics() {
      long[] exits = new long[ExitReason.count()];
      exits[ExitReason.PORT_WRITE.ordinal()] = 3000;
      exits[ExitReason.HALT.ordinal()] = 1000;
      long[] interrupts = new long[256];
      interrupts[0x30] = 77;
      return new Machine.Statistics(Duration.ofMillis(1500), 90_000_000, exits, interrupts);
    }

    public Optional<SerialConsole> serial(String device) {
      return device.equals("com1") && state != MachineState.CREATED ? Optional.of(PORT) : Optional.empty();
    }

    public List<String> log() {
      return List.of("first", "second", "third");
    }
  }

  /** Memory whose bytes are the letters of the alphabet. */
  public static final class Ram {
    public byte[] bytes(long address, int length) {
      byte[] result = new byte[length];
      read(address, result, 0, length);
      return result;
    }

    public void read(long address, byte[] into, int offset, int length) {
      for (int i = 0; i < length; i++) {
        into[offset + i] = (byte) ('a' + (address + i) % 26);
      }
    }
  }

  /** A port that answers what it is sent in capitals. */
  static final class Port implements SerialConsole {
    private static final byte[] SAID =
        ("long ago\n" + "line\n".repeat(9) + "what the guest said before\nprompt# ").getBytes(StandardCharsets.UTF_8);

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    @Override
    public void send(byte[] bytes) {
      byte[] answer =
          new String(bytes, StandardCharsets.UTF_8).toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8);
      listeners.forEach(listener -> listener.received(answer, answer.length));
    }

    @Override
    public int pending() {
      return 0;
    }

    @Override
    public Subscription listen(long position, Listener listener) {
      byte[] before = transcript(position);
      listener.received(before, before.length);
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }

    int listeners() {
      return listeners.size();
    }

    @Override
    public long position() {
      return SAID.length;
    }

    @Override
    public byte[] transcript(long position) {
      return Arrays.copyOfRange(SAID, (int) position, SAID.length);
    }
  }

  /** An object of an interface whose methods are those of another object; what that one lacks fails. */
  static <T> T answering(Class<T> type, Object object) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, (proxy, method, arguments) -> {
      try {
        return switch (method.getName()) {
          case "equals" -> proxy == arguments[0];
          case "hashCode" -> System.identityHashCode(proxy);
          case "toString" -> object.toString();
          default ->
            object.getClass().getMethod(method.getName(), method.getParameterTypes()).invoke(object, arguments);
        };
      } catch (InvocationTargetException e) {
        throw e.getCause();
      } catch (NoSuchMethodException e) {
        throw new UnsupportedOperationException(method + " " + Arrays.toString(arguments), e);
      }
    }));
  }
}
