package org.sallyport.cpu.vmx.differential;

import java.util.TreeSet;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Vector;

/** Compares what an instruction left here and there. */
final class Comparison {
  private static final long FLAGS = Flag.STATUS | Flag.DF | Flag.NT | Flag.ID | Flag.AC;

  private final TestCase c;
  private final Outcome ours;
  private final Outcome theirs;
  private final StringBuilder text = new StringBuilder();

  private Comparison(TestCase c, Outcome ours, Outcome theirs) {
    this.c = c;
    this.ours = ours;
    this.theirs = theirs;
  }

  /** What differs, or the empty string. */
  static String difference(TestCase c, Outcome ours, Outcome theirs) {
    Comparison comparison = new Comparison(c, ours, theirs);
    comparison.compare();
    return comparison.text.toString();
  }

  private void compare() {
    Instruction in = c.decoded();
    if (ours.trap != theirs.trap) {
      text.append(" ").append(CaseText.trap(ours)).append(" instead of ").append(CaseText.trap(theirs));
      return;
    }
    faults();
    boolean undefined = in.mnemonic != null && UndefinedResults.destination(in, c);
    MachineState a = ours.after;
    MachineState b = theirs.after;
    long width = a.selectors[MachineState.CS] == Layout.CODE64 ? -1L : 0xffffffffL;
    for (int i = 0; i < 16 && !undefined; i++) {
      value(CaseText.GPR[i], a.gpr[i] & width, b.gpr[i] & width);
    }
    value("rip", a.rip, b.rip);
    long flags = FLAGS | (c.stepped ? Flag.TF : 0);
    if (in.mnemonic != null && ours.trap == Outcome.COMPLETED) {
      flags &= ~UndefinedResults.flags(in, c);
    }
    value("flags", a.flags & flags, b.flags & flags);
    for (int i = 0; i < 6; i++) {
      value(CaseText.SELECTOR[i], a.selectors[i], b.selectors[i]);
    }
    if (c.is64()) {
      base("fsbase", MachineState.FS, a.fsBase, b.fsBase);
      base("gsbase", MachineState.GS, a.gsBase, b.gsBase);
    }
    floatingPoint(a, b);
    if (!undefined) {
      memory();
    }
  }

  private void faults() {
    int error = ours.error;
    int expected = theirs.error;
    if (ours.trap == Vector.PF) {
      value("fault address", ours.faultAddress, theirs.faultAddress);
      if (theirs.faultAddress >>> 47 != 0) { // the kernel hides what is mapped in its half
        error |= 1;
        expected |= 1;
      }
    }
    if (ours.trap != Outcome.COMPLETED) {
      value("error", error, expected);
    }
  }

  /** The base of a segment register that has been loaded with null is not defined. */
  private void base(String name, int segment, long our, long their) {
    if (ours.after.selectors[segment] > 3 || ours.after.selectors[segment] == c.before.selectors[segment]) {
      value(name, our, their);
    }
  }

  private void floatingPoint(MachineState a, MachineState b) {
    value("fcw", a.control(), b.control());
    value("fsw", a.status(), b.status());
    value("ftw", a.fx[MachineState.FTW], b.fx[MachineState.FTW]);
    value("mxcsr", a.mxcsr(), b.mxcsr());
    for (int i = 0; i < 8; i++) {
      if (a.signExponent(i) != b.signExponent(i) || a.mantissa(i) != b.mantissa(i)) {
        text.append(String.format(" st%d=%04x%016x instead of %04x%016x;", i, a.signExponent(i), a.mantissa(i),
            b.signExponent(i), b.mantissa(i)));
      }
    }
    for (int i = 0; i < 32; i++) {
      value("xmm" + i / 2 + (i % 2 == 0 ? ".low" : ".high"), a.xmm(i), b.xmm(i));
    }
  }

  private void memory() {
    if (ours.changes.equals(theirs.changes)) {
      return;
    }
    TreeSet<Integer> words = new TreeSet<>(ours.changes.keySet());
    words.addAll(theirs.changes.keySet());
    int shown = 0;
    for (int word : words) {
      Long a = ours.changes.get(word);
      Long b = theirs.changes.get(word);
      if ((a == null || !a.equals(b)) && shown++ < 4) {
        text.append(String.format(" [%x]=%s instead of %s;", Layout.DATA + 8L * word, hex(a), hex(b)));
      }
    }
  }

  private static String hex(Long v) {
    return v == null ? "as before" : Long.toHexString(v);
  }

  private void value(String name, long a, long b) {
    if (a != b) {
      text.append(String.format(" %s=%x instead of %x;", name, a, b));
    }
  }
}
