package org.sallyport.cpu.vmx.differential;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.state.Vector;

/** The host's processor: the other end of oracle.c. */
final class NativeCpu implements AutoCloseable {
  private static final String SOURCE = "src/test/c/oracle.c";
  private static final int QUESTION = 20 * 8 + 8 * 2 + 4 * 4 + 16 + MachineState.FX_BYTES;
  private static final int ANSWER = 20 * 8 + 8 * 2 + 2 * 4 + 2 * 8 + MachineState.FX_BYTES;
  private static final int REPEATS = 1;

  /** Status of the oracle when the kernel keeps RDFSBASE from programs. */
  private static final int NO_FSGSBASE = 77;

  private final Path program;
  private Process process;
  private OutputStream questions;
  private DataInputStream answers;

  /** The CPUID leaves 0, 1, 7, 0DH.1, 80000001H and 80000008H: EAX, EBX, ECX, EDX each. */
  private final int[] cpuid = new int[24];

  private NativeCpu(Path program) throws IOException {
    this.program = program;
    open();
  }

  private void open() throws IOException {
    process = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    questions = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
    answers = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
    writeDescriptors();
    byte[] leaves = new byte[cpuid.length * 4];
    answers.readFully(leaves);
    ByteBuffer.wrap(leaves).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(cpuid);
  }

  /** Why there is no oracle on this machine. */
  static final class Missing extends Exception {
    private static final long serialVersionUID = 1;

    Missing(String why) {
      super(why);
    }
  }

