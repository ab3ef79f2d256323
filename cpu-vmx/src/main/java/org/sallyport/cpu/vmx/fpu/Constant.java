package org.sallyport.cpu.vmx.fpu;

/** The irrational constants of the FLDxx instructions with enough bits to be rounded as RC says. */
enum Constant {
  // @formatter:off
  PI     (1,  0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L),
  LOG2_E (0,  0xb8aa3b295c17f0bbL, 0xbe87fed0691d3e88L),
  LOG2_10(1,  0xd49a784bcd1b8afeL, 0x492bf6ff4dafdb4cL),
  LOG10_2(-2, 0x9a209a84fbcff798L, 0x8f8959ac0b7c9178L),
  LN_2   (-1, 0xb17217f7d1cf79abL, 0xc9e3b39803f2f6afL);
  // @formatter:on

  final int signExponent;
  private final long high;

  /** The bits below: the lowest of 128 are cut, never all zero. */
  final long low;

  Constant(int exponent, long high, long low) {
    signExponent = Rounding.BIAS + exponent;
    this.high = high;
    this.low = low;
  }

  long high() {
    return high;
  }

  /** The 64-bit mantissa; all constants are positive. */
  long rounded(int mode) {
    return mode == Rounding.UP || mode == Rounding.NEAREST && low < 0 ? high + 1 : high;
  }
}
