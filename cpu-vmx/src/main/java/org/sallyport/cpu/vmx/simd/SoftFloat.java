package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Floating-point arithmetic in integers, as SSE defines it (SDM volume 1, chapters 4.8, 4.9 and 11.5; volume 1, appendix E): all rounding
 * modes, exception flags, DAZ and FTZ. It is exact, and slow; {@link DoubleMath} and {@link SingleMath} ask it only where the host's
 * arithmetic does not give the same.
 *
 * <p>An instruction calls {@link #begin}, then one function for each lane, then {@link #finish}, and only then changes its destination.
 */
final class SoftFloat {
  /** MXCSR when the present instruction began. */
  int mxcsr;

  /** Exceptions of the present instruction, as in MXCSR. */
  int flags;

  final Unpacked a = new Unpacked();
  final Unpacked b = new Unpacked();

  /** Whether the last {@link #rounded} dropped anything. */
  private boolean inexact;

  void begin(int mxcsr) {
    this.mxcsr = mxcsr;
    flags = 0;
  }

  /** Sets the sticky flags and raises an unmasked exception. Those found before the operation keep it from being carried out. */
  void finish(Cpu c) {
    int f = flags;
    if (f != 0) {
      int unmasked = ~(mxcsr >> Mxcsr.MASK_SHIFT);
      if ((f & unmasked & Mxcsr.BEFORE) != 0) {
        f &= Mxcsr.BEFORE;
      }
      c.xmm.mxcsr |= f;
      if ((f & unmasked) != 0) {
        throw c.fault((c.cr4 & Flag.CR4_OSXMMEXCPT) != 0 ? Vector.XM : Vector.UD);
      }
    }
  }

  int rounding() {
    return mxcsr >> Mxcsr.RC_SHIFT & 3;
  }

  boolean denormalsAreZeros() {
    return (mxcsr & Mxcsr.DAZ) != 0;
  }

  /** Raises the invalid-operation exception. */
  long invalid(Format f) {
    flags |= Mxcsr.IE;
    return f.defaultNan;
  }

  /** Result of an operation on a NaN: the first NaN, quiet (SDM volume 1, table 4-7). */
  long nan(Format f, long x, long y) {
    if (f.isSignalling(x) || f.isSignalling(y)) {
      flags |= Mxcsr.IE;
    }
    return (f.isNan(x) ? x : y) | f.quietBit;
  }

  private void unpack(Format f, long x, long y) {
    a.set(f, x, denormalsAreZeros());
    b.set(f, y, denormalsAreZeros());
  }

  void noteDenormals() {
    if (a.denormal || b.denormal) {
      flags |= Mxcsr.DE;
    }
  }

  static long signed(Format f, boolean negative, long magnitude) {
    return negative ? magnitude | f.signBit : magnitude;
  }

  // ---- addition --------------------------------------------------------------------------------------------------------------------

  long add(Format f, long x, long y) {
    return add(f, x, y, false);
  }

  long sub(Format f, long x, long y) {
    return add(f, x, y, true);
  }

  private long add(Format f, long x, long y, boolean subtract) {
    if (f.isNan(x) || f.isNan(y)) {
      return nan(f, x, y);
    }
    unpack(f, x, y);
    b.negative ^= subtract;
    if (a.infinite && b.infinite && a.negative != b.negative) {
      return invalid(f);
    }
    noteDenormals();
    if (a.infinite || b.infinite) {
      return signed(f, a.infinite ? a.negative : b.negative, f.infinity);
    }
    if (a.significand == 0 && b.significand == 0) {
      return signed(f, a.negative == b.negative ? a.negative : rounding() == Mxcsr.DOWN, 0);
    }
    boolean swap = a.significand == 0 || b.significand != 0 && b.exponent > a.exponent;
    return swap ? addMagnitudes(f, b, a) : addMagnitudes(f, a, b);
  }

  /** Adds a number to one that has no smaller exponent. Two spare bits above and at least nine below keep everything that matters. */
  private long addMagnitudes(Format f, Unpacked large, Unpacked small) {
    long m = large.significand >>> 2;
    long n = small.significand == 0 ? 0 : shiftRightSticky(small.significand >>> 2, large.exponent - small.exponent);
    boolean negative = large.negative;
    long sum = negative == small.negative ? m + n : m - n;
    if (sum == 0) {
      return signed(f, rounding() == Mxcsr.DOWN, 0);
    }
    if (sum < 0) {
      sum = -sum;
      negative = !negative;
    }
    int shift = Long.numberOfLeadingZeros(sum);
    return pack(f, negative, large.exponent + 2 - shift, sum << shift);
  }

  /** Logical right shift that keeps in bit 0 whether ones were lost. */
  private static long shiftRightSticky(long value, int count) {
    if (count == 0) {
      return value;
    }
    if (count > 63) {
      return value == 0 ? 0 : 1;
    }
    return value >>> count | (value << 64 - count == 0 ? 0 : 1);
  }

  // ---- multiplication, division, square root -------------------------------------------------------------------------------------------

  long mul(Format f, long x, long y) {
    if (f.isNan(x) || f.isNan(y)) {
      return nan(f, x, y);
    }
    unpack(f, x, y);
    if (a.infinite && b.isZero() || b.infinite && a.isZero()) {
      return invalid(f);
    }
    noteDenormals();
    boolean negative = a.negative != b.negative;
    if (a.infinite || b.infinite) {
      return signed(f, negative, f.infinity);
    }
    if (a.significand == 0 || b.significand == 0) {
      return signed(f, negative, 0);
    }
    long high = Math.unsignedMultiplyHigh(a.significand, b.significand);
    long low = a.significand * b.significand;
    int exponent = a.exponent + b.exponent + 1;
    if (high >= 0) {
      high = high << 1 | low >>> 63;
      low <<= 1;
      exponent--;
    }
    return pack(f, negative, exponent, high | (low == 0 ? 0 : 1));
  }

  long div(Format f, long x, long y) {
    if (f.isNan(x) || f.isNan(y)) {
      return nan(f, x, y);
    }
    unpack(f, x, y);
    if (a.infinite && b.infinite || a.isZero() && b.isZero()) {
      return invalid(f);
    }
    boolean negative = a.negative != b.negative;
    if (b.isZero() && !a.infinite) {
      flags |= Mxcsr.ZE;
      return signed(f, negative, f.infinity);
    }
    noteDenormals();
    if (a.infinite) {
      return signed(f, negative, f.infinity);
    }
    if (a.significand == 0 || b.infinite) {
      return signed(f, negative, 0);
    }
    return divide(f, negative);
  }

  /** Long division of significands of 53 bits, 11 bits at a time: 56 bits of the quotient and whether anything remains. */
  private long divide(Format f, boolean negative) {
    long dividend = a.significand >>> 11;
    long divisor = b.significand >>> 11;
    int exponent = a.exponent - b.exponent;
    if (dividend < divisor) {
      dividend <<= 1;
      exponent--;
    }
    long quotient = 1;
    long rest = dividend - divisor;
    for (int i = 0; i < 5; i++) {
      rest <<= 11;
      long digit = Long.divideUnsigned(rest, divisor);
      rest -= digit * divisor;
      quotient = quotient << 11 | digit;
    }
    return pack(f, negative, exponent, quotient << 8 | (rest == 0 ? 0 : 1));
  }

  long sqrt(Format f, long x) {
    if (f.isNan(x)) {
      return nan(f, x, x);
    }
    unpack(f, x, x);
    if (a.isZero()) {
      return signed(f, a.negative, 0);
    }
    if (a.negative) {
      return invalid(f);
    }
    noteDenormals();
    return a.infinite ? f.infinity : root(f);
  }

  /** Square root by digits: 56 bits of the root, and whether anything remains. */
  private long root(Format f) {
    long radicand = a.significand >>> 11 << (a.exponent & 1); // 53 or 54 bits, for an even exponent
    long root = 0;
    long rest = 0;
    for (int i = 0; i < 56; i++) {
      rest = rest << 2 | radicand >>> 52;
      radicand = radicand << 2 & (1L << 54) - 1;
      long trial = root << 2 | 1;
      root <<= 1;
      if (rest >= trial) {
        rest -= trial;
        root |= 1;
      }
    }
    return pack(f, false, a.exponent >> 1, root << 8 | (rest == 0 ? 0 : 1));
  }

  // ---- rounding --------------------------------------------------------------------------------------------------------------------

  /**
   * Rounds a number to a format, with the exceptions of overflow, underflow and precision.
   *
   * @param exponent of the leading bit
   * @param significand with its leading bit at bit 63; bit 0 stands for all lower bits too
   */
  long pack(Format f, boolean negative, int exponent, long significand) {
    int field = exponent + f.bias;
    if (field <= 0) {
      return packTiny(f, negative, field, significand);
    }
    long m = rounded(f, negative, significand);
    if (m >>> f.precision != 0) {
      m >>>= 1;
      field++;
    }
    if (field >= f.maximumField) {
      return overflow(f, negative);
    }
    if (inexact) {
      flags |= Mxcsr.PE;
    }
    return signed(f, negative, ((long) field << f.fractionBits) + (m & f.fractionMask));
  }

  private long overflow(Format f, boolean negative) {
    flags |= Mxcsr.OE;
    if ((mxcsr & Mxcsr.OM) != 0 || inexact) {
      flags |= Mxcsr.PE;
    }
    boolean toInfinity =
        switch (rounding()) {
          case Mxcsr.NEAREST -> true;
          case Mxcsr.DOWN -> negative;
          case Mxcsr.UP -> !negative;
          default -> false;
        };
    return signed(f, negative, toInfinity ? f.infinity : f.largest);
  }

  /** Rounds below the least normal exponent. Whether the result is tiny is decided after rounding with an unbounded exponent. */
  private long packTiny(Format f, boolean negative, int field, long significand) {
    boolean tiny = rounded(f, negative, significand) >>> f.precision == 0 || field < 0;
    if (tiny && (mxcsr & Mxcsr.UM) == 0) {
      flags |= inexact ? Mxcsr.UE | Mxcsr.PE : Mxcsr.UE;
      return 0; // nobody sees it: the exception is raised
    }
    if (tiny && (mxcsr & Mxcsr.FTZ) != 0) {
      flags |= Mxcsr.UE | Mxcsr.PE;
      return signed(f, negative, 0);
    }
    long m = rounded(f, negative, shiftRightSticky(significand, 1 - field));
    if (inexact) {
      flags |= tiny ? Mxcsr.UE | Mxcsr.PE : Mxcsr.PE;
    }
    return signed(f, negative, m);
  }

  /** The upper bits of a significand, as many as the format holds, rounded; a carry out makes it one bit longer. */
  private long rounded(Format f, boolean negative, long significand) {
    int dropped = 64 - f.precision;
    long rest = significand << f.precision;
    inexact = rest != 0;
    long m = significand >>> dropped;
    return roundsUp(rounding(), negative, (m & 1) != 0, rest) ? m + 1 : m;
  }

  /**
   * Whether a magnitude is rounded up.
   *
   * @param odd whether its last bit is set
   * @param rest what lies below its last bit, as a fraction of 2<sup>64</sup>; bit 0 stands for all lower bits too
   */
  static boolean roundsUp(int rounding, boolean negative, boolean odd, long rest) {
    return switch (rounding) {
      case Mxcsr.NEAREST -> rest < 0 && (odd || rest != Long.MIN_VALUE);
      case Mxcsr.DOWN -> negative && rest != 0;
      case Mxcsr.UP -> !negative && rest != 0;
      default -> false;
    };
  }
}
