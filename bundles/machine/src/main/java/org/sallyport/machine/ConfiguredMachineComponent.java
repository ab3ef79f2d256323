package org.sallyport.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineManager;

/**
 * A machine for each configuration with the factory PID {@value #PID}, from ConfigAdmin or a Configurator resource; it
 * lives as long as the configuration does.
 *
 * <p>The keys are those of {@link MachineManager#describe}, with {@code boot.kernel} and so on for what is nested
 * there; {@code devices} is an array of texts such as {@code "uart16550 name=com2 port=0x2f8"}. {@code autostart}
 * (false by default) starts the machine at once. Relative file names are relative to the process's directory.
 */
@Component(service = {}, configurationPid = ConfiguredMachineComponent.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ConfiguredMachineComponent {
  /** The factory PID. */
  public static final String PID = "org.sallyport.machine";

  private static final String BOOT = "boot.";
  private static final String AUTOSTART = "autostart";
  private static final String DEVICES = "devices";

  private final Machine machine;

  /**
   * @throws MachineException when the configuration makes no sense or the machine cannot start
   */
  @Activate
  public ConfiguredMachineComponent(@Reference MachineManager manager, Map<String, Object> properties)
      throws MachineException {
    machine = manager.create(manager.describe(description(properties), Path.of("").toAbsolutePath()));
    if (Boolean.parseBoolean(String.valueOf(properties.get(AUTOSTART)))) {
      try {
        machine.start();
      } catch (MachineException e) {
        machine.close();
        throw e;
      }
    }
  }

  @Deactivate
  void deactivate() {
    machine.close();
  }

  /** Turns flat properties into the nested data of a description; leaves out what the framework adds. */
  static Map<String, Object> description(Map<String, ?> properties) {
    Map<String, Object> data = new LinkedHashMap<>();
    Map<String, Object> boot = new LinkedHashMap<>();
    properties.forEach((key, value) -> {
      if (key.startsWith(BOOT)) {
        boot.put(key.substring(BOOT.length()), value);
      } else if (key.equals(DEVICES)) {
        data.put(DEVICES, devices(value instanceof Object[] array ? List.of(array) : (List<?>) value));
      } else if (!key.contains(".") && !key.contains(":") && !key.equals(AUTOSTART)) {
        data.put(key, value);
      }
    });
    if (!boot.isEmpty()) {
      data.put("boot", boot);
    }
    return data;
  }

  private static List<Map<String, String>> devices(List<?> texts) {
    List<Map<String, String>> devices = new ArrayList<>();
    for (Object text : texts) {
      Map<String, String> device = new LinkedHashMap<>();
      for (String word : text.toString().strip().split("\\s+")) {
        int equals = word.indexOf('=');
        device.put(equals < 0 ? "type" : word.substring(0, equals), word.substring(equals + 1));
      }
      devices.add(device);
    }
    return devices;
  }
}
