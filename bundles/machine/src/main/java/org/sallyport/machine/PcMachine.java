package org.sallyport.machine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuBackend;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuClusterSpec;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.cpu.VmcsView;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.LocalApicFactory;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.machine.CpuDescription;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.machine.SerialConsole;
import org.sallyport.api.machine.StopReason;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.machine.board.Board;
import org.sallyport.machine.boot.FirmwareHandover;
import org.sallyport.machine.boot.GuestBoot;
import org.sallyport.machine.boot.PciSetup;
import org.sallyport.machine.bus.MemoryBus;
import org.sallyport.machine.bus.PortBus;
import org.sallyport.machine.clock.HostClock;
import org.sallyport.machine.description.DescriptionReader;
import org.sallyport.machine.irq.ApicFabric;
import org.sallyport.machine.irq.IrqLines;
import org.sallyport.machine.memory.PcMemory;
import org.sallyport.machine.model.CpuModel;
import org.sallyport.machine.vcpu.Host;
import org.sallyport.machine.vcpu.Processors;
import org.sallyport.machine.vcpu.Surroundings;
import org.sallyport.machine.vcpu.Whereabouts;

/**
 * A PC.
 *
 * <p>Two locks order everything: the <em>control</em> lock around starting, pausing, resetting, stopping and
 * exchanging, and the device lock around every call of a chip. Who has both took the control lock first. The machine's
 * own threads, and whoever has the device lock, may not wait for the control lock, as its owner may wait for them; what
 * they ask for is done a moment later by a thread of its own, and no processor executes another instruction before
 * that.
 */
public final class PcMachine implements Machine, Host, GuestControl.Deed {
  /** Something done under the control lock. */
  @FunctionalInterface
  private interface Deed {
    void run() throws MachineException;
  }

  /** Makes the bootstrap processor's first state. */
  @FunctionalInterface
  private interface Beginning {
    VcpuState state() throws MachineException;
  }

  /** RAM or firmware in part of the area below 1 MiB. */
  private record Shadowing(long first, long length, boolean ramReads, boolean ramWrites) {}

  private final MachineDescription description;
  private final Plugins plugins;
  private final Consumer<PcMachine> onClose;
  private final Plugins.Listener pluginListener = new PluginListener();

  private final DeviceLock deviceLock = new DeviceLock();
  private final HostClock clock = new HostClock(deviceLock, this::timerFailed);
  private final MachineLog log = new MachineLog(clock);
  private final PcMemory memory;
  private final PortBus ports = new PortBus();
  private final IrqLines lines = new IrqLines();
  private final Processors processors;
  private final Board board;
  private final GuestBoot boot;

  private final ReentrantLock control = new ReentrantLock();
  private final AtomicInteger deferred = new AtomicInteger();
  private final CompletableFuture<StopReason> stopped = new CompletableFuture<>();
  private volatile MachineState state = MachineState.CREATED;
  private volatile StopReason stopReason;
  private volatile String backendName;
  private volatile boolean guestActed;
  /** In S3: the processors stand although the machine runs. Written under the device lock. */
  private volatile boolean suspended;
  private final FaultCounter faults = new FaultCounter();
  /** What devices have asked for and was not done yet; under the device lock. */
  private final List<Shadowing> shadowings = new ArrayList<>();
  private final List<MemorySlot> mapped = new ArrayList<>();
  private CpuCluster cluster;
  private boolean closed;

  /**
   * Makes a machine; its memory is there at once, everything else when it is started.
   *
   * @param onClose what to do when it has been closed
   * @throws MachineException when the description makes no sense
   */
  PcMachine(MachineDescription description, Plugins plugins, Consumer<PcMachine> onClose) throws MachineException {
    long patienceNanos = DescriptionReader.patienceMillis(description) * 1_000_000L;
    this.description = description;
    this.plugins = plugins;
    this.onClose = onClose;
    memory = new PcMemory(description.memory());
    Surroundings surroundings = new Surroundings(deviceLock, ports, new MemoryBus(), lines,
        new ApicFabric(lines, description.cpus()), clock, log);
    processors = new Processors(description.cpus(), surroundings, this);
    board = new Board(description, surroundings, processors, memory, new GuestControl(this), patienceNanos);
    boot = new GuestBoot(description.boot(), plugins, memory);
    plugins.listen(pluginListener);
  }

