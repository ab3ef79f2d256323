package org.sallyport.api.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuFeature;

/** Makes and finds machines. A service; all methods from any thread. */
public interface MachineManager {
  /**
   * Reads a description from plain data (strings, numbers, booleans, lists, maps), as scripts and configuration files
   * give it.
   *
   * <p>Keys: {@code name}, {@code memory} (bytes, or text with K, M, G), {@code cpus}, {@code cpu} (the backend, or an
   * object with {@code backend}, {@code model}, {@code features}, {@code vendor} and {@code physicalBits}; see {@link
   * CpuDescription}), {@code features} (as in {@code cpu}: a list or comma-separated text), {@code boot} ({@code
   * kernel}, {@code initrd}, {@code append}, {@code modules}, {@code rom}, {@code format}), {@code devices} (a list of
   * {@code {type, name, ...properties}}; left out: those of {@link #standardDevices()}), {@code reset} ({@code
   * 'reboot'} or {@code 'stop'}: what a guest's reset or triple fault does).
   *
   * @param baseDirectory what relative file names are relative to
   * @throws MachineException on an unknown key or a value that makes no sense; the message names it and what is allowed
   */
  MachineDescription describe(Map<String, ?> data, Path baseDirectory) throws MachineException;

  /** The backends there are, whether they can be used or not. */
  List<BackendInfo> backends();

  /** The devices of a PC that a description does not name itself. */
  List<MachineDescription.DeviceDescription> standardDevices();

  /**
   * Makes a machine. A device type or backend that is not there is no error: {@link Machine#problems()} names it, and
   * the machine can start when it has come.
   *
   * @throws MachineException when the name is taken or the description contradicts itself
   */
  Machine create(MachineDescription description) throws MachineException;

  /** The machines in order of creation. */
  List<Machine> machines();

  /** The machine with this name. */
  Optional<Machine> machine(String name);

  /**
   * A CPU backend.
   *
   * @param availability whether it can run guests on this host
   * @param features what its processors can do: the CPU model {@code max}
   * @param physicalBits the widest guest-physical addresses that they can have
   */
  record BackendInfo(String name, Availability availability, Set<CpuFeature> features, int physicalBits) {
    public BackendInfo {
      features = Set.copyOf(features);
    }
  }
}
