package org.sallyport.cpu.vmx.fpu;

/**
 * FSIN, FCOS, FSINCOS, FPTAN, FPATAN (SDM volume 1, section "Trigonometric Instructions"). Arguments are reduced
 * exactly, by the value of pi with 66 bits that the processors use (section "Approximation of Pi"); functions of what
 * remains are evaluated with 128 bits, so that the result is off by less than 0.501 units in the last place (rounding
 * to nearest).
 */
final class Trigonometry extends Rounding {
  /** 2^66 times the processors' pi: 0xC90FDAA22168C234C. */
  private static final long PI_HIGH = 0xc;

  private static final long PI_LOW = 0x90fdaa22168c234cL;

  /** The second result of FSINCOS: the cosine. */
  int cosineSignExponent;

  long cosineMantissa;

  private int quadrant;
  private final Wide angle = new Wide();
  private final Wide square = new Wide();
  private final Wide sine = new Wide();
  private final Wide cosine = new Wide();
  private final Wide scratch = new Wide();

  /** Whether an argument is out of range: C2 is set then and nothing else happens. */
  static boolean outOfRange(int se, long m) {
    int e = se & MAX_EXPONENT;
    return e >= BIAS + 63 && e < MAX_EXPONENT && m < 0;
  }

  /** Handles NaN and infinities, notes a denormal operand; returns whether there is nothing left to do. */
  private boolean special(int se, long m) {
    if (nanOperand(se, m)) {
      return true;
    }
    if (infinite(se, m)) {
      invalid();
      return true;
    }
    if (denormal(se, m)) {
      flags |= Fpu.DE;
    }
    return false;
  }

  void sine(int se, long m) {
    if (special(se, m)) {
      return;
    }
    if (m == 0) {
      set(se, 0);
      return;
    }
    reduce(se, m);
    packSine();
  }

  void cosine(int se, long m) {
    if (special(se, m)) {
      return;
    }
    if (m == 0) {
      set(BIAS, INTEGER_BIT);
      return;
    }
    reduce(se, m);
    packCosine();
  }

  void sineAndCosine(int se, long m) {
    if (special(se, m)) {
      cosineSignExponent = signExponent;
      cosineMantissa = mantissa;
      return;
    }
    if (m == 0) {
      cosineSignExponent = BIAS;
      cosineMantissa = INTEGER_BIT;
      set(se, 0);
      return;
    }
    reduce(se, m);
    packCosine();
    cosineSignExponent = signExponent;
    cosineMantissa = mantissa;
    flags &= ~Fpu.C1;
    packSine();
  }

  void tangent(int se, long m) {
    if (special(se, m)) {
      return;
    }
    if (m == 0) {
      set(se, 0);
      return;
    }
    reduce(se, m);
    if (angle.exponent < -32 && quadrant == 0) { // x + x^3/3, so that directed rounding sees which side of x it is on
      square.multiply(square, Series.AREA_TANGENT[1]);
      square.add(square, Series.ONE);
      square.multiply(square, angle);
      packInexact(square, false);
      return;
    }
    evaluateSine();
    evaluateCosine();
    // With an odd number of quarter turns it is -cos/sin.
    boolean odd = (quadrant & 1) != 0;
    Wide divisor = odd ? sine : cosine;
    Wide dividend = odd ? cosine : sine;
    square.reciprocal(divisor, scratch);
    square.multiply(square, dividend);
    packInexact(square, odd);
  }

  private void packSine() {
    packQuarter(quadrant);
  }

  private void packCosine() {
    packQuarter(quadrant + 1);
  }

  /** The sine of the reduced angle plus a number of quarter turns. */
  private void packQuarter(int turns) {
    if ((turns & 1) == 0) {
      evaluateSine();
      packInexact(sine, (turns & 2) != 0);
    } else {
      evaluateCosine();
      packInexact(cosine, (turns & 2) != 0);
    }
  }

  private void packInexact(Wide w, boolean negated) {
    pack(w.negative ^ negated ? SIGN : 0, w.exponent + BIAS, w.hi, w.lo | 1, 0);
  }

  private void evaluateSine() {
    Series.evaluate(Series.SINE, square, sine);
    sine.multiply(sine, angle);
  }

  private void evaluateCosine() {
    Series.evaluate(Series.COSINE, square, cosine);
  }

