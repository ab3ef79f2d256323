package org.sallyport.machine.board;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.device.ClockAlarmInput;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.device.MachineControl;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.PciBus;
import org.sallyport.api.device.PciFunction;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.LocalApicFactory;
import org.sallyport.api.irq.MessageInterrupts;
import org.sallyport.api.machine.Machine.DeviceInfo;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.SerialConsole;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.machine.DeviceLock;
import org.sallyport.machine.MachineLog;
import org.sallyport.machine.Plugins;
import org.sallyport.machine.bus.Claim;
import org.sallyport.machine.bus.Vacancy;
import org.sallyport.machine.irq.ApicFabric;
import org.sallyport.machine.irq.IrqLines;
import org.sallyport.machine.memory.PcMemory;
import org.sallyport.machine.vcpu.Processors;
import org.sallyport.machine.vcpu.Surroundings;

/**
 * A machine's slots and what is in them: puts chips in, wires them to the buses, takes them out, and puts their
 * successors in with the state that they left.
 *
 * <p>All chips are called under the device lock only, so that exchanging one under that lock is atomic for the guest.
 * While a slot is empty because its bundle is being updated, processors that touch it wait a little for the successor.
 */
public final class Board {
  /** ISA interrupt of the real-time clock. */
  private static final int CLOCK_IRQ = 8;

  private final Surroundings surroundings;
  private final Processors processors;
  private final PcMemory memory;
  private final MachineControl control;
  private final long patienceNanos;
  private final List<Slot> slots = new ArrayList<>();
  private LocalApicFactory.Features localApicFeatures;
  private PciBus pciBus;
  /** What remaps the requests of PCI functions; null in a machine that has no such unit. */
  private Iommu iommu;

  /**
   * @param patienceNanos how long a processor's access waits for the successor of a device that was taken out
   */
  public Board(MachineDescription description, Surroundings surroundings, Processors processors, PcMemory memory,
      MachineControl control, long patienceNanos) {
    this.surroundings = surroundings;
    this.processors = processors;
    this.memory = memory;
    this.control = control;
    this.patienceNanos = patienceNanos;
    slots.add(new ControllerSlots.PicSlot(this));
    slots.add(new ControllerSlots.IoApicSlot(this, ioApicId(description.cpus())));
    for (int i = 0; i < description.cpus(); i++) {
      slots.add(new ControllerSlots.LocalApicSlot(this, i));
    }
    for (DeviceDescription device : description.devices()) {
      slots.add(new DeviceSlot(device, this));
    }
  }

  /** The IO APIC's identifier: the first that no processor has, as far as four bits go. */
  public static int ioApicId(int cpus) {
    return cpus < 16 ? cpus : 0;
  }

  // --- what slots ask for ---

  DeviceLock lock() {
    return surroundings.lock();
  }

  IrqLines lines() {
    return surroundings.lines();
  }

  ApicFabric fabric() {
    return surroundings.fabric();
  }

  VmClock clock() {
    return surroundings.clock();
  }

  MachineLog log() {
    return surroundings.log();
  }

  Processors processors() {
    return processors;
  }

  MessageInterrupts messages() {
    return surroundings.fabric();
  }

  PcMemory guestMemory() {
    return memory;
  }

  MachineControl control() {
    return control;
  }

  Iommu iommu() {
    return iommu;
  }

  /**
   * What devices may want to know of the machine: the number of its processors, and the sizes of its RAM in bytes, as
   * firmware looks them up in the CMOS memory.
   */
  Map<String, Object> facts() {
    long below = Math.min(memory.ramSize(), PcMemory.LOW_TOP);
    return Map.of("cpus", processors.count(), "memoryBelow4G", below, "memoryAbove4G", memory.ramSize() - below);
  }

  LocalApicFactory.Features localApicFeatures() {
    return localApicFeatures;
  }

  // --- as a whole; all of it under the device lock ---

