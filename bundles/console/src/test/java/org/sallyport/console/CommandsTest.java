package org.sallyport.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.script.ScriptException;
import org.sallyport.api.script.ScriptRunner;

/** The commands as Gogo calls them. */
@Timeout(30)
class CommandsTest {
  private final Fakes machines = new Fakes();
  private final FakeRunner runner = new FakeRunner();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final ThreadIOImpl threadIo = new ThreadIOImpl();
  private Optional<Disassembler> disassembler = Optional.empty();
  private CommandSession session;

  @BeforeEach
  void open() {
    threadIo.start();
    CommandProcessorImpl processor = new CommandProcessorImpl(threadIo);
    VmCommands vm = new VmCommands(machines, () -> disassembler);
    for (String function : new String[]{"create", "list", "start", "pause", "resume", "stop", "reset", "close", "step",
        "regs", "mem",
        "disasm", "devices", "irqs", "exits", "vmcs", "why", "log", "serial"}) {
      processor.addCommand("vm", vm, function);
    }
    JsCommands js = new JsCommands(runner);
    processor.addCommand("js", js, "run");
    processor.addCommand("js", js, "eval");
    processor.addCommand("vm", new HelpCommand(), "help");
    session = processor.createSession(new ByteArrayInputStream(new byte[0]), out, err);
    session.currentDir(Path.of("").toAbsolutePath());
  }

  @AfterEach
  void close() {
    session.close();
    threadIo.stop();
  }

  /** Executes a command line; gives what the command returns. Nothing may be thrown: errors are one line. */
  private String command(String line) throws Exception {
    out.reset();
    err.reset();
    Object result = session.execute(line);
    return result == null ? "" : result.toString();
  }

  private String error(String line) throws Exception {
    assertEquals("", command(line));
    session.getConsole().flush();
    String text = err.toString(StandardCharsets.UTF_8);
    assertEquals(1, text.lines().count(), text);
    return text.strip();
  }

  @Test
  void createsFromKeysAndValues() throws Exception {
    assertTrue(command("vm:create").startsWith("vm:create KEY=VALUE ..."));
    assertEquals("machine demo is made; vm:start demo runs it",
        command(
            "vm:create name=demo memory=256M kernel=vmlinuz 'append=console=ttyS0 quiet' modules=a,b device=uart16550,name=com2,irq=3"));
    assertEquals(Map.of("kernel", "vmlinuz", "append", "console=ttyS0 quiet", "modules", List.of("a", "b")),
        machines.described.get("boot"));
    assertEquals("256M", machines.described.get("memory"));
    assertEquals(
        List.of(Map.of("type", "uart16550", "name", "com1"), Map.of("type", "uart16550", "name", "com2", "irq", "3")),
        machines.described.get("devices"));
    command("vm:create memory=1M");
    assertEquals("vm1", machines.described.get("name"));
    assertEquals("machine broken is made, but cannot start yet:\n  there is no backend 'vmx': install its bundle",
        command("vm:create name=broken"));
    assertEquals("there is no backend 'vmx': install its bundle", command("vm:why broken"));
    assertEquals("vm:create: 'kernel' is not KEY=VALUE; vm:create alone lists the keys", error("vm:create kernel"));
    assertEquals("vm:create: a machine has no property 'memry'; did you mean 'memory'?", error("vm:create memry=1"));
    assertEquals("vm:create: device=,x: write device=TYPE,name=NAME,PROPERTY=VALUE", error("vm:create device=,x"));
  }

