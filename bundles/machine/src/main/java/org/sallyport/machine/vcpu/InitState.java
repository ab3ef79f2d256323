package org.sallyport.machine.vcpu;

import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.cpu.VcpuStateBuilder;
import org.sallyport.machine.model.CpuModel;

/**
 * The states that INIT and start-up IPIs bring a processor into (SDM volume 3, chapter "Processor Management and
 * Initialization").
 */
final class InitState {
  private static final long CR0_CD_NW = 0x60000000L;

  private InitState() {}

  /**
   * The state after INIT: that after RESET, but for what INIT leaves alone: CR0.CD and CR0.NW, the x87 and SSE state,
   * XCR0, the MSRs and the time-stamp counter.
   */
  static VcpuState afterInit(VcpuState before, boolean bootstrap) {
    VcpuStateBuilder state =
        new VcpuStateBuilder(
            VcpuState.powerOn(CpuModel.SIGNATURE, bootstrap ? Activity.ACTIVE : Activity.WAIT_FOR_SIPI));
    state.cr0 = state.cr0 & ~CR0_CD_NW | before.cr0() & CR0_CD_NW;
    state.xsave = before.xsave();
    state.xcr0 = before.xcr0();
    state.msrs.clear();
    state.msrs.putAll(before.msrs());
    state.tsc = before.tsc();
    return state.build();
  }

  /** The state after the start-up IPI with this vector: real mode, at the beginning of page {@code vector}. */
  static VcpuState afterStartup(VcpuState before, int vector) {
    VcpuStateBuilder state = new VcpuStateBuilder(before);
    SegmentState cs = before.cs();
    state.segments.set(1, new SegmentState(vector << 8, (long) vector << 12, cs.limit(), cs.access()));
    state.rip = 0;
    state.activity = Activity.ACTIVE;
    return state.build();
  }
}
