package org.sallyport.cpu.vmx.vmx;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.TableState;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.cpu.VcpuState.PendingEvents;
import org.sallyport.cpu.vmx.fpu.XsaveArea;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;

/** Between a processor and the neutral {@link VcpuState}. */
final class StateConversion {
  private static final int[] DEBUG = {0, 1, 2, 3, 6, 7};

  private StateConversion() {}

  static VcpuState save(Cpu cpu, int nmisPending, int injected) {
    List<Long> gpr = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      gpr.add(cpu.r[i]);
    }
    List<SegmentState> segments = new ArrayList<>();
    for (int i = Segment.ES; i <= Segment.GS; i++) {
      segments.add(cpu.seg[i].state());
    }
    List<Long> debug = new ArrayList<>();
    for (int n : DEBUG) {
      debug.add(cpu.dr[n]);
    }
    return new VcpuState(gpr, cpu.rip, Integer.toUnsignedLong(cpu.rflags()), segments, cpu.seg[Segment.LDTR].state(),
        cpu.seg[Segment.TR].state(), new TableState(cpu.gdtBase, cpu.gdtLimit),
        new TableState(cpu.idtBase, cpu.idtLimit), cpu.cr0,
        cpu.cr2, cpu.cr3, cpu.cr4, cpu.cr8, cpu.xcr0, cpu.efer, cpu.ssp, debug, XsaveArea.save(cpu), cpu.msrs.save(),
        cpu.tsc(),
        Activity.ACTIVE,
        new PendingEvents(cpu.stiShadow, cpu.movSsShadow, cpu.nmiBlocked, nmisPending, injected, cpu.debug.traps()));
  }

  /** Rejects what no processor could be in; changes nothing. */
  static void check(VcpuState state, Cpu cpu, CpuidTable cpuid) throws CpuException {
    if (state.xcr0() != 1 && !cpuid.allowsXcr0(state.xcr0())) {
      throw new CpuException(String.format("XCR0 0x%x enables state that this processor does not have", state.xcr0()));
    }
    if ((state.rflags() & ~0x3f7fd7L) != 0) {
      throw new CpuException(String.format("RFLAGS 0x%x has reserved bits", state.rflags()));
    }
    if ((state.cr8() & ~15) != 0) {
      throw new CpuException("CR8 is " + state.cr8());
    }
    if ((state.ssp() & 3) != 0) {
      throw new CpuException(String.format("SSP 0x%x is not aligned", state.ssp()));
    }
    PendingEvents pending = state.pending();
    if (pending.nmisPending() < 0 || pending.nmisPending() > 2 || pending.injected() < -1 || pending.injected() > 255) {
      throw new CpuException("there are no such events: " + pending);
    }
    if (!XsaveArea.isComplete(state.xsave())) {
      throw new CpuException("the XSAVE area ends before a component that it says it has");
    }
    if (usesPdptes(state) && !cpu.pdptesAreValid(state.cr3())) {
      throw new CpuException(String.format("the PDPTEs at 0x%x have reserved bits", state.cr3() & 0xffffffe0L));
    }
  }

  /** PAE paging outside IA-32e mode. */
  private static boolean usesPdptes(VcpuState s) {
    long paging = Flag.CR0_PE | Flag.CR0_PG;
    return (s.cr0() & paging) == paging && (s.cr4() & Flag.CR4_PAE) != 0 && (s.efer() & Flag.EFER_LMA) == 0;
  }

  /**
   * Takes a state up that has been checked. All but what the guest-state area of the VMCS carries into the processor
   * at the next VM entry is final after this.
   *
   * @throws CpuException for an MSR that cannot have its value: nothing is changed then
   */
  static void restore(Cpu cpu, VcpuState s) throws CpuException {
    try {
      cpu.msrs.restore(s.msrs());
    } catch (IllegalArgumentException e) {
      throw new CpuException(e.getMessage(), e);
    }
    for (int i = 0; i < 16; i++) {
      cpu.r[i] = s.gpr().get(i);
    }
    for (int i = Segment.ES; i <= Segment.GS; i++) {
      cpu.seg[i].set(s.segments().get(i));
    }
    cpu.seg[Segment.LDTR].set(s.ldtr());
    cpu.seg[Segment.TR].set(s.tr());
    cpu.gdtBase = s.gdtr().base();
    cpu.gdtLimit = s.gdtr().limit();
    cpu.idtBase = s.idtr().base();
    cpu.idtLimit = s.idtr().limit();
    cpu.cr0 = s.cr0();
    cpu.cr2 = s.cr2();
    cpu.cr3 = s.cr3();
    cpu.cr4 = s.cr4();
    cpu.cr8 = s.cr8();
    cpu.xcr0 = s.xcr0();
    cpu.efer = s.efer();
    cpu.ssp = s.ssp();
    for (int i = 0; i < DEBUG.length; i++) {
      cpu.dr[DEBUG[i]] = s.debug().get(i);
    }
    cpu.rip = s.rip();
    int rflags = (int) s.rflags();
    cpu.flags = rflags & ~Flag.STATUS | 2;
    cpu.setStatus(rflags);
    cpu.stiShadow = s.pending().stiShadow();
    cpu.movSsShadow = s.pending().movSsShadow();
    cpu.nmiBlocked = s.pending().nmiBlocked();
    cpu.cpl = cpu.protectedMode() ? (cpu.v86() ? 3 : cpu.seg[Segment.SS].dpl()) : 0;
    XsaveArea.restore(cpu, s.xsave());
    cpu.msrs.tscOffset = s.tsc() - cpu.hostTsc();
    cpu.debug.refresh();
    cpu.debug.setTraps(s.pending().debugTraps());
    cpu.flushTlb();
    cpu.modeChanged();
    if (usesPdptes(s)) {
      cpu.loadPdptes(cpu.cr3);
    }
    cpu.attention();
  }
}
