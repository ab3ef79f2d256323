package org.sallyport.cpu.vmx.system;

import java.util.SortedMap;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Control-flow Enforcement Technology (SDM volume 1, chapter of this name): its registers, and the state machine of
 * indirect-branch tracking. What a shadow stack does at transfers of control is in {@link ShadowStack}.
 *
 * <p>Code runs without a test for any of this: what is enabled is part of the key of the processor's mode, for which
 * code is decoded and bound.
 */
public final class ControlFlow {
  // @formatter:off
  // Bits of the mode's key.
  public static final int SHADOW_STACK = 1 << 5;
  public static final int TRACKING     = 1 << 6;  // of indirect branches
  public static final int WAITING      = 1 << 7;  // the next instruction has to be ENDBRANCH
  public static final int MODES        = SHADOW_STACK | TRACKING | WAITING;

  // Bits of IA32_U_CET and IA32_S_CET.
  static final long SH_STK_EN          = 1 << 0;
  static final long WR_SHSTK_EN        = 1 << 1;
  static final long ENDBR_EN           = 1 << 2;
  static final long LEG_IW_EN          = 1 << 3;
  static final long NO_TRACK_EN        = 1 << 4;
  static final long SUPPRESS_DIS       = 1 << 5;
  static final long SUPPRESS           = 1 << 10;
  static final long TRACKER            = 1 << 11; // the state is WAIT_FOR_ENDBRANCH
  private static final long EB_LEG_BITMAP_BASE = -1L << 12;

  // Error codes of #CP.
  public static final int NEAR_RET     = 1;
  static final int FAR_RET             = 2;  // and IRET
  public static final int ENDBRANCH    = 3;
  static final int RSTORSSP            = 4;
  static final int SETSSBSY            = 5;
  // @formatter:on

  private static final long SHADOW_STACK_BITS = SH_STK_EN | WR_SHSTK_EN;
  private static final long TRACKING_BITS =
      ENDBR_EN | LEG_IW_EN | NO_TRACK_EN | SUPPRESS_DIS | SUPPRESS | TRACKER | EB_LEG_BITMAP_BASE;

  private final Cpu cpu;
  private long userCet;
  private long supervisorCet;
  private long interruptSspTable;

  /** Shadow-stack pointers that a change to level 0, 1, 2 or 3 loads. */
  private final long[] levelSsp = new long[4];

  public ControlFlow(Cpu cpu) {
    this.cpu = cpu;
  }

  // ---- what is enabled --------------------------------------------------------------------------------------------

  /** The bits of the mode's key. CR4.CET is 1. */
  public int mode() {
    if (!cpu.protectedMode() || cpu.v86()) {
      return 0;
    }
    long cet = cet(cpu.cpl);
    int tracking = (cet & ENDBR_EN) == 0 ? 0 : (cet & TRACKER) == 0 ? TRACKING : TRACKING | WAITING;
    return ((cet & SH_STK_EN) != 0 ? SHADOW_STACK : 0) | tracking;
  }

  /** Whether code at a privilege level has a shadow stack. */
  boolean shadowStack(int cpl) {
    return enabled(cpl, SH_STK_EN);
  }

  private boolean enabled(int cpl, long bit) {
    return (cpu.cr4 & Flag.CR4_CET) != 0 && cpu.protectedMode() && !(cpl == 3 && cpu.v86()) && (cet(cpl) & bit) != 0;
  }

  /** Whether WRSS is enabled. */
  boolean shadowStackWrites(int cpl) {
    return shadowStack(cpl) && (cet(cpl) & WR_SHSTK_EN) != 0;
  }

  /** Whether code at level 3 would have a shadow stack or be tracked, so that it cannot be in virtual-8086 mode. */
  boolean protectsUser() {
    return (cpu.cr4 & Flag.CR4_CET) != 0 && (userCet & (SH_STK_EN | ENDBR_EN)) != 0;
  }

  /** Whether any code is protected. */
  public boolean inUse() {
    return (cpu.cr4 & Flag.CR4_CET) != 0 && ((userCet | supervisorCet) & (SH_STK_EN | ENDBR_EN)) != 0;
  }

  private long cet(int cpl) {
    return cpl == 3 ? userCet : supervisorCet;
  }

  private void setCet(int cpl, long value) {
    if (cpl == 3) {
      userCet = value;
    } else {
      supervisorCet = value;
    }
  }

  // ---- indirect-branch tracking -----------------------------------------------------------------------------------

  /**
   * A near indirect CALL or JMP is taken.
   *
   * @param noTrack it has the no-track prefix
   * @return whether its target has to be ENDBRANCH
   */
  public boolean branched(boolean noTrack) {
    long cet = cet(cpu.cpl);
    if ((cet & SUPPRESS) != 0 || noTrack && (cet & NO_TRACK_EN) != 0) {
      return false;
    }
    setCet(cpu.cpl, cet | TRACKER);
    return true;
  }

