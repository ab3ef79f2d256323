package org.sallyport.cpu.vmx.fpu;

/**
 * Arithmetic of double-extended precision (SDM volume 1, sections "Basic Arithmetic Instructions" and "x87 FPU
 * Floating-Point Exception Conditions"). Each operation leaves its result in {@link #signExponent} and {@link
 * #mantissa} and its exceptions in {@link #flags}.
 */
final class Arithmetic extends Rounding {
  /** The condition codes that are the result of a comparison or of a remainder; -1 if there is none. */
  int conditions;

  /** The exponent that FXTRACT splits off, as a number of its own. */
  int extractedSignExponent;

  long extractedMantissa;

  private static int exponent(int se, long m) {
    int e = se & MAX_EXPONENT;
    return e != 0 ? e : 1 - Long.numberOfLeadingZeros(m);
  }

  private static long normal(int se, long m) {
    return (se & MAX_EXPONENT) != 0 ? m : m << Long.numberOfLeadingZeros(m);
  }

  private void noteDenormal(int se, long m) {
    if (denormal(se, m)) {
      flags |= Fpu.DE;
    }
  }

  // ---- sums ---------------------------------------------------------------------------------------------------------

  void add(int ase, long am, int bse, long bm) {
    sum(ase, am, bse, bm, 0);
  }

  /** a - b. */
  void subtract(int ase, long am, int bse, long bm) {
    sum(ase, am, bse, bm, SIGN);
  }

  private void sum(int ase, long am, int bse, long bm, int flip) {
    if (nanOperands(ase, am, bse, bm)) {
      return;
    }
    int as = ase & SIGN;
    int bs = (bse ^ flip) & SIGN;
    boolean ai = infinite(ase, am);
    boolean bi = infinite(bse, bm);
    if (ai && bi && as != bs) {
      invalid();
      return;
    }
    noteDenormal(ase, am);
    noteDenormal(bse, bm);
    if (ai || bi) {
      set(MAX_EXPONENT | (ai ? as : bs), INTEGER_BIT);
    } else if (am == 0 && bm == 0) {
      set(as == bs ? as : zeroDifference(), 0);
    } else if (am == 0) {
      pack(bs, exponent(bse, bm), normal(bse, bm), 0, precisionMask());
    } else if (bm == 0) {
      pack(as, exponent(ase, am), normal(ase, am), 0, precisionMask());
    } else {
      int ae = exponent(ase, am);
      int be = exponent(bse, bm);
      long an = normal(ase, am);
      long bn = normal(bse, bm);
      if (ae > be || ae == be && Long.compareUnsigned(an, bn) >= 0) {
        sumOrdered(as, ae, an, ae - be, bn, as != bs);
      } else {
        sumOrdered(bs, be, bn, be - ae, an, as != bs);
      }
    }
  }

  private int zeroDifference() {
    return mode() == DOWN ? SIGN : 0;
  }

  private void sumOrdered(int sign, int exponent, long large, int shift, long small, boolean difference) {
    long sh = shift < 64 ? small >>> shift : 0;
    long sl = shift == 0 ? 0 : shiftedOut(small, 0, shift);
    if (!difference) {
      long hi = large + sh;
      if (Long.compareUnsigned(hi, large) < 0) {
        pack(sign, exponent + 1, hi >>> 1 | INTEGER_BIT, hi << 63 | sl >>> 1 | sl & 1, precisionMask());
      } else {
        pack(sign, exponent, hi, sl, precisionMask());
      }
      return;
    }
    long lo = -sl;
    long hi = large - sh - (sl != 0 ? 1 : 0);
    if ((hi | lo) == 0) {
      set(zeroDifference(), 0);
      return;
    }
    packUnnormal(sign, exponent, hi, lo, precisionMask());
  }

  private void packUnnormal(int sign, int exponent, long hi, long lo, long mask) {
    int e = exponent;
    long h = hi;
    long l = lo;
    if (h == 0) {
      h = l;
      l = 0;
      e -= 64;
    }
    int n = Long.numberOfLeadingZeros(h);
    if (n != 0) {
      h = h << n | l >>> 64 - n;
      l <<= n;
    }
    pack(sign, e - n, h, l, mask);
  }

