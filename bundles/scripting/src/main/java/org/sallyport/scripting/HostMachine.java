package org.sallyport.scripting;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.TableState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VmcsView;
import org.sallyport.api.device.PowerButton;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.machine.StopReason;

/** A machine as the built-in module {@code machine.js} sees it. Used on the loop's thread. */
public final class HostMachine {
  private static final String[] GPR =
      {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final int PAGE = 4096;
  private static final int LONGEST_INSTRUCTION = 15;

  private final ScriptContext script;
  private final Machine machine;
  private final boolean own;
  private final Map<String, HostSerial> serials = new HashMap<>();
  private final List<Value> waiting = new ArrayList<>();
  private StopReason stopReason;
  private boolean closed;

  /**
   * @param own whether the script made it, so that it ends with the script
   */
  HostMachine(ScriptContext script, Machine machine, boolean own) {
    this.script = script;
    this.machine = machine;
    this.own = own;
    machine.stopped().whenComplete((reason, failure) -> script.loop().post(() -> ended(reason, failure)));
  }

  private void ended(StopReason reason, Throwable failure) {
    stopReason = failure == null ? reason : new StopReason(StopReason.Kind.FAILED, failure.toString(), 0);
    List.copyOf(serials.values()).forEach(serial -> serial.machineStopped(stopReason));
    List<Value> told = List.copyOf(waiting);
    waiting.clear();
    told.forEach(resolve -> resolve.executeVoid(describe(stopReason)));
  }

  /** Whether something can still come from it. */
  boolean isAlive() {
    return machine.state() != MachineState.CREATED && stopReason == null;
  }

  boolean isClosed() {
    return closed;
  }

  /** Ends the listening; closes the machine if the script made it and is told so. */
  void release(boolean close) {
    if (close && own) {
      closed = true;
      machine.close();
    }
    serials.values().forEach(HostSerial::release);
  }

  /** What the script waits for on the machine's ports, in words. */
  List<String> waits() {
    return serials.values().stream().map(HostSerial::waits).filter(wait -> !wait.isEmpty()).toList();
  }

  StopReason stopReason() {
    return stopReason;
  }

  Machine machine() {
    return machine;
  }

  @HostAccess.Export
  public String name() {
    return machine.name();
  }

  /** {@code created}, {@code running}, {@code paused} or {@code stopped}. */
  @HostAccess.Export
  public String state() {
    return machine.state().name().toLowerCase(Locale.ROOT);
  }

  @HostAccess.Export
  public String problems() {
    return Json.write(machine.problems());
  }

  @HostAccess.Export
  public String log() {
    return Json.write(machine.log());
  }

  @HostAccess.Export
  public int cpus() {
    return machine.cpus();
  }

  @HostAccess.Export
  public double memorySize() {
    return machine.description().memory();
  }

  @HostAccess.Export
  public void start(Value resolve, Value reject) {
    settle(machine::start, resolve, reject);
  }

  @HostAccess.Export
  public void pause(Value resolve, Value reject) {
    settle(machine::pause, resolve, reject);
  }

  @HostAccess.Export
  public void resume(Value resolve, Value reject) {
    settle(machine::resume, resolve, reject);
  }

  @HostAccess.Export
  public void reset(Value resolve, Value reject) {
    settle(machine::reset, resolve, reject);
  }

  @HostAccess.Export
  public void step(int instructions, Value resolve, Value reject) {
    settle(() -> machine.step(instructions), resolve, reject);
  }

  @HostAccess.Export
  public void stop(Value resolve, Value reject) {
    settle(machine::stop, resolve, reject);
  }

  @HostAccess.Export
  public void close(Value resolve, Value reject) {
    closed = true;
    settle(machine::close, resolve, reject);
  }

  /** Something that changes the machine's state. */
  private interface Change {
    void make() throws MachineException;
  }

  private void settle(Change change, Value resolve, Value reject) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    script.background(() -> {
      try {
        change.make();
      } finally {
        done.complete(null);
      }
      return null;
    }, resolve, reject);
    done.thenRun(() -> script.loop().post(() -> serials.values().forEach(HostSerial::attach)));
  }

  /** Calls {@code resolve} with {@code {kind, message, status}} when the machine has stopped. */
  @HostAccess.Export
  public void whenStopped(Value resolve) {
    if (stopReason != null) {
      resolve.executeVoid(describe(stopReason));
    } else {
      waiting.add(resolve);
    }
  }

