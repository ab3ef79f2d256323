package org.sallyport.api.machine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sallyport.api.loader.BootSource;

/**
 * A machine as plain data.
 *
 * @param name unique in the container
 * @param memory RAM in bytes, a multiple of 4096, at least 1 MiB
 * @param cpus number of processors, 1 to 16
 * @param cpu what they are
 * @param devices beside what every machine has (interrupt controllers)
 * @param properties further settings by name; each is documented where it is read
 */
public record MachineDescription(String name, long memory, int cpus, CpuDescription cpu, Optional<BootSource> boot,
    List<DeviceDescription> devices, Map<String, Object> properties) {
  public MachineDescription {
    devices = List.copyOf(devices);
    properties = Map.copyOf(properties);
  }

  /**
   * A device of a machine.
   *
   * @param type the {@link org.sallyport.api.device.DeviceFactory#type()}
   * @param name unique in the machine
   * @param properties the factory's configuration by name; those left out have the factory's defaults
   */
  public record DeviceDescription(String type, String name, Map<String, Object> properties) {
    public DeviceDescription {
      properties = Map.copyOf(properties);
    }
  }
}