  // ---- products and quotients ---------------------------------------------------------------------------------------

  void multiply(int ase, long am, int bse, long bm) {
    if (nanOperands(ase, am, bse, bm)) {
      return;
    }
    int sign = (ase ^ bse) & SIGN;
    if (infinite(ase, am) || infinite(bse, bm)) {
      if (zero(ase, am) || zero(bse, bm)) {
        invalid();
        return;
      }
      noteDenormal(ase, am);
      noteDenormal(bse, bm);
      set(sign | MAX_EXPONENT, INTEGER_BIT);
      return;
    }
    noteDenormal(ase, am);
    noteDenormal(bse, bm);
    if (am == 0 || bm == 0) {
      set(sign, 0);
      return;
    }
    long an = normal(ase, am);
    long bn = normal(bse, bm);
    int e = exponent(ase, am) + exponent(bse, bm) - BIAS + 1;
    long hi = Math.unsignedMultiplyHigh(an, bn);
    long lo = an * bn;
    if (hi >= 0) {
      hi = hi << 1 | lo >>> 63;
      lo <<= 1;
      e--;
    }
    pack(sign, e, hi, lo, precisionMask());
  }

  /** a / b. */
  void divide(int ase, long am, int bse, long bm) {
    if (nanOperands(ase, am, bse, bm)) {
      return;
    }
    int sign = (ase ^ bse) & SIGN;
    boolean ai = infinite(ase, am);
    boolean bi = infinite(bse, bm);
    if (ai && bi || zero(ase, am) && zero(bse, bm)) {
      invalid();
      return;
    }
    if (zero(bse, bm) && !ai) {
      flags = Fpu.ZE; // which takes precedence over a denormal dividend
      set(sign | MAX_EXPONENT, INTEGER_BIT);
      return;
    }
    noteDenormal(ase, am);
    noteDenormal(bse, bm);
    if (ai) {
      set(sign | MAX_EXPONENT, INTEGER_BIT);
    } else if (bi || am == 0) {
      set(sign, 0);
    } else {
      quotient(sign, exponent(ase, am) - exponent(bse, bm) + BIAS, normal(ase, am), normal(bse, bm));
    }
  }

  private void quotient(int sign, int exponent, long a, long b) {
    boolean wide = Long.compareUnsigned(a, b) >= 0;
    long low = wide ? a << 63 : 0;
    long q = WideMath.divide(wide ? a >>> 1 : a, low, b);
    pack(sign, wide ? exponent : exponent - 1, q, fraction(low - q * b, b), precisionMask());
  }

  /** A remainder's share of the divisor, as a half bit and a sticky bit. */
  private static long fraction(long remainder, long divisor) {
    if (remainder == 0) {
      return 0;
    }
    int order = Long.compareUnsigned(remainder, divisor - remainder);
    return order < 0 ? 1 : order == 0 ? INTEGER_BIT : INTEGER_BIT | 1;
  }

  void squareRoot(int se, long m) {
    if (nanOperand(se, m)) {
      return;
    }
    if (zero(se, m)) {
      set(se, 0);
      return;
    }
    if ((se & SIGN) != 0) {
      invalid();
      return;
    }
    if (infinite(se, m)) {
      set(se, m);
      return;
    }
    noteDenormal(se, m);
    int e = exponent(se, m) - BIAS;
    long n = normal(se, m);
    // The root of n * 2^63 or n * 2^64 has 64 bits.
    long hi = (e & 1) == 0 ? n >>> 1 : n;
    long lo = (e & 1) == 0 ? n << 63 : 0;
    long root = WideMath.squareRoot(hi, lo);
    long rest = lo - root * root;
    long restHigh = hi - Math.unsignedMultiplyHigh(root, root) - (Long.compareUnsigned(lo, root * root) < 0 ? 1 : 0);
    boolean aboveHalf = restHigh != 0 || Long.compareUnsigned(rest, root) > 0;
    pack(0, (e >> 1) + BIAS, root, aboveHalf ? INTEGER_BIT | 1 : rest != 0 ? 1 : 0, precisionMask());
  }

