package org.sallyport.console;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VmcsView;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineManager;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.machine.SerialConsole;

/** The commands of scope {@code vm}. Each public method is one; what it returns is printed. */
public class VmCommands {
  /** The names of the commands, for their registration. */
  static final String SCOPE = "vm";

  private static final Set<String> BOOT_KEYS = Set.of("kernel", "initrd", "append", "modules", "rom", "format");
  private static final int LONGEST_DUMP = 1 << 16;
  private static final int LONGEST_INSTRUCTION = 15;
  private static final int PAGE = 4096;

  private static final String CREATE_USAGE = """
      vm:create KEY=VALUE ...

        name=NAME        unique; vm1, vm2, ... if left out
        memory=SIZE      RAM: 256M, 1G
        cpus=N           processors, 1 to 16
        cpu=BACKEND      what runs the guest: auto, vmx, kvm
        features=LIST    changes to the CPU model: +name,-name
        kernel=FILE      what to boot: a Linux bzImage, a multiboot image, an ELF file
        initrd=FILE      its RAM disk
        append=TEXT      its command line; quote it: 'append=console=ttyS0 quiet'
        modules=FILES    multiboot modules, comma-separated
        rom=FILE         firmware instead of a kernel
        format=NAME      the loader, where the image alone does not decide
        device=TYPE[,name=NAME][,PROPERTY=VALUE ...]
                         one more device than a standard PC has; may be given again
        reset=WHAT       what a guest's reset does: reboot or stop

      for instance: vm:create name=demo memory=256M kernel=vmlinuz initrd=root.cpio.gz append=console=ttyS0""";

  private final MachineManager machines;
  private final Supplier<Optional<Disassembler>> disassembler;

  /**
   * @param disassembler asked each time it is needed
   */
  public VmCommands(MachineManager machines, Supplier<Optional<Disassembler>> disassembler) {
    this.machines = machines;
    this.disassembler = disassembler;
  }

  /** What a command does. */
  private interface Deed {
    Object run() throws CommandException, MachineException;
  }

  /** Runs a command; if it fails, tells so in one line. */
  private static Object attempt(String command, Deed deed) {
    try {
      return deed.run();
    } catch (CommandException | MachineException e) {
      System.err.println(SCOPE + ":" + command + ": " + e.getMessage()); // Gogo leads this to the session's terminal.
    } catch (RuntimeException e) {
      System.err.println(SCOPE + ":" + command + ": internal error: " + e);
    }
    return null;
  }

  private Arguments arguments(Object... words) {
    return new Arguments(machines, words);
  }

  // ---- Making and running

  @Descriptor("makes a machine")
  public Object create(CommandSession session,
      @Descriptor("KEY=VALUE ...; without any, the keys are listed") String... settings) {
    return attempt("create", () -> {
      if (settings.length == 0) {
        return CREATE_USAGE;
      }
      Map<String, Object> data = description(settings);
      data.computeIfAbsent("name", key -> unusedName());
      Machine machine = machines.create(machines.describe(data,
          session.currentDir() == null
              ? Path.of("").toAbsolutePath()
              : session.currentDir()));
      List<String> problems = machine.problems();
      return problems.isEmpty()
          ? "machine " + machine.name() + " is made; vm:start " + machine.name() + " runs it"
          : "machine " + machine.name() + " is made, but cannot start yet:\n  " + String.join("\n  ", problems);
    });
  }

