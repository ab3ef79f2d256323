package org.sallyport.cpu.vmx.translate;

import static java.lang.Double.doubleToRawLongBits;
import static java.lang.Double.longBitsToDouble;
import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.memory.Host;
import org.sallyport.cpu.vmx.memory.Tlb;
import org.sallyport.cpu.vmx.simd.DoubleMath;
import org.sallyport.cpu.vmx.simd.SingleMath;
import org.sallyport.cpu.vmx.simd.SseArithmetic;
import org.sallyport.cpu.vmx.state.Flag;

/**
 * What translated SSE instructions call: small enough to be compiled into the region. Floating-point operations are the host's where its
 * result is the right one and leaves no trace in MXCSR, which is nearly always; {@link SseArithmetic} does the rest, and raises exceptions
 * before anything has changed.
 */
public final class Sse {
  private static final long PAGE = ~0xfffL;
  private static final int INDEX = 2 * (Tlb.ENTRIES - 1);
  private static final long LOW32 = 0xffffffffL;
  private static final int EXACT_DOUBLE = 53;

  private Sse() {}

  /** Whether SSE instructions may be executed; what could change that ends a region. */
  public static boolean usable(Cpu c) {
    return (c.cr0 & (Flag.CR0_EM | Flag.CR0_TS) | ~c.cr4 & Flag.CR4_OSFXSR) == 0;
  }

  // ---- 16 bytes of memory ------------------------------------------------------------------------------------------------------------

  /** Reads 16 bytes to {@code x[d]} and {@code x[d + 1]}. */
  public static void load(Cpu c, long[] t, long[] x, int d, long a) {
    int i = (int) (a >>> 11) & INDEX;
    if (t[i] == (a + 15 & PAGE)) {
      long host = a + t[i + 1];
      x[d] = Host.get64(host);
      x[d + 1] = Host.get64(host + 8);
    } else {
      loadMiss(c, x, d, a);
    }
  }

  private static void loadMiss(Cpu c, long[] x, int d, long a) {
    long low = c.read64(a);
    long high = c.read64(a + 8 & c.linearMask);
    x[d] = low;
    x[d + 1] = high;
  }

  /** As {@link #load}; #GP(0) where they are not aligned. */
  public static void loadAligned(Cpu c, long[] t, long[] x, int d, long a) {
    if ((a & 15) != 0) {
      throw c.gp();
    }
    load(c, t, x, d, a);
  }

  /** Writes {@code x[s]} and {@code x[s + 1]}; returns whether that has changed code that is decoded. */
  public static boolean store(Cpu c, long[] t, long[] x, int s, long a) {
    int i = (int) (a >>> 11) & INDEX;
    if (t[i] == (a + 15 & PAGE)) {
      long host = a + t[i + 1];
      Host.put64(host, x[s]);
      Host.put64(host + 8, x[s + 1]);
      return false;
    }
    return storeMiss(c, x, s, a);
  }

  private static boolean storeMiss(Cpu c, long[] x, int s, long a) {
    c.checkWrite(a, 16);
    return c.writeMiss(a, 8, x[s]) | c.writeMiss(a + 8, 8, x[s + 1]);
  }

  /** As {@link #store}; #GP(0) where they are not aligned. */
  public static boolean storeAligned(Cpu c, long[] t, long[] x, int s, long a) {
    if ((a & 15) != 0) {
      throw c.gp();
    }
    return store(c, t, x, s, a);
  }

  // ---- integers, half a register at a time -------------------------------------------------------------------------------------------

  public static long shiftLeft(long a, long count) {
    return (count & ~63) == 0 ? a << count : 0;
  }

  public static long shiftRight(long a, long count) {
    return (count & ~63) == 0 ? a >>> count : 0;
  }

  public static long equal(long a, long b) {
    return a == b ? -1 : 0;
  }

  public static long greater(long a, long b) {
    return a > b ? -1 : 0;
  }

  public static long multiplyUnsigned(long a, long b) {
    return (a & LOW32) * (b & LOW32);
  }

  public static long multiplySigned(long a, long b) {
    return (long) (int) a * (int) b;
  }

  public static long first(long a, long b) {
    return a;
  }

  public static long second(long a, long b) {
    return b;
  }

  /** MOVSLDUP. */
  public static long evenTwice(long a) {
    return a & LOW32 | a << 32;
  }

  /** MOVSHDUP. */
  public static long oddTwice(long a) {
    return a & ~LOW32 | a >>> 32;
  }

  /** Top bits of the doublewords as bits 1:0. */
  public static long singleSigns(long a) {
    return a >>> 31 & 1 | a >>> 62 & 2;
  }

  // ---- doubles -----------------------------------------------------------------------------------------------------------------------