  /**
   * What keeps the slots from being filled, one sentence each.
   *
   * @param running whether they should be full already
   */
  public List<String> problems(Plugins plugins, boolean running) {
    List<String> problems = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot.device != null) {
        continue;
      }
      Optional<?> maker = slot.maker(plugins);
      if (maker.isEmpty()) {
        if (!problems.contains(slot.remedy(plugins))) {
          problems.add(slot.remedy(plugins));
        }
      } else if (running) {
        problems.add(slot.complaint);
      } else if (slot instanceof DeviceSlot device) {
        try {
          device.check((DeviceFactory<?>) maker.get());
        } catch (MachineException e) {
          problems.add(e.getMessage());
        }
      }
    }
    return problems;
  }

  /**
   * Fills all slots and wires them.
   *
   * @throws MachineException when a chip cannot be made or two of them want the same addresses; no slot has a chip then
   */
  public void install(Plugins plugins, LocalApicFactory.Features features) throws MachineException {
    localApicFeatures = features;
    try {
      for (Slot slot : slots) {
        Object maker = slot.maker(plugins).orElseThrow(() -> new MachineException(slot.remedy(plugins)));
        slot.device = make(slot, maker);
        slot.maker = maker;
      }
      for (Slot slot : slots) {
        slot.insert(slot.device);
        slot.vacancy = null;
      }
      wirePci();
      iommu = first(Iommu.class).orElse(null);
      fabric().iommu(iommu);
      lines().onRaise(CLOCK_IRQ, () -> first(ClockAlarmInput.class).ifPresent(ClockAlarmInput::clockInterrupt));
      wireBusesStrictly();
    } catch (MachineException e) {
      uninstall();
      throw e;
    } catch (RuntimeException e) {
      uninstall();
      throw new MachineException("the devices cannot be put together: " + e, e);
    }
  }

  /** Takes all chips out, for good. */
  public void uninstall() {
    for (Slot slot : slots) {
      if (slot.device != null) {
        slot.remove();
        close(slot);
        slot.settle();
        slot.saved = null;
      }
    }
    pciBus = null;
    iommu = null;
    fabric().forgetOrigins();
    fabric().iommu(null);
    wireBuses();
  }

  /** Resets every chip as the reset line does. */
  public void reset() {
    for (Slot slot : slots) {
      if (slot.device != null) {
        slot.device.reset(ResetKind.RESET);
      } else {
        slot.saved = null;
      }
    }
    fabric().forgetOrigins();
    lines().reset();
  }

  /**
   * Takes the chips out that this plug-in made; puts those of another plug-in for the same thing in, if there is one.
   */
  public void pluginGone(Object plugin, Plugins plugins) {
    for (Slot slot : slots) {
      if (slot.device != null && slot.maker == plugin) {
        vacate(slot);
        slot.maker(plugins).ifPresent(other -> fill(slot, other));
      }
    }
  }

  /** Fills the empty slots that this plug-in can fill. */
  public void pluginCame(Object plugin, Plugins plugins) {
    for (Slot slot : slots) {
      if (slot.device == null && slot.maker(plugins).filter(maker -> maker == plugin).isPresent()) {
        fill(slot, plugin);
      }
    }
  }

  public List<DeviceInfo> devices() {
    List<DeviceInfo> result = new ArrayList<>();
    for (Slot slot : slots) {
      List<String> ranges = new ArrayList<>();
      slot.ports().forEach(range -> ranges.add("ports " + range));
      slot.windows().forEach(range -> ranges.add("memory " + range));
      result.add(new DeviceInfo(slot.name, slot.type, ranges));
    }
    return result;
  }

  /**
   * A chip's capability, as an object that calls it under the device lock, and after an exchange calls the successor.
   *
   * @throws IllegalArgumentException when {@code contract} is no interface
   */
  public <T> Optional<T> capability(String name, Class<T> contract) {
    if (!contract.isInterface()) {
      throw new IllegalArgumentException(contract.getName() + " is no interface");
    }
    Slot slot = find(name);
    if (slot == null || slot.device == null || slot.device.capability(contract).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(contract.cast(Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[]{contract},
        (proxy, method, arguments) -> {
          lock().lock();
          try {
            Device device = slot.device;
            T now = device == null ? null : device.capability(contract).orElse(null);
            if (now == null) {
              throw new IllegalStateException("device '" + name + "' is not there");
            }
            return method.invoke(now, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          } finally {
            lock().unlock();
          }
        })));
  }

  /** The first chip that has a capability. */
  public <T> Optional<T> first(Class<T> contract) {
    for (Slot slot : slots) {
      if (slot.device != null && slot.device.capability(contract).isPresent()) {
        return slot.device.capability(contract);
      }
    }
    return Optional.empty();
  }

  /** The serial line of a device that has one. */
  public Optional<SerialConsole> serial(String name) {
    return find(name) instanceof DeviceSlot slot && (slot.hasSerial || slot.device == null)
        ? Optional.of(slot.serial)
        : Optional.empty();
  }

  /** The first port of each device's ranges with the interrupt lines it is wired to. */
  public List<IsaDevice> isaDevices() {
    List<IsaDevice> result = new ArrayList<>();
    for (Slot slot : slots) {
      for (PortRange range : slot.ports()) {
        int line = -1;
        for (int gsi = 0; gsi < 16 && line < 0; gsi++) {
          line = lines().owners(gsi).contains(slot.name) ? gsi : -1;
        }
        result.add(new IsaDevice(slot.name, range, line));
      }
    }
    return result;
  }

  /**
   * A range of ports.
   *
   * @param irq the lowest ISA interrupt of the device, or -1
   */
  public record IsaDevice(String name, PortRange ports, int irq) {}

  // --- exchange ---

  private void vacate(Slot slot) {
    slot.vacancy = new Vacancy(slot.ports(), slot.windows(), patienceNanos);
    try {
      slot.saved = slot.device.persistent().map(persistent -> StateTree.of(persistent.save())).orElse(null);
    } catch (RuntimeException e) {
      slot.saved = null;
      log().add(slot.name, "its state could not be saved: " + e);
    }
    slot.remove();
    detachFromPci(slot.device);
    if (iommu != null && slot.device.capability(Iommu.class).filter(unit -> unit == iommu).isPresent()) {
      iommu = MissingIommu.INSTANCE;
      fabric().awaitIommu();
      log().once(slot.name, "requests of PCI devices are blocked until it is back");
    }
    close(slot);
    slot.complaint = "device '" + slot.name + "' (" + slot.type + ") was taken out, its slot is empty";
    wireBuses();
    log().add(slot.name, "its bundle went away; the slot is empty");
    clock().timer(slot.name + ": empty", () -> {
      if (slot.device == null) {
        slot.settle();
      }
    }).at(clock().nanos() + patienceNanos);
  }

  private void fill(Slot slot, Object plugin) {
    Device chip = null;
    try {
      chip = make(slot, plugin);
      if (slot.saved != null) {
        Persistent<?> persistent =
            chip.persistent().orElseThrow(() -> new InvalidState("it has no state, but its predecessor left one"));
        restore(persistent, slot.saved);
      }
    } catch (MachineException | InvalidState | RuntimeException e) {
      String reason = e instanceof MachineException
          ? e.getMessage()
          : "the new '" + slot.type + "' refuses the state of '" + slot.name + "': " + e.getMessage();
      slot.complaint = reason + "; the slot stays empty";
      log().add(slot.name, slot.complaint);
      Vacancy vacancy = slot.vacancy;
      if (chip != null) {
        chip.close();
        slot.remove();
        slot.vacancy = vacancy;
      }
      slot.settle();
      if (vacancy != null) {
        vacancy.giveUp();
      }
      return;
    }
    boolean kept = slot.saved != null;
    slot.device = chip;
    slot.maker = plugin;
    slot.saved = null;
    slot.complaint = "";
    slot.insert(chip);
    slot.settle();
    if (slot.vacancy != null) {
      slot.vacancy.giveUp();
      slot.vacancy = null;
    }
    attachToPci(chip);
    Iommu unit = chip.capability(Iommu.class).orElse(null);
    if (unit != null && iommu == MissingIommu.INSTANCE) {
      iommu = unit;
      fabric().iommu(unit);
    }
    wireBuses();
    log().add(slot.name, "put in again " + (kept ? "with its state" : "in its power-on state"));
  }

  private static <S extends Record> void restore(Persistent<S> persistent, Map<String, Object> saved)
      throws InvalidState {
    persistent.restore(StateTree.to(persistent.type(), saved));
  }

  private Device make(Slot slot, Object maker) throws MachineException {
    try {
      return slot.make(maker);
    } catch (DeviceException e) {
      throw new MachineException("device '" + slot.name + "' (" + slot.type + "): " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new MachineException("device '" + slot.name + "' (" + slot.type + "): " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new MachineException("device '" + slot.name + "' (" + slot.type + ") cannot be made: " + e, e);
    }
  }

  private void close(Slot slot) {
    try {
      slot.device.close();
    } catch (RuntimeException e) {
      log().add(slot.name, "it did not close: " + e);
    }
    slot.device = null;
    slot.maker = null;
  }

  private Slot find(String name) {
    for (Slot slot : slots) {
      if (slot.name.equals(name)) {
        return slot;
      }
    }
    return null;
  }

  // --- wiring ---

  private void wirePci() throws MachineException {
    pciBus = first(PciBus.class).orElse(null);
    for (Slot slot : slots) {
      PciFunction function = slot.device.capability(PciFunction.class).orElse(null);
      if (function != null && pciBus != null) {
        try {
          pciBus.attach(function);
        } catch (DeviceException e) {
          throw new MachineException("device '" + slot.name + "': " + e.getMessage(), e);
        }
      } else if (function != null) {
        log().add(slot.name, "it is a PCI device, but the machine has no PCI bus; the guest will not find it");
      }
    }
  }

  private void attachToPci(Device chip) {
    PciBus bus = chip.capability(PciBus.class).orElse(null);
    if (bus != null && pciBus == null) {
      pciBus = bus;
      for (Slot slot : slots) {
        if (slot.device != null) {
          slot.device.capability(PciFunction.class).ifPresent(function -> attach(slot.name, function));
        }
      }
    } else if (pciBus != null) {
      chip.capability(PciFunction.class).ifPresent(function -> attach("pci", function));
    }
  }

  private void attach(String name, PciFunction function) {
    try {
      pciBus.attach(function);
    } catch (DeviceException e) {
      log().add(name, "not on the PCI bus: " + e.getMessage());
    }
  }

  private void detachFromPci(Device chip) {
    if (pciBus != null) {
      chip.capability(PciFunction.class).ifPresent(pciBus::detach);
      if (chip.capability(PciBus.class).filter(bus -> bus == pciBus).isPresent()) {
        pciBus = null;
      }
    }
  }

  /** Makes the bus tables anew. Where devices overlap, the first one keeps its addresses, and the log says so. */
  public void wireBuses() {
    surroundings.ports().claims(portClaims(),
        (first, second) -> log().once(second.owner(), conflict("port", first, second)));
    surroundings.memory().claims(memoryClaims(),
        (first, second) -> log().once(second.owner(), conflict("address", first, second)));
  }

  private void wireBusesStrictly() throws MachineException {
    List<String> conflicts = new ArrayList<>();
    surroundings.ports().claims(portClaims(), collect("port", conflicts));
    surroundings.memory().claims(memoryClaims(), collect("address", conflicts));
    for (Slot slot : slots) {
      for (MemoryRange window : slot.isOnMemoryBus() ? slot.windows() : List.<MemoryRange>of()) {
        for (MemorySlot ram : memory.slots()) {
          if (window.first() < ram.end() && window.last() >= ram.guestAddress()) {
            conflicts.add("device '" + slot.name + "' wants memory " + window + ", where '" + ram.name() + "' is");
          }
        }
      }
    }
    if (!conflicts.isEmpty()) {
      throw new MachineException(String.join("; ", conflicts));
    }
  }

  private static <T> BiConsumer<Claim<T>, Claim<T>> collect(String what, List<String> conflicts) {
    return (first, second) -> conflicts.add(conflict(what, first, second));
  }

  private static String conflict(String what, Claim<?> first, Claim<?> second) {
    return String.format("devices '%s' and '%s' both want %s 0x%x; move or leave out one of them", first.owner(),
        second.owner(), what,
        Math.max(first.first(), second.first()));
  }

  private List<Claim<PortIo>> portClaims() {
    List<Claim<PortIo>> claims = new ArrayList<>();
    for (Slot slot : slots) {
      PortIo io = slot.device == null ? slot.vacancy : slot.device.portIo().orElse(null);
      if (io != null) {
        for (PortRange range : io.portRanges()) {
          claims.add(new Claim<>(slot.name, range.first(), range.last(), io));
        }
      }
    }
    return claims;
  }

  private List<Claim<MemoryIo>> memoryClaims() {
    List<Claim<MemoryIo>> claims = new ArrayList<>();
    for (MemoryRange range : memory.shadowWrites().memoryRanges()) {
      claims.add(new Claim<>("shadow", range.first(), range.last(), memory.shadowWrites()));
    }
    for (Slot slot : slots) {
      MemoryIo io = slot.device == null ? slot.vacancy : slot.device.memoryIo().orElse(null);
      if (io != null && slot.isOnMemoryBus()) {
        for (MemoryRange range : io.memoryRanges()) {
          claims.add(new Claim<>(slot.name, range.first(), range.last(), io));
        }
      }
    }
    return claims;
  }
}
