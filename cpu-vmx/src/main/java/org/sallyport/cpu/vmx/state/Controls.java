package org.sallyport.cpu.vmx.state;

/**
 * The VM-execution controls in force (SDM volume 3, "VM-Execution Control Fields"), unpacked from the current VMCS at VM entry so that
 * operations need no field look-up. While the processor is not in VMX non-root operation all of them are off.
 */
public final class Controls {
  /** The processor is in VMX non-root operation. */
  public boolean nonRoot;

  // Pin-based
  public boolean externalInterruptExiting;
  public boolean nmiExiting;
  public boolean virtualNmis;

  // Primary processor-based
  public boolean interruptWindowExiting;
  public boolean tscOffsetting;
  public boolean hltExiting;
  public boolean invlpgExiting;
  public boolean mwaitExiting;
  public boolean rdpmcExiting;
  public boolean rdtscExiting;
  public boolean cr3LoadExiting;
  public boolean cr3StoreExiting;
  public boolean cr8LoadExiting;
  public boolean cr8StoreExiting;
  public boolean nmiWindowExiting;
  public boolean movDrExiting;
  public boolean unconditionalIoExiting;
  public boolean useIoBitmaps;
  public boolean monitorTrapFlag;
  public boolean useMsrBitmaps;
  public boolean monitorExiting;
  public boolean pauseExiting;

  // Secondary processor-based
  public boolean descriptorTableExiting;
  public boolean rdtscpEnabled = true;
  public boolean wbinvdExiting;
  public boolean unrestrictedGuest = true;
  public boolean rdrandExiting;
  public boolean invpcidEnabled = true;
  public boolean rdseedExiting;
  public boolean xsavesEnabled = true;

  public int exceptionBitmap;
  public int pageFaultErrorMask;
  public int pageFaultErrorMatch;
  public long cr0Mask;
  public long cr0Shadow;
  public long cr4Mask;
  public long cr4Shadow;
  public long tscOffset;

  /** I/O bitmaps A and B: 65,536 bits; a set bit exits. */
  public final byte[] ioBitmap = new byte[8192];

  /** The MSR bitmaps: read low, read high, write low, write high, 1024 bytes each; a set bit exits. */
  public final byte[] msrBitmap = new byte[4096];

  /** Whether an access of {@code size} bytes to a port exits. */
  public boolean ioExits(int port, int size) {
    if (!nonRoot) {
      return false;
    }
    if (!useIoBitmaps) {
      return unconditionalIoExiting;
    }
    if (port + size > 0x10000) {
      return true;
    }
    for (int p = port; p < port + size; p++) {
      if ((ioBitmap[p >> 3] & 1 << (p & 7)) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether RDMSR (or WRMSR) of this register exits. */
  public boolean msrExits(int index, boolean write) {
    if (!nonRoot) {
      return false;
    }
    if (!useMsrBitmaps) {
      return true;
    }
    int part;
    if ((index & 0xffffe000) == 0) {
      part = 0;
    } else if ((index & 0xffffe000) == 0xc0000000) {
      part = 1024;
    } else {
      return true;
    }
    int bit = index & 0x1fff;
    return (msrBitmap[part + (write ? 2048 : 0) + (bit >> 3)] & 1 << (bit & 7)) != 0;
  }
}