  @Test
  void controlsMachines() throws Exception {
    assertEquals("there is no machine; vm:create makes one", command("vm:list"));
    assertEquals("vm:start: there is no machine; vm:create makes one", error("vm:start"));
    command("vm:create name=demo");
    command("vm:start");
    assertEquals(MachineState.RUNNING, machines.machine("demo").orElseThrow().state());
    assertEquals("vm:start: machine demo is RUNNING, not CREATED", error("vm:start demo"));
    command("vm:pause demo");
    assertEquals(MachineState.PAUSED, machines.machine("demo").orElseThrow().state());
    command("vm:resume");
    command("vm:create name=other");
    assertEquals("vm:stop: which machine? There are demo, other", error("vm:stop"));
    assertEquals("vm:stop: there is no machine 'nobody'; there is demo, other", error("vm:stop nobody"));
    command("vm:stop demo other");
    assertEquals("""
        name   state    memory  cpus  backend  time   instructions  note
        demo   stopped  256M       2  vmx      1.5 s    90,000,000  somebody stopped it
        other  stopped  256M       2  vmx      1.5 s    90,000,000  somebody stopped it""", command("vm:list"));
    assertEquals("machine demo has stopped: somebody stopped it", command("vm:why demo"));
    command("vm:close demo");
    assertEquals(1, machines.machines().size());
  }

  @Test
  void showsWhatIsInside() throws Exception {
    command("vm:create name=demo");
    assertEquals("name  type       ranges\ncom1  uart16550  (not made yet)", command("vm:devices"));
    command("vm:start");
    assertEquals("name  type       ranges\ncom1  uart16550  ports 0x3f8-0x3ff, line 4", command("vm:devices demo"));
    assertEquals("""
        line  level     raised  delivered  sources
           0  low    1,234,567  1,234,567  pit
           4  high           9          8  com1""", command("vm:irqs"));
    assertEquals("""
        exit reason  count  share
        PORT_WRITE   3,000  75.0%
        HALT         1,000  25.0%

        vector  injected
        0x30          77""", command("vm:exits"));
    assertEquals("""
        encoding  field        value               meaning
        0000681e  Guest RIP    0x000000000000fff0
        00004402  Exit reason  0x0000000c          HLT""", command("vm:vmcs"));
    assertEquals(2, command("vm:vmcs demo 1 reason").lines().count());
    assertEquals("vm:vmcs: machine demo has no processor 2; it has 2", error("vm:vmcs 2"));
    String registers = command("vm:regs demo 1");
    assertTrue(registers.startsWith(
        "rax 0000000000000000  rcx 0000000000000000  rdx 00000000000606a6  rbx 0000000000000000\n"), registers);
    assertTrue(registers.contains("\nrip 000000000000fff0  rflags 00000002 []  real mode, active\n"), registers);
    assertTrue(registers.contains("\ncs  f000  base 00000000ffff0000  limit 0000ffff  access 0093\n"), registers);
    assertEquals("second\nthird", command("vm:log demo 2"));
    assertEquals("vm:regs: what is 'x'? help says what the command takes", error("vm:regs demo 0 x"));
    assertEquals("vm:log: 'x' is not a number of lines: write a number such as 16 or 0x10", error("vm:log demo x"));
  }

  @Test
  void dumpsMemory() throws Exception {
    command("vm:create name=demo");
    assertEquals("""
        0000000000000000  61 62 63 64 65 66 67 68  69 6a 6b 6c 6d 6e 6f 70  |abcdefghijklmnop|
        0000000000000010  71 72 73 74                                       |qrst|""", command("vm:mem 0 20"));
    assertEquals("0000000000001000  ", command("vm:mem demo 0x1000 1").substring(0, 18));
    assertEquals("00000000ffff", command("vm:mem rip 1").substring(0, 12).replace("fff0", "ffff").substring(0, 12));
    assertTrue(command("vm:mem -l 0x100001 1").startsWith("0000000000100001  62 "), "translated to physical 1");
    assertEquals("nothing is mapped at 0xffffffffffffffff", command("vm:mem -l 0xffffffffffffffff 1"));
    assertEquals("vm:mem: give an address: vm:mem 0x7c00, vm:mem -l rsp", error("vm:mem"));
    assertEquals("vm:mem: a dump has 1 to 65536 bytes", error("vm:mem 0 0x100000"));
    assertEquals("vm:mem: there is no machine 'zzz'; there is demo", error("vm:mem zzz"));
  }

