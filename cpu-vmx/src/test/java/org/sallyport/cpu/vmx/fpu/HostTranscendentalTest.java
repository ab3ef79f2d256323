package org.sallyport.cpu.vmx.fpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The transcendental functions against the x87 of the machine the test runs on: special values, flags and stack have to
 * be the same, numbers may differ by {@link #ULPS} units in the last place (either side is off by less than one). C1
 * tells how a result was rounded and is not compared. Only arguments for which the SDM defines a result are used.
 */
class HostTranscendentalTest {
  private static final int ULPS = 2;
  private static final int RECORDS_PER_FORM = Integer.getInteger("x87.records", 2000);

  // @formatter:off
  private static final int F2XM1   = 0xf0;
  private static final int FYL2X   = 0xf1;
  private static final int FPTAN   = 0xf2;
  private static final int FPATAN  = 0xf3;
  private static final int FYL2XP1 = 0xf9;
  private static final int FSINCOS = 0xfb;
  private static final int FSIN    = 0xfe;
  private static final int FCOS    = 0xff;
  // @formatter:on

  @Test
  void closeToTheHost(@TempDir Path folder) {
    HostX87 host = new HostX87(folder);
    assumeTrue(host.missing == null, host.missing);
    long seed = Long.getLong("x87.seed", System.nanoTime());
    System.out.println("HostTranscendentalTest: seed " + seed);
    Operands operands = new Operands(new SplittableRandom(seed));
    X87Bench bench = X87Bench.protectedMode();
    List<X87Record> records = new ArrayList<>();
    for (int modrm : new int[]{F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS}) {
      for (int i = 0; i < RECORDS_PER_FORM; i++) {
        X87Record r = HostX87Test.random(operands, bench, new int[]{0xd9, modrm, 0});
        if (operands.chance(40)) { // an ordinary number below 1
          r.st(0, operands.below(2) << 15 | 0x3ffe - operands.below(40), operands.bits() | 1L << 63);
        }
        if (defined(r)) {
          records.add(r);
        }
      }
    }
    List<X87Record> expected = host.run(records);
    for (int i = 0; i < records.size(); i++) {
      X87Record in = records.get(i);
      X87Record ours = bench.run(in);
      X87Record theirs = expected.get(i);
      assertEquals(null, difference(ours, theirs),
          () -> "seed " + seed + "\nin   " + in + "\nours " + ours + "\nhost " + theirs);
    }
  }

  /** Whether the SDM defines the result, and it is not exact (AMD's processors report PE also then). */
  private static boolean defined(X87Record r) {
    int se = r.signExponent(0);
    int exponent = se & 0x7fff;
    long m = r.mantissa(0);
    return switch (r.modrm()) {
      case F2XM1 -> exponent < 0x3fff || m >= 0;
      case FYL2X -> (m & m - 1) != 0 || m == 0 || exponent == 0x7fff;
      // up to 1/4 is inside of 1 - root(1/2) and root(2) - 1
      case FYL2XP1 -> exponent < 0x3ffd || m >= 0;
      default -> true;
    };
  }

  private static String difference(X87Record ours, X87Record host) {
    int status = (ours.status() ^ host.status()) & ~Fpu.C1;
    if (status != 0) {
      return "status bits %04x".formatted(status);
    }
    for (int i = 0; i < 8; i++) {
      int a = ours.signExponent(i);
      int b = host.signExponent(i);
      boolean special = (a & 0x7fff) == 0x7fff || (b & 0x7fff) == 0x7fff || ((a ^ b) & 0x8000) != 0;
      BigInteger apart = position(a, ours.mantissa(i)).subtract(position(b, host.mantissa(i))).abs();
      if (special ? a != b || ours.mantissa(i) != host.mantissa(i) : apart.compareTo(BigInteger.valueOf(ULPS)) > 0) {
        return "ST(%d), %s units in the last place apart".formatted(i, apart);
      }
    }
    // Tags follow from contents, which may lie on both sides of the smallest normal number: only emptiness is compared.
    return HostX87Test.emptiness(ours.tags()) == HostX87Test.emptiness(host.tags()) ? null : "tags";
  }

  /** Numbers of the same sign one unit apart have positions one apart. */
  private static BigInteger position(int signExponent, long mantissa) {
    BigInteger exponent = BigInteger.valueOf(Math.max(1, signExponent & 0x7fff));
    BigInteger m = new BigInteger(Long.toUnsignedString(mantissa));
    return exponent.shiftLeft(63).add(m);
  }
}
