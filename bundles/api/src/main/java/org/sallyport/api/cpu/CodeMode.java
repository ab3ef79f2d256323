package org.sallyport.api.cpu;

/** Default operand and address size of code. */
public enum CodeMode {
  BITS16,
  BITS32,
  BITS64;

  /** The mode in which a processor in this state reads its code. */
  public static CodeMode of(VcpuState state) {
    SegmentState cs = state.cs();
    if ((state.efer() & 0x400) != 0 && (cs.access() & 0x2000) != 0) {
      return BITS64;
    }
    return (cs.access() & 0x4000) != 0 ? BITS32 : BITS16;
  }
}
