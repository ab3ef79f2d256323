package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Breakpoints, watchpoints and single steps (SDM volume 3, chapter "Debug, Branch Profile, TSC, and Resource
 * Monitoring Features").
 *
 * <p>While any breakpoint is enabled the run loop executes one instruction at a time, so that a trap comes exactly
 * behind the instruction that caused it.
 */
public final class Debug {
  // @formatter:off
  static final int DR6_BD  = 1 << 13;  // debug-register access detected
  static final int DR6_BS  = 1 << 14;  // single step
  static final int DR6_BT  = 1 << 15;  // task switch
  static final long DR6_FIXED = 0xffff0ff0L;
  static final long DR6_MASK  = 0x0000e00fL;

  static final int DR7_GD  = 1 << 13;  // general detect enable
  static final long DR7_FIXED = 0x00000400L;
  static final long DR7_MASK  = 0xffff2bffL;
  private static final int DR7_ENABLE = 0xff;
  private static final int DR7_LOCAL  = 0x155;  // L0 to L3, LE

  private static final int EXECUTE = 0;
  private static final int WRITE   = 1;
  private static final int IO      = 2;
  private static final int ACCESS  = 3;
  // @formatter:on

  private final Cpu cpu;

  /** Conditions that have been met, in the format of DR6, waiting to be delivered as a trap. */
  private int traps;

  /** Conditions of the #DB that is being raised at the moment. */
  private int delivering;

  /**
   * The #DB that is being raised reports an access to a debug register: a fault that is not an instruction
   * breakpoint.
   */
  private boolean generalDetect;

  /** Instruction pointer at which RF suppressed breakpoints, or -1: when the instruction is complete, RF is cleared. */
  private long resumedAt = -1;

  private boolean skipStep;

  public Debug(Cpu cpu) {
    this.cpu = cpu;
  }

  // ---- what the run loop asks -------------------------------------------------------------------------------------

  /** Whether a debug trap waits to be delivered. Called between two instructions. */
  public boolean pending() {
    if ((cpu.flags & Flag.RF) == 0) {
      resumedAt = -1;
    } else if (resumedAt != -1 && resumedAt != cpu.rip) {
      cpu.flags &= ~Flag.RF;
      resumedAt = -1;
    }
    return traps != 0;
  }

  /** The #DB that INT1 is about to raise reports the traps too that MOV SS has held back. */
  void mergePending() {
    delivering = traps;
    traps = 0;
  }

  /** Delivers #DB for the traps that wait. */
  public void deliverPending() {
    delivering = traps;
    traps = 0;
    cpu.raise(Vector.DB, EventDelivery.HARDWARE_EXCEPTION, -1, 0);
  }

  /**
   * Whether instructions have to be executed one at a time: a breakpoint is enabled, or RF is to be cleared after
   * one instruction.
   */
  public boolean breakpointsEnabled() {
    return (cpu.dr[7] & DR7_ENABLE) != 0 || (cpu.flags & Flag.RF) != 0;
  }

  /** Delivers #DB if an instruction breakpoint is at this instruction pointer and RF does not suppress it. */
  public boolean hitsInstruction(long rip) {
    if ((cpu.flags & Flag.RF) != 0) {
      resumedAt = rip;
      return false;
    }
    if ((cpu.dr[7] & DR7_ENABLE) == 0) {
      return false;
    }
    long linear = cpu.mode64() ? rip : cpu.seg[Segment.CS].base + rip & 0xffffffffL;
    int hits = 0;
    for (int i = 0; i < 4; i++) {
      if (enabled(i) && kind(i) == EXECUTE && address(i) == linear) {
        hits |= 1 << i;
      }
    }
    if (hits == 0) {
      return false;
    }
    delivering = hits;
    cpu.raise(Vector.DB, EventDelivery.HARDWARE_EXCEPTION, -1, 0);
    return true;
  }

  /** An instruction that began with TF set is complete. */
  public void singleStepTrap() {
    if (skipStep) {
      skipStep = false;
    } else {
      traps |= DR6_BS;
    }
  }

  /** The instruction has set TF, and its own end counts already. */
  void trapAtEnd() {
    traps |= DR6_BS;
    cpu.attention();
  }

  // ---- conditions -------------------------------------------------------------------------------------------------

  /** A data access while watchpoints are in force: those that it touches become a trap after the instruction. */
  public void dataAccess(long linear, int size, boolean write) {
    for (int i = 0; i < 4; i++) {
      if (enabled(i) && (kind(i) == ACCESS || write && kind(i) == WRITE) && touches(i, linear, size)) {
        traps |= 1 << i;
        cpu.attention();
      }
    }
  }

  /** An access to a port: I/O breakpoints become a trap after the instruction (only with CR4.DE). */
  public void portAccess(int port, int size) {
    if ((cpu.dr[7] & DR7_ENABLE) == 0 || (cpu.cr4 & Flag.CR4_DE) == 0) {
      return;
    }
    for (int i = 0; i < 4; i++) {
      if (enabled(i) && kind(i) == IO && touches(i, port, size)) {
        traps |= 1 << i;
        cpu.attention();
      }
    }
  }

  /** The T flag of the TSS that has just been switched to is set. */
  void taskSwitchTrap() {
    traps |= DR6_BT;
    cpu.attention();
  }

  /** A task switch disables the local breakpoints. */
  void taskSwitched() {
    cpu.dr[7] &= ~(long) DR7_LOCAL;
    refresh();
  }

  /** The instruction has cleared TF on its way into a handler: no single-step trap after it. */
  void skipStep() {
    if (cpu.stepping) {
      skipStep = true;
    }
  }

  /** The #DB for an access to a debug register while DR7.GD is set. */
  GuestFault generalDetect() {
    delivering = DR6_BD;
    generalDetect = true;
    return cpu.fault(Vector.DB);
  }

  private boolean enabled(int i) {
    return (cpu.dr[7] >> 2 * i & 3) != 0;
  }

  private int kind(int i) {
    return (int) (cpu.dr[7] >> 16 + 4 * i) & 3;
  }

  private long address(int i) {
    return cpu.longMode() ? cpu.dr[i] : cpu.dr[i] & 0xffffffffL;
  }

  private boolean touches(int i, long first, int size) {
    int bytes =
        switch ((int) (cpu.dr[7] >> 18 + 4 * i) & 3) {
          case 0 -> 1;
          case 1 -> 2;
          case 2 -> 8;
          default -> 4;
        };
    long from = address(i) & -bytes;
    return first - from < bytes && from - first < size;
  }

  // ---- delivery ---------------------------------------------------------------------------------------------------

  /** The exit qualification of a #DB that leaves for the monitor, which takes the conditions over. */
  long takeQualification() {
    int conditions = delivering;
    delivering = 0;
    generalDetect = false;
    return conditions;
  }

  /**
   * #DB goes to the guest's handler: DR6 shows why, DR7.GD is off for the handler. An injected #DB changes neither.
   *
   * @return whether the event is of fault class and not an instruction breakpoint, so that the RF that is pushed is 1
   */
  boolean delivered() {
    boolean fault = generalDetect;
    if (delivering != 0) {
      cpu.dr[6] = cpu.dr[6] & ~0xfL | delivering | DR6_FIXED;
      cpu.dr[7] &= ~(long) DR7_GD;
      delivering = 0;
      generalDetect = false;
    }
    return fault;
  }

  /** A fault has ended the instruction: what its accesses met is forgotten. */
  void instructionFaulted() {
    traps &= DR6_BS | DR6_BT;
  }

  // ---- state ------------------------------------------------------------------------------------------------------

  /** DR7 has been changed: chooses whether data accesses are looked at. */
  public void refresh() {
    boolean data = false;
    for (int i = 0; i < 4; i++) {
      data |= enabled(i) && (kind(i) & 1) != 0;
    }
    cpu.watchData(data);
    cpu.attention();
  }

  /** The pending debug exceptions, in the format of DR6. */
  public long traps() {
    return traps;
  }

  /** Restores the pending debug exceptions. */
  public void setTraps(long pending) {
    traps = (int) (pending & DR6_MASK);
    delivering = 0;
    generalDetect = false;
    skipStep = false;
    resumedAt = -1;
    if (traps != 0) {
      cpu.attention();
    }
  }
}
