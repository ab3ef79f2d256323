package org.sallyport.cpu.vmx.vmx;

import static org.sallyport.cpu.vmx.vmx.VmcsField.*;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/** The guest-state area between a VMCS and the processor (SDM volume 3, "Loading Guest State", "Saving Guest State"). */
final class GuestState {
  // @formatter:off
  private static final int STI_SHADOW    = 1 << 0;
  private static final int MOV_SS_SHADOW = 1 << 1;
  private static final int NMI_BLOCKED   = 1 << 3;

  private static final int SYSENTER_CS  = 0x174;
  private static final int SYSENTER_ESP = 0x175;
  private static final int SYSENTER_EIP = 0x176;
  private static final int DEBUGCTL     = 0x1d9;
  private static final int PAT          = 0x277;
  private static final int S_CET        = 0x6a2;
  private static final int INTERRUPT_SSP_TABLE_ADDR = 0x6a8;
  private static final int PKRS         = 0x6e1;
  // @formatter:on

  private static final VmcsField[] ALL = values();
  private static final int SELECTOR = GUEST_ES_SELECTOR.ordinal();
  private static final int LIMIT = GUEST_ES_LIMIT.ordinal();
  private static final int ACCESS = GUEST_ES_ACCESS_RIGHTS.ordinal();
  private static final int BASE = GUEST_ES_BASE.ordinal();

  private GuestState() {}

  /** Brings the processor's state into the VMCS. */
  static void store(Cpu cpu, Vmcs vmcs) {
    for (int i = Segment.ES; i <= Segment.TR; i++) {
      Segment s = cpu.seg[i];
      vmcs.put(ALL[SELECTOR + i], s.selector);
      vmcs.put(ALL[LIMIT + i], s.limit);
      vmcs.put(ALL[ACCESS + i], s.access);
      vmcs.put(ALL[BASE + i], s.base);
    }
    vmcs.put(GUEST_GDTR_BASE, cpu.gdtBase);
    vmcs.put(GUEST_GDTR_LIMIT, cpu.gdtLimit);
    vmcs.put(GUEST_IDTR_BASE, cpu.idtBase);
    vmcs.put(GUEST_IDTR_LIMIT, cpu.idtLimit);
    vmcs.put(GUEST_CR0, cpu.cr0);
    vmcs.put(GUEST_CR3, cpu.cr3);
    vmcs.put(GUEST_CR4, cpu.cr4);
    vmcs.put(GUEST_DR7, cpu.dr[7]);
    vmcs.put(GUEST_RSP, cpu.r[Registers.RSP]);
    vmcs.put(GUEST_RIP, cpu.rip);
    vmcs.put(GUEST_RFLAGS, Integer.toUnsignedLong(cpu.rflags()));
    vmcs.put(GUEST_IA32_EFER, cpu.efer);
    storeMsr(cpu, vmcs, GUEST_IA32_PAT, CpuFeature.PAT, PAT);
    vmcs.put(GUEST_IA32_DEBUGCTL, cpu.msrs.read(DEBUGCTL));
    storeMsr(cpu, vmcs, GUEST_IA32_SYSENTER_CS, CpuFeature.SEP, SYSENTER_CS);
    storeMsr(cpu, vmcs, GUEST_IA32_SYSENTER_ESP, CpuFeature.SEP, SYSENTER_ESP);
    storeMsr(cpu, vmcs, GUEST_IA32_SYSENTER_EIP, CpuFeature.SEP, SYSENTER_EIP);
    storeMsr(cpu, vmcs, GUEST_IA32_PKRS, CpuFeature.PKS, PKRS);
    storeMsr(cpu, vmcs, GUEST_IA32_S_CET, trackingOrShadowStack(cpu), S_CET);
    storeMsr(cpu, vmcs, GUEST_INTERRUPT_SSP_TABLE_ADDR, CpuFeature.SHSTK, INTERRUPT_SSP_TABLE_ADDR);
    vmcs.put(GUEST_SSP, cpu.ssp);
    vmcs.put(GUEST_PDPTE0, cpu.pdpte[0]);
    vmcs.put(GUEST_PDPTE1, cpu.pdpte[1]);
    vmcs.put(GUEST_PDPTE2, cpu.pdpte[2]);
    vmcs.put(GUEST_PDPTE3, cpu.pdpte[3]);
    vmcs.put(GUEST_INTERRUPTIBILITY_STATE,
        (cpu.stiShadow ? STI_SHADOW : 0) | (cpu.movSsShadow ? MOV_SS_SHADOW : 0) | (cpu.nmiBlocked ? NMI_BLOCKED : 0));
    vmcs.put(GUEST_ACTIVITY_STATE, 0);
    vmcs.put(VMCS_LINK_POINTER, -1);
    boolean ia32e = cpu.longMode();
    vmcs.set(VM_ENTRY_CONTROLS, Vmcs.ENTRY_IA32E_GUEST, ia32e);
  }

