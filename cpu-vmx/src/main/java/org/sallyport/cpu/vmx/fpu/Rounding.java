package org.sallyport.cpu.vmx.fpu;

/**
 * Results of double-extended precision: a sign and exponent (bit 15, bits 14:0, biased by 16383) and a mantissa with
 * its integer bit explicit (SDM volume 1, section "x87 FPU Data Types"), rounded as the control word says, with the
 * exceptions that rounding raises (section "x87 FPU Floating-Point Exception Conditions"). Nothing is allocated:
 * operands come as pairs of an int and a long, the result stays in fields.
 */
abstract class Rounding {
  static final int SIGN = 0x8000;
  static final int MAX_EXPONENT = 0x7fff;
  static final int BIAS = 16383;
  static final long INTEGER_BIT = 1L << 63;
  static final long QUIET_BIT = 1L << 62;

  static final int INDEFINITE_EXPONENT = 0xffff;
  static final long INDEFINITE_MANTISSA = INTEGER_BIT | QUIET_BIT;

  static final int NEAREST = 0;
  static final int DOWN = 1;
  static final int UP = 2;

  /** What the exponent of an overflowed or underflowed result is moved by when that exception is not masked. */
  private static final int WRAP = 24576;

  /** The bits of a mantissa below a precision of 24, (reserved), 53, 64 bits. */
  private static final long[] PRECISION_MASK = {(1L << 40) - 1, 0, (1L << 11) - 1, 0};

  /** The control word in force. */
  int control;

  /** Exceptions of the operation and C1 (rounded up), as bits of the status word. */
  int flags;

  /** The result. */
  int signExponent;

  long mantissa;

  /** Prepares for an operation: its control word, and DE when converting an operand has found a denormal one. */
  final void begin(int newControl, int conversionFlags) {
    control = newControl;
    flags = conversionFlags;
  }

  final int mode() {
    return control >> 10 & 3;
  }

  /** What precision control drops of a mantissa. */
  final long precisionMask() {
    return PRECISION_MASK[control >> 8 & 3];
  }

  final boolean masked(int exception) {
    return (control & exception) != 0;
  }

  final void set(int newSignExponent, long newMantissa) {
    signExponent = newSignExponent;
    mantissa = newMantissa;
  }

  /** The masked response to an invalid operation. Nothing else is reported with it. */
  final void invalid() {
    flags = Fpu.IE;
    set(INDEFINITE_EXPONENT, INDEFINITE_MANTISSA);
  }

  // ---- classes of operands ------------------------------------------------------------------------------------------

  /** An encoding that no processor since the 80387 accepts: unnormal, pseudo-infinity, pseudo-NaN. */
  static boolean unsupported(int signExponent, long mantissa) {
    return mantissa >= 0 && (signExponent & MAX_EXPONENT) != 0;
  }

  /** NaN, an unsupported encoding put aside. */
  static boolean nan(int signExponent, long mantissa) {
    return (signExponent & MAX_EXPONENT) == MAX_EXPONENT && mantissa << 1 != 0;
  }

  static boolean signalling(int signExponent, long mantissa) {
    return nan(signExponent, mantissa) && (mantissa & QUIET_BIT) == 0;
  }

  static boolean infinite(int signExponent, long mantissa) {
    return (signExponent & MAX_EXPONENT) == MAX_EXPONENT && mantissa == INTEGER_BIT;
  }

  static boolean zero(int signExponent, long mantissa) {
    return mantissa == 0 && (signExponent & MAX_EXPONENT) == 0;
  }

  /** Denormal or pseudo-denormal. */
  static boolean denormal(int signExponent, long mantissa) {
    return mantissa != 0 && (signExponent & MAX_EXPONENT) == 0;
  }

  /** Handles an operand that is a NaN or unsupported; returns whether it was. */
  final boolean nanOperand(int se, long m) {
    if (unsupported(se, m)) {
      invalid();
      return true;
    }
    if (!nan(se, m)) {
      return false;
    }
    flags = signalling(se, m) ? Fpu.IE : 0;
    set(se, m | QUIET_BIT);
    return true;
  }

  /**
   * Handles operands of which one is a NaN or unsupported (SDM volume 1, table "Rules for Handling NaNs"): of two NaNs
   * the one with the larger mantissa, of equal ones the positive one; but a quiet one wins over a signalling one.
   * Returns whether there was any.
   */
  final boolean nanOperands(int ase, long am, int bse, long bm) {
    if (unsupported(ase, am) || unsupported(bse, bm)) {
      invalid();
      return true;
    }
    boolean an = nan(ase, am);
    boolean bn = nan(bse, bm);
    if (!an && !bn) {
      return false;
    }
    boolean as = signalling(ase, am);
    boolean bs = signalling(bse, bm);
    flags = as || bs ? Fpu.IE : 0;
    boolean first;
    if (!an || !bn) {
      first = an;
    } else if (as != bs) {
      first = bs;
    } else {
      int order = Long.compareUnsigned(am, bm);
      first = order > 0 || order == 0 && ase < bse;
    }
    set(first ? ase : bse, (first ? am : bm) | QUIET_BIT);
    return true;
  }

