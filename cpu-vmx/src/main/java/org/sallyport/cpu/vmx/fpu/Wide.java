package org.sallyport.cpu.vmx.fpu;

import java.math.BigInteger;

/**
 * A number with a mantissa of 128 bits and an unbounded exponent, to evaluate functions in. Operations replace it by
 * their result, cut (an error of a few units in the 127th place); operands may be the number itself. Nothing is
 * allocated.
 */
final class Wide {
  boolean negative;

  /** The value is hi:lo * 2^(exponent - 127). */
  int exponent;

  /** Bit 63 is set, unless the number is 0. */
  long hi;

  long lo;

  /** A constant: {@code value} / 2^fractionBits. */
  static Wide of(BigInteger value, int fractionBits) {
    Wide w = new Wide();
    BigInteger magnitude = value.abs();
    int length = magnitude.bitLength();
    if (length != 0) {
      BigInteger m = magnitude.shiftLeft(160).shiftRight(length + 32);
      w.set(value.signum() < 0, length - 1 - fractionBits, m.shiftRight(64).longValue(), m.longValue());
    }
    return w;
  }

  static Wide of(Constant c) {
    Wide w = new Wide();
    w.set(false, c.signExponent - Rounding.BIAS, c.high(), c.low);
    return w;
  }

  void set(boolean newNegative, int newExponent, long newHi, long newLo) {
    negative = newNegative;
    exponent = newExponent;
    hi = newHi;
    lo = newLo;
  }

  void set(Wide w) {
    set(w.negative, w.exponent, w.hi, w.lo);
  }

  /** A finite number of double-extended precision. */
  void set(int signExponent, long mantissa) {
    int zeros = Long.numberOfLeadingZeros(mantissa);
    int e = Math.max(1, signExponent & Rounding.MAX_EXPONENT) - Rounding.BIAS - zeros;
    set((signExponent & Rounding.SIGN) != 0, e, mantissa == 0 ? 0 : mantissa << zeros, 0);
  }

  void setInteger(int value) {
    long magnitude = Math.abs((long) value);
    int zeros = Long.numberOfLeadingZeros(magnitude);
    set(value < 0, 63 - zeros, magnitude == 0 ? 0 : magnitude << zeros, 0);
  }

  boolean isZero() {
    return hi == 0;
  }

  /** {@code w} or its negation. */
  void setSigned(Wide w, boolean negated) {
    set(w);
    negative ^= negated;
  }

  void multiply(Wide a, Wide b) {
    if (a.isZero() || b.isZero()) {
      set(false, 0, 0, 0);
      return;
    }
    long h = Math.unsignedMultiplyHigh(a.hi, b.hi);
    long l = a.hi * b.hi;
    long m = Math.unsignedMultiplyHigh(a.hi, b.lo);
    l += m;
    h += Long.compareUnsigned(l, m) < 0 ? 1 : 0;
    m = Math.unsignedMultiplyHigh(a.lo, b.hi);
    l += m;
    h += Long.compareUnsigned(l, m) < 0 ? 1 : 0;
    boolean large = h < 0;
    set(a.negative ^ b.negative, a.exponent + b.exponent + (large ? 1 : 0), large ? h : h << 1 | l >>> 63,
        large ? l : l << 1);
  }

  void add(Wide a, Wide b) {
    addSigned(a, b, b.negative);
  }

  /** a - b. */
  void subtract(Wide a, Wide b) {
    addSigned(a, b, !b.negative);
  }

  private void addSigned(Wide a, Wide b, boolean bNegative) {
    if (b.isZero()) {
      set(a);
    } else if (a.isZero()) {
      set(bNegative, b.exponent, b.hi, b.lo);
    } else if (a.exponent >= b.exponent) {
      addOrdered(a, a.negative, b, bNegative);
    } else {
      addOrdered(b, bNegative, a, a.negative);
    }
  }

  private void addOrdered(Wide large, boolean largeNegative, Wide small, boolean smallNegative) {
    int shift = large.exponent - small.exponent;
    long sh = shift < 64 ? small.hi >>> shift : 0;
    long sl = shift == 0 ? small.lo : Rounding.shiftedOut(small.hi, small.lo, shift);
    if (largeNegative == smallNegative) {
      long l = large.lo + sl;
      int carry = Long.compareUnsigned(l, sl) < 0 ? 1 : 0;
      long h = large.hi + sh + carry;
      int order = Long.compareUnsigned(h, large.hi);
      if (order < 0 || order == 0 && carry != 0) {
        set(largeNegative, large.exponent + 1, h >>> 1 | Rounding.INTEGER_BIT, h << 63 | l >>> 1);
      } else {
        set(largeNegative, large.exponent, h, l);
      }
      return;
    }
    int order = Long.compareUnsigned(large.hi, sh);
    order = order != 0 ? order : Long.compareUnsigned(large.lo, sl);
    if (order == 0) {
      set(false, 0, 0, 0);
    } else if (order > 0) {
      normalize(largeNegative, large.exponent, large.hi - sh - borrow(large.lo, sl), large.lo - sl);
    } else {
      normalize(smallNegative, large.exponent, sh - large.hi - borrow(sl, large.lo), sl - large.lo);
    }
  }

  private static int borrow(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? 1 : 0;
  }

  /** Takes over a mantissa that is not 0 but may have leading zeros. */
  void normalize(boolean newNegative, int newExponent, long h, long l) {
    if (h == 0) {
      int zeros = Long.numberOfLeadingZeros(l);
      set(newNegative, newExponent - 64 - zeros, l << zeros, 0);
    } else {
      int zeros = Long.numberOfLeadingZeros(h);
      set(newNegative, newExponent - zeros, zeros == 0 ? h : h << zeros | l >>> 64 - zeros, l << zeros);
    }
  }

  /** 1 / a for an a that is not 0; {@code scratch} is overwritten. */
  void reciprocal(Wide a, Wide scratch) {
    boolean sign = a.negative;
    int e = a.exponent;
    long h = a.hi;
    long l = a.lo;
    // 64 bits of 1 / |a|, a scaled into 1 to 2; then one of Newton's steps: r + r * (1 - a * r).
    set(false, -1, WideMath.divide(Long.MAX_VALUE, -1L, h), 0);
    scratch.set(false, 0, h, l);
    scratch.multiply(scratch, this);
    scratch.subtract(Series.ONE, scratch);
    scratch.multiply(scratch, this);
    add(this, scratch);
    negative = sign;
    exponent -= e;
  }
}