  // ---- remainders ---------------------------------------------------------------------------------------------------

  /**
   * The remainder a - b * Q, with Q cut ({@code FPREM}) or rounded to nearest ({@code FPREM1}); {@link #conditions}
   * gets its lowest bits, or C2 when exponents are so far apart that only a part of the reduction is done.
   */
  void remainder(int ase, long am, int bse, long bm, boolean nearest) {
    conditions = -1;
    if (nanOperands(ase, am, bse, bm)) {
      return;
    }
    if (infinite(ase, am) || zero(bse, bm)) {
      invalid();
      return;
    }
    noteDenormal(ase, am);
    noteDenormal(bse, bm);
    conditions = 0;
    if (am == 0) {
      set(ase, 0);
      return;
    }
    if (infinite(bse, bm)) {
      pack(ase & SIGN, exponent(ase, am), normal(ase, am), 0, 0);
      return;
    }
    long a = normal(ase, am);
    long b = normal(bse, bm);
    int be = exponent(bse, bm);
    int distance = exponent(ase, am) - be;
    if (distance >= 64) {
      // SDM: the exponent is brought down by an implementation-dependent number between 32 and 63.
      int step = distance & 31 | 32;
      conditions = Fpu.C2;
      packRemainder(ase & SIGN, be + distance - step, reduce(a, step, b));
      return;
    }
    if (distance < -1 || distance < 0 && !nearest) {
      pack(ase & SIGN, exponent(ase, am), a, 0, 0);
      return;
    }
    int sign = ase & SIGN;
    long q;
    long r;
    if (distance < 0) { // |a| is between a quarter of |b| and |b|; in units of half of b's
      if (Long.compareUnsigned(a, b) <= 0) {
        pack(sign, be - 1, a, 0, 0);
        return;
      }
      setQuotientBits(1);
      // b - a with a half as long: 2b - a in units of a's last place
      packUnnormal(sign ^ SIGN, be, b - (a >>> 1) - (a & 1), (a & 1) << 63, 0);
      return;
    }
    r = reduce(a, distance, b);
    q = lastQuotient;
    if (nearest) {
      int order = Long.compareUnsigned(r, b - r);
      if (order > 0 || order == 0 && (q & 1) != 0) {
        r = b - r;
        q++;
        sign ^= SIGN;
      }
    }
    setQuotientBits(q);
    if (r == 0) {
      set(ase & SIGN, 0);
    } else {
      packRemainder(sign, be, r);
    }
  }

  private void setQuotientBits(long q) {
    conditions = ((q & 4) != 0 ? Fpu.C0 : 0) | ((q & 2) != 0 ? Fpu.C3 : 0) | ((q & 1) != 0 ? Fpu.C1 : 0);
  }

  private long lastQuotient;

  /** a * 2^distance mod b for a distance of 0 to 63; leaves the quotient's low bits in {@link #lastQuotient}. */
  private long reduce(long a, int distance, long b) {
    long high = distance == 0 ? 0 : a >>> 64 - distance;
    long low = a << distance;
    if (distance == 0) {
      lastQuotient = Long.compareUnsigned(a, b) >= 0 ? 1 : 0;
      return lastQuotient != 0 ? a - b : a;
    }
    lastQuotient = WideMath.divide(high, low, b);
    return low - lastQuotient * b;
  }

  private void packRemainder(int sign, int exponent, long r) {
    if (r == 0) {
      set(sign, 0);
    } else {
      packUnnormal(sign, exponent, r, 0, 0);
    }
  }

  // ---- scaling and integers -----------------------------------------------------------------------------------------

  /** a * 2^(b cut to an integer). */
  void scale(int ase, long am, int bse, long bm) {
    if (nanOperands(ase, am, bse, bm)) {
      return;
    }
    boolean down = (bse & SIGN) != 0;
    if (infinite(bse, bm)) {
      if (down ? infinite(ase, am) : zero(ase, am)) {
        invalid();
        return;
      }
      noteDenormal(ase, am);
      set(ase & SIGN | (down ? 0 : MAX_EXPONENT), down ? 0 : INTEGER_BIT);
      return;
    }
    noteDenormal(ase, am);
    noteDenormal(bse, bm);
    if (infinite(ase, am) || am == 0) {
      set(ase, am);
      return;
    }
    int power = (bse & MAX_EXPONENT) - BIAS;
    int n = power < 0 ? 0 : power > 16 ? 1 << 17 : (int) (bm >>> 63 - power);
    pack(ase & SIGN, exponent(ase, am) + (down ? -n : n), normal(ase, am), 0, 0);
  }

