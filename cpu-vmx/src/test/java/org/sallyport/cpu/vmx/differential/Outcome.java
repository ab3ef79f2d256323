package org.sallyport.cpu.vmx.differential;

import java.util.SortedMap;
import java.util.TreeMap;
import org.sallyport.cpu.vmx.state.Vector;

/** What an instruction left. */
final class Outcome {
  /** {@link #trap} of an instruction that was completed. */
  static final int COMPLETED = 1;

  final MachineState after = new MachineState();

  /** Vector of the exception, or {@link #COMPLETED}. */
  int trap;

  int error;

  /** Linear address of a page fault. */
  long faultAddress;

  /** Changed words of 8 bytes by their number in the two pages of data. */
  final SortedMap<Integer, Long> changes = new TreeMap<>();

  Outcome copy() {
    Outcome o = new Outcome();
    o.after.set(after);
    o.trap = trap;
    o.error = error;
    o.faultAddress = faultAddress;
    o.changes.putAll(changes);
    return o;
  }

  /**
   * Makes a fault of what follows the instruction into its completion: the filler behind it is a privileged instruction, and behind the page of
   * code there is nothing.
   */
  void tellCompletion(TestCase c, int length, long ripMask) {
    boolean fetch = trap == Vector.GP || trap == Vector.PF && (error & 0x10) != 0;
    if (fetch && after.rip == (c.before.rip + length & ripMask)) {
      trap = COMPLETED;
      error = 0;
    }
  }
}
