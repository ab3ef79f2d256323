package org.sallyport.cpu.vmx.differential;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.InstructionStream;
import org.sallyport.cpu.vmx.decode.InstructionStream.Form;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.vmx.VmxBackend;

/** Random instructions on our processor and on the host's, for a time; keeps count of what has been seen and what differed. */
final class Differential implements AutoCloseable {
  private static final int BATCH = 512;
  private static final int TRIES = 300;

  /** Differences that are shrunk and kept, per form. */
  private static final int KEPT = 1;

  private final NativeCpu host;
  private final SoftwareCpu ours;
  private final SoftwareCpu legacy;
  private final HostDifferences differences;
  private final CaseGenerator generator;
  private final SplittableRandom choice;
  private final Coverage coverage;
  private final Set<Mnemonic> leftOut = new TreeSet<>();
  private final Map<String, String> failures = new LinkedHashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private long cases;
  private long noise;
  private long faults;
  private long excused;
  private long nanos;
  final long seed;

  /** @throws NativeCpu.Missing when there is no oracle here */
  Differential(Path directory, long seed, String only) throws NativeCpu.Missing, InterruptedException {
    this.seed = seed;
    host = NativeCpu.start(directory);
    Set<CpuFeature> features = EnumSet.copyOf(new VmxBackend().features());
    features.add(CpuFeature.BMI1);
    features.add(CpuFeature.ABM);
    features.retainAll(host.features());
    ours = new SoftwareCpu(features);
    legacy = new SoftwareCpu(features, true);
    differences = new HostDifferences(host.isIntel());
    generator = new CaseGenerator(seed);
    choice = new SplittableRandom(~seed);
    List<Form> forms = new ArrayList<>();
    for (CodeMode mode : CodeMode.values()) {
      for (Form f : InstructionStream.forms(mode)) {
        if (f.toString().matches(".*(" + only + ").*")) {
          leftOut.add(f.mnemonic());
          if (exists(f)) {
            forms.add(f);
          }
        }
      }
    }
    forms.forEach(f -> leftOut.remove(f.mnemonic()));
    coverage = new Coverage(forms, choice);
  }

  private boolean exists(Form f) {
    if (differences.lacks(f)) {
      return false;
    }
    for (int i = 0; i < TRIES; i++) {
      TestCase c = generator.next(f, false);
      if (c != null && c.decoded().mnemonic == f.mnemonic()) {
        return true;
      }
    }
    return false; // out of scope, or hidden by a better row
  }

  /**
   * Runs for some seconds, or until every form has been seen often enough, and completed as often where it can.
   *
   * @param enough how often, or 0 for all the seconds
   */
  void run(double seconds, long enough) {
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long told = start;
    List<TestCase> batch = new ArrayList<>();
    int[] form = new int[BATCH];
    while (System.nanoTime() < end && !isEnough(enough)) {
      batch.clear();
      coverage.review();
      while (batch.size() < BATCH) {
        int f = choice.nextInt(16) == 0 ? -1 : coverage.choose();
        TestCase c = f < 0
            ? generator.noise(CodeMode.values()[choice.nextInt(3)])
            : generator.next(coverage.form(f), coverage.needsHelp(f));
        if (c != null) {
          form[batch.size()] = f;
          batch.add(c);
        }
      }
      List<Outcome> expected = host.execute(batch);
      for (int i = 0; i < BATCH; i++) {
        check(batch.get(i), expected.get(i), form[i]);
      }
      if (System.nanoTime() - told > 60_000_000_000L) {
        told = System.nanoTime();
        nanos += told - start;
        start = told;
        System.out.println(summary());
      }
    }
    nanos += System.nanoTime() - start;
  }

  /** Whether every form has been seen, and completed if it can, so many times. */
  boolean isEnough(long times) {
    return times > 0 && coverage.goal() >= times;
  }

  private void check(TestCase c, Outcome expected, int form) {
    cases++;
    noise += form < 0 ? 1 : 0;
    faults += expected.trap != Outcome.COMPLETED ? 1 : 0;
    long excusedBefore = excused;
    String difference = difference(c, expected);
    if (difference.isEmpty()) {
      if (form >= 0 && excused == excusedBefore && c.decoded().mnemonic == coverage.form(form).mnemonic()) {
        coverage.count(form, expected);
      }
      return;
    }
    String name = form < 0 ? "noise " + c.mode + " " + c.decoded().mnemonic : coverage.form(form).toString();
    if (counts.merge(name, 1, Integer::sum) <= KEPT) {
      String text = describe(c);
      System.out.println(name + ":" + text); // at once: runs may be long
      failures.put(name, text);
    }
  }

  private String difference(TestCase c, Outcome expected) {
    Outcome before = expected.copy();
    String difference = difference(ours, c, expected);
    if (difference.isEmpty() && Scope.sameInLegacyMode(c)) {
      difference = difference(legacy, c, before);
      return difference.isEmpty() ? "" : " in legacy mode:" + difference;
    }
    return difference;
  }

  private String difference(SoftwareCpu cpu, TestCase c, Outcome expected) {
    Outcome mine = cpu.execute(c);
    differences.adopt(c, mine, expected);
    String difference = Comparison.difference(c, mine, expected);
    if (!difference.isEmpty() && differences.excuses(c, mine, expected)) {
      excused++;
      return "";
    }
    return difference;
  }

  private String describe(TestCase failing) {
    TestCase c = Shrinker.shrink(failing, smaller -> !difference(smaller, host.execute(smaller)).isEmpty());
    Outcome expected = host.execute(c);
    return difference(c, expected) + "\n    " + CaseText.format(c, expected);
  }

  /** One line for each form that failed: how often, what differs, and a case for regressions.txt. */
  Map<String, String> failures() {
    Map<String, String> all = new LinkedHashMap<>();
    failures.forEach((name, text) -> all.put(name + " (" + counts.get(name) + " times)", text));
    return all;
  }

  String summary() {
    return """
        seed %d on %s: %,d cases (%,d per second), %,d of them of random bytes, %,d ended in an exception, %,d differ as processors may
        %s
        %d forms differ"""
        .formatted(seed, host.vendor(), cases, (long) (cases / (nanos / 1e9)), noise, faults, excused,
            coverage.summary(),
            failures.size());
  }

  /** What has been seen how rarely, what never completes and what is not compared at all. */
  void printCoverage(PrintStream out, int neediest) {
    coverage.printNeediest(out, neediest);
    coverage.printIncomplete(out);
    out.println("  not compared: "
        + leftOut.stream().map(Mnemonic::name).sorted().collect(Collectors.joining(" ")));
  }

  Coverage coverage() {
    return coverage;
  }

  boolean isKnownHost() {
    return host.vendor().equals("AuthenticAMD");
  }

  @Override
  public void close() {
    host.close();
    ours.close();
    legacy.close();
  }

  /** Arguments: seed (or 0), seconds, how often to see the rarest form (or 0), a pattern for the names of forms. */
  public static void main(String[] args) throws Exception {
    long seed = args.length > 0 && !args[0].equals("0") ? Long.parseLong(args[0]) : System.nanoTime();
    double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 60;
    long enough = args.length > 2 ? Long.parseLong(args[2]) : 0;
    Path directory = java.nio.file.Files.createTempDirectory("differential");
    try (Differential d = new Differential(directory, seed, args.length > 3 ? args[3] : "")) {
      d.run(seconds, enough);
      System.out.println(d.summary());
      d.printCoverage(System.out, 20);
    }
  }
}
