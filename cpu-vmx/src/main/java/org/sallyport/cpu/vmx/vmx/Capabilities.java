package org.sallyport.cpu.vmx.vmx;

/**
 * What the VMX capability MSRs say (SDM volume 3, appendix A): control bits that have to be 1, and those that may be.
 */
final class Capabilities {
  // @formatter:off
  static final int PIN_FIXED       = 0x00000016;
  static final int PRIMARY_FIXED   = 0x04006172; // as IA32_VMX_TRUE_PROCBASED_CTLS: CR3 accesses need not exit
  static final int SECONDARY_FIXED = 0;
  static final int EXIT_FIXED      = 0x00036dff;
  static final int ENTRY_FIXED     = 0x000011ff & ~(1 << 2);

  static final int PIN_ALLOWED = PIN_FIXED | Vmcs.EXTERNAL_INTERRUPT_EXITING | Vmcs.NMI_EXITING | Vmcs.VIRTUAL_NMIS;

  static final int PRIMARY_ALLOWED = PRIMARY_FIXED
      | Vmcs.INTERRUPT_WINDOW_EXITING | Vmcs.USE_TSC_OFFSETTING | Vmcs.HLT_EXITING    | Vmcs.INVLPG_EXITING
      | Vmcs.MWAIT_EXITING            | Vmcs.RDPMC_EXITING      | Vmcs.RDTSC_EXITING  | Vmcs.CR3_LOAD_EXITING
      | Vmcs.CR3_STORE_EXITING        | Vmcs.CR8_LOAD_EXITING   | Vmcs.CR8_STORE_EXITING
      | Vmcs.NMI_WINDOW_EXITING       | Vmcs.MOV_DR_EXITING     | Vmcs.UNCONDITIONAL_IO_EXITING
      | Vmcs.USE_IO_BITMAPS           | Vmcs.USE_MSR_BITMAPS    | Vmcs.MONITOR_EXITING
      | Vmcs.PAUSE_EXITING            | Vmcs.MONITOR_TRAP_FLAG  | Vmcs.ACTIVATE_SECONDARY;

  static final int SECONDARY_ALLOWED = SECONDARY_FIXED
      | Vmcs.ENABLE_EPT      | Vmcs.DESCRIPTOR_TABLE_EXITING | Vmcs.ENABLE_RDTSCP    | Vmcs.WBINVD_EXITING
      | Vmcs.UNRESTRICTED_GUEST | Vmcs.RDRAND_EXITING        | Vmcs.ENABLE_INVPCID   | Vmcs.RDSEED_EXITING
      | Vmcs.ENABLE_XSAVES;
  // @formatter:on

  private Capabilities() {}

  /** Whether a control field has all bits that must be 1 and none that must be 0. */
  static boolean allowed(int value, int fixed, int allowed) {
    return (value & fixed) == fixed && (value & ~allowed) == 0;
  }
}
