package org.sallyport.cpu.vmx.differential;

import java.util.Arrays;
import java.util.function.Predicate;

/** Takes from a failing case what it does not need to fail. */
final class Shrinker {
  private final Predicate<TestCase> fails;
  private TestCase best;

  private Shrinker(TestCase start, Predicate<TestCase> fails) {
    best = start;
    this.fails = fails;
  }

  /** The smallest case found that still fails. */
  static TestCase shrink(TestCase start, Predicate<TestCase> fails) {
    Shrinker s = new Shrinker(start, fails);
    for (int round = 0; round < 2; round++) {
      s.round();
    }
    return s.best;
  }

  private interface Change {
    void apply(TestCase c);
  }

  private boolean attempt(Change change) {
    TestCase c = best.copy();
    change.apply(c);
    if (CaseText.format(c).equals(CaseText.format(best)) || !Scope.contains(c) || !fails.test(c)) {
      return false;
    }
    best = c;
    return true;
  }

  private void round() {
    MachineState usual = CaseText.initial(best.mode);
    attempt(c -> c.stepped = Scope.needsStep(c.decoded()));
    for (int i = 0; i < best.code.length - 1; i++) { // prefixes
      int at = i;
      if (attempt(c -> {
        byte[] shorter = new byte[c.code.length - 1];
        System.arraycopy(c.code, 0, shorter, 0, at);
        System.arraycopy(c.code, at + 1, shorter, at, shorter.length - at);
        c.code = shorter;
        if (c.decoded().mnemonic == null || c.decoded().length != shorter.length
            || c.decoded().mnemonic != best.decoded().mnemonic) {
          c.code = best.code;
        }
      })) {
        i--;
      }
    }
    attempt(c -> c.place(0x100));
    attempt(c -> {
      c.overlay = new byte[0];
      c.overlayOffset = 0;
    });
    attempt(c -> System.arraycopy(usual.fx, 0, c.before.fx, 0, usual.fx.length));
    attempt(c -> Arrays.fill(c.before.fx, MachineState.XMM, usual.fx.length, (byte) 0));
    for (int at : new int[]{MachineState.FCW, MachineState.FSW, MachineState.FTW, MachineState.MXCSR}) {
      attempt(c -> System.arraycopy(usual.fx, at, c.before.fx, at, at == MachineState.MXCSR ? 4 : 2));
    }
    for (int at = MachineState.ST; at < usual.fx.length; at += 16) {
      int first = at;
      attempt(c -> Arrays.fill(c.before.fx, first, first + 16, (byte) 0));
    }
    for (int bit = 0; bit < 22; bit++) {
      int b = bit;
      attempt(c -> c.before.flags = c.before.flags & ~(1L << b) | usual.flags & 1L << b);
    }
    for (int i = 0; i < 16; i++) {
      int r = i;
      if (!attempt(c -> c.before.gpr[r] = usual.gpr[r])) {
        attempt(c -> c.before.gpr[r] = 0);
        attempt(c -> c.before.gpr[r] &= 0xffffffffL);
        attempt(c -> c.before.gpr[r] &= 0xffff);
        attempt(c -> c.before.gpr[r] &= 0xff);
      }
    }
    for (int i = MachineState.SS; i <= MachineState.GS; i++) {
      int s = i;
      attempt(c -> {
        c.before.selectors[s] = usual.selectors[s];
        c.before.fsBase = s == MachineState.FS ? usual.fsBase : c.before.fsBase;
        c.before.gsBase = s == MachineState.GS ? usual.gsBase : c.before.gsBase;
      });
    }
    overlay();
  }

  private void overlay() {
    while (best.overlay.length > 8 && attempt(c -> c.overlay = Arrays.copyOf(c.overlay, c.overlay.length - 8))) {}
    while (best.overlay.length > 8 && attempt(c -> {
      c.overlay = Arrays.copyOfRange(c.overlay, 8, c.overlay.length);
      c.overlayOffset += 8;
    })) {}
    for (int i = 0; i < best.overlay.length; i++) {
      int at = i;
      attempt(c -> c.overlay[at] = 0);
    }
  }
}