  private static boolean fine(long x, long y, long result) {
    return DoubleMath.isPlain(result) && !DoubleMath.isDenormal(x) && !DoubleMath.isDenormal(y);
  }

  private static boolean fineSum(long x, long y, long sum) {
    return (DoubleMath.isPlain(sum) || DoubleMath.isZero(sum)) && !DoubleMath.isDenormal(x)
        && !DoubleMath.isDenormal(y);
  }

  private static boolean unnoticed(Cpu c) {
    return DoubleMath.roundsUnnoticed(c.xmm.mxcsr);
  }

  public static void addsd(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    long r = doubleToRawLongBits(longBitsToDouble(a) + longBitsToDouble(y));
    if (unnoticed(c) && fineSum(a, y, r)) {
      x[d] = r;
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.ADD);
    }
  }

  public static void subsd(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    long r = doubleToRawLongBits(longBitsToDouble(a) - longBitsToDouble(y));
    if (unnoticed(c) && fineSum(a, y, r)) {
      x[d] = r;
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.SUB);
    }
  }

  public static void mulsd(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    long r = doubleToRawLongBits(longBitsToDouble(a) * longBitsToDouble(y));
    if (unnoticed(c) && fine(a, y, r)) {
      x[d] = r;
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.MUL);
    }
  }

  public static void divsd(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    long r = doubleToRawLongBits(longBitsToDouble(a) / longBitsToDouble(y));
    if (unnoticed(c) && fine(a, y, r)) {
      x[d] = r;
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.DIV);
    }
  }

  public static void sqrtsd(Cpu c, long[] x, int d, long y) {
    long r = doubleToRawLongBits(Math.sqrt(longBitsToDouble(y)));
    if (unnoticed(c) && DoubleMath.isPlain(y) && DoubleMath.isPlain(r)) {
      x[d] = r;
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.SQRT);
    }
  }

  /** Whether two numbers have an order, and none is denormal. */
  private static boolean ordinary(long x, long y) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    return a == a && b == b && !DoubleMath.isDenormal(x) && !DoubleMath.isDenormal(y);
  }

  public static void minsd(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    if (ordinary(a, y)) {
      x[d] = longBitsToDouble(a) < longBitsToDouble(y) ? a : y;
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.MIN);
    }
  }

  public static void maxsd(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    if (ordinary(a, y)) {
      x[d] = longBitsToDouble(a) > longBitsToDouble(y) ? a : y;
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.MAX);
    }
  }

  /** {@code predicate} is 0 to 7 as in CMPPD. */
  private static long mask(long x, long y, int predicate) {
    double a = longBitsToDouble(x);
    double b = longBitsToDouble(y);
    boolean yes =
        switch (predicate & 3) {
          case 0 -> a == b;
          case 1 -> a < b;
          case 2 -> a <= b;
          default -> false;
        };
    return yes != predicate >= 4 ? -1 : 0;
  }

  public static void cmpsd(Cpu c, long[] x, int d, long y, int predicate) {
    long a = x[d];
    if (ordinary(a, y)) {
      x[d] = mask(a, y, predicate);
    } else {
      SseArithmetic.scalarDouble(c, x, d, y, SseArithmetic.COMPARE + predicate);
    }
  }

  public static void cmppd(Cpu c, long[] x, int d, long y, long z, int predicate) {
    long a = x[d];
    long b = x[d + 1];
    if (ordinary(a, y) && ordinary(b, z)) {
      x[d] = mask(a, y, predicate);
      x[d + 1] = mask(b, z, predicate);
    } else {
      SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.COMPARE + predicate);
    }
  }

  public static void addpd(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = doubleToRawLongBits(longBitsToDouble(a) + longBitsToDouble(y));
    long s = doubleToRawLongBits(longBitsToDouble(b) + longBitsToDouble(z));
    if (unnoticed(c) && fineSum(a, y, r) && fineSum(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.ADD);
    }
  }

  public static void subpd(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = doubleToRawLongBits(longBitsToDouble(a) - longBitsToDouble(y));
    long s = doubleToRawLongBits(longBitsToDouble(b) - longBitsToDouble(z));
    if (unnoticed(c) && fineSum(a, y, r) && fineSum(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.SUB);
    }
  }

  public static void mulpd(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = doubleToRawLongBits(longBitsToDouble(a) * longBitsToDouble(y));
    long s = doubleToRawLongBits(longBitsToDouble(b) * longBitsToDouble(z));
    if (unnoticed(c) && fine(a, y, r) && fine(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.MUL);
    }
  }

  public static void divpd(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = doubleToRawLongBits(longBitsToDouble(a) / longBitsToDouble(y));
    long s = doubleToRawLongBits(longBitsToDouble(b) / longBitsToDouble(z));
    if (unnoticed(c) && fine(a, y, r) && fine(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.DIV);
    }
  }

  public static void sqrtpd(Cpu c, long[] x, int d, long y, long z) {
    SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.SQRT);
  }

  public static void minpd(Cpu c, long[] x, int d, long y, long z) {
    SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.MIN);
  }

  public static void maxpd(Cpu c, long[] x, int d, long y, long z) {
    SseArithmetic.packedDouble(c, x, d, y, z, SseArithmetic.MAX);
  }

  // ---- singles: the lower halves of longs, or both halves ----------------------------------------------------------------------------

  private static float low(long x) {
    return intBitsToFloat((int) x);
  }

  private static float high(long x) {
    return intBitsToFloat((int) (x >>> 32));
  }

  private static long pair(float low, float high) {
    return floatToRawIntBits(low) & LOW32 | (long) floatToRawIntBits(high) << 32;
  }

  private static boolean fineSingle(long x, long y, int result) {
    return SingleMath.isPlain(result) && !SingleMath.isDenormal((int) x) && !SingleMath.isDenormal((int) y);
  }

  private static boolean fineSingleSum(long x, long y, int sum) {
    return (SingleMath.isPlain(sum) || SingleMath.isZero(sum)) && !SingleMath.isDenormal((int) x)
        && !SingleMath.isDenormal((int) y);
  }

  private static boolean finePair(long x, long y, long result) {
    return fineSingle(x, y, (int) result) && fineSingle(x >>> 32, y >>> 32, (int) (result >>> 32));
  }

  private static boolean finePairOfSums(long x, long y, long sum) {
    return fineSingleSum(x, y, (int) sum) && fineSingleSum(x >>> 32, y >>> 32, (int) (sum >>> 32));
  }

  public static void addss(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    int r = floatToRawIntBits(low(a) + low(y));
    if (unnoticed(c) && fineSingleSum(a, y, r)) {
      x[d] = a & ~LOW32 | r & LOW32;
    } else {
      SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.ADD);
    }
  }

  public static void subss(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    int r = floatToRawIntBits(low(a) - low(y));
    if (unnoticed(c) && fineSingleSum(a, y, r)) {
      x[d] = a & ~LOW32 | r & LOW32;
    } else {
      SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.SUB);
    }
  }

  public static void mulss(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    int r = floatToRawIntBits(low(a) * low(y));
    if (unnoticed(c) && fineSingle(a, y, r)) {
      x[d] = a & ~LOW32 | r & LOW32;
    } else {
      SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.MUL);
    }
  }

  public static void divss(Cpu c, long[] x, int d, long y) {
    long a = x[d];
    int r = floatToRawIntBits(low(a) / low(y));
    if (unnoticed(c) && fineSingle(a, y, r)) {
      x[d] = a & ~LOW32 | r & LOW32;
    } else {
      SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.DIV);
    }
  }

  public static void sqrtss(Cpu c, long[] x, int d, long y) {
    SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.SQRT);
  }

  public static void minss(Cpu c, long[] x, int d, long y) {
    SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.MIN);
  }

  public static void maxss(Cpu c, long[] x, int d, long y) {
    SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.MAX);
  }

  public static void cmpss(Cpu c, long[] x, int d, long y, int predicate) {
    SseArithmetic.scalarSingle(c, x, d, y, SseArithmetic.COMPARE + predicate);
  }

  public static void cmpps(Cpu c, long[] x, int d, long y, long z, int predicate) {
    SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.COMPARE + predicate);
  }

  public static void addps(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = pair(low(a) + low(y), high(a) + high(y));
    long s = pair(low(b) + low(z), high(b) + high(z));
    if (unnoticed(c) && finePairOfSums(a, y, r) && finePairOfSums(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.ADD);
    }
  }

  public static void subps(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = pair(low(a) - low(y), high(a) - high(y));
    long s = pair(low(b) - low(z), high(b) - high(z));
    if (unnoticed(c) && finePairOfSums(a, y, r) && finePairOfSums(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.SUB);
    }
  }

  public static void mulps(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = pair(low(a) * low(y), high(a) * high(y));
    long s = pair(low(b) * low(z), high(b) * high(z));
    if (unnoticed(c) && finePair(a, y, r) && finePair(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.MUL);
    }
  }

  public static void divps(Cpu c, long[] x, int d, long y, long z) {
    long a = x[d];
    long b = x[d + 1];
    long r = pair(low(a) / low(y), high(a) / high(y));
    long s = pair(low(b) / low(z), high(b) / high(z));
    if (unnoticed(c) && finePair(a, y, r) && finePair(b, z, s)) {
      x[d] = r;
      x[d + 1] = s;
    } else {
      SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.DIV);
    }
  }

  public static void sqrtps(Cpu c, long[] x, int d, long y, long z) {
    SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.SQRT);
  }

  public static void minps(Cpu c, long[] x, int d, long y, long z) {
    SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.MIN);
  }

  public static void maxps(Cpu c, long[] x, int d, long y, long z) {
    SseArithmetic.packedSingle(c, x, d, y, z, SseArithmetic.MAX);
  }

  // ---- comparisons: -1, 0, 1 for less, equal, greater, or 2 where they have no order -------------------------------------------------

  public static int ucomisd(Cpu c, long x, long y) {
    return ordinary(x, y)
        ? order(longBitsToDouble(x), longBitsToDouble(y))
        : SseArithmetic.compareDoubles(c, x, y, false);
  }

  public static int comisd(Cpu c, long x, long y) {
    return ordinary(x, y)
        ? order(longBitsToDouble(x), longBitsToDouble(y))
        : SseArithmetic.compareDoubles(c, x, y, true);
  }

  private static int order(double a, double b) {
    return a < b ? -1 : a == b ? 0 : 1;
  }

  public static int ucomiss(Cpu c, long x, long y) {
    return ordinarySingles(x, y) ? order(low(x), low(y)) : SseArithmetic.compareSingles(c, x, y, false);
  }

  public static int comiss(Cpu c, long x, long y) {
    return ordinarySingles(x, y) ? order(low(x), low(y)) : SseArithmetic.compareSingles(c, x, y, true);
  }

  private static boolean ordinarySingles(long x, long y) {
    float a = low(x);
    float b = low(y);
    return a == a && b == b && !SingleMath.isDenormal((int) x) && !SingleMath.isDenormal((int) y);
  }

  /** {@link org.sallyport.cpu.vmx.state.Registers#result} after a comparison: ZF when equal or without order. */
  public static long result(int order) {
    return order & 1;
  }

  /** {@link org.sallyport.cpu.vmx.state.Registers#carries} after a comparison: CF when less, PF and CF when without order. */
  public static long carries(int order) {
    return order == 1 ? 0 : order == 0 ? 0x100 : 0xC000_0000_0000_0000L;
  }

  /** {@link org.sallyport.cpu.vmx.state.Registers#carries} after PTEST, which sets ZF and CF and clears the others. */
  public static long carriesOfTest(long common, long uncovered) {
    return (uncovered == 0 ? 0xC000_0000_0000_0000L : 0) | (common == 0 ? 0x100 : 0);
  }

  /** {@link org.sallyport.cpu.vmx.state.Registers#result} after PTEST. */
  public static long notZero(long common) {
    return common == 0 ? 0 : 1;
  }

  // ---- conversions -------------------------------------------------------------------------------------------------------------------

  /** CVTSI2SD with a source of 32 bits, and CVTDQ2PD: exact. */
  public static long doubleOfInt(long value) {
    return doubleToRawLongBits((double) (int) value);
  }

  /** CVTSI2SD with a source of 64 bits. */
  public static long doubleOfLong(Cpu c, long value) {
    long magnitude = value < 0 ? -value : value;
    return magnitude >>> EXACT_DOUBLE == 0
        ? doubleToRawLongBits((double) value)
        : SseArithmetic.doubleOfInteger(c, value);
  }

  /** CVTSI2SS; the source is sign-extended. */
  public static long singleOfLong(Cpu c, long value) {
    return unnoticed(c) ? floatToRawIntBits((float) value) & LOW32 : SseArithmetic.singleOfInteger(c, value);
  }

  /** CVTTSD2SI to 32 bits. */
  public static long cvttsd2si(Cpu c, long x) {
    double a = longBitsToDouble(x);
    int value = (int) a;
    return value == a || Math.abs(a) < 0x1p31 && unnoticed(c) ? value : SseArithmetic.integerOfDouble(c, x, 32, true);
  }

  /** CVTTSD2SI to 64 bits. */
  public static long cvttsd2siq(Cpu c, long x) {
    double a = longBitsToDouble(x);
    return Math.abs(a) < 0x1p63 && unnoticed(c) ? (long) a : SseArithmetic.integerOfDouble(c, x, 64, true);
  }

  /** CVTSS2SD. */
  public static long cvtss2sd(Cpu c, long x) {
    float a = low(x);
    return a == a && !SingleMath.isDenormal((int) x)
        ? doubleToRawLongBits((double) a)
        : SseArithmetic.doubleOfSingle(c, x);
  }

  /** CVTSD2SS. */
  public static long cvtsd2ss(Cpu c, long x) {
    int r = floatToRawIntBits((float) longBitsToDouble(x));
    return unnoticed(c) && SingleMath.isPlain(r) ? r & LOW32 : SseArithmetic.singleOfDouble(c, x);
  }
}
