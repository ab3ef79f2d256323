package org.sallyport.cpu.vmx.translate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.IntelDisassembler;
import org.sallyport.cpu.vmx.interpret.Block;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Hotspots;

/** Executes random programs with the interpreter alone and with translations, and compares everything that can be seen. */
final class Twins implements AutoCloseable {
  /** How a program is executed. */
  enum Way {
    INTERPRETED,
    /** Every block is translated at its second execution. */
    ALWAYS,
    /** Blocks are translated after some executions, so that regions begin elsewhere and hold more. */
    LATE,
    /** As LATE, but translated by another thread while the guest goes on. */
    BESIDES,
    /** As ALWAYS, and kicked at any time. */
    KICKED,
    /** As ALWAYS, and interrupted at any time. */
    INTERRUPTED
  }

  /** What a program of the interpreter may take; longer ones (which have destroyed their own loops) are not used. */
  private static final long PATIENCE_NANOS = 30_000_000;

  /** Programs written by hand are known to end. */
  private static final long MORE_PATIENCE_NANOS = 2_000_000_000;

  private static final long STUCK_NANOS = 20_000_000_000L;

  /** Decides on its own when a block is hot. */
  private static final class Sampler implements Hotspots {
    private final Translator translator;
    private final int threshold;
    long regions;

    Sampler(Translator translator, int threshold) {
      this.translator = translator;
      this.threshold = threshold;
    }

    @Override
    public int interval() {
      return 0;
    }

    @Override
    public int threshold() {
      return threshold;
    }

    @Override
    public void hot(Cpu cpu, Block block) {
      regions++;
      translator.hot(cpu, block);
    }
  }

  private final Translator at = new Translator(Translator.Mode.ALWAYS);
  private final Translator besides = new Translator(Translator.Mode.HOT);
  private final Thread kicker;
  private volatile boolean closed;

  /** Who is to be kicked: once when it has taken too long, or all the time. */
  private volatile Cpu running;

  private volatile long since;
  private volatile boolean always;
  private volatile boolean expired;

  long programs;
  long unused;
  long instructions;
  long regions;
  long exits;
  long kicks;
  long moments;
  private final Map<Way, Long> runs = new EnumMap<>(Way.class);
  private final List<String> failures = new ArrayList<>();

  Twins() {
    kicker = Thread.ofPlatform().daemon().start(this::kick);
  }

  private void kick() {
    SplittableRandom random = new SplittableRandom();
    while (!closed) {
      LockSupport.parkNanos(always ? random.nextInt(30_000) : 1_000_000);
      Cpu c = running;
      if (c == null) {
        continue;
      }
      long lasts = System.nanoTime() - since;
      if (always) {
        c.kick();
      }
      if (lasts > (patient ? STUCK_NANOS : byHand ? MORE_PATIENCE_NANOS : PATIENCE_NANOS)) {
        expired = true;
        c.kick();
      }
    }
  }

  private volatile boolean patient;
  private volatile boolean byHand;

  // ---- one run -------------------------------------------------------------------------------------------------------------------------

  private Guest run(Program program, Way way, int threshold) {
    Sampler sampler = switch (way) {
      case INTERPRETED -> null;
      case ALWAYS, KICKED, INTERRUPTED -> new Sampler(at, 2);
      case LATE -> new Sampler(at, threshold);
      case BESIDES -> new Sampler(besides, threshold);
    };
    Guest g = new Guest(program, sampler, way == Way.INTERRUPTED);
    expired = false;
    patient = way != Way.INTERPRETED;
    always = way == Way.KICKED || way == Way.INTERRUPTED;
    since = System.nanoTime();
    running = g.cpu;
    g.expired = () -> expired;
    try {
      g.run();
    } finally {
      running = null;
      always = false;
    }
    runs.merge(way, 1L, Long::sum);
    instructions += g.cpu.instructions;
    exits += g.exits.size();
    kicks += g.kicks;
    if (sampler != null) {
      regions += sampler.regions;
    }
    return g;
  }

  /** What differs between a program interpreted and executed in a way, or null; {@link #UNUSED} where it is not used. */
  private String difference(Program program, Way way, int threshold) {
    try (Guest interpreted = run(program, Way.INTERPRETED, 0)) {
      if (expired) {
        return UNUSED;
      }
      return compare(program, interpreted, way, threshold);
    }
  }

  private static final String UNUSED = "endless";

  private String compare(Program program, Guest interpreted, Way way, int threshold) {
    Guest g;
    try {
      g = run(program, way, threshold);
    } catch (RuntimeException | Error e) {
      return "thrown: " + e + " at " + List.of(e.getStackTrace()).subList(0, Math.min(6, e.getStackTrace().length));
    }
    try (g) {
      if (expired) {
        return "does not end";
      }
      String d = interpreted.difference(g);
      return d == null && way == Way.INTERRUPTED ? strange(program, g.moments) : d;
    }
  }

  /** A moment at which an interrupt came that the interpreter does not know, or null. */
  private String strange(Program program, List<Guest.Moment> found) {
    if (found.isEmpty()) {
      return null;
    }
    Set<Guest.Moment> known = new HashSet<>();
    try (Guest g = new Guest(program, null, false)) {
      g.trace(m -> known.add(new Guest.Moment(0, m.rip(), m.flags(), m.registers())));
    }
    for (Guest.Moment m : found) {
      moments++;
      Guest.Moment wanted = new Guest.Moment(0, m.rip(), m.flags(), m.registers());
      if (!known.contains(wanted)) {
        return "interrupted in a state that the interpreter does not pass: " + m;
      }
    }
    return null;
  }

