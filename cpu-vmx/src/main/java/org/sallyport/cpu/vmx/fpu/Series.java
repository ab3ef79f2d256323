package org.sallyport.cpu.vmx.fpu;

import java.math.BigInteger;

/**
 * Power series and tables of the elementary functions, computed exactly when the class is loaded. The series are cut
 * where the rest is below 2^-76 of the sum in the stated range: far below the last place of a 64-bit mantissa.
 */
final class Series {
  private static final int FRACTION = 200;
  private static final BigInteger UNIT = BigInteger.ONE.shiftLeft(FRACTION);

  static final Wide ONE = Wide.of(BigInteger.ONE, 0);
  static final Wide TWO = Wide.of(BigInteger.TWO, 0);
  static final Wide LN_2 = Wide.of(Constant.LN_2);
  static final Wide TWO_LOG2_E = scaled(Constant.LOG2_E, 1);
  static final Wide PI = Wide.of(Constant.PI);
  static final Wide PI_HALF = scaled(Constant.PI, -1);

  /** sin(x) / x in powers of x^2, for |x| up to pi/4. */
  static final Wide[] SINE = factorials(12, 1, 2, true);

  /** cos(x) in powers of x^2, for |x| up to pi/4. */
  static final Wide[] COSINE = factorials(13, 0, 2, true);

  /** (e^x - 1) / x in powers of x, for |x| up to ln 2. */
  static final Wide[] EXPONENTIAL = factorials(23, 1, 1, false);

  /** atan(x) / x in powers of x^2, for |x| up to 1/16. */
  static final Wide[] ARC_TANGENT = oddReciprocals(11, true);

  /** artanh(x) / x in powers of x^2, for |x| up to 1/40. */
  static final Wide[] AREA_TANGENT = oddReciprocals(9, false);

  /** atan(i / 8) for i of 0 to 8. */
  static final Wide[] ATAN_EIGHTHS = new Wide[9];

  /** i / 8 for i of 0 to 8. */
  static final Wide[] EIGHTHS = new Wide[9];

  /** log2(i / 16) for i of 11 to 23. */
  static final Wide[] LOG2_SIXTEENTHS = new Wide[24];

  /** i / 16 for i of 11 to 23. */
  static final Wide[] SIXTEENTHS = new Wide[24];

  static {
    for (int i = 0; i <= 8; i++) {
      EIGHTHS[i] = Wide.of(BigInteger.valueOf(i), 3);
      ATAN_EIGHTHS[i] = i == 8 ? scaled(Constant.PI, -2) : Wide.of(arc(i, 8, -1), FRACTION);
    }
    BigInteger ln2 = arc(1, 3, 1).shiftLeft(1);
    for (int i = 11; i <= 23; i++) {
      SIXTEENTHS[i] = Wide.of(BigInteger.valueOf(i), 4);
      // ln c = 2 artanh((c - 1) / (c + 1))
      BigInteger ln = arc(i - 16, i + 16, 1).shiftLeft(1);
      LOG2_SIXTEENTHS[i] = Wide.of(ln.shiftLeft(FRACTION).divide(ln2), FRACTION);
    }
  }

  private Series() {}

  private static Wide scaled(Constant c, int power) {
    Wide w = Wide.of(c);
    w.exponent += power;
    return w;
  }

  /** Coefficients 1 / first!, 1 / (first + step)! and so on. */
  private static Wide[] factorials(int count, int first, int step, boolean alternating) {
    Wide[] c = new Wide[count];
    BigInteger value = UNIT;
    int n = 0;
    for (int i = 0; i < count; i++) {
      while (n < first + i * step) {
        n++;
        value = value.divide(BigInteger.valueOf(n));
      }
      c[i] = Wide.of(alternating && (i & 1) != 0 ? value.negate() : value, FRACTION);
    }
    return c;
  }

  private static Wide[] oddReciprocals(int count, boolean alternating) {
    Wide[] c = new Wide[count];
    for (int i = 0; i < count; i++) {
      BigInteger value = UNIT.divide(BigInteger.valueOf(2 * i + 1));
      c[i] = Wide.of(alternating && (i & 1) != 0 ? value.negate() : value, FRACTION);
    }
    return c;
  }

  /** atan(p / q) with {@code square} -1, artanh(p / q) with 1, times 2^FRACTION. */
  private static BigInteger arc(int p, int q, int square) {
    BigInteger power = UNIT.multiply(BigInteger.valueOf(p)).divide(BigInteger.valueOf(q));
    BigInteger sum = BigInteger.ZERO;
    for (int n = 1; power.signum() != 0; n += 2) {
      sum = sum.add(power.divide(BigInteger.valueOf(n)));
      power = power.multiply(BigInteger.valueOf((long) p * p * square)).divide(BigInteger.valueOf((long) q * q));
    }
    return sum;
  }

  /** result = the sum of coefficients[i] * x^i. Neither may be {@code result}. */
  static void evaluate(Wide[] coefficients, Wide x, Wide result) {
    int last = coefficients.length - 1;
    result.set(coefficients[last]);
    for (int i = last - 1; i >= 0; i--) {
      result.multiply(result, x);
      result.add(result, coefficients[i]);
    }
  }
}
