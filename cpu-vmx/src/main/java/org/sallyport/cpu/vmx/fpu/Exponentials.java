package org.sallyport.cpu.vmx.fpu;

/**
 * F2XM1, FYL2X, FYL2XP1 (SDM volume 1, section "Logarithmic, Exponential, and Scale"), evaluated with 128 bits, so that
 * the result is off by less than 0.501 units in the last place (rounding to nearest).
 */
final class Exponentials extends Rounding {
  /** The upper 64 bits of the root of 2. */
  private static final long ROOT_2 = 0xb504f333f9de6484L;

  private final Wide x = new Wide();
  private final Wide y = new Wide();
  private final Wide z = new Wide();
  private final Wide sum = new Wide();
  private final Wide scratch = new Wide();

  private void noteDenormal(int se, long m) {
    if (denormal(se, m)) {
      flags |= Fpu.DE;
    }
  }

  /** 2^x - 1 for |x| of at most 1; what is outside the SDM leaves undefined, and here it is left as it is. */
  void powerMinusOne(int se, long m) {
    if (nanOperand(se, m)) {
      return;
    }
    int exponent = se & MAX_EXPONENT;
    if (infinite(se, m)) {
      set((se & SIGN) != 0 ? SIGN | BIAS : MAX_EXPONENT, INTEGER_BIT);
      return;
    }
    noteDenormal(se, m);
    boolean outOfRange = exponent > BIAS || exponent == BIAS && m != INTEGER_BIT;
    if (m == 0 || outOfRange) {
      flags |= outOfRange ? Fpu.PE : 0;
      set(se, m);
      return;
    }
    if (exponent == BIAS) {
      set((se & SIGN) != 0 ? SIGN | BIAS - 1 : BIAS, INTEGER_BIT);
      return;
    }
    x.set(se, m);
    x.multiply(x, Series.LN_2);
    Series.evaluate(Series.EXPONENTIAL, x, sum);
    sum.multiply(sum, x);
    packInexact(sum);
  }

  private void packInexact(Wide w) {
    pack(w.negative ? SIGN : 0, w.exponent + BIAS, w.hi, w.lo | 1, 0);
  }

  /** y * log2(x). */
  void logarithm(int yse, long ym, int xse, long xm) {
    if (nanOperands(yse, ym, xse, xm)) {
      return;
    }
    boolean yi = infinite(yse, ym);
    boolean y0 = zero(yse, ym);
    boolean x0 = zero(xse, xm);
    boolean xi = infinite(xse, xm);
    boolean one = (xse & MAX_EXPONENT) == BIAS && xm == INTEGER_BIT;
    if ((xse & SIGN) != 0 && !x0 || y0 && (x0 || xi) || yi && one) {
      invalid();
      return;
    }
    boolean below = (xse & MAX_EXPONENT) < BIAS;
    int sign = (yse ^ (below ? SIGN : 0)) & SIGN;
    if (x0 && !yi) {
      flags = Fpu.ZE;
      set(sign | MAX_EXPONENT, INTEGER_BIT);
      return;
    }
    noteDenormal(yse, ym);
    noteDenormal(xse, xm);
    if (yi || xi) {
      set(sign | MAX_EXPONENT, INTEGER_BIT);
      return;
    }
    if (y0 || one) {
      set(sign, 0);
      return;
    }
    x.set(xse, xm);
    if (x.hi == INTEGER_BIT) { // a power of 2: exact
      x.setInteger(x.exponent);
      y.set(yse, ym);
      x.multiply(x, y);
      pack(x.negative ? SIGN : 0, x.exponent + BIAS, x.hi, x.lo, 0);
      return;
    }
    logarithm();
    timesY(yse, ym);
  }

  private void timesY(int yse, long ym) {
    y.set(yse, ym);
    sum.multiply(sum, y);
    packInexact(sum);
  }

  /** sum = log2(x) for a positive x that is not 1. */
  private void logarithm() {
    int e = x.exponent;
    x.exponent = 0;
    if (Long.compareUnsigned(x.hi, ROOT_2) > 0) {
      x.exponent = -1;
      e++;
    }
    // x is between the roots of 1/2 and 2; c, a near multiple of 1/16.
    int sixteenths = (int) (x.hi >>> 58 - x.exponent) + 1 >> 1;
    Wide c = Series.SIXTEENTHS[sixteenths];
    y.add(x, c);
    z.reciprocal(y, scratch);
    x.subtract(x, c);
    z.multiply(z, x);
    areaTangent();
    sum.add(sum, Series.LOG2_SIXTEENTHS[sixteenths]);
    y.setInteger(e);
    sum.add(sum, y);
  }

  /** sum = 2 artanh(z) / ln 2. */
  private void areaTangent() {
    y.multiply(z, z);
    Series.evaluate(Series.AREA_TANGENT, y, sum);
    sum.multiply(sum, z);
    sum.multiply(sum, Series.TWO_LOG2_E);
  }

  /**
   * y * log2(x + 1). The SDM defines it for x between -(1 - root(1/2)) and root(2) - 1; here it is continued to all x
   * above -1, and below it is an invalid operation.
   */
  void logarithmPlusOne(int yse, long ym, int xse, long xm) {
    if (nanOperands(yse, ym, xse, xm)) {
      return;
    }
    boolean yi = infinite(yse, ym);
    boolean xi = infinite(xse, xm);
    boolean negative = (xse & SIGN) != 0;
    if (yi && xm == 0 || xi && (negative || ym == 0)) {
      invalid();
      return;
    }
    int sign = (xse ^ yse) & SIGN;
    boolean tooSmall = negative && (xse & MAX_EXPONENT) >= BIAS;
    if (tooSmall) {
      invalid();
      return;
    }
    noteDenormal(yse, ym);
    noteDenormal(xse, xm);
    if (yi || xi) {
      set(sign | MAX_EXPONENT, INTEGER_BIT);
      return;
    }
    if (ym == 0 || xm == 0) {
      set(sign, 0);
      return;
    }
    x.set(xse, xm);
    if (x.exponent < -5) {
      y.add(x, Series.TWO);
      z.reciprocal(y, scratch);
      z.multiply(z, x);
      areaTangent();
    } else {
      x.add(x, Series.ONE);
      logarithm();
    }
    timesY(yse, ym);
  }
}
