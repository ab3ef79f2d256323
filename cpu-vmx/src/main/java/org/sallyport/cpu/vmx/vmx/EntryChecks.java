package org.sallyport.cpu.vmx.vmx;

import static org.sallyport.cpu.vmx.vmx.VmcsField.*;

import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * The checks that VM entry makes (SDM volume 3, chapter "VM Entries"). Each names what is wrong in words, or answers null. The guest is
 * unrestricted: CR0.PE and CR0.PG may be 0.
 */
final class EntryChecks {
  private EntryChecks() {}

  /** Checks on VMX controls (section "Checks on VMX Controls"). */
  static String controls(Vmcs v) {
    if (!Capabilities.allowed(v.read32(PIN_BASED_CONTROLS), Capabilities.PIN_FIXED, Capabilities.PIN_ALLOWED)) {
      return "reserved bits of the pin-based controls";
    }
    if (!Capabilities.allowed(v.read32(PRIMARY_CONTROLS), Capabilities.PRIMARY_FIXED, Capabilities.PRIMARY_ALLOWED)) {
      return "reserved bits of the primary processor-based controls";
    }
    if (v.has(PRIMARY_CONTROLS, Vmcs.ACTIVATE_SECONDARY)
        && !Capabilities.allowed(v.read32(SECONDARY_CONTROLS), Capabilities.SECONDARY_FIXED,
            Capabilities.SECONDARY_ALLOWED)) {
      return "reserved bits of the secondary processor-based controls";
    }
    if (v.has(SECONDARY_CONTROLS, Vmcs.UNRESTRICTED_GUEST) && !v.has(SECONDARY_CONTROLS, Vmcs.ENABLE_EPT)) {
      return "unrestricted guest without EPT";
    }
    if (!v.has(PIN_BASED_CONTROLS, Vmcs.NMI_EXITING) && v.has(PIN_BASED_CONTROLS, Vmcs.VIRTUAL_NMIS)) {
      return "virtual NMIs without NMI exiting";
    }
    return injection(v);
  }

  /** The event to be injected. */
  static String injection(Vmcs v) {
    int info = v.read32(VM_ENTRY_INTERRUPTION_INFORMATION);
    if (info >= 0) {
      return null;
    }
    int type = info >> 8 & 7;
    int vector = info & 0xff;
    boolean error = (info & Vmcs.INFO_ERROR_CODE) != 0;
    if (type == 1 || type == 7 || (info & 0x7ffff000) != 0) {
      return "reserved type or bits of the VM-entry interruption information";
    }
    if (type == 2 && vector != 2 || type == 3 && vector > 31) {
      return "vector " + vector + " of the event to be injected";
    }
    boolean protectedMode = (v.read(GUEST_CR0) & Flag.CR0_PE) != 0;
    boolean pushes =
        type == 3 && protectedMode && (vector == 8 || vector >= 10 && vector <= 14 || vector == 17 || vector == 21);
    if (error != pushes) {
      return "error code of the event to be injected";
    }
    return null;
  }

  /** Checks on the guest-state area (section "Checks on the Guest State Area"). */
  static String guestState(Vmcs v) {
    long cr0 = v.read(GUEST_CR0);
    long cr4 = v.read(GUEST_CR4);
    long efer = v.read(GUEST_IA32_EFER);
    long rflags = v.read(GUEST_RFLAGS);
    boolean ia32e = v.has(VM_ENTRY_CONTROLS, Vmcs.ENTRY_IA32E_GUEST);
    boolean pg = (cr0 & Flag.CR0_PG) != 0;
    boolean pe = (cr0 & Flag.CR0_PE) != 0;
    if (pg && !pe) {
      return "CR0.PG without CR0.PE";
    }
    if ((cr0 & Flag.CR0_NW) != 0 && (cr0 & Flag.CR0_CD) == 0) {
      return "CR0.NW without CR0.CD";
    }
    if ((cr4 & Flag.CR4_CET) != 0 && (cr0 & Flag.CR0_WP) == 0) {
      return "CR4.CET without CR0.WP";
    }
    if (ia32e && (!pg || (cr4 & Flag.CR4_PAE) == 0)) {
      return "IA-32e mode without CR0.PG or CR4.PAE";
    }
    if (!ia32e && (cr4 & Flag.CR4_PCIDE) != 0) {
      return "CR4.PCIDE outside IA-32e mode";
    }
    if (((efer & Flag.EFER_LMA) != 0) != ia32e
        || pg && ((efer & Flag.EFER_LMA) != 0) != ((efer & Flag.EFER_LME) != 0)) {
      return "EFER.LMA and EFER.LME do not fit the mode";
    }
    if ((rflags & ~0x3f7fd7L) != 0 || (rflags & 2) == 0) {
      return "reserved bits of RFLAGS";
    }
    if ((rflags & Flag.VM) != 0 && (ia32e || !pe)) {
      return "RFLAGS.VM in IA-32e or real mode";
    }
    if (!canonical(v.read(GUEST_GDTR_BASE), cr4) || !canonical(v.read(GUEST_IDTR_BASE), cr4)) {
      return "GDTR or IDTR base is not canonical";
    }
    boolean code64 = ia32e && (v.read32(GUEST_CS_ACCESS_RIGHTS) & Segment.L) != 0;
    if (!code64 && v.read(GUEST_RIP) >>> 32 != 0) {
      return "RIP above 4 GiB outside 64-bit mode";
    }
    if (code64 && !canonical(v.read(GUEST_RIP), cr4)) {
      return "RIP is not canonical";
    }
    return (rflags & Flag.VM) != 0 ? null : segments(v, pe, ia32e);
  }

  private static String segments(Vmcs v, boolean pe, boolean ia32e) {
    int cs = v.read32(GUEST_CS_ACCESS_RIGHTS);
    int ss = v.read32(GUEST_SS_ACCESS_RIGHTS);
    int tr = v.read32(GUEST_TR_ACCESS_RIGHTS);
    if ((cs & Segment.UNUSABLE) != 0 || (cs & (Segment.S | Segment.P)) != (Segment.S | Segment.P)) {
      return "CS is not a present code segment";
    }
    boolean csIsData = (cs & 0xf) == 3; // an unrestricted guest may have a read/write data segment there, as in real mode
    if ((cs & 9) != 9 && !csIsData) {
      return "type of CS";
    }
    if (ia32e && (cs & Segment.L) != 0 && (cs & Segment.DB) != 0) {
      return "CS with both L and D set";
    }
    if ((ss & Segment.UNUSABLE) == 0 && (ss & (Segment.S | Segment.P)) != (Segment.S | Segment.P)) {
      return "SS is not a present data segment";
    }
    if ((!pe || csIsData) && (ss & Segment.DPL) != 0) {
      return "DPL of SS";
    }
    if (pe && !csIsData && (cs & 4) == 0 && (cs & Segment.DPL) != (ss & Segment.DPL) && (ss & Segment.UNUSABLE) == 0) {
      return "DPL of CS and SS differ";
    }
    if ((tr & Segment.UNUSABLE) != 0 || (tr & Segment.P) == 0 || (tr & Segment.S) != 0
        || (tr & 0xf) != 0xb && ((tr & 0xf) != 3 || ia32e)) {
      return "TR is not a busy TSS";
    }
    return null;
  }

  private static boolean canonical(long address, long cr4) {
    int unused = (cr4 & Flag.CR4_LA57) != 0 ? 7 : 16;
    return address << unused >> unused == address;
  }
}
