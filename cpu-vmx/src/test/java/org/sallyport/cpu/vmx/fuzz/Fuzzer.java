package org.sallyport.cpu.vmx.fuzz;

import java.lang.foreign.Arena;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuClusterSpec;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.CpuidLeaf;
import org.sallyport.api.cpu.EventKind;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.cpu.VmExit;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.vmx.VmxBackend;

/**
 * Guests made of noise. Whatever a guest does, it gets its exception or its triple fault: nothing is thrown, nothing but its RAM is written, a
 * kick is noticed, and a state that has been saved can be restored and saved again.
 */
final class Fuzzer implements AutoCloseable {
  /** Cases that share a processor, one after the other. */
  static final int BATCH = 64;

  private static final int MAX_EXITS = 60;
  private static final int MAX_STEPS = 150;
  private static final long KICK_NANOS = 100_000;

  /** What a run of a case that is to be repeatable may take before it is kicked. */
  private static final long PATIENCE_NANOS = 10_000_000;

  private static final long STUCK_NANOS = 30_000_000_000L;

  private final long seed;
  private final boolean repeatable;
  private final NoiseMemory memory = new NoiseMemory(Arena.ofAuto());
  private final Thread kicker;
  private final Map<ExitReason, Long> exits = new EnumMap<>(ExitReason.class);
  private final Map<String, String> failures = new TreeMap<>();
  private final Map<String, Integer> failureCounts = new TreeMap<>();
  private CpuCluster cluster;
  private VirtualCpu cpu;
  private VmExit exit;
  private long ticks;
  private SplittableRandom random;
  private int rejected;
  private int refusedEntries;
  private int spoiltTables;
  private long instructions;
  private long comparisons;
  long cases;

  private volatile VirtualCpu running;
  private volatile long since;
  private volatile boolean closed;

  /**
   * @param repeatable kicks come only to guests that do not end by themselves, not to any at any time: but for those on the border the
   *     cases are the same ones each time
   */
  Fuzzer(long seed, boolean repeatable) {
    this.seed = seed;
    this.repeatable = repeatable;
    kicker = Thread.ofPlatform().daemon().start(this::kick);
  }

  // ---- kicks -------------------------------------------------------------------------------------------------------------------------

  private void kick() {
    while (!closed) {
      java.util.concurrent.locks.LockSupport.parkNanos(KICK_NANOS);
      VirtualCpu c = running;
      long lasts = System.nanoTime() - since;
      if (c != null && (!repeatable || lasts > PATIENCE_NANOS)) {
        c.kick();
        if (lasts > STUCK_NANOS) {
          since = System.nanoTime();
          System.out.println("seed " + seed + " case " + cases + ": does not notice kicks; " + guestThread);
          for (StackTraceElement e : guestThread.getStackTrace()) {
            System.out.println("  at " + e);
          }
        }
      }
    }
  }

  private volatile Thread guestThread;

  // ---- cases -------------------------------------------------------------------------------------------------------------------------

  /** Runs the cases from {@code first} on; the processor is a new one where a batch begins. */
  void run(long first, long count) {
    guestThread = Thread.currentThread();
    long start = first / BATCH * BATCH;
    for (long i = start; i < first + count; i++) {
      if (i % BATCH == 0) {
        openCluster();
      }
      runOne(i);
    }
  }

  private void openCluster() {
    if (cluster != null) {
      instructions += cpu.instructions();
      cluster.close();
    }
    try {
      cluster = new VmxBackend().open(new CpuClusterSpec(1, leaves(), 40, 1_000_000_000L, () -> ticks += 100));
    } catch (CpuException e) {
      throw new IllegalStateException(e);
    }
    for (MemorySlot slot : memory.slots) {
      cluster.map(slot);
    }
    cpu = cluster.cpu(0);
    exit = new VmExit();
  }

