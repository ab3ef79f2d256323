package org.sallyport.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineManager;
import org.sallyport.machine.description.DescriptionReader;
import org.sallyport.machine.description.DeviceConfiguration;

/** The machines of this process, made of what {@link Plugins} has. */
public final class LocalMachineManager implements MachineManager, AutoCloseable {
  private final Plugins plugins;
  private final Map<String, PcMachine> machines = new LinkedHashMap<>();
  private boolean closed;

  public LocalMachineManager(Plugins plugins) {
    this.plugins = plugins;
  }

  @Override
  public MachineDescription describe(Map<String, ?> data, Path baseDirectory) throws MachineException {
    MachineDescription description = new DescriptionReader(baseDirectory).read(data, freeName());
    for (DeviceDescription device : description.devices()) {
      Optional<DeviceFactory<?>> factory = plugins.device(device.type());
      if (factory.isPresent()) {
        DeviceConfiguration.of(device, factory.get().defaults(), Map.of());
      }
    }
    return description;
  }

  @Override
  public List<BackendInfo> backends() {
    return plugins.backends().stream()
        .map(backend -> new BackendInfo(backend.name(), backend.probe(), backend.features(),
            backend.physicalAddressBits()))
        .toList();
  }

  @Override
  public List<DeviceDescription> standardDevices() {
    return DescriptionReader.standardDevices();
  }

  @Override
  public Machine create(MachineDescription description) throws MachineException {
    DescriptionReader.check(description);
    synchronized (machines) {
      if (closed) {
        throw new MachineException("no machine can be made any more: the machine bundle stops");
      }
      if (machines.containsKey(description.name())) {
        throw new MachineException(
            "a machine named '" + description.name() + "' is there already; close it or choose another name");
      }
      try {
        PcMachine machine = new PcMachine(description, plugins, this::forget);
        machines.put(machine.name(), machine);
        return machine;
      } catch (OutOfMemoryError e) {
        throw new MachineException(
            "memory: the host cannot give " + (description.memory() >> 20) + " MiB: " + e.getMessage(), e);
      }
    }
  }

  @Override
  public List<Machine> machines() {
    synchronized (machines) {
      return List.copyOf(machines.values());
    }
  }

  @Override
  public Optional<Machine> machine(String name) {
    synchronized (machines) {
      return Optional.ofNullable(machines.get(name));
    }
  }

  /** Stops and closes all machines; no other can be made after this. */
  @Override
  public void close() {
    List<PcMachine> all;
    synchronized (machines) {
      closed = true;
      all = new ArrayList<>(machines.values());
    }
    all.forEach(PcMachine::close);
  }

  private void forget(PcMachine machine) {
    synchronized (machines) {
      machines.remove(machine.name(), machine);
    }
  }

  private String freeName() {
    synchronized (machines) {
      int number = 1;
      while (machines.containsKey("vm" + number)) {
        number++;
      }
      return "vm" + number;
    }
  }
}