  /** Into {@link #angle} of at most pi/4, its {@link #square} and the {@link #quadrant}. */
  private void reduce(int se, long m) {
    angle.set(se, m);
    quadrant = 0;
    int power = angle.exponent;
    if (power >= -1) {
      boolean negative = angle.negative;
      // In units of 2^-67, pi/2 is PI_HIGH:PI_LOW and the argument its mantissa times 2^(power + 4): long division, bit
      // by bit.
      long high = 0;
      long low = m;
      long quotient = 0;
      for (int i = power + 4; i > 0; i--) {
        high = high << 1 | low >>> 63;
        low <<= 1;
        quotient <<= 1;
        if (high > PI_HIGH || high == PI_HIGH && Long.compareUnsigned(low, PI_LOW) >= 0) {
          high -= PI_HIGH + (Long.compareUnsigned(low, PI_LOW) < 0 ? 1 : 0);
          low -= PI_LOW;
          quotient++;
        }
      }
      // To the nearest multiple.
      long twiceHigh = high << 1 | low >>> 63;
      boolean above = twiceHigh > PI_HIGH || twiceHigh == PI_HIGH && Long.compareUnsigned(low << 1, PI_LOW) > 0;
      if (above) {
        high = PI_HIGH - high - (Long.compareUnsigned(PI_LOW, low) < 0 ? 1 : 0);
        low = PI_LOW - low;
        quotient++;
      }
      angle.normalize(negative ^ above, 127 - 67, high, low);
      quadrant = (int) (negative ? -quotient : quotient) & 3;
    }
    square.multiply(angle, angle);
  }

  // ---- the arc tangent ----------------------------------------------------------------------------------------------

  /** The angle of the point (x, y). */
  void arcTangent(int yse, long ym, int xse, long xm) {
    if (nanOperands(yse, ym, xse, xm)) {
      return;
    }
    if (denormal(yse, ym) || denormal(xse, xm)) {
      flags |= Fpu.DE;
    }
    int sign = yse & SIGN;
    boolean left = (xse & SIGN) != 0;
    boolean yi = infinite(yse, ym);
    boolean xi = infinite(xse, xm);
    if (yi || xi) {
      // Multiples of pi/4.
      fixedAngle(sign, yi && xi ? left ? 3 : 1 : yi ? 2 : left ? 4 : 0);
    } else if (ym == 0) {
      fixedAngle(sign, left ? 4 : 0);
    } else if (xm == 0) {
      fixedAngle(sign, 2);
    } else {
      angle.set(yse & ~SIGN, ym);
      cosine.set(xse & ~SIGN, xm);
      boolean steep = angle.exponent > cosine.exponent
          || angle.exponent == cosine.exponent && Long.compareUnsigned(angle.hi, cosine.hi) > 0;
      divideAngle(steep);
      arcOfRatio();
      if (steep) {
        sine.subtract(Series.PI_HALF, sine);
      }
      if (left) {
        sine.subtract(Series.PI, sine);
      }
      packInexact(sine, sign != 0);
    }
  }

  private void divideAngle(boolean steep) {
    if (steep) {
      square.reciprocal(angle, scratch);
      angle.multiply(square, cosine);
    } else {
      square.reciprocal(cosine, scratch);
      angle.multiply(square, angle);
    }
  }

  /** sine = atan(angle) for an angle of 0 to 1: atan(c) + atan((a - c) / (1 + a * c)) with c a near multiple of 1/8. */
  private void arcOfRatio() {
    int eighths = angle.exponent < -4 ? 0 : (int) (angle.hi >>> 59 - angle.exponent) + 1 >> 1;
    if (eighths != 0) {
      Wide c = Series.EIGHTHS[eighths];
      cosine.multiply(angle, c);
      cosine.add(cosine, Series.ONE);
      square.reciprocal(cosine, scratch);
      angle.subtract(angle, c);
      angle.multiply(angle, square);
    }
    square.multiply(angle, angle);
    Series.evaluate(Series.ARC_TANGENT, square, sine);
    sine.multiply(sine, angle);
    sine.add(sine, Series.ATAN_EIGHTHS[eighths]);
  }

  /** A number of eighth turns. */
  private void fixedAngle(int sign, int eighthTurns) {
    if (eighthTurns == 0) {
      set(sign, 0);
      return;
    }
    sine.setInteger(eighthTurns);
    sine.multiply(sine, Series.PI);
    sine.exponent -= 2;
    packInexact(sine, sign != 0);
  }
}