  /**
   * Builds the program and starts it.
   *
   * @throws Missing when this machine has no gcc or cannot run it
   */
  static NativeCpu start(Path directory) throws Missing, InterruptedException {
    String architecture = System.getProperty("os.arch");
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")
        || !System.getProperty("os.name").equals("Linux")) {
      throw new Missing("the oracle is a program for Linux on x86-64");
    }
    Path program = directory.resolve("oracle");
    try {
      Process gcc = new ProcessBuilder("gcc", "-O2", "-ffreestanding", "-fno-stack-protector", "-mno-red-zone", "-fPIE",
          "-static-pie", "-nostdlib", "-o", program.toString(), SOURCE).redirectErrorStream(true).start();
      String messages = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (gcc.waitFor() != 0) {
        throw new IllegalStateException("gcc " + SOURCE + ": " + messages);
      }
    } catch (IOException e) {
      throw new Missing("gcc is not installed: " + e.getMessage());
    }
    if (!Files.isExecutable(program)) {
      throw new Missing("programs in " + directory + " cannot be executed");
    }
    NativeCpu cpu = null;
    try {
      cpu = new NativeCpu(program);
      return cpu;
    } catch (EOFException e) {
      throw new Missing("the kernel does not let programs use RDFSBASE or MODIFY_LDT");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeDescriptors() throws IOException {
    ByteBuffer b = ByteBuffer.allocate(8 + 16 * Layout.LOCAL.length).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(Layout.LOCAL.length);
    for (Layout.Descriptor d : Layout.LOCAL) { // struct user_desc
      int type = d.access() & 0xf;
      boolean pages = (d.access() & 0x8000) != 0;
      int contents = type >> 2;
      int readOnly = type >> 1 & 1 ^ 1;
      b.putInt(d.selector() >>> 3).putInt((int) d.base()).putInt((int) (pages ? d.limit() >>> 12 : d.limit()));
      b.putInt(d.access() >> 14 & 1 | contents << 1 | readOnly << 3 | (pages ? 1 << 4 : 0)
          | (d.isPresent() ? 0 : 1 << 5));
    }
    questions.write(b.array());
    questions.flush();
  }

  boolean isIntel() {
    return cpuid[1] == 0x756e6547; // "Genu"
  }

  String vendor() {
    ByteBuffer b = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    return new String(b.putInt(cpuid[1]).putInt(cpuid[3]).putInt(cpuid[2]).array(), StandardCharsets.US_ASCII);
  }

  /** What the host's processor has. */
  Set<CpuFeature> features() {
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    for (CpuFeature f : CpuFeature.values()) {
      int leaf = switch (f.leaf()) {
        case 1 -> 1;
        case 7 -> 2;
        case 0xd -> 3;
        case 0x80000001 -> 4;
        default -> -1;
      };
      if (leaf >= 0 && (cpuid[4 * leaf + f.register().ordinal()] >>> f.bit() & 1) != 0) {
        features.add(f);
      }
    }
    return features;
  }

  /** Executes the cases, in their order. */
  List<Outcome> execute(List<TestCase> cases) {
    try {
      List<Outcome> outcomes = attempt(cases);
      if (outcomes.size() < cases.size()) { // it died; of what, is seen when each answer is waited for
        for (TestCase c : cases) {
          open();
          if (attempt(List.of(c)).isEmpty()) {
            throw new AssertionError("the oracle dies (status " + process.waitFor() + ") of " + CaseText.format(c));
          }
          close();
        }
        throw new AssertionError("the oracle died, but not again");
      }
      return outcomes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private List<Outcome> attempt(List<TestCase> cases) throws IOException, InterruptedException {
    Thread writer = Thread.ofVirtual().start(() -> ask(cases));
    List<Outcome> outcomes = new ArrayList<>(cases.size());
    try {
      for (TestCase c : cases) {
        outcomes.add(read(c));
      }
    } catch (EOFException e) {
      close();
    }
    writer.join();
    return outcomes;
  }

  Outcome execute(TestCase c) {
    return execute(List.of(c)).getFirst();
  }

  private void ask(List<TestCase> cases) {
    try {
      for (TestCase c : cases) {
        write(c);
      }
      questions.flush();
    } catch (IOException e) {
      // The reader finds out that the oracle is gone, and says of what.
    }
  }

  private void write(TestCase c) throws IOException {
    MachineState s = c.before;
    ByteBuffer b = ByteBuffer.allocate(QUESTION + c.overlay.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : s.gpr) {
      b.putLong(v);
    }
    b.putLong(s.rip).putLong(s.flags).putLong(s.fsBase).putLong(s.gsBase);
    for (int v : s.selectors) {
      b.putShort((short) v);
    }
    b.putShort((short) c.codeOffset).putShort((short) c.code.length);
    b.putInt(c.overlayOffset).putInt(c.overlay.length).putInt(c.repeats() ? REPEATS : 0).putInt(0);
    b.put(Arrays.copyOf(c.code, 16)).put(s.fx).put(c.overlay);
    questions.write(b.array());
  }

  private Outcome read(TestCase c) throws IOException {
    byte[] bytes = new byte[ANSWER];
    answers.readFully(bytes);
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    Outcome o = new Outcome();
    MachineState s = o.after;
    for (int i = 0; i < 16; i++) {
      s.gpr[i] = b.getLong();
    }
    s.rip = b.getLong();
    s.flags = b.getLong();
    s.fsBase = b.getLong();
    s.gsBase = b.getLong();
    for (int i = 0; i < 6; i++) {
      s.selectors[i] = b.getShort() & 0xffff;
    }
    b.getInt();
    tidy(s);
    o.trap = b.getInt();
    o.error = b.getInt();
    o.faultAddress = b.getLong();
    long changes = b.getLong();
    b.get(s.fx);
    byte[] list = new byte[(int) changes * 16];
    answers.readFully(list);
    ByteBuffer words = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < changes; i++) {
      int index = (int) words.getLong();
      o.changes.put(index, words.getLong());
    }
    if (o.trap == Vector.BP || o.trap == Vector.OF) {
      s.rip -= c.decoded().length; // the exit of ours is at INT3 and INTO, the handler of the host behind
    }
    o.tellCompletion(c, c.decoded().length, c.mode == CodeMode.BITS64 ? -1 : 0xffffffffL);
    return o;
  }

  /** Linux shows null selectors as 0, and leaves something in the upper half of RSP in 16-bit code. */
  private static void tidy(MachineState s) {
    for (int i = MachineState.DS; i <= MachineState.GS; i++) {
      s.selectors[i] = s.selectors[i] < 4 ? 0 : s.selectors[i];
    }
    if (s.selectors[MachineState.CS] != Layout.CODE64) {
      for (int i = 0; i < 16; i++) {
        s.gpr[i] &= 0xffffffffL;
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