  private void runOne(long index) {
    cases++;
    random = new SplittableRandom(seed * 31 + index);
    String where = "";
    try {
      NoiseCase noise = new NoiseCase(random.nextLong(), memory);
      noise.fillMemory();
      for (MemorySlot slot : memory.slots) {
        cluster.memoryWritten(slot.guestAddress(), slot.size());
      }
      VcpuState state = noise.state();
      where = "restore";
      try {
        cpu.restore(state);
      } catch (CpuException e) {
        rejected++;
        return;
      }
      where = "run";
      execute();
      where = "guards";
      memory.checkGuards();
    } catch (RuntimeException | Error e) {
      failed(index, where, e);
      openCluster();
    }
  }

  private void execute() {
    boolean stepping = random.nextBoolean();
    int limit = stepping ? MAX_STEPS : MAX_EXITS;
    int kicks = repeatable ? 1 : 0;
    for (int n = 0; n < limit; n++) {
      exit.message = null;
      if (stepping) {
        cpu.step(exit);
      } else {
        since = System.nanoTime();
        running = cpu;
        cpu.run(exit);
        running = null;
      }
      ExitReason reason = exit.reason;
      exits.merge(reason, 1L, Long::sum);
      if (reason == ExitReason.INTERNAL_ERROR) {
        if (n == 0 && exit.message.startsWith("VM entry failed, invalid guest state")) {
          refusedEntries++;
          return;
        }
        throw new IllegalStateException("internal error: " + exit.message);
      }
      if (reason == ExitReason.TRIPLE_FAULT || reason == ExitReason.KICKED && ++kicks > 1) {
        break;
      }
      answer(reason);
      if (random.nextInt(16) == 0) {
        compareStates();
      }
      if (random.nextInt(8) == 0) {
        event();
      } else if (reason == ExitReason.HALT && !cpu.canInject()) {
        break;
      }
    }
    compareStates();
  }

  private void answer(ExitReason reason) {
    switch (reason) {
      case PORT_READ, MEMORY_READ, HYPERCALL -> exit.value = random.nextLong();
      case MSR_READ, MSR_WRITE -> {
        exit.value = random.nextLong();
        exit.refused = random.nextInt(3) == 0;
      }
      default -> {}
    }
  }

  private void event() {
    switch (random.nextInt(6)) {
      case 0 -> cpu.inject(EventKind.NMI, 2, EventKind.NO_ERROR_CODE);
      case 1 -> cpu.requestInterruptWindow(random.nextBoolean());
      case 2 -> cpu.cr8(random.nextInt(16));
      default -> {
        if (cpu.canInject()) {
          cpu.inject(EventKind.EXTERNAL_INTERRUPT, random.nextInt(256), EventKind.NO_ERROR_CODE);
        }
      }
    }
  }

  // ---- saved states ------------------------------------------------------------------------------------------------------------------

  private void compareStates() {
    cpu.finishInstruction(exit);
    VcpuState saved = cpu.save();
    try {
      cpu.restore(saved);
    } catch (CpuException e) {
      if (e.getMessage().contains("PDPTE")) { // a state has none: the guest has spoilt its table since they were loaded
        spoiltTables++;
        return;
      }
      throw new IllegalStateException("a saved state is rejected: " + e.getMessage());
    }
    VcpuState again = cpu.save();
    comparisons++;
    for (RecordComponent c : VcpuState.class.getRecordComponents()) {
      Object a = component(c, saved);
      Object b = component(c, again);
      boolean same = a instanceof byte[] bytes ? Arrays.equals(bytes, (byte[]) b) : Objects.equals(a, b);
      if (!same && !c.getName().equals("tsc")) {
        throw new IllegalStateException(
            "restored and saved again, " + c.getName() + " is " + text(b) + " instead of " + text(a));
      }
    }
  }

  private static String text(Object o) {
    return o instanceof byte[] b ? Arrays.toString(b) : o instanceof Long v ? "0x" + Long.toHexString(v) : o.toString();
  }