  /** Compares one program; null when everything agrees. */
  String compare(Program program) {
    byHand = true;
    for (Way way : new Way[]{Way.ALWAYS, Way.LATE}) {
      String d = difference(program, way, 5);
      if (d != null) {
        return way + ": " + d + "\n" + listing(program);
      }
    }
    return null;
  }

  // ---- cases ---------------------------------------------------------------------------------------------------------------------------

  void run(long seed, long first, long count) {
    for (long i = first; i < first + count && failures.size() < 20; i++) {
      one(seed, i);
    }
  }

  private static long mix(long seed, long index) {
    return new SplittableRandom(seed * 0x9e3779b97f4a7c15L + index).nextLong();
  }

  private void one(long seed, long index) {
    programs++;
    long mixed = mix(seed, index);
    SplittableRandom random = new SplittableRandom(mixed ^ 77);
    Program program = new ProgramGenerator(mixed).generate();
    Guest interpreted = run(program, Way.INTERPRETED, 0);
    try (interpreted) {
      if (expired) {
        unused++;
        return;
      }
      Way[] others = {Way.LATE, Way.LATE, Way.BESIDES, Way.KICKED, Way.INTERRUPTED};
      Way other = others[random.nextInt(others.length)];
      for (Way way : random.nextInt(3) == 0 ? new Way[]{Way.ALWAYS, other} : new Way[]{Way.ALWAYS}) {
        if (way == Way.INTERRUPTED && !(program.wide || program.user)) {
          continue; // the frames lie in the program's stack
        }
        int threshold = 3 + random.nextInt(8);
        String d = compare(program, interpreted, way, threshold);
        if (d != null) {
          failed(seed, index, program, way, threshold, d);
          return;
        }
      }
    }
  }

  private void failed(long seed, long index, Program program, Way way, int threshold, String first) {
    boolean repeatable = way == Way.ALWAYS || way == Way.LATE;
    String d = repeatable ? shrink(program, way, threshold, first) : first;
    String text = "seed %d case %d, %s (%d), %s, CPL %d:%n%s%n%s".formatted(seed, index, way, threshold,
        program.wide ? "64-bit" : "32-bit", program.user ? 3 : 0, d, listing(program));
    failures.add(text);
    System.out.println(text);
  }

  private String shrink(Program program, Way way, int threshold, String first) {
    String d = first;
    int patience = 1500;
    boolean smaller = true;
    for (int chunk = Math.max(1, program.pieces.size() / 4); smaller || chunk > 1; chunk = Math.max(1, chunk / 2)) {
      smaller = false;
      for (int i = 0; i + 1 < program.pieces.size() && patience > 0; i += chunk) {
        List<Program.Piece> now = new ArrayList<>();
        for (Program.Piece p : program.pieces.subList(i, Math.min(i + chunk, program.pieces.size() - 1))) {
          if (!p.dropped) {
            p.dropped = true;
            now.add(p);
          }
        }
        if (now.stream().allMatch(p -> p.code.length == 0)) {
          now.forEach(p -> p.dropped = false);
          continue;
        }
        patience--;
        String e = difference(program, way, threshold);
        if (e == null || e.equals(UNUSED)) {
          now.forEach(p -> p.dropped = false);
        } else {
          d = e;
          smaller = true;
        }
      }
      if (patience == 0) {
        break;
      }
    }
    return d;
  }

  private static String listing(Program program) {
    StringBuilder s = new StringBuilder();
    var all = program.instructions();
    CodeMode mode = program.wide ? CodeMode.BITS64 : CodeMode.BITS32;
    all.forEach((address, bytes) -> {
      var lines = new IntelDisassembler().disassemble(bytes, address, mode, 1);
      s.append("  %x  %-32s %s%n".formatted(address, HexFormat.of().formatHex(bytes),
          lines.isEmpty() ? "?" : lines.getFirst().text()));
    });
    return s.toString();
  }

  List<String> failures() {
    return failures;
  }

  String summary() {
    return "%,d programs (%d endless), %,d instructions, %,d regions, %,d exits, %,d kicks, %,d moments; %s; %d failures"
        .formatted(
            programs, unused, instructions, regions, exits, kicks, moments, runs, failures.size());
  }

  @Override
  public void close() {
    closed = true;
    at.close();
    besides.close();
    try {
      kicker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Arguments: seed (or 0), number of cases, the first case. */
  public static void main(String[] args) {
    long seed = args.length > 0 && !args[0].equals("0") ? Long.parseLong(args[0]) : System.nanoTime();
    long count = args.length > 1 ? Long.parseLong(args[1]) : 1000;
    long first = args.length > 2 ? Long.parseLong(args[2]) : 0;
    long start = System.nanoTime();
    System.out.println("seed " + seed);
    try (Twins twins = new Twins()) {
      for (long i = 0; i < count; i += 500) {
        twins.run(seed, first + i, Math.min(500, count - i));
        System.out.printf("%.0f s, %s%n", (System.nanoTime() - start) / 1e9, twins.summary());
      }
    }
  }
}
