package org.sallyport.cpu.vmx.fpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.state.Flag;

/**
 * Every x87 instruction but the transcendental and the control instructions, with random operands, stacks and control
 * words, against the x87 of the machine the test runs on: all registers, tags, the status word, memory and RFLAGS have
 * to be the same.
 */
class HostX87Test {
  private static final int RECORDS_PER_FORM = Integer.getInteger("x87.records", 1000);

  private static final Set<Mnemonic> TRANSCENDENTAL =
      EnumSet.of(Mnemonic.FSIN, Mnemonic.FCOS, Mnemonic.FSINCOS, Mnemonic.FPTAN,
          Mnemonic.FPATAN, Mnemonic.F2XM1, Mnemonic.FYL2X, Mnemonic.FYL2XP1);

  /** They act on control state, or on more memory than a record has. */
  private static final Set<Mnemonic> CONTROL =
      EnumSet.of(Mnemonic.FNSTENV, Mnemonic.FLDENV, Mnemonic.FNSAVE, Mnemonic.FRSTOR,
          Mnemonic.FLDCW, Mnemonic.FNSTCW, Mnemonic.FNSTSW, Mnemonic.FNINIT, Mnemonic.FNCLEX, Mnemonic.FNENI,
          Mnemonic.FNDISI,
          Mnemonic.FNSETPM, Mnemonic.INVALID);

  @Test
  void sameAsTheHost(@TempDir Path folder) {
    HostX87 host = new HostX87(folder);
    assumeTrue(host.missing == null, host.missing);
    long seed = Long.getLong("x87.seed", System.nanoTime());
    System.out.println("HostX87Test: seed " + seed);
    Operands operands = new Operands(new SplittableRandom(seed));
    X87Bench bench = X87Bench.protectedMode();
    List<X87Record> records = new ArrayList<>();
    for (int[] form : forms(bench)) {
      for (int i = 0; i < RECORDS_PER_FORM; i++) {
        records.add(random(operands, bench, form));
      }
    }
    List<X87Record> expected = host.run(records);
    for (int i = 0; i < records.size(); i++) {
      X87Record in = records.get(i);
      X87Record ours = bench.run(in);
      String difference = difference(bench, in, ours, expected.get(i));
      assertEquals(null, difference, () -> "seed " + seed + "\nin   " + in + "\nours " + ours);
    }
  }

  /** Opcode and ModRM (of register forms the one with ST(0), and a mask of what may vary) of each instruction. */
  static List<int[]> forms(X87Bench bench) {
    List<int[]> forms = new ArrayList<>();
    for (int opcode = 0xd8; opcode <= 0xdf; opcode++) {
      for (int reg = 0; reg < 8; reg++) {
        add(forms, bench, opcode, reg << 3 | 7, 0);
        Mnemonic first = bench.mnemonic(opcode, 0xc0 | reg << 3);
        boolean varies = first != Mnemonic.INVALID;
        for (int i = 1; i < 8; i++) {
          varies &= bench.mnemonic(opcode, 0xc0 | reg << 3 | i) == first;
        }
        for (int i = 0; i < (varies ? 1 : 8); i++) {
          add(forms, bench, opcode, 0xc0 | reg << 3 | i, varies ? 7 : 0);
        }
      }
    }
    return forms;
  }

  private static void add(List<int[]> forms, X87Bench bench, int opcode, int modrm, int varies) {
    Mnemonic m = bench.mnemonic(opcode, modrm);
    if (!CONTROL.contains(m) && !TRANSCENDENTAL.contains(m)) {
      forms.add(new int[]{opcode, modrm, varies});
    }
  }

  static String name(X87Bench bench, int[] form) {
    return "%s/%02X%02X".formatted(bench.mnemonic(form[0], form[1]), form[0], form[1]);
  }

  static X87Record random(Operands o, X87Bench bench, int[] form) {
    X87Record r = new X87Record();
    r.instruction(form[0], form[1] | o.below(8) & form[2]);
    r.control(0x40 | o.below(16) << 8 & 0xf00 | (o.chance(70) ? 0x3f : o.below(64)));
    // No exception is pending: flags may be set where they are masked.
    r.status(o.below(0x10000) & (0x7f40 | (o.chance(50) ? r.control() & 0x3f : 0)));
    for (int i = 0; i < 8; i++) {
      o.fill(r, i);
    }
    o.relate(r);
    int empty = o.chance(70) ? 0b1100_0000 : o.below(256);
    if (o.chance(50)) {
      empty &= ~3;
    }
    tag(r, empty);
    r.flags(0x202 | o.below(0x10000) & Flag.STATUS);
    o.memory(r, kind(bench, form));
    return r;
  }

  private static void tag(X87Record r, int emptySt) {
    int top = r.status() >> 11 & 7;
    int tags = 0;
    for (int i = 0; i < 8; i++) {
      tags |= (emptySt >> i & 1) * 3 << 2 * (top + i & 7);
    }
    r.tags(tags);
  }

  private static int kind(X87Bench bench, int[] form) {
    Mnemonic m = bench.mnemonic(form[0], form[1]);
    return m == Mnemonic.FBLD ? 2 : form[0] == 0xd8 || form[0] == 0xd9 ? 0 : form[0] == 0xdc || form[0] == 0xdd ? 1 : 3;
  }

  /** Null if the results are the same. */
  static String difference(X87Bench bench, X87Record in, X87Record ours, X87Record raw) {
    X87Record host = HostQuirks.comparable(bench.mnemonic(in.opcode(), in.modrm()), in, ours, raw);
    if (ours.status() != host.status()) {
      return "status: ours %04x host %04x (before %04x)".formatted(ours.status(), host.status(), in.status());
    }
    if (ours.tags() != host.tags()) {
      return "tags: ours %04x host %04x".formatted(ours.tags(), host.tags());
    }
    for (int i = 0; i < 8; i++) {
      if (ours.signExponent(i) != host.signExponent(i) || ours.mantissa(i) != host.mantissa(i)) {
        return "ST: (%d) ours %04x:%016x host %04x:%016x".formatted(i, ours.signExponent(i), ours.mantissa(i),
            host.signExponent(i),
            host.mantissa(i));
      }
    }
    if (!Arrays.equals(ours.memory(), host.memory())) {
      return "memory: ours " + ours + "\nhost " + host;
    }
    if (((ours.flags() ^ host.flags()) & Flag.STATUS) != 0) {
      return "flags: ours %04x host %04x".formatted(ours.flags(), host.flags());
    }
    return null;
  }

  /** Bit n: physical register n is empty. */
  static int emptiness(int tags) {
    int empty = 0;
    for (int i = 0; i < 8; i++) {
      empty |= (tags >> 2 * i & 3) == 3 ? 1 << i : 0;
    }
    return empty;
  }
}
