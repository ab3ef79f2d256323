package org.sallyport.machine.description;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.machine.CpuDescription;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.machine.model.CpuModel;

/** Reads machine descriptions from plain data, strictly: what it does not know is an error that says what is known. */
public final class DescriptionReader {
  /** Property: {@code reboot} (the default) or {@code stop}, what a guest's reset or triple fault does. */
  public static final String RESET = "reset";

  /**
   * Property: for how many milliseconds an access waits for the successor of a device that was taken out; 1000 by
   * default.
   */
  public static final String PATIENCE = "exchange.patience";

  public static final String REBOOT = "reboot";
  public static final String STOP = "stop";

  /** RAM of a machine whose description does not say. */
  public static final long DEFAULT_MEMORY = 256L << 20;

  private static final String CONTROLLER_NAMES = "pic|ioapic|lapic\\d+";
  private static final Set<String> KEYS = Set.of("name", "memory", "cpus", "cpu", "features", "boot", "devices", RESET);
  private static final Set<String> CPU_KEYS = Set.of("backend", "model", "features", "vendor", "physicalBits");
  private static final Set<String> BOOT_KEYS = Set.of("kernel", "initrd", "append", "modules", "rom", "format");
  private static final Set<String> MODULE_KEYS = Set.of("file", "append");

  private static final List<DeviceDescription> STANDARD = List.of(
  // @formatter:off
      device("uart16550", "com1"),
      device("pit8254"  , "pit"),
      device("rtc"      , "rtc"),
      device("i8042"    , "kbd"),
      device("pci"      , "pci"),
      device("acpi"     , "acpi"),
      device("debugexit", "debug"),
      device("fwcfg"    , "fwcfg"));
      // @formatter:on

  private final Path base;

  /**
   * @param base what relative file names are relative to
   */
  public DescriptionReader(Path base) {
    this.base = base;
  }

  /** The devices of a PC that a description does not name itself. */
  public static List<DeviceDescription> standardDevices() {
    return STANDARD;
  }

  /**
   * @param defaultName name of a machine whose data do not say
   */
  public MachineDescription read(Map<String, ?> data, String defaultName) throws MachineException {
    known("a machine has no property", data, KEYS);
    String name = data.containsKey("name") ? Values.text("name", data.get("name")) : defaultName;
    long memory = data.containsKey("memory") ? Values.size("memory", data.get("memory")) : DEFAULT_MEMORY;
    int cpus = data.containsKey("cpus") ? Math.clamp(Values.whole("cpus", data.get("cpus")), -1, Integer.MAX_VALUE) : 1;
    List<String> features = data.containsKey("features") ? Values.names("features", data.get("features")) : List.of();
    CpuDescription cpu = cpu(data.get("cpu"), features);
    Optional<BootSource> boot = data.containsKey("boot") ? Optional.of(boot(data.get("boot"))) : Optional.empty();
    List<DeviceDescription> devices = data.containsKey("devices") ? devices(data.get("devices")) : STANDARD;
    Map<String, Object> properties =
        data.containsKey(RESET) ? Map.of(RESET, Values.text(RESET, data.get(RESET))) : Map.of();
    MachineDescription description =
        new MachineDescription(name, memory, cpus, cpu, boot, devices, properties);
    check(description);
    return description;
  }

  /**
   * Checks what can be checked without knowing which plug-ins there are.
   *
   * @throws MachineException when the description contradicts itself or asks for what no machine has
   */
  public static void check(MachineDescription description) throws MachineException {
    if (!description.name().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new MachineException(
          "name '" + description.name() + "' must be 1 to 64 letters, digits, dots, underscores and hyphens");
    }
    long memory = description.memory();
    if (memory < 1 << 20 || memory > 1L << 38 || memory % 4096 != 0) {
      throw new MachineException("memory must be 1M to 256G in whole pages of 4096 bytes, not " + memory + " bytes");
    }
    if (description.cpus() < 1 || description.cpus() > 16) {
      throw new MachineException("cpus must be 1 to 16, not " + description.cpus());
    }
    CpuModel.check(description.cpu());
    Object reset = description.properties().getOrDefault(RESET, REBOOT);
    if (!REBOOT.equals(reset) && !STOP.equals(reset)) {
      throw new MachineException("reset must be '" + REBOOT + "' or '" + STOP + "', not '" + reset + "'");
    }
    patienceMillis(description);
    Set<String> names = new HashSet<>();
    for (DeviceDescription device : description.devices()) {
      if (device.name().matches(CONTROLLER_NAMES)) {
        throw new MachineException(
            "device name '" + device.name() + "' belongs to an interrupt controller; choose another one");
      }
      if (!names.add(device.name())) {
        throw new MachineException("two devices are named '" + device.name() + "'; give one of them another name");
      }
    }
  }

  /** How long an access waits for the successor of a device that was taken out. */
  public static int patienceMillis(MachineDescription description) throws MachineException {
    return Values.whole(PATIENCE, description.properties().getOrDefault(PATIENCE, 1000), 0, 60_000);
  }