  // --- what it is ---

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
  public CompletableFuture<StopReason> stopped() {
    return stopped.copy();
  }

  @Override
  public Optional<String> backend() {
    return Optional.ofNullable(backendName);
  }

  @Override
  public int cpus() {
    return description.cpus();
  }

  @Override
  public List<String> problems() {
    MachineState now = state;
    List<String> problems = new ArrayList<>();
    if (now == MachineState.STOPPED) {
      problems.add("it is over and cannot be started again: " + stopReason.message());
      return problems;
    }
    if (now == MachineState.CREATED) {
      try {
        model(backendOrThrow());
      } catch (MachineException e) {
        problems.add(e.getMessage());
      }
      problems.addAll(boot.problems());
    }
    deviceLock.locked(() -> problems.addAll(board.problems(plugins, now != MachineState.CREATED)));
    for (int i = 0; i < cpus(); i++) {
      if (processors.cpu(i).isDeaf()) {
        problems.add("cpu" + i + " is halted with interrupts off; only an NMI or a reset wakes it");
      }
    }
    return problems;
  }

  // --- its life ---

  @Override
  public void start() throws MachineException {
    controlled("started", () -> {
      if (state != MachineState.CREATED) {
        throw new MachineException("machine '" + name() + "' was started before; it is " + state.name().toLowerCase());
      }
      List<String> problems = problems();
      if (!problems.isEmpty()) {
        throw new MachineException("machine '" + name() + "' cannot start: " + String.join("; ", problems));
      }
      CpuBackend backend = backendOrThrow();
      clock.epochSeconds(Math.floorDiv(System.currentTimeMillis(), 1000L));
      try {
        build(backend);
      } catch (MachineException | RuntimeException | Error e) {
        takeApart();
        throw e;
      }
      backendName = backend.name();
      state = MachineState.RUNNING;
      log.add("machine", "started on backend '" + backendName + "'");
      clock.start("sallyport-" + name() + "-clock");
      clock.go();
      processors.start("sallyport-" + name() + "-cpu");
    });
  }

  @Override
  public void pause() throws MachineException {
    controlled("paused", () -> {
      if (state != MachineState.PAUSED) {
        require(MachineState.RUNNING, "pause");
        processors.hold();
        clock.halt();
        state = MachineState.PAUSED;
      }
    });
  }

  @Override
  public void resume() throws MachineException {
    controlled("resumed", () -> {
      if (state != MachineState.RUNNING) {
        require(MachineState.PAUSED, "resume");
        state = MachineState.RUNNING;
        letRun();
      }
    });
  }

  @Override
  public void step(int instructions) throws MachineException {
    require(MachineState.PAUSED, "step");
    processors.step(0, instructions);
  }

  @Override
  public void reset() throws MachineException {
    controlled("reset", () -> {
      if (state != MachineState.PAUSED) {
        require(MachineState.RUNNING, "reset");
      }
      resetNow();
    });
  }

  @Override
  public void stop() {
    end(new StopReason(StopReason.Kind.STOPPED, "somebody stopped it", 0));
  }

  @Override
  public void end(StopReason reason) {
    controlledSurely("stopped", () -> stopNow(reason));
  }

  @Override
  public void close() {
    controlledSurely("closed", () -> {
      if (!closed) {
        closed = true;
        plugins.unlisten(pluginListener);
        stopNow(new StopReason(StopReason.Kind.STOPPED, "it was closed", 0));
        takeApart();
        memory.close();
        onClose.accept(this);
      }
    });
  }

  // --- what is in it ---

  @Override
  public VcpuState cpuState(int cpu) throws MachineException {
    return processors.state(checked(cpu));
  }

  @Override
  public Optional<VmcsView> vmcs(int cpu) throws MachineException {
    // The fields are read here, where the processor stands: what is handed out must not change under its reader.
    return processors.with(checked(cpu), virtual -> virtual.vmcs().map(view -> {
      List<VmcsView.Field> fields = view.fields();
      return () -> fields;
    }));
  }

  @Override
  public long translate(int cpu, long linear) throws MachineException {
    return processors.with(checked(cpu), virtual -> virtual.translate(linear));
  }

  @Override
  public GuestMemory memory() {
    return memory;
  }

  @Override
  public VmClock clock() {
    return clock;
  }

  @Override
  public List<DeviceInfo> devices() {
    deviceLock.lock();
    try {
      return board.devices();
    } finally {
      deviceLock.unlock();
    }
  }