  private static Object component(RecordComponent c, VcpuState state) {
    try {
      return c.getAccessor().invoke(state);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- results -----------------------------------------------------------------------------------------------------------------------

  private void failed(long index, String where, Throwable e) {
    running = null;
    StackTraceElement[] trace = e.getStackTrace();
    String kind = where + ": " + e.toString().replaceAll("0x[0-9a-f]+|-?[0-9]{2,}", "N");
    if (e instanceof StackOverflowError) {
      kind = where + ": StackOverflowError, most often in " + mostFrequent(trace);
    } else if (!(e instanceof IllegalStateException) && trace.length > 0) {
      kind += " at " + trace[trace[0].getMethodName().matches("exit|fault|gp|ud") && trace.length > 3 ? 3 : 0];
    }
    kind = kind.substring(0, Math.min(kind.length(), 160));
    if (failureCounts.merge(kind, 1, Integer::sum) == 1) {
      StringBuilder text = new StringBuilder("seed " + seed + " case " + index + " " + where + ": " + e);
      if (!(e instanceof IllegalStateException)) {
        for (int i = 0; i < Math.min(12, trace.length); i++) {
          text.append("\n    at ").append(trace[i]);
        }
      }
      failures.put(kind, text.toString());
      System.out.println(text); // at once: runs may be long
    }
  }

  private static String mostFrequent(StackTraceElement[] trace) {
    Map<String, Integer> counts = new TreeMap<>();
    for (StackTraceElement e : trace) {
      counts.merge(e.getClassName() + "." + e.getMethodName(), 1, Integer::sum);
    }
    return counts.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElse("?");
  }

  /** One text for each kind of failure. */
  List<String> failures() {
    List<String> all = new ArrayList<>();
    failures.forEach((kind, text) -> all.add(failureCounts.get(kind) + " times: " + text));
    return all;
  }

  String summary() {
    return ("seed %d: %,d cases, %,d instructions, %,d states compared, %,d states rejected, %,d entries refused,"
        + " %,d tables of PDPTEs spoilt; exits %s").formatted(seed, cases, instructions + cpu.instructions(),
            comparisons,
            rejected, refusedEntries, spoiltTables, exits);
  }

  private static List<CpuidLeaf> leaves() {
    Map<List<Integer>, int[]> registers = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    registers.put(List.of(0, 0), new int[]{0xd, 0x756e6547, 0x6c65746e, 0x49656e69});
    registers.put(List.of(0x80000000, 0), new int[]{0x80000008, 0, 0, 0});
    registers.put(List.of(0xd, 0), new int[]{3, 576, 576, 0});
    for (CpuFeature f : new VmxBackend().features()) {
      registers.computeIfAbsent(List.of(f.leaf(), f.subleaf()), key -> new int[4])[f.register().ordinal()] |=
          1 << f.bit();
    }
    List<CpuidLeaf> leaves = new ArrayList<>();
    registers.forEach((key, r) -> leaves.add(new CpuidLeaf(key.get(0), key.get(1), r[0], r[1], r[2], r[3])));
    return leaves;
  }

  @Override
  public void close() {
    closed = true;
    if (cluster != null) {
      cluster.close();
    }
  }

  /** Arguments: seed (or 0), number of cases, the first case. */
  public static void main(String[] args) {
    long seed = args.length > 0 && !args[0].equals("0") ? Long.parseLong(args[0]) : System.nanoTime();
    long count = args.length > 1 ? Long.parseLong(args[1]) : 100_000;
    long first = args.length > 2 ? Long.parseLong(args[2]) : 0;
    long start = System.nanoTime();
    try (Fuzzer fuzzer = new Fuzzer(seed, Boolean.getBoolean("repeatable"))) {
      for (long i = 0; i < count; i += 10_000) {
        fuzzer.run(first + i, Math.min(10_000, count - i));
        System.out.printf("%.0f s, %s%n", (System.nanoTime() - start) / 1e9, fuzzer.summary());
      }
      fuzzer.failures().forEach(System.out::println);
    }
  }
}