  /** Splits into a mantissa with exponent 0 (the result) and the exponent as a number. */
  void extract(int se, long m) {
    if (nanOperand(se, m)) {
      extractedSignExponent = signExponent;
      extractedMantissa = mantissa;
      return;
    }
    if (infinite(se, m)) {
      extractedSignExponent = MAX_EXPONENT;
      extractedMantissa = INTEGER_BIT;
      set(se, m);
      return;
    }
    if (m == 0) {
      flags |= Fpu.ZE;
      extractedSignExponent = SIGN | MAX_EXPONENT;
      extractedMantissa = INTEGER_BIT;
      set(se, 0);
      return;
    }
    noteDenormal(se, m);
    int e = exponent(se, m) - BIAS;
    int magnitude = Math.abs(e);
    int zeros = Long.numberOfLeadingZeros(magnitude);
    extractedSignExponent = e == 0 ? 0 : (e < 0 ? SIGN : 0) | BIAS + 63 - zeros;
    extractedMantissa = e == 0 ? 0 : (long) magnitude << zeros;
    set(se & SIGN | BIAS, normal(se, m));
  }

  /** To an integer, as rounding control says. */
  void roundToInteger(int se, long m) {
    if (nanOperand(se, m)) {
      return;
    }
    noteDenormal(se, m);
    int power = (se & MAX_EXPONENT) - BIAS;
    if (m == 0 || power >= 63) {
      set(se, m);
      return;
    }
    int sign = se & SIGN;
    flags |= Fpu.PE;
    if (power < 0) {
      boolean up = roundsUp(sign, 0, power == -1 ? m : 1, 0);
      flags |= up ? Fpu.C1 : 0;
      set(up ? sign | BIAS : sign, up ? INTEGER_BIT : 0);
      return;
    }
    long mask = (1L << 63 - power) - 1;
    if ((m & mask) == 0) {
      flags &= ~Fpu.PE;
      set(se, m);
      return;
    }
    long r = m & ~mask;
    if (roundsUp(sign, m, 0, mask)) {
      flags |= Fpu.C1;
      r += mask + 1;
    }
    set(r == 0 ? se + 1 : se, r == 0 ? INTEGER_BIT : r);
  }

  // ---- comparison ---------------------------------------------------------------------------------------------------

  /** Compares; {@link #conditions} gets C0 (less), C3 (equal), none (greater) or all of C0, C2, C3 (unordered). */
  void compare(int ase, long am, int bse, long bm, boolean quiet) {
    if (unsupported(ase, am) || unsupported(bse, bm) || nan(ase, am) || nan(bse, bm)) {
      boolean quietNan = !unsupported(ase, am) && !unsupported(bse, bm) && !signalling(ase, am) && !signalling(bse, bm);
      flags = quiet && quietNan ? 0 : Fpu.IE;
      conditions = Fpu.C0 | Fpu.C2 | Fpu.C3;
      return;
    }
    noteDenormal(ase, am);
    noteDenormal(bse, bm);
    int order;
    if (am == 0 && bm == 0) {
      order = 0;
    } else if (((ase ^ bse) & SIGN) != 0) {
      order = (ase & SIGN) != 0 ? -1 : 1;
    } else {
      // Pseudo-denormals have the exponent of the smallest normal numbers.
      int ae = Math.max(1, ase & MAX_EXPONENT);
      int be = Math.max(1, bse & MAX_EXPONENT);
      order = ae != be ? Integer.compare(ae, be) : Long.compareUnsigned(am, bm);
      order = (ase & SIGN) != 0 ? -order : order;
    }
    conditions = order < 0 ? Fpu.C0 : order == 0 ? Fpu.C3 : 0;
  }
}
