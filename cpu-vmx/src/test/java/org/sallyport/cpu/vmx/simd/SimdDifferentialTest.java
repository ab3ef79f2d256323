package org.sallyport.cpu.vmx.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.simd.VectorEncodings.Encoding;

/**
 * Every SSE and MMX instruction against the machine's own processor, bit for bit: registers, memory, status flags, MXCSR with its sticky
 * flags, and whether an exception is raised.
 */
class SimdDifferentialTest {
  private static final int SIGILL = 4;
  private static final int CASES_PER_ENCODING = 100;
  private static final int ROUNDS = 20;

  /** Approximations differ between processors, and MXCSR or an address in RDI cannot be any number. */
  private static final Set<Mnemonic> ELSEWHERE = EnumSet.of(Mnemonic.RCPPS, Mnemonic.RCPSS, Mnemonic.RSQRTPS,
      Mnemonic.RSQRTSS, Mnemonic.LDMXCSR, Mnemonic.STMXCSR, Mnemonic.MASKMOVDQU, Mnemonic.MASKMOVQ);

  @Test
  void likeTheProcessor() {
    compare(seed());
  }

  @Tag("long")
  @Test
  void likeTheProcessorManyTimes() {
    long seed = seed();
    for (int i = 0; i < ROUNDS; i++) {
      compare(seed + i);
    }
  }

  private static long seed() {
    return Long.getLong("sallyport.seed", System.nanoTime());
  }

  private static void compare(long seed) {
    String missing = NativeProcessor.missing();
    assumeTrue(missing == null, missing);
    System.out.println("seed " + seed);
    OperandValues values = new OperandValues(seed);
    List<VectorState> cases = new ArrayList<>();
    List<Mnemonic> mnemonics = new ArrayList<>();
    try (SoftwareProcessor processor = new SoftwareProcessor()) {
      List<Encoding> encodings = VectorEncodings.all(processor);
      assertTrue(encodings.size() > 500, "only " + encodings.size() + " encodings are bound");
      for (Encoding e : encodings) {
        for (int i = 0; i < CASES_PER_ENCODING && !ELSEWHERE.contains(e.mnemonic()); i++) {
          VectorState s = new VectorState();
          values.fill(s);
          s.code = e.bytes(values.choice(3), values.choice(3), values.choice(256));
          processor.bind(s.code);
          s.code = java.util.Arrays.copyOf(s.code, processor.instruction.length);
          cases.add(s);
          mnemonics.add(e.mnemonic());
        }
      }
      List<VectorState> expected = cases.stream().map(VectorState::copy).toList();
      NativeProcessor.execute(expected);
      report(processor, cases, expected, mnemonics, seed);
    }
  }

  private static void report(SoftwareProcessor processor, List<VectorState> cases, List<VectorState> expected,
      List<Mnemonic> mnemonics, long seed) {
    Map<Mnemonic, Integer> wrong = new TreeMap<>();
    Set<Mnemonic> unknown = new TreeSet<>();
    StringBuilder text = new StringBuilder();
    int traps = 0;
    for (int i = 0; i < cases.size(); i++) {
      VectorState before = cases.get(i);
      VectorState theirs = expected.get(i);
      if (theirs.trap == SIGILL) {
        unknown.add(mnemonics.get(i));
        continue;
      }
      theirs.flags &= org.sallyport.cpu.vmx.state.Flag.STATUS;
      if (theirs.trap != 0) {
        theirs.flags = 0;
        traps++;
      }
      VectorState ours = before.copy();
      processor.execute(ours);
      if (!ours.same(theirs) && wrong.merge(mnemonics.get(i), 1, Integer::sum) <= 2) {
        text.append(String.format("%s %s%n  was %s%n  our %s%n  the %s%n", mnemonics.get(i),
            java.util.HexFormat.of().formatHex(before.code), before, ours, theirs));
      }
    }
    System.out.printf("%d cases, %d with exceptions, not known to this processor: %s%n", cases.size(), traps, unknown);
    assertEquals(Map.of(), wrong, () -> "seed " + seed + "\n" + text);
  }
}
