package org.sallyport.cpu.vmx.vmx;

/** The model-specific registers that the machine answers, because they belong to the local APIC. */
final class MonitorMsrs {
  private static final int APIC_BASE = 0x1b;
  private static final int TSC_DEADLINE = 0x6e0;
  private static final int X2APIC_FIRST = 0x800;
  private static final int X2APIC_LAST = 0x8ff;

  private MonitorMsrs() {}

  /** Sets their bits in the MSR bitmaps, for reads and writes. */
  static void intercept(byte[] bitmap) {
    set(bitmap, APIC_BASE);
    set(bitmap, TSC_DEADLINE);
    for (int i = X2APIC_FIRST; i <= X2APIC_LAST; i++) {
      set(bitmap, i);
    }
  }

  private static void set(byte[] bitmap, int index) {
    bitmap[index >> 3] |= (byte) (1 << (index & 7));
    bitmap[2048 + (index >> 3)] |= (byte) (1 << (index & 7));
  }
}