  /** Takes the guest-state area into the processor; the entry checks have passed. */
  static void load(Cpu cpu, Vmcs vmcs) {
    for (int i = Segment.ES; i <= Segment.TR; i++) {
      cpu.seg[i].set(vmcs.read32(ALL[SELECTOR + i]), vmcs.read(ALL[BASE + i]), vmcs.read(ALL[LIMIT + i]),
          vmcs.read32(ALL[ACCESS + i]));
    }
    cpu.gdtBase = vmcs.read(GUEST_GDTR_BASE);
    cpu.gdtLimit = vmcs.read32(GUEST_GDTR_LIMIT);
    cpu.idtBase = vmcs.read(GUEST_IDTR_BASE);
    cpu.idtLimit = vmcs.read32(GUEST_IDTR_LIMIT);
    cpu.cr0 = vmcs.read(GUEST_CR0);
    cpu.cr3 = vmcs.read(GUEST_CR3);
    cpu.cr4 = vmcs.read(GUEST_CR4);
    cpu.dr[7] = vmcs.read(GUEST_DR7);
    cpu.r[Registers.RSP] = vmcs.read(GUEST_RSP);
    cpu.rip = vmcs.read(GUEST_RIP);
    int rflags = vmcs.read32(GUEST_RFLAGS);
    cpu.flags = rflags & ~Flag.STATUS | 2;
    cpu.setStatus(rflags);
    cpu.efer = vmcs.read(GUEST_IA32_EFER);
    loadMsr(cpu, vmcs, GUEST_IA32_PAT, CpuFeature.PAT, PAT);
    loadMsr(cpu, vmcs, GUEST_IA32_SYSENTER_CS, CpuFeature.SEP, SYSENTER_CS);
    loadMsr(cpu, vmcs, GUEST_IA32_SYSENTER_ESP, CpuFeature.SEP, SYSENTER_ESP);
    loadMsr(cpu, vmcs, GUEST_IA32_SYSENTER_EIP, CpuFeature.SEP, SYSENTER_EIP);
    loadMsr(cpu, vmcs, GUEST_IA32_PKRS, CpuFeature.PKS, PKRS);
    loadMsr(cpu, vmcs, GUEST_IA32_S_CET, trackingOrShadowStack(cpu), S_CET);
    loadMsr(cpu, vmcs, GUEST_INTERRUPT_SSP_TABLE_ADDR, CpuFeature.SHSTK, INTERRUPT_SSP_TABLE_ADDR);
    cpu.ssp = vmcs.read(GUEST_SSP);
    cpu.pdpte[0] = vmcs.read(GUEST_PDPTE0);
    cpu.pdpte[1] = vmcs.read(GUEST_PDPTE1);
    cpu.pdpte[2] = vmcs.read(GUEST_PDPTE2);
    cpu.pdpte[3] = vmcs.read(GUEST_PDPTE3);
    int blocking = vmcs.read32(GUEST_INTERRUPTIBILITY_STATE);
    cpu.stiShadow = (blocking & STI_SHADOW) != 0;
    cpu.movSsShadow = (blocking & MOV_SS_SHADOW) != 0;
    cpu.nmiBlocked = (blocking & NMI_BLOCKED) != 0;
    cpu.cpl = cpu.protectedMode() ? (cpu.v86() ? 3 : cpu.seg[Segment.SS].dpl()) : 0;
    cpu.debug.refresh();
    cpu.flushTlb();
    cpu.modeChanged();
    cpu.attention();
    vmcs.guestStateWritten = false;
  }

  /** The feature that brings IA32_S_CET: either of two. */
  private static CpuFeature trackingOrShadowStack(Cpu cpu) {
    return cpu.has(CpuFeature.IBT) ? CpuFeature.IBT : CpuFeature.SHSTK;
  }

  // A processor without the feature has no such register, and its field means nothing.
  private static void storeMsr(Cpu cpu, Vmcs vmcs, VmcsField field, CpuFeature feature, int index) {
    if (cpu.has(feature)) {
      vmcs.put(field, cpu.msrs.read(index));
    }
  }

  private static void loadMsr(Cpu cpu, Vmcs vmcs, VmcsField field, CpuFeature feature, int index) {
    if (cpu.has(feature)) {
      cpu.msrs.write(index, vmcs.read(field));
    }
  }
}