  @Override
  public <T> Optional<T> capability(String device, Class<T> contract) {
    deviceLock.lock();
    try {
      return board.capability(device, contract);
    } finally {
      deviceLock.unlock();
    }
  }

  @Override
  public void locked(Runnable action) {
    deviceLock.locked(action);
  }

  @Override
  public List<IrqInfo> irqs() {
    deviceLock.lock();
    try {
      return lines.info();
    } finally {
      deviceLock.unlock();
    }
  }

  @Override
  public Statistics statistics() {
    return new Statistics(Duration.ofNanos(clock.nanos()), processors.instructions(), processors.exits(),
        processors.interrupts());
  }

  @Override
  public Optional<SerialConsole> serial(String device) {
    deviceLock.lock();
    try {
      return board.serial(device);
    } finally {
      deviceLock.unlock();
    }
  }

  @Override
  public List<String> log() {
    return log.lines();
  }

  @Override
  public String toString() {
    return "machine '" + name() + "' (" + state + ")";
  }

  // --- what its own threads report ---

  @Override
  public MachineLog machineLog() {
    return log;
  }

  @Override
  public void guestReset(String reason) {
    if (DescriptionReader.STOP.equals(description.properties().get(DescriptionReader.RESET))) {
      end(new StopReason(StopReason.Kind.RESET, "the guest reset the machine (" + reason + ")", 0));
    } else {
      reboot("the guest reset the machine (" + reason + ")");
    }
  }

  @Override
  public void shadow(long first, long length, boolean ramReads, boolean ramWrites) {
    if (description.boot().flatMap(BootSource::rom).isEmpty()) {
      return;
    }
    shadowings.add(new Shadowing(first, length, ramReads, ramWrites));
    if (shadowings.size() == 1 && state != MachineState.CREATED) {
      later("mapped anew", () -> {
        if (state == MachineState.RUNNING || state == MachineState.PAUSED) {
          processors.hold();
          deviceLock.locked(this::applyShadowings);
        }
      });
    }
  }

  /** Under the device lock; no processor runs. */
  private void applyShadowings() {
    boolean changed = false;
    for (Shadowing each : shadowings) {
      changed |= memory.shadow(each.first, each.length, each.ramReads, each.ramWrites);
    }
    shadowings.clear();
    if (changed) {
      mapSlots();
    }
  }

  /** Gives the processors the memory slots as they are now. None runs. */
  private void mapSlots() {
    List<MemorySlot> slots = memory.slots();
    mapped.removeIf(slot -> {
      boolean gone = slots.stream().noneMatch(other -> other == slot);
      if (gone) {
        cluster.unmap(slot);
      }
      return gone;
    });
    for (MemorySlot slot : slots) {
      if (mapped.stream().noneMatch(other -> other == slot)) {
        cluster.map(slot);
        mapped.add(slot);
      }
    }
    board.wireBuses();
  }

  @Override
  public void suspend() {
    suspended = true;
    log.add("machine", "the guest suspended it to RAM");
    later("suspended", () -> {});
  }

  @Override
  public void wake(String reason) {
    if (suspended) {
      log.add("machine", "woken up by " + reason);
      later("woken up", this::wakeNow);
    }
  }

  private void wakeNow() throws MachineException {
    if (!suspended || state != MachineState.RUNNING && state != MachineState.PAUSED) {
      return;
    }
    OptionalLong vector = boot.wakingVector();
    if (vector.isEmpty() && !boot.hasFirmware()) {
      log.add("machine", "the guest left no waking vector; it starts again");
      resetNow();
      return;
    }
    processors.hold();
    clock.halt();
    deviceLock.locked(board::reset);
    suspended = false;
    begin(() -> {
      if (boot.hasFirmware()) {
        boot.mapRom();
        return VcpuState.powerOn(CpuModel.SIGNATURE, Activity.ACTIVE);
      }
      return FirmwareHandover.awake(vector.getAsLong());
    });
    if (state == MachineState.RUNNING) {
      letRun();
    }
  }

  @Override
  public void tripleFault(int cpu, String where) {
    String what = "triple fault on cpu" + cpu + " " + where;
    if (DescriptionReader.STOP.equals(description.properties().get(DescriptionReader.RESET))) {
      end(new StopReason(StopReason.Kind.TRIPLE_FAULT, what, 0));
    } else if (faults.isTooMany(clock.nanos())) {
      end(new StopReason(StopReason.Kind.TRIPLE_FAULT,
          what + "; the guest does not get further than this, however often it starts", 0));
    } else {
      reboot(what);
    }
  }

