package org.sallyport.api.cpu;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The architectural state of a virtual CPU at an instruction boundary: the same record for every backend, so that a
 * running guest can move from one to the other.
 *
 * @param gpr the 16 general registers in encoding order (RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 … R15)
 * @param segments ES, CS, SS, DS, FS, GS in encoding order
 * @param cr8 task-priority class, 0 to 15
 * @param ssp shadow-stack pointer of the running code; 0 on a processor without shadow stacks
 * @param debug DR0, DR1, DR2, DR3, DR6, DR7
 * @param xsave x87, SSE and further state in the standard format of XSAVE (SDM volume 1, chapter 13), at least 576
 *     bytes
 * @param msrs further model-specific registers by index. EFER, FS and GS base are not in it, they have components of
 *     their own; the APIC base and what else belongs to the local APIC is that device's state
 * @param tsc value of the time-stamp counter
 */
public record VcpuState(List<Long> gpr, long rip, long rflags, List<SegmentState> segments, SegmentState ldtr,
    SegmentState tr,
    TableState gdtr, TableState idtr, long cr0, long cr2, long cr3, long cr4, int cr8, long xcr0, long efer, long ssp,
    List<Long> debug,
    byte[] xsave, SortedMap<Integer, Long> msrs, long tsc, Activity activity, PendingEvents pending) {

  /** What the processor does besides executing instructions (SDM volume 3, "Guest Non-Register State"). */
  public enum Activity {
    ACTIVE,
    HALTED,
    SHUTDOWN,
    WAIT_FOR_SIPI
  }

  /**
   * What is under way at the instruction boundary.
   *
   * @param stiShadow interrupts are held back for one instruction after STI
   * @param movSsShadow interrupts and debug traps are held back for one instruction after MOV SS or POP SS
   * @param nmiBlocked an NMI was delivered and no IRET has been executed since
   * @param nmisPending NMIs that wait: 0 to 2
   * @param injected vector of an interrupt that was injected and not delivered yet, or -1
   * @param debugTraps pending debug exceptions, in the format of DR6
   */
  public record PendingEvents(
      boolean stiShadow, boolean movSsShadow, boolean nmiBlocked, int nmisPending, int injected, long debugTraps) {
    /** Nothing is under way. */
    public static final PendingEvents NONE = new PendingEvents(false, false, false, 0, -1, 0);
  }

  /**
   * @throws IllegalArgumentException when a list has another length than said above, or the XSAVE area is too short
   */
  public VcpuState {
    if (gpr.size() != 16 || segments.size() != 6 || debug.size() != 6) {
      throw new IllegalArgumentException("a VcpuState has 16 general, 6 segment and 6 debug registers");
    }
    if (xsave.length < 576) {
      throw new IllegalArgumentException("the XSAVE area has at least 576 bytes, not " + xsave.length);
    }
    gpr = List.copyOf(gpr);
    segments = List.copyOf(segments);
    debug = List.copyOf(debug);
    xsave = xsave.clone();
    msrs = Collections.unmodifiableSortedMap(new TreeMap<>(msrs));
  }

  /** A copy. */
  @Override
  public byte[] xsave() {
    return xsave.clone();
  }

  /** The register ES, out of {@link #segments}. */
  public SegmentState es() {
    return segments.get(0);
  }

  /** The register CS. */
  public SegmentState cs() {
    return segments.get(1);
  }

  /** The register SS. */
  public SegmentState ss() {
    return segments.get(2);
  }

  /** The register DS. */
  public SegmentState ds() {
    return segments.get(3);
  }

  /**
   * The state after power-on or RESET (SDM volume 3, table "IA-32 and Intel 64 Processor States Following Power-up,
   * Reset, or INIT").
   *
   * @param signature family, model and stepping as in CPUID leaf 1 EAX; found in EDX
   * @param activity {@link Activity#ACTIVE} for the bootstrap processor, {@link Activity#WAIT_FOR_SIPI} for the others
   */
  public static VcpuState powerOn(int signature, Activity activity) {
    Long[] gpr = new Long[16];
    java.util.Arrays.fill(gpr, 0L);
    gpr[2] = Integer.toUnsignedLong(signature);
    SegmentState data = new SegmentState(0, 0, 0xffff, 0x93);
    SegmentState code = new SegmentState(0xf000, 0xffff0000L, 0xffff, 0x93);
    byte[] xsave = new byte[576];
    xsave[0] = 0x7f; // FCW 037F after FNINIT; RESET leaves 0040, which no guest relies on, and KVM starts like this
    xsave[1] = 0x03;
    xsave[24] = (byte) 0x80; // MXCSR 1F80
    xsave[25] = 0x1f;
    xsave[512] = 3; // XSTATE_BV: x87 and SSE are present
    return new VcpuState(List.of(gpr), 0xfff0, 2, List.of(data, code, data, data, data, data),
        new SegmentState(0, 0, 0xffff, 0x82), new SegmentState(0, 0, 0xffff, 0x8b), new TableState(0, 0xffff),
        new TableState(0, 0xffff), 0x60000010L, 0, 0, 0, 0, 1, 0, 0, List.of(0L, 0L, 0L, 0L, 0xffff0ff0L, 0x400L),
        xsave,
        new TreeMap<>(), 0, activity, PendingEvents.NONE);
  }
}