  /** A far transfer or an event has brought the processor to code of this level; the mode's key is to be renewed. */
  void entered(int cpl) {
    if (enabled(cpl, ENDBR_EN)) {
      setCet(cpl, cet(cpl) & ~SUPPRESS | TRACKER);
    }
  }

  /** An ENDBRANCH of the running code's size; the mode's key is to be renewed. */
  public void endBranch() {
    setCet(cpu.cpl, cet(cpu.cpl) & ~(TRACKER | SUPPRESS));
  }

  /**
   * No ENDBRANCH stands where there had to be one: #CP, unless legacy code is allowed to be there (SDM volume 1,
   * "Legacy Code Page Bitmap Format": a bit for each page of the linear address space).
   */
  public void missingEndBranch(long rip) {
    long cet = cet(cpu.cpl);
    if ((cet & LEG_IW_EN) == 0 || !isLegacy(cpu.mode64() ? rip : linear(rip), cet & EB_LEG_BITMAP_BASE)) {
      throw violation(ENDBRANCH);
    }
    setCet(cpu.cpl, cet & ~(TRACKER | SUPPRESS) | ((cet & SUPPRESS_DIS) != 0 ? 0 : SUPPRESS));
  }

  private long linear(long rip) {
    return cpu.seg[Segment.CS].base + rip & 0xffffffffL;
  }

  private boolean isLegacy(long linear, long bitmap) {
    int width = !cpu.mode64() ? 32 : (cpu.cr4 & Flag.CR4_LA57) != 0 ? 57 : 48;
    long page = (linear & (1L << width) - 1) >>> 12;
    long at = bitmap + (page >>> 3);
    return (cpu.read8(cpu.mode64() ? at : at & 0xffffffffL) >>> (page & 7) & 1) != 0;
  }

  /** #CP with one of the error codes above. */
  public GuestFault violation(int errorCode) {
    return cpu.fault(Vector.CP, errorCode);
  }

  // ---- pointers of the levels -------------------------------------------------------------------------------------

  long levelSsp(int cpl) {
    return levelSsp[cpl];
  }

  /** The user's shadow-stack pointer goes to where the next return to level 3 finds it. */
  void keepUserSsp() {
    int unused = cpu.has(CpuFeature.LA57) ? 7 : 16;
    levelSsp[3] = cpu.longMode() ? cpu.ssp << unused >> unused : cpu.ssp;
  }

  /** Address of the table of shadow-stack pointers for gates with an IST index. */
  long interruptSspTable() {
    return interruptSspTable;
  }

  // ---- registers --------------------------------------------------------------------------------------------------

  boolean has(int index) {
    return switch (index) {
      case Msr.U_CET, Msr.S_CET -> cpu.has(CpuFeature.SHSTK) || cpu.has(CpuFeature.IBT);
      case Msr.INTERRUPT_SSP_TABLE_ADDR -> cpu.has(CpuFeature.SHSTK) && cpu.has(CpuFeature.LM);
      default -> index >= Msr.PL0_SSP && index <= Msr.PL3_SSP && cpu.has(CpuFeature.SHSTK);
    };
  }

  long read(int index) {
    return switch (index) {
      case Msr.U_CET -> userCet;
      case Msr.S_CET -> supervisorCet;
      case Msr.INTERRUPT_SSP_TABLE_ADDR -> interruptSspTable;
      default -> levelSsp[index - Msr.PL0_SSP];
    };
  }

  /** #GP(0) where a value has reserved bits or is no address. */
  void write(int index, long value) {
    switch (index) {
      case Msr.U_CET, Msr.S_CET -> {
        long defined =
            (cpu.has(CpuFeature.SHSTK) ? SHADOW_STACK_BITS : 0) | (cpu.has(CpuFeature.IBT) ? TRACKING_BITS : 0);
        boolean both = (value & SUPPRESS) != 0 && (value & TRACKER) != 0;
        require((value & ~defined) == 0 && !both && Canonical.isBase(cpu, value & EB_LEG_BITMAP_BASE));
        setCet(index == Msr.U_CET ? 3 : 0, value);
        cpu.modeChanged();
      }
      case Msr.INTERRUPT_SSP_TABLE_ADDR -> {
        require(Canonical.isBase(cpu, value));
        interruptSspTable = value;
      }
      default -> {
        require((value & 3) == 0 && Canonical.isBase(cpu, value));
        levelSsp[index - Msr.PL0_SSP] = value;
      }
    }
  }

  private void require(boolean allowed) {
    if (!allowed) {
      throw cpu.gp();
    }
  }

  void save(SortedMap<Integer, Long> values) {
    for (int index = Msr.U_CET; index <= Msr.INTERRUPT_SSP_TABLE_ADDR; index++) {
      if (has(index)) {
        values.put(index, read(index));
      }
    }
  }

  void powerOn() {
    userCet = 0;
    supervisorCet = 0;
    interruptSspTable = 0;
    java.util.Arrays.fill(levelSsp, 0);
  }
}
