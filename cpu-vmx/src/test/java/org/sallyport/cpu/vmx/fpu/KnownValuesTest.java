package org.sallyport.cpu.vmx.fpu;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Results known from elsewhere: of decimal arithmetic with 70 digits, or by the definition of the format. */
class KnownValuesTest {
  private static final long ONE = 1L << 63;

  private final X87Bench bench = X87Bench.protectedMode();
  private final Fpu f = bench.cpu.fpu;

  private void load(int signExponent, long mantissa) {
    f.push(signExponent, mantissa);
  }

  private void load(double value) {
    f.conversion.begin(f.control, 0);
    f.conversion.fromDouble(Double.doubleToRawLongBits(value));
    load(f.conversion.signExponent, f.conversion.mantissa);
  }

  private String st(int i) {
    int p = f.physical(i);
    return "%04x %016x".formatted(f.signExponent[p], f.mantissa[p]);
  }

  @ParameterizedTest(name = "{0} of {1}, {2}")
  @CsvSource({
      "FE, 0, 1, 3ffe d76aa47848677021", // sin 1
      "FE, 0, 0.5, 3ffd f57743a2582f7f44",
      "FE, 0, 0x1p62, bffe b506a9dd559cf157", // with pi of 66 bits
      "FF, 0, 1, 3ffe 8a51407da8345c92", // cos 1
      "FF, 0, 0.125, 3ffe fe00aa93eade9b6d",
      "F0, 0, 0.5, 3ffd d413cccfe7799211", // root(2) - 1
      "F0, 0, -0.75, bffd cf901f5ce48ead21",
      "F0, 0, -1, bffe 8000000000000000",
      "F1, 3, 10, 4002 9f73da38d9d4a83f", // 3 * log2 10
      "F1, -5, 0.75, 4000 84cfdf378533d678",
      "F1, 7, 0x1p-100, c008 af00000000000000", // exact
      "F9, 1, 0x1p-20, 3feb b8aa35640a7c33ec", // log2(1 + 2^-20)
      "F3, 1, 3, 3ffd a4bc7d1934f70924", // atan(1/3)
      "F3, -2, -1, c000 82345456726fb083",
      "F3, 1, 0, 3fff c90fdaa22168c235", // pi / 2
  })
  void functions(String modrm, double st1, double st0, String expected) {
    load(st1);
    load(st0);
    bench.execute(0xd9, Integer.parseInt(modrm, 16));
    assertEquals(expected, st(0));
  }

  @Test
  void tangentPushesOne() {
    load(1);
    bench.execute(0xd9, 0xf2);
    assertAll(() -> assertEquals("3fff 8000000000000000", st(0)), () -> assertEquals("3fff c75922e5f71d2dc5", st(1)));
  }

  @Test
  void anglesBeyondTheRangeStayAndSetC2() {
    load(0x1p63);
    bench.execute(0xd9, 0xfe);
    assertEquals("403e 8000000000000000", st(0));
    assertEquals(Fpu.C2, f.status);
  }

  @ParameterizedTest
  @CsvSource({"EB, c235", "EA, f0bc", "E9, 8afe", "EC, f799", "ED, 79ac"})
  void constantsFollowRoundingControl(String modrm, String lastOfNearest) {
    bench.execute(0xd9, Integer.parseInt(modrm, 16));
    long nearest = f.mantissa[f.top];
    assertEquals(lastOfNearest, "%016x".formatted(nearest).substring(12));
    f.control |= 0xc00; // cut
    bench.execute(0xd9, Integer.parseInt(modrm, 16));
    long cut = f.mantissa[f.top];
    f.control = f.control & ~0xc00 | 0x800; // up
    bench.execute(0xd9, Integer.parseInt(modrm, 16));
    assertEquals(cut + 1, f.mantissa[f.top]);
    assertEquals(true, nearest == cut || nearest == cut + 1);
  }

  @Test
  void precisionControlRoundsToSingle() {
    f.control = 0x07f;
    load(3);
    load(1);
    bench.execute(0xd8, 0xf1); // FDIV ST(0), ST(1)
    assertEquals("3ffd aaaaab0000000000", st(0));
    assertEquals(Fpu.PE | Fpu.C1, f.status);
  }

  @Test
  void remainderOfDistantNumbersTakesSteps() {
    load(3);
    load(0x1p200);
    int steps = 0;
    do {
      bench.execute(0xd9, 0xf8);
      steps++;
    } while ((f.status & Fpu.C2) != 0 && steps < 10);
    assertEquals("3fff 8000000000000000", st(0)); // 2^200 mod 3
    assertEquals(true, steps > 1 && steps < 10);
  }

  @Test
  void extractSplits() {
    load(-12);
    bench.execute(0xd9, 0xf4);
    assertAll(() -> assertEquals("bfff c000000000000000", st(0)), () -> assertEquals("4000 c000000000000000", st(1)));
  }

  @Test
  void rootOfTwo() {
    load(2);
    bench.execute(0xd9, 0xfa);
    assertEquals("3fff b504f333f9de6484", st(0));
  }

  @Test
  void maskedOverflowGivesInfinity() {
    load(0x7ffe, ONE);
    bench.execute(0xdc, 0xc0); // FADD ST(0), ST(0)
    assertEquals("7fff 8000000000000000", st(0));
    assertEquals(Fpu.OE | Fpu.PE | Fpu.C1, f.status);
  }

  @Test
  void stackUnderflowGivesTheIndefinite() {
    bench.execute(0xdc, 0xc0);
    assertEquals("ffff c000000000000000", st(0));
    assertEquals(Fpu.IE | Fpu.SF, f.status);
  }
}
