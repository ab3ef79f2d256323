package org.sallyport.scripting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineManager;

/**
 * The Java side of the built-in modules: what {@code host} is in {@code js/*.js}. Composite results are JSON text; work
 * that takes long gets the two functions that settle a promise.
 */
public final class Host {
  private final ScriptContext script;
  private final HostImages images;
  private final HostFiles files;
  private final long start = System.nanoTime();
  private final Map<Integer, EventLoop.Timer> timers = new HashMap<>();
  private int timerNumbers;

  Host(ScriptContext script) {
    this.script = script;
    this.images = new HostImages(script);
    this.files = new HostFiles(script);
  }

  @HostAccess.Export
  public HostImages images() {
    return images;
  }

  @HostAccess.Export
  public HostFiles files() {
    return files;
  }

  /** {@code [[name, value], ...]} of the script's arguments. */
  @HostAccess.Export
  public String arguments() {
    List<List<String>> result = new ArrayList<>();
    for (ScriptContext.Argument argument : script.owner().arguments()) {
      List<String> pair = new ArrayList<>();
      pair.add(argument.name());
      pair.add(argument.value());
      result.add(pair);
    }
    return Json.write(result);
  }

  @HostAccess.Export
  public String scriptName() {
    return script.name();
  }

  @HostAccess.Export
  public void exit(int status) {
    script.owner().exit(status);
    script.leave();
  }

  @HostAccess.Export
  public void limit(double millis) {
    script.owner().limit((long) millis);
  }

  /** A promise was rejected and nobody looks at it. */
  @HostAccess.Export
  public void unhandled(Value reason) {
    script.owner().end(Failure.of(reason, script));
  }

  @HostAccess.Export
  public void print(String line, boolean error) {
    (error ? script.err() : script.out()).println(line);
  }

  /** Milliseconds since the script began. */
  @HostAccess.Export
  public double elapsed() {
    return (System.nanoTime() - start) / 1e6;
  }

  @HostAccess.Export
  public int setTimer(Value action, double millis, boolean again) {
    int number = ++timerNumbers;
    arm(number, action, Math.max(again ? 1 : 0, (long) millis), again);
    return number;
  }

  private void arm(int number, Value action, long millis, boolean again) {
    timers.put(number, script.loop().after(millis, () -> {
      timers.remove(number);
      if (again) {
        arm(number, action, millis, true);
      }
      action.executeVoid();
    }));
  }

  @HostAccess.Export
  public void clearTimer(int number) {
    EventLoop.Timer timer = timers.remove(number);
    if (timer != null) {
      script.loop().cancel(timer);
    }
  }

  @HostAccess.Export
  public double duration(String text) {
    try {
      return Quantities.millis(text);
    } catch (IllegalArgumentException e) {
      throw script.error("RangeError", e.getMessage());
    }
  }

  @HostAccess.Export
  public double size(String text) {
    try {
      return Quantities.bytes(text);
    } catch (IllegalArgumentException e) {
      throw script.error("RangeError", e.getMessage());
    }
  }

  /** The first comment of the script's file, for its help. */
  @HostAccess.Export
  public String header() {
    return script.owner() instanceof ScriptRun run ? run.header() : "";
  }

  /** An existing file as an absolute path; empty when there is none. */
  @HostAccess.Export
  public String file(String name) {
    Path file = script.environment().currentDirectory().resolve(name).normalize();
    return Files.isRegularFile(file) && Files.isReadable(file) ? file.toString() : "";
  }

  /** Makes a machine; {@code resolve} gets a {@link HostMachine}. */
  @HostAccess.Export
  public void create(Value description, Value resolve, Value reject) {
    Map<String, Object> data = new LinkedHashMap<>(Values.map(description));
    if (data.get("name") == null) {
      data.put("name", unusedName());
    }
    script.background(() -> {
      MachineDescription described =
          script.environment().machines().describe(data, script.environment().currentDirectory());
      HostMachine machine = new HostMachine(script, script.environment().machines().create(described), true);
      script.machines().add(machine);
      return machine;
    }, resolve, reject, machine -> ((HostMachine) machine).release(true));
  }

  private String unusedName() {
    String base = script.name().replaceFirst("^.*[/\\\\]", "").replaceFirst("\\.m?js$", "")
        .replaceAll("[^A-Za-z0-9._-]+|^[^A-Za-z0-9]+", "-").replaceFirst("^-+", "vm-");
    String name = base;
    for (int i = 2; script.environment().machines().machine(name).isPresent(); i++) {
      name = base + i;
    }
    return name;
  }

  /** {@code [{name, available, reason, features, physicalBits}, ...]} of the CPU backends. */
  @HostAccess.Export
  public String backends() {
    List<Map<String, Object>> result = new ArrayList<>();
    for (MachineManager.BackendInfo backend : script.environment().machines().backends()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", backend.name());
      entry.put("available", backend.availability().available());
      entry.put("reason", backend.availability().reason());
      entry.put("features", backend.features().stream().map(CpuFeature::label).sorted().toList());
      entry.put("physicalBits", backend.physicalBits());
      result.add(entry);
    }
    return Json.write(result);
  }

  /** Names of all machines, whoever made them. */
  @HostAccess.Export
  public String machineNames() {
    return Json.write(script.environment().machines().machines().stream().map(Machine::name).toList());
  }

  /** A machine that is there, or null. */
  @HostAccess.Export
  public HostMachine machine(String name) {
    for (HostMachine known : script.machines()) {
      if (known.name().equals(name) && !known.isClosed()) {
        return known;
      }
    }
    return script.environment().machines().machine(name).map(machine -> {
      HostMachine result = new HostMachine(script, machine, false);
      script.machines().add(result);
      return result;
    }).orElse(null);
  }

  /** Runs something that can fail like a machine. */
  static <T> T attempt(ScriptContext script, MachineWork<T> work) {
    try {
      return work.run();
    } catch (MachineException | IOException e) {
      throw script.error("MachineError", e.getMessage());
    }
  }

  /** Something that can fail like a machine. */
  @FunctionalInterface
  interface MachineWork<T> {
    T run() throws MachineException, IOException;
  }
}