  @Override
  public void failed(String message, Throwable cause) {
    StackTraceElement[] trace = cause == null ? new StackTraceElement[0] : cause.getStackTrace();
    for (int i = 0; i < Math.min(trace.length, 20); i++) {
      log.add("machine", "  at " + trace[i]);
    }
    end(new StopReason(StopReason.Kind.FAILED, message, 0));
  }

  @Override
  public String whereabouts(VirtualCpu cpu) {
    return Whereabouts.of(cpu, memory, plugins.disassembler());
  }

  private void timerFailed(String timer, Throwable cause) {
    failed("timer '" + timer + "': " + cause, cause);
  }

  private void reboot(String why) {
    log.add("machine", why + "; it starts again");
    if (guestActed) {
      return; // two processors may reset at the same time
    }
    guestActed = true;
    later("reset", () -> {
      guestActed = false;
      if (state == MachineState.RUNNING || state == MachineState.PAUSED) {
        resetNow();
      }
    });
  }

  // --- how it is done ---

  private void controlled(String what, Deed deed) throws MachineException {
    if (mustNotWait()) {
      later(what, deed);
      return;
    }
    control.lock();
    try {
      deed.run();
    } finally {
      control.unlock();
    }
    announceEnd();
  }

  /** Not under the control lock, as others may wait for this and want the lock. */
  private void announceEnd() {
    if (state == MachineState.STOPPED && !control.isHeldByCurrentThread()) {
      stopped.complete(stopReason);
    }
  }

