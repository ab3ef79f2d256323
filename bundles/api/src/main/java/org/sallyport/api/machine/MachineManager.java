package org.sallyport.api.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes and finds machines. A service; all methods from any thread. */
public interface MachineManager {
  /**
   * Reads a description from plain data (strings, numbers, booleans, lists, maps), as scripts and configuration files give it.
   *
   * <p>Keys: {@code name}, {@code memory} (bytes, or text with K, M, G), {@code cpus}, {@code cpu}, {@code features} (list or
   * comma-separated text), {@code boot} ({@code kernel}, {@code initrd}, {@code append}, {@code modules}, {@code rom}, {@code
   * format}), {@code devices} (a list of {@code {type, name, ...properties}}; left out: those of {@link #standardDevices()}), {@code
   * reset} ({@code 'reboot'} or {@code 'stop'}: what a guest's reset or triple fault does).
   *
   * @param baseDirectory what relative file names are relative to
   * @throws MachineException on an unknown key or a value that makes no sense; the message names it and what is allowed
   */
  MachineDescription describe(Map<String, ?> data, Path baseDirectory) throws MachineException;

  /** The devices of a PC that a description does not name itself. */
  List<MachineDescription.DeviceDescription> standardDevices();

  /**
   * Makes a machine. A device type or backend that is not there is no error: {@link Machine#problems()} names it, and the machine can
   * start when it has come.
   *
   * @throws MachineException when the name is taken or the description contradicts itself
   */
  Machine create(MachineDescription description) throws MachineException;

  /** The machines in order of creation. */
  List<Machine> machines();

  Optional<Machine> machine(String name);
}
