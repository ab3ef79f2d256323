package org.sallyport.cpu.vmx.simd;

/** A binary floating-point format of IEEE 754. Values are their bits in a long, zero-extended. */
final class Format {
  static final Format SINGLE = new Format(24, 8);
  static final Format DOUBLE = new Format(53, 11);

  /** Bits of the significand, the implicit one included. */
  final int precision;

  final int fractionBits;
  final int bias;

  /** The exponent field of infinities and NaNs. */
  final int maximumField;

  final long signBit;
  final long fractionMask;
  final long infinity;
  final long quietBit;
  final long defaultNan;
  final long largest;

  private Format(int precision, int exponentBits) {
    this.precision = precision;
    fractionBits = precision - 1;
    maximumField = (1 << exponentBits) - 1;
    bias = maximumField >> 1;
    signBit = 1L << fractionBits + exponentBits;
    fractionMask = (1L << fractionBits) - 1;
    infinity = (long) maximumField << fractionBits;
    quietBit = 1L << fractionBits - 1;
    defaultNan = signBit | infinity | quietBit;
    largest = infinity - 1;
  }

  boolean isNan(long value) {
    return (value & ~signBit) > infinity;
  }

  boolean isSignalling(long value) {
    return isNan(value) && (value & quietBit) == 0;
  }

  boolean isDenormal(long value) {
    return (value & infinity) == 0 && (value & fractionMask) != 0;
  }
}