  // ---- rounding -----------------------------------------------------------------------------------------------------

  /**
   * Whether the magnitude hi:lo, of which {@code mask} of hi and all of lo are to be dropped, is rounded up. Something
   * of what is dropped must be set.
   */
  final boolean roundsUp(int sign, long hi, long lo, long mask) {
    return switch (mode()) {
      case NEAREST -> {
        if (mask == 0) {
          yield lo < 0 && (lo << 1 != 0 || (hi & 1) != 0);
        }
        long half = (mask >>> 1) + 1;
        yield (hi & half) != 0 && ((hi & mask >>> 1 | lo) != 0 || (hi & mask + 1) != 0);
      }
      case DOWN -> sign != 0;
      case UP -> sign == 0;
      default -> false;
    };
  }

  /**
   * Makes the result of an exact magnitude hi:lo (bit 63 of hi set, the lowest bit of lo sticky) times 2^(exponent -
   * BIAS - 127).
   */
  final void pack(int sign, int exponent, long hi, long lo, long mask) {
    if (exponent <= 0) {
      packTiny(sign, exponent, hi, lo, mask);
      return;
    }
    int e = exponent;
    long h = hi & ~mask;
    if ((hi & mask | lo) != 0) {
      flags |= Fpu.PE;
      if (roundsUp(sign, hi, lo, mask)) {
        flags |= Fpu.C1;
        h += mask + 1;
        if (h == 0) {
          h = INTEGER_BIT;
          e++;
        }
      }
    }
    if (e < MAX_EXPONENT) {
      set(sign | e, h);
    } else {
      overflow(sign, e, h, mask);
    }
  }

  private void overflow(int sign, int e, long h, long mask) {
    flags |= Fpu.OE;
    if (!masked(Fpu.OE)) {
      if (e - WRAP < MAX_EXPONENT) {
        set(sign | e - WRAP, h);
      } else { // only FSCALE comes this far
        flags |= Fpu.PE | Fpu.C1;
        set(sign | MAX_EXPONENT, INTEGER_BIT);
      }
      return;
    }
    flags |= Fpu.PE;
    if (overflowsToInfinity(sign)) {
      flags |= Fpu.C1;
      set(sign | MAX_EXPONENT, INTEGER_BIT);
    } else {
      flags &= ~Fpu.C1;
      set(sign | MAX_EXPONENT - 1, ~mask);
    }
  }

  final boolean overflowsToInfinity(int sign) {
    int mode = mode();
    return mode == NEAREST || mode == (sign == 0 ? UP : DOWN);
  }

  /**
   * A result below the normal range before rounding. Tininess is detected after rounding, as if the exponent had no
   * bound.
   */
  private void packTiny(int sign, int exponent, long hi, long lo, long mask) {
    boolean tiny = exponent < 0
        || (hi | mask) != -1L
        || (hi & mask | lo) == 0
        || !roundsUp(sign, hi, lo, mask);
    if (tiny && !masked(Fpu.UE)) {
      flags |= Fpu.UE;
      if (exponent + WRAP > 0) {
        pack(sign, exponent + WRAP, hi, lo, mask);
      } else { // only FSCALE comes this far
        flags |= Fpu.PE;
        set(sign, 0);
      }
      return;
    }
    int shift = 1 - exponent;
    long h = shift < 64 ? hi >>> shift : 0;
    long l = shiftedOut(hi, lo, shift);
    long rounded = h & ~mask;
    if ((h & mask | l) != 0) {
      flags |= tiny ? Fpu.PE | Fpu.UE : Fpu.PE;
      if (roundsUp(sign, h, l, mask)) {
        flags |= Fpu.C1;
        rounded += mask + 1;
      }
    }
    set(rounded < 0 ? sign | 1 : sign, rounded);
  }

  /** The lower half of hi:lo shifted right by 1 or more, with a sticky lowest bit. */
  static long shiftedOut(long hi, long lo, int shift) {
    if (shift < 64) {
      return hi << 64 - shift | lo >>> shift | (lo << 64 - shift != 0 ? 1 : 0);
    }
    if (shift == 64) {
      return hi | (lo != 0 ? 1 : 0);
    }
    if (shift < 128) {
      return hi >>> shift - 64 | ((hi << 128 - shift | lo) != 0 ? 1 : 0);
    }
    return (hi | lo) != 0 ? 1 : 0;
  }
}
