package org.sallyport.cpu.vmx.vmx;

/**
 * A virtual-machine control structure (SDM volume 3, chapter "Virtual Machine Control Structures").
 *
 * <p>As on silicon, the guest-state area of the current VMCS lives in the processor while it is in use: {@link GuestState#store} brings it
 * here when somebody wants to read it, {@link GuestState#load} takes it up at the VM entry that follows a write.
 */
public final class Vmcs {
  // @formatter:off
  // Pin-based VM-execution controls
  public static final int EXTERNAL_INTERRUPT_EXITING = 1 << 0;
  public static final int NMI_EXITING                = 1 << 3;
  public static final int VIRTUAL_NMIS               = 1 << 5;
  // Primary processor-based VM-execution controls
  public static final int INTERRUPT_WINDOW_EXITING   = 1 << 2;
  public static final int USE_TSC_OFFSETTING         = 1 << 3;
  public static final int HLT_EXITING                = 1 << 7;
  public static final int INVLPG_EXITING             = 1 << 9;
  public static final int MWAIT_EXITING              = 1 << 10;
  public static final int RDPMC_EXITING              = 1 << 11;
  public static final int RDTSC_EXITING              = 1 << 12;
  public static final int CR3_LOAD_EXITING           = 1 << 15;
  public static final int CR3_STORE_EXITING          = 1 << 16;
  public static final int CR8_LOAD_EXITING           = 1 << 19;
  public static final int CR8_STORE_EXITING          = 1 << 20;
  public static final int USE_TPR_SHADOW             = 1 << 21;
  public static final int NMI_WINDOW_EXITING         = 1 << 22;
  public static final int MOV_DR_EXITING             = 1 << 23;
  public static final int UNCONDITIONAL_IO_EXITING   = 1 << 24;
  public static final int USE_IO_BITMAPS             = 1 << 25;
  public static final int MONITOR_TRAP_FLAG          = 1 << 27;
  public static final int USE_MSR_BITMAPS            = 1 << 28;
  public static final int MONITOR_EXITING            = 1 << 29;
  public static final int PAUSE_EXITING              = 1 << 30;
  public static final int ACTIVATE_SECONDARY         = 1 << 31;
  // Secondary processor-based VM-execution controls
  public static final int ENABLE_EPT                 = 1 << 1;
  public static final int DESCRIPTOR_TABLE_EXITING   = 1 << 2;
  public static final int ENABLE_RDTSCP              = 1 << 3;
  public static final int WBINVD_EXITING             = 1 << 6;
  public static final int UNRESTRICTED_GUEST         = 1 << 7;
  public static final int RDRAND_EXITING             = 1 << 11;
  public static final int ENABLE_INVPCID             = 1 << 12;
  public static final int RDSEED_EXITING             = 1 << 16;
  public static final int ENABLE_XSAVES              = 1 << 20;
  // VM-entry controls
  public static final int ENTRY_LOAD_DEBUG           = 1 << 2;
  public static final int ENTRY_IA32E_GUEST          = 1 << 9;
  public static final int ENTRY_LOAD_PAT             = 1 << 14;
  public static final int ENTRY_LOAD_EFER            = 1 << 15;
  // VM-entry and VM-exit interruption information
  public static final int INFO_VALID                 = 1 << 31;
  public static final int INFO_ERROR_CODE            = 1 << 11;
  // @formatter:on

  private final long[] values = new long[VmcsField.values().length];

  /** A field of the guest-state area has been written here and is not in the processor yet. */
  boolean guestStateWritten;

  /** VMREAD. */
  public long read(VmcsField field) {
    return values[field.ordinal()];
  }

  /** VMWRITE: the value is cut to the field's width. */
  public void write(VmcsField field, long value) {
    values[field.ordinal()] = field.bits() == 64 ? value : value & (1L << field.bits()) - 1;
    if (field.isGuestState()) {
      guestStateWritten = true;
    }
  }

  int read32(VmcsField field) {
    return (int) values[field.ordinal()];
  }

  boolean has(VmcsField controls, int bit) {
    return ((int) values[controls.ordinal()] & bit) != 0;
  }

  void set(VmcsField controls, int bit, boolean on) {
    long old = values[controls.ordinal()] & ~Integer.toUnsignedLong(bit);
    values[controls.ordinal()] = on ? old | Integer.toUnsignedLong(bit) : old;
  }

  /** The processor writes a field at VM exit or keeps the guest-state area up to date. */
  void put(VmcsField field, long value) {
    values[field.ordinal()] = value;
  }
}