  @Test
  void disassembles() throws Exception {
    command("vm:create name=demo");
    assertEquals("vm:disasm: no disassembler is installed; the bundle of the vmx backend has one", error("vm:disasm"));
    List<String> asked = new ArrayList<>();
    disassembler = Optional.of((code, address, mode, count) -> {
      asked.add(mode + " " + count);
      List<Disassembler.Line> lines = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        lines.add(new Disassembler.Line(address + 2 * i, 2, "op" + i));
      }
      return lines;
    });
    assertEquals("""
        0000000000001000  6f 70                           op0
        0000000000001002  71 72                           op1""", command("vm:disasm 0x1000 2"));
    assertTrue(command("vm:disasm").startsWith("00000000fffffff0  "), "where the processor is, CS's base included");
    assertEquals(List.of(CodeMode.BITS16 + " 2", CodeMode.BITS16 + " 10"), asked);
    assertTrue(command("vm:step demo 3").startsWith("00000000fffffff0  "));
    assertEquals("vm:step: step 1 to 2147483647 instructions", error("vm:step 0"));
  }

  @Test
  void runsScripts() throws Exception {
    command("js:run hello.js a=1 --debug b=2");
    assertEquals("run hello.js [a=1, b=2] true", runner.calls.getLast());
    runner.status = 3;
    assertEquals("js:run: the script ended with status 3", error("js:run hello.js"));
    assertEquals("js:run: which script? js:run FILE.js [name=value ...]", error("js:run"));
    assertEquals("value of 1 + 2", command("js:eval 1 + 2"));
    assertEquals("value of vm.state", command("js:eval 'vm.state'"));
    assertEquals(1, runner.opened);
    assertEquals("console:1:1: bad", error("js:eval bad"));
    assertEquals("js:eval: give the source: js:eval '1 + 1'", error("js:eval"));
  }

  @Test
  void helps() throws Exception {
    String all = command("vm:help");
    for (String name : new String[]{"vm:create", "vm:serial", "vm:why", "js:run", "js:eval"}) {
      assertTrue(all.contains(name + " "), name);
    }
    assertEquals(
        "vm:mem [-l] [machine] address [length]\n  dumps memory; addresses are physical, with -l or a register's name linear",
        command("vm:help mem"));
    assertEquals(command("vm:help mem"), command("vm:help vm:mem"));
    assertTrue(command("vm:help nonsense").startsWith("there is no command nonsense"));
  }

  @Test
  void registersEveryCommand() {
    List<String> methods = java.util.Arrays.stream(VmCommands.class.getDeclaredMethods())
        .filter(method -> java.lang.reflect.Modifier.isPublic(method.getModifiers()))
        .map(java.lang.reflect.Method::getName).sorted().toList();
    assertEquals(19, methods.size(),
        "a new command has to be in VmCommandsComponent's properties and in open() above: " + methods);
  }

  @Test
  void runsTheCommandLine() {
    CommandLine line = new CommandLine(runner, out, new PrintStream(err));
    assertEquals(0, line.execute("run", "hello.js", "a=1", "--debug"));
    assertEquals("run hello.js [a=1] true", runner.calls.getLast());
    assertEquals(2, line.execute("run"));
    assertEquals("sallyport: which script? run FILE.js [name=value ...] [--debug]", err.toString().strip());
    err.reset();
    assertEquals(2, line.execute("walk", "x"));
    assertEquals("sallyport: unknown command 'walk x'; write run FILE.js [name=value ...] [--debug]",
        err.toString().strip());
  }

  /** Keeps what it is told to run. */
  private static final class FakeRunner implements ScriptRunner {
    final List<String> calls = new ArrayList<>();
    int status;
    int opened;

    @Override
    public int run(Path file, List<String> arguments, OutputStream out, OutputStream err, boolean debug) {
      calls.add("run " + file + " " + arguments + " " + debug);
      return status;
    }

    @Override
    public void interrupt() {}

    @Override
    public Session open(OutputStream out, OutputStream err) {
      opened++;
      return new Session() {
        @Override
        public String evaluate(String source) throws ScriptException {
          if (source.equals("bad")) {
            throw new ScriptException("console:1:1: bad", null);
          }
          return "value of " + source;
        }

        @Override
        public List<String> complete(String prefix) {
          return List.of();
        }

        @Override
        public void interrupt() {}

        @Override
        public void close() {}
      };
    }
  }
}