  private static String describe(StopReason reason) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("kind", reason.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    result.put("message", reason.message());
    result.put("status", reason.status());
    return Json.write(result);
  }

  /** The far end of a serial port; it must be one of the machine's devices. */
  @HostAccess.Export
  public HostSerial serial(String device) {
    HostSerial known = serials.get(device);
    if (known != null) {
      return known;
    }
    List<String> names =
        machine.description().devices().stream().map(MachineDescription.DeviceDescription::name).toList();
    if (!names.contains(device) && machine.serial(device).isEmpty()) {
      throw script.error("MachineError",
          "machine " + name() + " has no device '" + device + "'; its devices are " + String.join(", ", names));
    }
    HostSerial serial = new HostSerial(script, this, device);
    serial.attach();
    serials.put(device, serial);
    return serial;
  }

  @HostAccess.Export
  public void powerButton() {
    for (Machine.DeviceInfo device : machine.devices()) {
      var button = machine.capability(device.name(), PowerButton.class);
      if (button.isPresent()) {
        machine.locked(() -> button.get().press());
        return;
      }
    }
    throw script.error("MachineError", "machine " + name() + " has no power button; the device type 'acpi' has one");
  }

  /** Reads 1, 2 or 4 bytes as a number, 8 as hexadecimal text. */
  @HostAccess.Export
  public Object read(Value address, int size) {
    long value = machine.memory().read(Values.bits(address), size);
    return size == 8 ? Values.hex(value) : (Object) value;
  }

  @HostAccess.Export
  public void write(Value address, int size, Value value) {
    machine.memory().write(Values.bits(address), size, Values.bits(value));
  }

  @HostAccess.Export
  public ByteBuffer readBytes(Value address, int length) {
    return ByteBuffer.wrap(machine.memory().bytes(Values.bits(address), length));
  }

  @HostAccess.Export
  public void writeBytes(Value address, Value buffer) {
    machine.memory().write(Values.bits(address), Values.bytes(buffer));
  }

  /** A linear address as a physical one, in hexadecimal; empty when nothing is mapped there. */
  @HostAccess.Export
  public String translate(Value linear, int cpu) {
    long physical = Host.attempt(script, () -> machine.translate(cpu, Values.bits(linear)));
    return physical == -1 ? "" : Values.hex(physical);
  }

  /** All registers of a processor; 64-bit values in hexadecimal. */
  @HostAccess.Export
  public String registers(int cpu) {
    VcpuState state = Host.attempt(script, () -> machine.cpuState(cpu));
    Map<String, Object> result = new LinkedHashMap<>();
    for (int i = 0; i < GPR.length; i++) {
      result.put(GPR[i], Values.hex(state.gpr().get(i)));
    }
    result.put("rip", Values.hex(state.rip()));
    result.put("rflags", Values.hex(state.rflags()));
    for (int i = 0; i < SEGMENTS.length; i++) {
      result.put(SEGMENTS[i], segment(state.segments().get(i)));
    }
    result.put("ldtr", segment(state.ldtr()));
    result.put("tr", segment(state.tr()));
    result.put("gdtr", table(state.gdtr()));
    result.put("idtr", table(state.idtr()));
    result.put("cr0", Values.hex(state.cr0()));
    result.put("cr2", Values.hex(state.cr2()));
    result.put("cr3", Values.hex(state.cr3()));
    result.put("cr4", Values.hex(state.cr4()));
    result.put("cr8", Values.hex(state.cr8()));
    result.put("xcr0", Values.hex(state.xcr0()));
    result.put("efer", Values.hex(state.efer()));
    int[] debug = {0, 1, 2, 3, 6, 7};
    for (int i = 0; i < debug.length; i++) {
      result.put("dr" + debug[i], Values.hex(state.debug().get(i)));
    }
    result.put("tsc", Values.hex(state.tsc()));
    result.put("mode", CodeMode.of(state).name().substring("BITS".length()) + "-bit");
    result.put("activity", state.activity().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    return Json.write(result);
  }

  private static Map<String, Object> segment(SegmentState segment) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("selector", segment.selector());
    result.put("base", Values.hex(segment.base()));
    result.put("limit", Integer.toUnsignedLong(segment.limit()));
    result.put("access", segment.access());
    return result;
  }

