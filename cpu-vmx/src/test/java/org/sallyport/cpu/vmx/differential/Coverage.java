package org.sallyport.cpu.vmx.differential;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.sallyport.cpu.vmx.decode.InstructionStream.Form;

/**
 * How often each form of each opcode has been executed, and completed without an exception, with the same outcome on both processors; chooses the
 * form to try next by that, the neediest first.
 */
final class Coverage {
  /** One choice in so many is any form, however often it has been seen. */
  private static final int ANY = 16;

  /** Forms that have so many more than the neediest are not chosen for their need. */
  private static final int AHEAD = 8;

  private static final class Count {
    private final Form form;
    private final boolean completes;
    private long seen;
    private long completed;
    private final long[] exceptions = new long[32];

    Count(Form form) {
      this.form = form;
      completes = Scope.canComplete(form);
    }

    /** The exception that it mostly raised: all but page faults and limits met in fetching it. */
    String exception() {
      int most = IntStream.range(0, 32).boxed().max(Comparator.comparingLong(v -> exceptions[v])).orElseThrow();
      return CaseText.exception(most);
    }

    /** What the goal is measured by. */
    long score() {
      return completes ? completed : seen;
    }
  }

  private final SplittableRandom random;
  private final Count[] counts;
  private final int[] place; // of the needy in counts
  private int needyCount;

  Coverage(List<Form> forms, SplittableRandom random) {
    this.random = random;
    counts = forms.stream().map(Count::new).toArray(Count[]::new);
    place = new int[counts.length];
  }

  Form form(int i) {
    return counts[i].form;
  }

  /** Finds out anew which forms are the neediest. */
  void review() {
    long enough = goal() + AHEAD;
    needyCount = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i].score() < enough) {
        place[needyCount++] = i;
      }
    }
  }

  /** The number of the form to try next. */
  int choose() {
    return random.nextInt(ANY) == 0 ? random.nextInt(counts.length) : place[random.nextInt(needyCount)];
  }

  /** Whether the form should get operands that let it complete: often where random ones mostly do not. */
  boolean needsHelp(int i) {
    Count c = counts[i];
    return c.completes && c.completed * 2 < c.seen && random.nextInt(8) != 0;
  }

  void count(int i, Outcome outcome) {
    Count c = counts[i];
    c.seen++;
    if (outcome.trap == Outcome.COMPLETED) {
      c.completed++;
    } else {
      c.exceptions[outcome.trap]++;
    }
  }

  /** How often each form has been seen, and completed where it can. */
  long goal() {
    return Arrays.stream(counts).mapToLong(Count::score).min().orElse(0);
  }

  // ---- what is printed ---------------------------------------------------------------------------------------------------------------

  private Map<String, Long> byOpcode(ToLongFunction<Count> value, boolean completing) {
    Map<String, Long> sums = new HashMap<>();
    for (Count c : counts) {
      if (c.completes || !completing) {
        sums.merge(c.form.name(), value.applyAsLong(c), Long::sum);
      }
    }
    return sums;
  }

  private static String rarest(Map<String, Long> counts) {
    return counts.entrySet().stream().min(Map.Entry.comparingByValue())
        .map(e -> "%,d (%s)".formatted(e.getValue(), e.getKey()))
        .orElse("-");
  }

  private Map<String, Long> byForm(ToLongFunction<Count> value, boolean completing) {
    Map<String, Long> all = new HashMap<>();
    for (Count c : counts) {
      if (c.completes || !completing) {
        all.merge(c.form.toString(), value.applyAsLong(c), Math::min);
      }
    }
    return all;
  }

  /** How many there are, and the rarest ones. */
  String summary() {
    Map<String, Long> opcodes = byOpcode(c -> c.seen, false);
    Map<String, Long> completing = byOpcode(c -> c.completed, true);
    long forms = Arrays.stream(counts).filter(c -> c.completes).count();
    return """
        %,d opcodes: the rarest seen %s times; %,d of them can complete: the rarest completed %s times
        %,d forms (mode; register or memory): the rarest seen %s times; %,d of them can complete: the rarest completed %s times"""
        .formatted(opcodes.size(), rarest(opcodes), completing.size(), rarest(completing), counts.length,
            rarest(byForm(c -> c.seen, false)), forms, rarest(byForm(c -> c.completed, true)));
  }

  /** Which opcodes cannot complete in a program, by the exception that they raised instead, on both processors. */
  void printIncomplete(PrintStream out) {
    Map<String, Map<String, Integer>> mnemonics = new TreeMap<>();
    for (Count c : counts) {
      if (!c.completes && c.seen > 0) {
        mnemonics.computeIfAbsent(c.exception(), key -> new TreeMap<>()).merge(c.form.mnemonic().name(), 1,
            Integer::sum);
      }
    }
    mnemonics
        .forEach((exception, names) -> out.println("  not for programs, %s on both processors, %d forms: %s".formatted(
            exception, names.values().stream().mapToInt(n -> n).sum(), String.join(" ", names.keySet()))));
  }

  /** The forms that are still rare. */
  void printNeediest(PrintStream out, int number) {
    Arrays.stream(counts).sorted(Comparator.comparingLong(Count::score)).limit(number).forEach(
        c -> out.println("  rare: %s, seen %,d times, completed %,d times".formatted(c.form, c.seen, c.completed)));
  }

  /** Forms that were thought not to be able to complete, and did. */
  List<Form> unexpectedlyCompleted() {
    return Arrays.stream(counts).filter(c -> !c.completes && c.completed > 0).map(c -> c.form).toList();
  }
}
