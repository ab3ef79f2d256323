package org.sallyport.cpu.vmx.simd;

/** Conversions between formats and integers with SSE's exceptions. */
final class SoftConvert {
  private SoftConvert() {}

  /** A single or double in the other format. */
  static long convert(SoftFloat s, Format from, Format to, long x) {
    Unpacked a = s.a;
    if (from.isNan(x)) {
      if (from.isSignalling(x)) {
        s.flags |= Mxcsr.IE;
      }
      long payload = x & from.fractionMask;
      int wider = to.fractionBits - from.fractionBits;
      payload = wider > 0 ? payload << wider : payload >>> -wider;
      return SoftFloat.signed(to, (x & from.signBit) != 0, to.infinity | payload | to.quietBit);
    }
    a.set(from, x, s.denormalsAreZeros());
    if (a.denormal) {
      s.flags |= Mxcsr.DE;
    }
    if (a.significand == 0) {
      return SoftFloat.signed(to, a.negative, a.infinite ? to.infinity : 0);
    }
    return s.pack(to, a.negative, a.exponent, a.significand);
  }

  static long fromInteger(SoftFloat s, Format to, long value) {
    if (value == 0) {
      return 0;
    }
    long magnitude = value < 0 ? -value : value;
    int shift = Long.numberOfLeadingZeros(magnitude);
    return s.pack(to, value < 0, 63 - shift, magnitude << shift);
  }

  /**
   * A signed integer of 32 or 64 bits; what does not fit is invalid and gives the least one.
   *
   * @param rounding as in MXCSR.RC
   */
  static long toInteger(SoftFloat s, Format from, long x, int bits, int rounding) {
    long indefinite = -1L << bits - 1;
    Unpacked a = s.a;
    a.set(from, x, s.denormalsAreZeros());
    if (a.infinite || a.exponent > 63) {
      s.flags |= Mxcsr.IE;
      return indefinite;
    }
    long rest = fraction(a);
    long integer = a.exponent < 0 ? 0 : a.significand >>> 63 - a.exponent;
    if (SoftFloat.roundsUp(rounding, a.negative, (integer & 1) != 0, rest)) {
      integer++;
    }
    if (Long.compareUnsigned(integer, a.negative ? -indefinite : ~indefinite) > 0) {
      s.flags |= Mxcsr.IE;
      return indefinite;
    }
    if (rest != 0) {
      s.flags |= Mxcsr.PE;
    }
    return a.negative ? -integer : integer;
  }

  /** What lies below the units, as a fraction of 2<sup>64</sup>; bit 0 stands for all lower bits too. */
  private static long fraction(Unpacked a) {
    if (a.exponent >= 63) {
      return 0;
    }
    if (a.exponent >= -1) {
      return a.significand << a.exponent + 1;
    }
    return a.significand == 0 ? 0 : 1;
  }

  /** ROUNDSD: to an integer in the same format. */
  static long round(SoftFloat s, Format f, long x, int rounding, boolean suppressPrecision) {
    if (f.isNan(x)) {
      return s.nan(f, x, x);
    }
    Unpacked a = s.a;
    a.set(f, x, s.denormalsAreZeros());
    if (a.infinite || a.exponent >= f.fractionBits) {
      return x;
    }
    long rest = fraction(a);
    long integer = a.exponent < 0 ? 0 : a.significand >>> 63 - a.exponent;
    if (SoftFloat.roundsUp(rounding, a.negative, (integer & 1) != 0, rest)) {
      integer++;
    }
    if (rest != 0 && !suppressPrecision) {
      s.flags |= Mxcsr.PE;
    }
    if (integer == 0) {
      return SoftFloat.signed(f, a.negative, 0);
    }
    int shift = Long.numberOfLeadingZeros(integer);
    return s.pack(f, a.negative, 63 - shift, integer << shift);
  }
}
