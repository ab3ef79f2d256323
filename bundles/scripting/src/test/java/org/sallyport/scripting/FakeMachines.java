package org.sallyport.scripting;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VmcsView;
import org.sallyport.api.device.PowerButton;
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
import org.sallyport.api.memory.MemorySlot;

/** Machines without processors: a test says what their guest does with what it is sent. */
final class FakeMachines implements MachineManager {
  /** All machines ever made. */
  final List<FakeMachine> made = new CopyOnWriteArrayList<>();

  /** What they were described by, in the same order. */
  final List<Map<String, ?>> described = new CopyOnWriteArrayList<>();

  private final List<Machine> machines = new CopyOnWriteArrayList<>();

  /** What a guest does when its machine starts, and, with text, when it is sent some. */
  BiConsumer<FakeMachine, String> guest = (machine, text) -> {};

  @Override
  public MachineDescription describe(Map<String, ?> data, Path baseDirectory) throws MachineException {
    for (String key : data.keySet()) {
      if (!List.of("name", "memory", "cpus", "cpu", "boot", "devices", "reset", "features").contains(key)) {
        throw new MachineException("unknown key '" + key + "' in a machine's description");
      }
    }
    described.add(data);
    Object memory = data.get("memory");
    long bytes = memory == null
        ? 1 << 20
        : memory instanceof Number number ? number.longValue() : Quantities.bytes(memory.toString());
    return new MachineDescription(data.get("name").toString(), bytes, 1, CpuDescription.of("vmx"), Optional.empty(),
        standardDevices(), Map.of());
  }

  @Override
  public List<BackendInfo> backends() {
    return List
        .of(new BackendInfo("vmx", Availability.yes("always there"), Set.of(CpuFeature.FPU, CpuFeature.SSE4_2), 48));
  }

  @Override
  public List<DeviceDescription> standardDevices() {
    return List.of(new DeviceDescription("uart16550", "com1", Map.of()),
        new DeviceDescription("acpi", "acpi", Map.of()));
  }

  @Override
  public Machine create(MachineDescription description) throws MachineException {
    if (machine(description.name()).isPresent()) {
      throw new MachineException("there is a machine " + description.name() + " already");
    }
    FakeMachine machine = new FakeMachine(description);
    made.add(machine);
    machines.add(machine);
    return machine;
  }

  @Override
  public List<Machine> machines() {
    return machines;
  }

  @Override
  public Optional<Machine> machine(String name) {
    return machines.stream().filter(machine -> machine.name().equals(name)).findFirst();
  }

  /** A machine; its one processor is at power-on, its memory is real. */
  final class FakeMachine implements Machine, SerialConsole, GuestMemory {
    private final MachineDescription description;
    private final CompletableFuture<StopReason> stopped = new CompletableFuture<>();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final Map<Listener, Boolean> listeners = new ConcurrentHashMap<>();
    private final MemorySegment ram;
    private volatile MachineState state = MachineState.CREATED;
    volatile boolean closed;
    volatile int presses;

    FakeMachine(MachineDescription description) {
      this.description = description;
      this.ram = Arena.ofAuto().allocate(description.memory(), 4096);
    }

    /** The guest sends text, each byte on its own as a UART does. */
    void say(String text) {
      for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
        synchronized (sent) {
          sent.write(each);
          listeners.keySet().forEach(listener -> listener.received(new byte[]{each}, 1));
        }
      }
    }

    /** The guest sends text all at once. */
    void sayAtOnce(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      synchronized (sent) {
        sent.writeBytes(bytes);
        listeners.keySet().forEach(listener -> listener.received(bytes, bytes.length));
      }
    }

    void end(StopReason.Kind kind, String message, int status) {
      state = MachineState.STOPPED;
      stopped.complete(new StopReason(kind, message, status));
    }

    @Override
    public String name() {
      return description.name();
    }

    @Override
    public MachineDescription description() {
      return description;
    }

    @Override
    public MachineState state() {
      return state;
    }

    @Override
    public List<String> problems() {
      return List.of();
    }

    @Override
    public void start() throws MachineException {
      if (state != MachineState.CREATED) {
        throw new MachineException("machine " + name() + " has been started already");
      }
      state = MachineState.RUNNING;
      Thread.ofVirtual().start(() -> guest.accept(this, ""));
    }

    @Override
    public void pause() {
      state = MachineState.PAUSED;
    }

    @Override
    public void resume() {
      state = MachineState.RUNNING;
    }

