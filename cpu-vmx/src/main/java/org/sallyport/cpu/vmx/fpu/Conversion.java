package org.sallyport.cpu.vmx.fpu;

/**
 * Conversions between double-extended precision and the formats in memory: single and double precision, integers and
 * packed BCD (SDM volume 1, section "x87 FPU Data Types and Formats"). What is made for memory is left in {@link
 * #bits}.
 */
final class Conversion extends Rounding {
  private static final long MAX_BCD = 999_999_999_999_999_999L;

  /** The value for memory; of packed BCD the lower 8 bytes. */
  long bits;

  /** The upper 2 bytes of packed BCD. */
  int high;

  /** Whether the value is to be stored: no exception that prevents it is unmasked. */
  boolean stores() {
    return (flags & ~control & (Fpu.IE | Fpu.OE | Fpu.UE)) == 0;
  }

  // ---- from memory --------------------------------------------------------------------------------------------------

  void fromFloat(int value) {
    fromIeee(value >>> 31, value >>> 23 & 0xff, (long) value << 41 >>> 1, 127, 0xff);
  }

  void fromDouble(long value) {
    fromIeee((int) (value >>> 63), (int) (value >>> 52) & 0x7ff, value << 12 >>> 1, 1023, 0x7ff);
  }

  /** Widens exactly; signalling NaNs stay signalling and DE is raised for denormals. The fraction begins at bit 62. */
  private void fromIeee(int negative, int exponent, long fraction, int bias, int maxExponent) {
    int sign = negative << 15;
    if (exponent == maxExponent) {
      set(sign | MAX_EXPONENT, fraction | INTEGER_BIT);
    } else if (exponent != 0) {
      set(sign | exponent - bias + BIAS, fraction | INTEGER_BIT);
    } else if (fraction == 0) {
      set(sign, 0);
    } else {
      int zeros = Long.numberOfLeadingZeros(fraction);
      flags |= Fpu.DE;
      set(sign | 1 - bias + BIAS - zeros, fraction << zeros);
    }
  }

  /** What loading a signalling NaN does to it. */
  void quiet() {
    if (signalling(signExponent, mantissa)) {
      flags |= Fpu.IE;
      mantissa |= QUIET_BIT;
    }
  }

  void fromLong(long value) {
    if (value == 0) {
      set(0, 0);
      return;
    }
    long magnitude = Math.abs(value); // the smallest stays as it is: a magnitude of 2^63
    int zeros = Long.numberOfLeadingZeros(magnitude);
    set((value < 0 ? SIGN : 0) | BIAS + 63 - zeros, magnitude << zeros);
  }

  /** 18 decimal digits; what digits above 9 mean is undefined, and they count as they are. */
  void fromBcd(long low, int signAndTop) {
    long value = 0;
    for (int i = 4; i >= 0; i -= 4) {
      value = value * 10 + (signAndTop >>> i & 15);
    }
    for (int i = 60; i >= 0; i -= 4) {
      value = value * 10 + (low >>> i & 15);
    }
    fromLong(value);
    signExponent |= signAndTop & SIGN;
  }

  // ---- to memory ----------------------------------------------------------------------------------------------------

  void toFloat(int se, long m) {
    toIeee(se, m, 24, 127);
  }

  void toDouble(int se, long m) {
    toIeee(se, m, 53, 1023);
  }