  /**
   * @param value the backend's name, an object with what is to be said about the processors, or null
   * @param features changes that stand outside of the object; they come after its own
   */
  private static CpuDescription cpu(Object value, List<String> features) throws MachineException {
    Map<?, ?> data = value == null
        ? Map.of()
        : value instanceof Map<?, ?> map ? map : Map.of("backend", Values.text("cpu", value));
    known("cpu has no property", data, CPU_KEYS);
    List<String> changes = new ArrayList<>();
    if (data.get("features") != null) {
      changes.addAll(Values.names("cpu.features", data.get("features")));
    }
    changes.addAll(features);
    return new CpuDescription(text(data, "backend", CpuDescription.AUTO), text(data, "model", CpuDescription.STANDARD),
        changes,
        Optional.ofNullable(text(data, "vendor", null)),
        data.get("physicalBits") == null
            ? CpuDescription.DEFAULT_PHYSICAL_BITS
            : Values.whole("cpu.physicalBits", data.get("physicalBits"), 0, 64));
  }

  private static String text(Map<?, ?> data, String key, String otherwise) throws MachineException {
    return data.get(key) == null ? otherwise : Values.text("cpu." + key, data.get(key));
  }

  private BootSource boot(Object value) throws MachineException {
    Map<?, ?> data = Values.map("boot", value);
    known("boot has no property", data, BOOT_KEYS);
    Optional<Path> kernel = file("boot.kernel", data.get("kernel"));
    Optional<Path> rom = file("boot.rom", data.get("rom"));
    if (kernel.isEmpty() && rom.isEmpty()) {
      throw new MachineException("boot names nothing to start; give boot.kernel or boot.rom");
    }
    String append = data.get("append") == null ? "" : Values.text("boot.append", data.get("append"));
    Optional<String> format =
        data.get("format") == null ? Optional.empty() : Optional.of(Values.text("boot.format", data.get("format")));
    return new BootSource(kernel, file("boot.initrd", data.get("initrd")), append, modules(data.get("modules")), rom,
        format);
  }

  private List<BootSource.Module> modules(Object value) throws MachineException {
    List<BootSource.Module> modules = new ArrayList<>();
    if (value != null) {
      for (Object each : Values.list("boot.modules", value)) {
        if (each instanceof Map<?, ?> data) {
          known("a boot module has no property", data, MODULE_KEYS);
          Path file = file("boot.modules file", data.get("file"))
              .orElseThrow(() -> new MachineException("boot.modules: a module needs its file"));
          modules.add(
              new BootSource.Module(file, data.get("append") == null ? "" : Values.text("append", data.get("append"))));
        } else {
          Path file = file("boot.modules", each)
              .orElseThrow(() -> new MachineException("boot.modules: a module needs its file"));
          modules.add(new BootSource.Module(file, ""));
        }
      }
    }
    return modules;
  }

  private Optional<Path> file(String key, Object value) throws MachineException {
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Path path) {
      return Optional.of(base.resolve(path).normalize());
    }
    String text = Values.text(key, value);
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(base.resolve(text).normalize());
    } catch (InvalidPathException e) {
      throw new MachineException(key + ": '" + text + "' is no file name", e);
    }
  }

  private static List<DeviceDescription> devices(Object value) throws MachineException {
    List<DeviceDescription> devices = new ArrayList<>();
    Map<String, Integer> used = new HashMap<>();
    for (Object each : Values.list("devices", value)) {
      Map<?, ?> data = each instanceof CharSequence type ? Map.of("type", type) : Values.map("a device", each);
      if (data.get("type") == null) {
        throw new MachineException("a device needs a type, as in {type: 'uart16550', name: 'com1'}");
      }
      String type = Values.text("type", data.get("type"));
      Map<String, Object> properties = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : data.entrySet()) {
        String key = String.valueOf(entry.getKey());
        if (entry.getValue() == null) {
          throw new MachineException(
              "device '" + type + "': property '" + key + "' is null; leave it out or give it a value");
        }
        if (!key.equals("type") && !key.equals("name")) {
          properties.put(key, entry.getValue());
        }
      }
      String name = data.get("name") == null ? freeName(type, used) : Values.text("name", data.get("name"));
      used.put(name, 1);
      devices.add(new DeviceDescription(type, name, properties));
    }
    return devices;
  }

  /** The name that the standard devices give to this type, or else the type; numbered when it is taken. */
  private static String freeName(String type, Map<String, Integer> used) {
    String name = STANDARD.stream().filter(device -> device.type().equals(type)).map(DeviceDescription::name)
        .findFirst().orElse(type);
    String stem = name.replaceFirst("\\d+$", "");
    for (int i = 2; used.containsKey(name); i++) {
      name = stem + i;
    }
    return name;
  }

  private static void known(String complaint, Map<?, ?> data, Set<String> allowed) throws MachineException {
    for (Object key : data.keySet()) {
      if (!(key instanceof String text) || !allowed.contains(text)) {
        throw new MachineException(complaint + " '" + key + "'" + Suggestion.of(String.valueOf(key), allowed));
      }
    }
  }

  private static DeviceDescription device(String type, String name) {
    return new DeviceDescription(type, name, Map.of());
  }
}