  private Map<String, Object> description(String... settings) throws CommandException {
    Map<String, Object> data = new LinkedHashMap<>();
    Map<String, Object> boot = new LinkedHashMap<>();
    List<Object> more = new ArrayList<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals <= 0) {
        throw new CommandException("'" + setting + "' is not KEY=VALUE; vm:create alone lists the keys");
      }
      String key = setting.substring(0, equals);
      String value = setting.substring(equals + 1);
      if (key.equals("device")) {
        more.add(device(value));
      } else if (key.equals("modules")) {
        boot.put(key, List.of(value.split(",")));
      } else {
        (BOOT_KEYS.contains(key) ? boot : data).put(key, value);
      }
    }
    if (!boot.isEmpty()) {
      data.put("boot", boot);
    }
    if (!more.isEmpty()) {
      List<Object> devices = new ArrayList<>();
      for (DeviceDescription standard : machines.standardDevices()) {
        Map<String, Object> device = new LinkedHashMap<>(standard.properties());
        device.put("type", standard.type());
        device.put("name", standard.name());
        devices.add(device);
      }
      devices.addAll(more);
      data.put("devices", devices);
    }
    return data;
  }

  private static Map<String, Object> device(String text) throws CommandException {
    Map<String, Object> device = new LinkedHashMap<>();
    for (String part : text.split(",")) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        device.put(part.substring(0, equals), part.substring(equals + 1));
      } else if (device.isEmpty() && !part.isEmpty()) {
        device.put("type", part);
      } else {
        throw new CommandException("device=" + text + ": write device=TYPE,name=NAME,PROPERTY=VALUE");
      }
    }
    return device;
  }

  private String unusedName() {
    int number = 1;
    while (machines.machine("vm" + number).isPresent()) {
      number++;
    }
    return "vm" + number;
  }

  @Descriptor("lists the machines")
  public Object list() {
    return attempt("list", () -> {
      Table table = new Table("name", "state", "memory", "cpus", "backend", "time", "instructions", "note");
      for (Machine machine : machines.machines()) {
        Machine.Statistics statistics = machine.statistics();
        table.row(machine.name(), state(machine), size(machine.description().memory()), machine.cpus(),
            machine.backend().orElse(machine.description().cpu().backend()), seconds(statistics.running()),
            statistics.instructions() < 0 ? "" : Table.count(statistics.instructions()), note(machine));
      }
      return table.orElse("there is no machine; vm:create makes one");
    });
  }

  private static String state(Machine machine) {
    return machine.state().name().toLowerCase(Locale.ROOT);
  }

  private static String note(Machine machine) {
    if (machine.state() == MachineState.STOPPED && machine.stopped().isDone()
        && !machine.stopped().isCompletedExceptionally()) {
      return machine.stopped().join().message();
    }
    return machine.problems().isEmpty() ? "" : "cannot start: vm:why " + machine.name();
  }

  private static String size(long bytes) {
    return bytes % (1 << 30) == 0
        ? (bytes >> 30) + "G"
        : bytes % (1 << 20) == 0 ? (bytes >> 20) + "M" : (bytes >> 10) + "K";
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toNanos() / 1e9);
  }

  /** Something to do with a machine that gives no output. */
  private interface Change {
    void make(Machine machine) throws MachineException;
  }

  private Object change(String command, String[] words, Change change) {
    return attempt(command, () -> {
      Arguments arguments = arguments((Object[]) words);
      do {
        change.make(arguments.machine());
      } while (!arguments.isEmpty());
      return null;
    });
  }

  @Descriptor("runs a machine")
  public Object start(@Descriptor("[machine ...]") String... names) {
    return change("start", names, Machine::start);
  }

  @Descriptor("stops a machine's processors and its clock for a while")
  public Object pause(@Descriptor("[machine ...]") String... names) {
    return change("pause", names, Machine::pause);
  }

  @Descriptor("lets a paused machine go on")
  public Object resume(@Descriptor("[machine ...]") String... names) {
    return change("resume", names, Machine::resume);
  }

  @Descriptor("ends a machine at once; it can still be looked at")
  public Object stop(@Descriptor("[machine ...]") String... names) {
    return change("stop", names, Machine::stop);
  }

  @Descriptor("resets a machine as its reset button would")
  public Object reset(@Descriptor("[machine ...]") String... names) {
    return change("reset", names, Machine::reset);
  }

  @Descriptor("ends a machine and takes it off the list")
  public Object close(@Descriptor("[machine ...]") String... names) {
    return change("close", names, Machine::close);
  }

  @Descriptor("executes instructions of a paused machine, and shows the next one")
  public Object step(@Descriptor("[machine] [count]") String... words) {
    return attempt("step", () -> {
      Arguments arguments = arguments((Object[]) words);
      Machine machine = arguments.machine();
      long count = arguments.number("a count", 1);
      arguments.end();
      if (count < 1 || count > Integer.MAX_VALUE) {
        throw new CommandException("step 1 to " + Integer.MAX_VALUE + " instructions");
      }
      machine.step((int) count);
      return disassembler.get().isPresent()
          ? disassembly(machine, 0, Numbers.linearRip(machine.cpuState(0)), 1)
          : String.format("rip %016x", machine.cpuState(0).rip());
    });
  }

  // ---- Looking at it

  @Descriptor("shows a processor's registers")
  public Object regs(@Descriptor("[machine] [processor]") String... words) {
    return attempt("regs", () -> {
      Arguments arguments = arguments((Object[]) words);
      Machine machine = arguments.machine();
      int cpu = arguments.cpu(machine);
      arguments.end();
      return Formats.registers(machine.cpuState(cpu));
    });
  }

  @Descriptor("dumps memory; addresses are physical, with -l or a register's name linear")
  public Object mem(@Descriptor("[-l] [machine] address [length]") String... words) {
    return attempt("mem", () -> {
      Arguments arguments = arguments((Object[]) words);
      boolean linear = arguments.option("-l");
      Machine machine = arguments.machine();
      String where =
          arguments.next().orElseThrow(() -> new CommandException("give an address: vm:mem 0x7c00, vm:mem -l rsp"));
      long length = arguments.number("a length", 128);
      arguments.end();
      if (length < 1 || length > LONGEST_DUMP) {
        throw new CommandException("a dump has 1 to " + LONGEST_DUMP + " bytes");
      }
      long address = address(machine, where);
      byte[] bytes = linear || Numbers.isRegister(where)
          ? linear(machine, 0, address, (int) length)
          : machine.memory().bytes(address, (int) length);
      return bytes.length == 0 ? "nothing is mapped at " + String.format("%#x", address) : Formats.dump(address, bytes);
    });
  }

  private static long address(Machine machine, String word) throws CommandException, MachineException {
    return Numbers.isRegister(word) ? Numbers.register(word, machine.cpuState(0)) : Numbers.parse("an address", word);
  }

  /** Bytes at a linear address, as far as it is mapped. */
  private static byte[] linear(Machine machine, int cpu, long address, int length) throws MachineException {
    byte[] result = new byte[length];
    int done = 0;
    while (done < length) {
      long physical = machine.translate(cpu, address + done);
      if (physical == -1) {
        return Arrays.copyOf(result, done);
      }
      int part = (int) Math.min(length - done, PAGE - (physical & PAGE - 1));
      machine.memory().read(physical, result, done, part);
      done += part;
    }
    return result;
  }

  @Descriptor("disassembles, where the processor is or at a linear address")
  public Object disasm(@Descriptor("[machine] [address] [count]") String... words) {
    return attempt("disasm", () -> {
      Arguments arguments = arguments((Object[]) words);
      Machine machine = arguments.machine();
      Optional<String> where = arguments.next();
      long count = arguments.number("a count", 10);
      arguments.end();
      if (count < 1 || count > 1000) {
        throw new CommandException("disassemble 1 to 1000 instructions");
      }
      return disassembly(machine, 0, address(machine, where.orElse("rip")), (int) count);
    });
  }

  private String disassembly(Machine machine, int cpu, long address, int count)
      throws CommandException, MachineException {
    Disassembler service = disassembler.get()
        .orElseThrow(() -> new CommandException("no disassembler is installed; the bundle of the vmx backend has one"));
    VcpuState state = machine.cpuState(cpu);
    byte[] code = linear(machine, cpu, address, count * LONGEST_INSTRUCTION);
    if (code.length == 0) {
      throw new CommandException(String.format("nothing is mapped at %#x", address));
    }
    StringBuilder out = new StringBuilder();
    for (Disassembler.Line line : service.disassemble(code, address, CodeMode.of(state), count)) {
      StringBuilder bytes = new StringBuilder();
      for (int i = 0; i < line.length(); i++) {
        bytes.append(String.format("%02x ", code[(int) (line.address() - address) + i]));
      }
      out.append(out.isEmpty() ? "" : "\n")
          .append(String.format("%016x  %-31s %s", line.address(), bytes, line.text()));
    }
    return out.toString();
  }

  @Descriptor("lists a machine's devices with their ports and memory")
  public Object devices(@Descriptor("[machine]") String... words) {
    return attempt("devices", () -> {
      Machine machine = only(words);
      Table table = new Table("name", "type", "ranges");
      if (machine.devices().isEmpty()) {
        machine.description().devices().forEach(device -> table.row(device.name(), device.type(), "(not made yet)"));
      }
      machine.devices().forEach(device -> table.row(device.name(), device.type(), String.join(", ", device.ranges())));
      return table.orElse("machine " + machine.name() + " has no devices");
    });
  }

  private Machine only(String... words) throws CommandException {
    Arguments arguments = arguments((Object[]) words);
    Machine machine = arguments.machine();
    arguments.end();
    return machine;
  }

  @Descriptor("shows the interrupt lines: who is on them, their level, how often they were raised and delivered")
  public Object irqs(@Descriptor("[machine]") String... words) {
    return attempt("irqs", () -> {
      Machine machine = only(words);
      Table table = new Table("line", "level", "raised", "delivered", "sources");
      for (Machine.IrqInfo irq : machine.irqs()) {
        table.row(irq.gsi(), irq.asserted() ? "high" : "low", Table.count(irq.raised()), Table.count(irq.delivered()),
            String.join(", ", irq.sources()));
      }
      return table.orElse("machine " + machine.name() + " has no interrupt lines yet; vm:start makes them");
    });
  }

  @Descriptor("shows how often the guest was left, and why; and the interrupts injected")
  public Object exits(@Descriptor("[machine]") String... words) {
    return attempt("exits", () -> {
      Machine.Statistics statistics = only(words).statistics();
      long total = Arrays.stream(statistics.exits()).sum();
      Table table = new Table("exit reason", "count", "share");
      for (int i = 0; i < statistics.exits().length; i++) {
        if (statistics.exits()[i] != 0) {
          table.row(ExitReason.values()[i], Table.count(statistics.exits()[i]),
              String.format(Locale.ROOT, "%.1f%%", 100.0 * statistics.exits()[i] / total));
        }
      }
      Table vectors = new Table("vector", "injected");
      for (int vector = 0; vector < statistics.interrupts().length; vector++) {
        if (statistics.interrupts()[vector] != 0) {
          vectors.row(String.format("0x%02x", vector), Table.count(statistics.interrupts()[vector]));
        }
      }
      return table.orElse("no exits yet") + (vectors.isEmpty() ? "" : "\n\n" + vectors);
    });
  }

  @Descriptor("shows a processor's VMCS")
  public Object vmcs(@Descriptor("[machine] [processor] [text: only fields whose name contains it]") String... words) {
    return attempt("vmcs", () -> {
      Arguments arguments = arguments((Object[]) words);
      Machine machine = arguments.machine();
      String first = arguments.next().orElse("0");
      int cpu = Numbers.isNumber(first) ? new Arguments(machines, first).cpu(machine) : 0;
      String filter = (Numbers.isNumber(first) ? arguments.next().orElse("") : first).toLowerCase(Locale.ROOT);
      arguments.end();
      VmcsView view =
          machine.vmcs(cpu).orElseThrow(() -> new CommandException("the backend of machine " + machine.name()
              + " shows no VMCS" + (machine.backend().isEmpty() ? " before the machine has started" : "")));
      Table table = new Table("encoding", "field", "value", "meaning");
      for (VmcsView.Field field : view.fields()) {
        if (field.name().toLowerCase(Locale.ROOT).contains(filter)) {
          table.row(String.format("%08x", field.encoding()), field.name(),
              String.format("0x%0" + field.bits() / 4 + "x", field.value()), field.meaning());
        }
      }
      return table.orElse("no field's name contains '" + filter + "'");
    });
  }

  @Descriptor("tells what keeps a machine from starting, or why it stopped")
  public Object why(@Descriptor("[machine]") String... words) {
    return attempt("why", () -> {
      Machine machine = only(words);
      if (machine.state() == MachineState.STOPPED) {
        return "machine " + machine.name() + " has stopped: " + machine.stopped().join().message();
      }
      List<String> problems = machine.problems();
      return problems.isEmpty()
          ? "nothing is wrong with machine " + machine.name() + "; it is " + state(machine)
          : String.join("\n", problems);
    });
  }

  @Descriptor("shows the last lines of a machine's log")
  public Object log(@Descriptor("[machine] [lines]") String... words) {
    return attempt("log", () -> {
      Arguments arguments = arguments((Object[]) words);
      Machine machine = arguments.machine();
      long wanted = arguments.number("a number of lines", Integer.MAX_VALUE);
      arguments.end();
      List<String> lines = machine.log();
      return String.join("\n", lines.subList((int) Math.max(0, lines.size() - wanted), lines.size()));
    });
  }

  @Descriptor("connects this terminal to a serial port; Ctrl-] comes back")
  public Object serial(CommandSession session, @Descriptor("[machine] [port]") String... words) {
    return attempt("serial", () -> {
      Arguments arguments = arguments((Object[]) words);
      Machine machine = arguments.machine();
      String port = arguments.next().orElse("com1");
      arguments.end();
      SerialConsole console = machine.serial(port).orElseThrow(() -> new CommandException(
          "machine " + machine.name() + " has no serial port '" + port + "'" + (machine.state() == MachineState.CREATED
              ? " before it has started"
              : "; vm:devices lists its devices")));
      Terminals.attach(session, machine, port, console);
      return null;
    });
  }
}
