package org.sallyport.cpu.vmx.simd;

/** A floating-point number taken apart. Not for NaNs. */
final class Unpacked {
  boolean negative;
  boolean infinite;
  boolean denormal;

  /** The exponent of the leading bit; 0 for zero and infinity. */
  int exponent;

  /** The significand with its leading bit at bit 63, or 0. */
  long significand;

  /** Takes a value apart; denormals are zeros if {@code denormalsAreZeros}. */
  void set(Format f, long value, boolean denormalsAreZeros) {
    negative = (value & f.signBit) != 0;
    int field = (int) (value >>> f.fractionBits) & f.maximumField;
    long fraction = value & f.fractionMask;
    infinite = field == f.maximumField;
    denormal = field == 0 && fraction != 0 && !denormalsAreZeros;
    if (denormal) {
      int shift = Long.numberOfLeadingZeros(fraction);
      significand = fraction << shift;
      exponent = 1 - f.bias - (shift - (64 - f.precision));
    } else if (field == 0 || infinite) {
      significand = 0;
      exponent = 0;
    } else {
      significand = (fraction | 1L << f.fractionBits) << 64 - f.precision;
      exponent = field - f.bias;
    }
  }

  boolean isZero() {
    return significand == 0 && !infinite;
  }
}