  private static Map<String, Object> table(TableState table) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("base", Values.hex(table.base()));
    result.put("limit", table.limit());
    return result;
  }

  /** {@code [{name, encoding, bits, value, meaning}]}. */
  @HostAccess.Export
  public String vmcs(int cpu) {
    VmcsView view = Host.attempt(script, () -> machine.vmcs(cpu)).orElseThrow(
        () -> script.error("MachineError", "the backend of machine " + name() + " shows no VMCS"));
    List<Map<String, Object>> result = new ArrayList<>();
    for (VmcsView.Field field : view.fields()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", field.name());
      entry.put("encoding", field.encoding());
      entry.put("bits", field.bits());
      entry.put("value", Values.hex(field.value()));
      entry.put("meaning", field.meaning());
      result.add(entry);
    }
    return Json.write(result);
  }

  /**
   * Disassembles at a linear address, or where the processor is if it is null.
   *
   * @return {@code [{address, length, bytes, text}]}
   */
  @HostAccess.Export
  public String disassemble(Value address, int count, int cpu) {
    Disassembler disassembler = script.environment().disassembler().get().orElseThrow(
        () -> script.error("MachineError", "no disassembler is installed: the bundle org.sallyport.cpu.vmx has one"));
    return Host.attempt(script, () -> {
      VcpuState state = machine.cpuState(cpu);
      CodeMode mode = CodeMode.of(state);
      long at =
          address.isNull() ? state.rip() + (mode == CodeMode.BITS64 ? 0 : state.cs().base()) : Values.bits(address);
      byte[] code = linear(cpu, at, count * LONGEST_INSTRUCTION);
      List<Map<String, Object>> result = new ArrayList<>();
      for (Disassembler.Line line : disassembler.disassemble(code, at, mode, count)) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
          bytes.append(i == 0 ? "" : " ").append(String.format("%02x", code[(int) (line.address() - at) + i]));
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("address", Values.hex(line.address()));
        entry.put("length", line.length());
        entry.put("bytes", bytes.toString());
        entry.put("text", line.text());
        result.add(entry);
      }
      return Json.write(result);
    });
  }

  /** Bytes at a linear address, as far as it is mapped. */
  private byte[] linear(int cpu, long address, int length) throws MachineException {
    byte[] result = new byte[length];
    int done = 0;
    while (done < length) {
      long physical = machine.translate(cpu, address + done);
      if (physical == -1) {
        return java.util.Arrays.copyOf(result, done);
      }
      int part = (int) Math.min(length - done, PAGE - (physical & PAGE - 1));
      machine.memory().read(physical, result, done, part);
      done += part;
    }
    return result;
  }

  /** {@code [{name, type, ranges}]}. */
  @HostAccess.Export
  public String devices() {
    List<Map<String, Object>> result = new ArrayList<>();
    for (Machine.DeviceInfo device : machine.devices()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", device.name());
      entry.put("type", device.type());
      entry.put("ranges", device.ranges());
      result.add(entry);
    }
    return Json.write(result);
  }

  /** {@code [{gsi, sources, asserted, raised, delivered}]}. */
  @HostAccess.Export
  public String irqs() {
    List<Map<String, Object>> result = new ArrayList<>();
    for (Machine.IrqInfo irq : machine.irqs()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("gsi", irq.gsi());
      entry.put("sources", irq.sources());
      entry.put("asserted", irq.asserted());
      entry.put("raised", irq.raised());
      entry.put("delivered", irq.delivered());
      result.add(entry);
    }
    return Json.write(result);
  }

  /** {@code {backend, running, instructions, exits, interrupts}}; what is zero is left out of the last two. */
  @HostAccess.Export
  public String statistics() {
    Machine.Statistics statistics = machine.statistics();
    Map<String, Object> exits = new LinkedHashMap<>();
    ExitReason[] reasons = ExitReason.values();
    for (int i = 0; i < statistics.exits().length; i++) {
      if (statistics.exits()[i] != 0) {
        exits.put(reasons[i].name(), statistics.exits()[i]);
      }
    }
    Map<String, Object> interrupts = new LinkedHashMap<>();
    for (int vector = 0; vector < statistics.interrupts().length; vector++) {
      if (statistics.interrupts()[vector] != 0) {
        interrupts.put(String.format("0x%02x", vector), statistics.interrupts()[vector]);
      }
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("backend", machine.backend().orElse(null));
    result.put("running", statistics.running().toNanos() / 1e6);
    result.put("instructions", statistics.instructions());
    result.put("exits", exits);
    result.put("interrupts", interrupts);
    return Json.write(result);
  }
}
