package org.sallyport.cpu.vmx.simd;

/** The SSE registers: each XMM register as two longs, the lower half first, and MXCSR. */
public final class XmmRegisters {
  /** MXCSR after power-on: all exceptions masked, round to nearest. */
  public static final int MXCSR_DEFAULT = 0x1f80;

  /** Register n is at {@code [2 * n]} (bits 63:0) and {@code [2 * n + 1]} (bits 127:64). */
  public final long[] x = new long[32];

  /** An operand in memory, for translated code while it executes the instruction. */
  public final long[] operand = new long[2];

  public int mxcsr = MXCSR_DEFAULT;

  /** Where floating-point operations gather their exceptions. */
  final SoftFloat soft = new SoftFloat();
}