  /** To {@code precision} bits with exponents from 1 - bias to bias. */
  private void toIeee(int se, long m, int precision, int bias) {
    int sign = se & SIGN;
    int width = precision - 1;
    long signBit = sign != 0 ? -1L << (precision == 24 ? 31 : 63) : 0;
    long infinity = (2L * bias + 1) << width;
    if (unsupported(se, m)) {
      flags = Fpu.IE;
      bits = infinity | 1L << width - 1 | -1L << (precision == 24 ? 31 : 63);
      return;
    }
    int exponent = se & MAX_EXPONENT;
    if (exponent == MAX_EXPONENT) {
      flags = signalling(se, m) ? Fpu.IE : 0;
      bits = signBit | infinity | (m << 1 != 0 ? m << 1 >>> 64 - width | 1L << width - 1 : 0);
      return;
    }
    if (m == 0) {
      bits = signBit;
      return;
    }
    long mask = (1L << 64 - precision) - 1;
    int zeros = Long.numberOfLeadingZeros(m);
    int e = Math.max(1, exponent) - zeros - BIAS + bias;
    long h = m << zeros;
    if (e > 0) {
      if ((h & mask) != 0) {
        flags |= Fpu.PE;
        if (roundsUp(sign, h, 0, mask)) {
          flags |= Fpu.C1;
          h = (h & ~mask) + mask + 1;
          if (h == 0) {
            h = INTEGER_BIT;
            e++;
          }
        }
      }
      if (e <= 2 * bias) {
        bits = signBit | (long) e << width | h << 1 >>> 64 - width;
      } else {
        overflow(sign, signBit, infinity);
      }
      return;
    }
    boolean tiny = e < 0 || (h | mask) != -1L || (h & mask) == 0 || !roundsUp(sign, h, 0, mask);
    if (tiny && !masked(Fpu.UE)) {
      flags |= Fpu.UE; // nothing is stored, and the inexact result is not reported
      return;
    }
    int shift = 1 - e;
    long l = shiftedOut(h, 0, shift);
    h = shift < 64 ? h >>> shift : 0;
    long fraction = h >>> 64 - precision;
    if ((h & mask | l) != 0) {
      flags |= tiny ? Fpu.PE | Fpu.UE : Fpu.PE;
      if (roundsUp(sign, h, l, mask)) {
        flags |= Fpu.C1;
        fraction++; // may become the smallest normal number
      }
    }
    bits = signBit | fraction;
  }

  private void overflow(int sign, long signBit, long infinity) {
    flags |= Fpu.OE;
    if (!masked(Fpu.OE)) {
      flags &= ~(Fpu.PE | Fpu.C1);
      return;
    }
    flags |= Fpu.PE;
    if (overflowsToInfinity(sign)) {
      flags |= Fpu.C1;
      bits = signBit | infinity;
    } else {
      flags &= ~Fpu.C1;
      bits = signBit | infinity - 1;
    }
  }

  /** To an integer of 2, 4 or 8 bytes; out of range it is the integer indefinite. */
  void toInteger(int se, long m, int size, boolean cut) {
    long indefinite = -1L << 8 * size - 1;
    long limit = -indefinite; // 2^63 as an unsigned number
    boolean negative = (se & SIGN) != 0;
    if (!toMagnitude(se, m, cut) || Long.compareUnsigned(bits, negative ? limit : limit - 1) > 0) {
      flags = Fpu.IE;
      bits = indefinite;
      return;
    }
    bits = negative ? -bits : bits;
  }

  void toBcd(int se, long m) {
    if (!toMagnitude(se, m, false) || Long.compareUnsigned(bits, MAX_BCD) > 0) {
      flags = Fpu.IE;
      bits = 0xc000_0000_0000_0000L;
      high = 0xffff;
      return;
    }
    long rest = bits;
    long digits = 0;
    for (int i = 0; i < 64; i += 4) {
      digits |= rest % 10 << i;
      rest /= 10;
    }
    bits = digits;
    high = se & SIGN | (int) (rest / 10) << 4 | (int) (rest % 10);
  }

  /** The rounded magnitude in {@link #bits}; false if it has none below 2^64. */
  private boolean toMagnitude(int se, long m, boolean cut) {
    int power = (se & MAX_EXPONENT) - BIAS;
    if (unsupported(se, m) || power > 63) {
      return false;
    }
    if (m == 0) {
      bits = 0;
      return true;
    }
    long integer = power < 0 ? 0 : m >>> 63 - power;
    long rest = power >= 63 ? 0 : power >= 0 ? m << power + 1 : power == -1 ? m : 1;
    if (rest != 0) {
      flags |= Fpu.PE;
      if (!cut && roundsUp(se & SIGN, integer, rest, 0)) {
        flags |= Fpu.C1;
        integer++;
        if (integer == 0) {
          return false;
        }
      }
    }
    bits = integer;
    return true;
  }
}