  /** For deeds that throw no {@link MachineException}. */
  private void controlledSurely(String what, Runnable deed) {
    try {
      controlled(what, deed::run);
    } catch (MachineException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean mustNotWait() {
    return deviceLock.isMine() || processors.isMine() || clock.isMine();
  }

  /** Has something done by a thread of its own; until then no processor goes on. */
  private void later(String what, Deed deed) {
    deferred.incrementAndGet();
    processors.holdSoon();
    Thread.ofPlatform().daemon().name("sallyport-" + name() + "-control").start(() -> {
      StopReason failure = null;
      control.lock();
      try {
        deed.run();
      } catch (MachineException e) {
        log.add("machine", "it could not be " + what + ": " + e.getMessage());
      } catch (RuntimeException | Error e) {
        failure = new StopReason(StopReason.Kind.FAILED, "it could not be " + what + ": " + e, 0);
      } finally {
        if (deferred.decrementAndGet() == 0 && state == MachineState.RUNNING && !suspended) {
          processors.release();
        }
        control.unlock();
      }
      if (failure != null) {
        end(failure);
      }
      announceEnd();
    });
  }

  private void stopNow(StopReason reason) {
    if (state != MachineState.STOPPED) {
      processors.stop();
      clock.end();
      stopReason = reason;
      state = MachineState.STOPPED;
      log.add("machine", "stopped: " + reason.message());
    }
  }

  private void letRun() {
    clock.go();
    if (deferred.get() == 0 && !suspended) {
      processors.release();
    }
  }

  private void require(MachineState wanted, String verb) throws MachineException {
    if (state != wanted) {
      throw new MachineException("machine '" + name() + "' is " + state.name().toLowerCase() + "; only a "
          + wanted.name().toLowerCase() + " machine can " + verb);
    }
  }

  private int checked(int cpu) throws MachineException {
    if (cpu < 0 || cpu >= cpus()) {
      throw new MachineException("machine '" + name() + "' has the processors 0 to " + (cpus() - 1) + ", not " + cpu);
    }
    return cpu;
  }

  private CpuBackend backendOrThrow() throws MachineException {
    List<String> reasons = new ArrayList<>();
    List<CpuBackend> backends = plugins.backends();
    String wanted = description.cpu().backend();
    if (wanted.equals(CpuDescription.AUTO)) {
      // Hardware first.
      backends.sort(java.util.Comparator.comparing((CpuBackend backend) -> !backend.name().equals("kvm")));
    } else {
      backends.removeIf(backend -> !backend.name().equals(wanted));
    }
    for (CpuBackend backend : backends) {
      Availability found = backend.probe();
      if (found.available()) {
        return backend;
      }
      reasons.add(backend.name() + ": " + found.reason());
    }
    if (!reasons.isEmpty()) {
      throw new MachineException("no CPU backend can be used: " + String.join("; ", reasons));
    }
    List<String> names = plugins.backends().stream().map(CpuBackend::name).toList();
    throw new MachineException(names.isEmpty()
        ? "no CPU backend is there; install a bundle that has one (service property "
            + CpuBackend.PROPERTY + ")"
        : "no CPU backend is named '" + wanted + "'; there are: auto, " + String.join(", ", names));
  }

  private CpuModel model(CpuBackend backend) throws MachineException {
    return CpuModel.of(backend.name(), backend.features(), description.cpu(), cpus());
  }

  private void build(CpuBackend backend) throws MachineException {
    CpuModel model = model(backend);
    int physicalBits = description.cpu().physicalBits();
    LocalApicFactory.Features features = new LocalApicFactory.Features(model.features().contains(CpuFeature.X2APIC),
        model.features().contains(CpuFeature.TSC_DEADLINE), CpuModel.TSC_HZ, physicalBits);
    deviceLock.lock();
    try {
      board.install(plugins, features);
    } finally {
      deviceLock.unlock();
    }
    boot.mapRom();
    try {
      cluster = backend.open(
          new CpuClusterSpec(cpus(), model.cpuid(), physicalBits, CpuModel.TSC_HZ, clock));
    } catch (CpuException e) {
      throw new MachineException("CPU backend '" + backend.name() + "': " + e.getMessage(), e);
    }
    memory.onWrite(cluster::memoryWritten);
    processors.attach(cluster);
    loadGuest();
  }

  private void takeApart() {
    deviceLock.lock();
    try {
      board.uninstall();
      memory.onWrite(null);
      processors.detach();
    } finally {
      deviceLock.unlock();
    }
    if (cluster != null) {
      cluster.close();
      cluster = null;
      mapped.clear();
    }
  }

  /** Loads the guest and puts the processors at its beginning. They stand, and so does the clock. */
  private void loadGuest() throws MachineException {
    begin(() -> boot.load(cpus(), board));
  }

  private void begin(Beginning beginning) throws MachineException {
    deviceLock.lock();
    try {
      shadowings.clear();
      VcpuState bootstrap = atTime(beginning.state());
      mapSlots();
      if (!boot.hasFirmware()) {
        board.first(LocalApic.class).ifPresent(apic -> FirmwareHandover.program(ports, apic));
        PciSetup.run(ports);
      }
      VcpuState others = atTime(VcpuState.powerOn(CpuModel.SIGNATURE, Activity.WAIT_FOR_SIPI));
      processors.reset(cpu -> cpu == 0 ? bootstrap : others);
    } catch (CpuException e) {
      throw new MachineException("CPU backend refuses the guest's first state: " + e.getMessage(), e);
    } finally {
      deviceLock.unlock();
    }
  }

  /** The time-stamp counter goes with the clock, so that deadlines in its terms stay true over a reset. */
  private VcpuState atTime(VcpuState state) {
    VcpuStateBuilder builder = new VcpuStateBuilder(state);
    builder.tsc = clock.nanos();
    return builder.build();
  }

  private void resetNow() throws MachineException {
    processors.hold();
    clock.halt();
    try {
      if (suspended) {
        suspended = false;
        deviceLock.locked(board::reset); // power management takes the first one for what ends S3
      }
      deviceLock.locked(board::reset);
      loadGuest();
    } catch (MachineException | RuntimeException e) {
      // Half a guest must not run.
      later("stopped",
          () -> end(new StopReason(StopReason.Kind.FAILED, "the guest cannot be loaded again: " + e.getMessage(), 0)));
      throw e;
    }
    if (state == MachineState.RUNNING) {
      letRun();
    }
  }

  /** Exchanges chips as bundles come and go. */
  private final class PluginListener implements Plugins.Listener {
    @Override
    public void came(Object plugin) {
      exchange(() -> board.pluginCame(plugin, plugins));
    }

    @Override
    public void gone(Object plugin) {
      exchange(() -> board.pluginGone(plugin, plugins));
    }

    private void exchange(Runnable change) {
      controlledSurely("changed", () -> {
        if (state != MachineState.CREATED && !closed) {
          deviceLock.locked(change);
        }
      });
    }
  }
}
