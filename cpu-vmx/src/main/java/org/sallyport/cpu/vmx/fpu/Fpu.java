package org.sallyport.cpu.vmx.fpu;

/** The x87 registers. */
public final class Fpu {
  /** The 64-bit mantissas of the physical registers. */
  public final long[] mantissa = new long[8];

  /** Sign (bit 15) and exponent of the physical registers. */
  public final int[] signExponent = new int[8];

  public long mmx(int n) {
    return mantissa[n];
  }

  public void setMmx(int n, long v) {
    mantissa[n] = v;
    signExponent[n] = 0xffff;
  }
}