    @Override
    public void step(int instructions) throws MachineException {
      if (state != MachineState.PAUSED) {
        throw new MachineException("machine " + name() + " is not paused");
      }
    }

    @Override
    public void reset() {}

    @Override
    public void stop() {
      end(StopReason.Kind.STOPPED, "stopped", 0);
    }

    @Override
    public void close() {
      stop();
      closed = true;
      machines.remove(this);
    }

    @Override
    public CompletableFuture<StopReason> stopped() {
      return stopped;
    }

    @Override
    public Optional<String> backend() {
      return Optional.of("fake");
    }

    @Override
    public int cpus() {
      return 1;
    }

    @Override
    public VcpuState cpuState(int cpu) throws MachineException {
      if (cpu != 0) {
        throw new MachineException("machine " + name() + " has no processor " + cpu);
      }
      return VcpuState.powerOn(0x606a6, VcpuState.Activity.ACTIVE);
    }

    @Override
    public Optional<VmcsView> vmcs(int cpu) {
      return Optional.empty();
    }

    @Override
    public long translate(int cpu, long linear) {
      return linear >= 0 && linear < ramSize() ? linear : -1;
    }

    @Override
    public GuestMemory memory() {
      return this;
    }

    @Override
    public VmClock clock() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<DeviceInfo> devices() {
      return List.of(new DeviceInfo("com1", "uart16550", List.of("ports 0x3f8-0x3ff")),
          new DeviceInfo("acpi", "acpi", List.of()));
    }

    @Override
    public <T> Optional<T> capability(String device, Class<T> contract) {
      return device.equals("acpi") && contract == PowerButton.class
          ? Optional.of(contract.cast((PowerButton) () -> presses++))
          : Optional.empty();
    }

    @Override
    public void locked(Runnable action) {
      action.run();
    }

    @Override
    public List<IrqInfo> irqs() {
      return List.of(new IrqInfo(4, List.of("com1"), false, 12, 11));
    }

    @Override
    public Statistics statistics() {
      long[] exits = new long[ExitReason.count()];
      exits[ExitReason.PORT_WRITE.ordinal()] = 42;
      long[] interrupts = new long[256];
      interrupts[0x24] = 11;
      return new Statistics(Duration.ofSeconds(2), 90_000_000, exits, interrupts);
    }

    @Override
    public Optional<SerialConsole> serial(String device) {
      return device.equals("com1") && state != MachineState.CREATED ? Optional.of(this) : Optional.empty();
    }

    @Override
    public List<String> log() {
      return List.of("a line of the log");
    }

    // ---- SerialConsole

    @Override
    public void send(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.UTF_8);
      Thread.ofVirtual().start(() -> guest.accept(this, text));
    }

    @Override
    public int pending() {
      return 0;
    }

    @Override
    public Subscription listen(long position, Listener listener) {
      synchronized (sent) {
        byte[] before = transcript(position);
        listener.received(before, before.length);
        listeners.put(listener, true);
      }
      return () -> listeners.remove(listener);
    }

    int listeners() {
      return listeners.size();
    }

    @Override
    public long position() {
      return sent.size();
    }

    @Override
    public byte[] transcript(long position) {
      synchronized (sent) {
        byte[] all = sent.toByteArray();
        return Arrays.copyOfRange(all, (int) position, all.length);
      }
    }

    // ---- GuestMemory

    @Override
    public long ramSize() {
      return ram.byteSize();
    }

    @Override
    public List<MemorySlot> slots() {
      return new ArrayList<>();
    }

    @Override
    public boolean isMapped(long address, long length) {
      return address >= 0 && address + length <= ramSize();
    }

    @Override
    public long read(long address, int size) {
      long result = 0;
      for (int i = size - 1; i >= 0; i--) {
        result = result << 8 | (isMapped(address + i, 1) ? ram.get(ValueLayout.JAVA_BYTE, address + i) & 0xff : 0xff);
      }
      return result;
    }

    @Override
    public void write(long address, int size, long value) {
      for (int i = 0; i < size; i++) {
        ram.set(ValueLayout.JAVA_BYTE, address + i, (byte) (value >> 8 * i));
      }
    }

    @Override
    public void read(long address, byte[] into, int offset, int length) {
      for (int i = 0; i < length; i++) {
        into[offset + i] = (byte) read(address + i, 1);
      }
    }

    @Override
    public void write(long address, byte[] from, int offset, int length) {
      for (int i = 0; i < length; i++) {
        write(address + i, 1, from[offset + i]);
      }
    }
  }
}
