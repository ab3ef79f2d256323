package org.sallyport.cpu.vmx.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.cpu.vmx.state.Registers;

/** Results that the manual and the standards give, so that something holds where no other processor can be asked. */
class KnownVectorsTest {
  private final SoftwareProcessor p = new SoftwareProcessor();

  @AfterEach
  void close() {
    p.close();
  }

  private void set(int register, String high, String low) {
    p.cpu.xmm.x[2 * register] = Long.parseUnsignedLong(low, 16);
    p.cpu.xmm.x[2 * register + 1] = Long.parseUnsignedLong(high, 16);
  }

  private void setText(int register, String text) {
    ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    b.put(text.getBytes(StandardCharsets.US_ASCII));
    p.cpu.xmm.x[2 * register] = b.getLong(0);
    p.cpu.xmm.x[2 * register + 1] = b.getLong(8);
  }

  /** One operation on XMM1 (from XMM2), and what XMM1 is then. */
  @ParameterizedTest
  @CsvSource({
      // PADDUSB, PSUBSW, PAVGB, PMADDWD, PSADBW
      "660fdcca, 00000000000000ff, 7f80fe0110203040, 0000000000000001, 0180020110203040, 00000000000000ff, 80ffff0220406080",
      "660fe9ca, 80007fff00000001, 0000000000000000, 0001ffff00010002, 0000000000000000, 80007fffffffffff, 0000000000000000",
      "660fe0ca, 0000000000000000, 00010203ff000001, 0000000000000000, 01010203fe010000, 0000000000000000, 01010203ff010001",
      "660ff5ca, 8000800080008000, 0001000200030004, 8000800080008000, 0005000600070008, 8000000080000000, 0000001100000035",
      "660ff6ca, 00000000000000ff, 0102030405060708, 0000000000000000, 0807060504030201, 00000000000000ff, 0000000000000020",
      // PSHUFB, PALIGNR by 5, PUNPCKHBW, PACKUSWB, PMOVSXBW
      "660f3800ca, 0f0e0d0c0b0a0908, 0706050403020100, 800f00ff01020304, 0000000000000010, 000f000001020304, 0000000000000000",
      "660f3a0fca05, 1f1e1d1c1b1a1918, 1716151413121110, 0f0e0d0c0b0a0908, 0706050403020100, 14131211100f0e0d, 0c0b0a0908070605",
      "660f68ca, 0f0e0d0c0b0a0908, 0000000000000000, 1f1e1d1c1b1a1918, 0000000000000000, 1f0f1e0e1d0d1c0c, 1b0b1a0a19091808",
      "660f67ca, 0001ffff01000100, 00ff00017fff8000, 0000000000000000, 0000000000000000, 0000000000000000, 0100ffffff01ff00",
      "660f3820ca, 0000000000000000, 0000000000000000, ffffffffffffffff, 80ff7f0100fe55aa, ff80ffff007f0001, 0000fffe0055ffaa",
      // PHMINPOSUW, MULPD, HADDPD, ROUNDPD to the nearest
      "660f3841ca, 0000000000000000, 0000000000000000, 0009000800070003, 0006000500040003, 0000000000000000, 0000000000000003",
      "660f59ca, 4008000000000000, 3ff8000000000000, 4010000000000000, c000000000000000, 4028000000000000, c008000000000000",
      "660f7cca, 3ff0000000000000, 3ff0000000000000, 4000000000000000, 4008000000000000, 4014000000000000, 4000000000000000",
      "660f3a09ca00, 0000000000000000, 0000000000000000, 3ff8000000000000, 4004000000000000, 4000000000000000, 4000000000000000",
      // MIN with zeros and NaNs gives the source; 0/0 is the default NaN; the first NaN wins, made quiet
      "660f5dca, 0000000000000000, 3ff0000000000000, 8000000000000000, 7ff0000000000001, 8000000000000000, 7ff0000000000001",
      "660f5eca, 0000000000000000, 3ff0000000000000, 0000000000000000, 8000000000000000, fff8000000000000, fff0000000000000",
      "660f58ca, 7ff0000000000123, 3ff0000000000000, fff8000000000456, fff8000000000456, 7ff8000000000123, fff8000000000456"})
  void operation(String code, String high, String low, String sourceHigh, String sourceLow, String resultHigh,
      String resultLow) {
    set(1, high, low);
    set(2, sourceHigh, sourceLow);
    p.execute(code);
    assertEquals(resultHigh + ":" + resultLow, String.format("%016x:%016x", p.cpu.xmm.x[3], p.cpu.xmm.x[2]));
  }

  /** Sticky flags of MXCSR after an operation on the low doubles. */
  @ParameterizedTest
  @CsvSource({"f20f58ca, 3ff0000000000000, 3ca0000000000000, 20", // ADDSD: 1 + 2^-53 is not exact
      "f20f58ca, 3ff0000000000000, 3cb0000000000000, 0", "f20f58ca, 7fefffffffffffff, 7fefffffffffffff, 28",
      "f20f58ca, 0000000000000001, 3ff0000000000000, 22", "f20f58ca, 7ff0000000000000, fff0000000000000, 1",
      "f20f59ca, 0010000000000000, 3fe0000000000000, 0", // MULSD: tiny, but exact
      "f20f59ca, 0010000000000001, 3fe0000000000000, 30", "f20f5eca, 3ff0000000000000, 0000000000000000, 4",
      "f20f5eca, 0000000000000001, 0000000000000000, 4", "f20f51ca, 0000000000000000, 4000000000000000, 20",
      "f20f51ca, 0000000000000000, bff0000000000000, 1", "660f2eca, 7ff8000000000000, 3ff0000000000000, 0",
      "660f2fca, 7ff8000000000000, 3ff0000000000000, 1", "f20f2dca, 0000000000000000, 41e0000000000000, 1",
      "f20f2dca, 0000000000000000, 3fe0000000000000, 20", "f20f5aca, 0000000000000000, 380fffffffffffff, 20"})
  void stickyFlags(String code, String low, String sourceLow, String flags) {
    set(1, "0", low);
    set(2, "0", sourceLow);
    p.execute(code);
    assertEquals(flags, Integer.toHexString(p.cpu.xmm.mxcsr & 0x3f));
  }

  @Test
  void upperRegisters() {
    set(12, "fedcba9876543210", "0123456789abcdef");
    set(15, "1", "2");
    p.execute("66450f6fcc"); // MOVDQA XMM9, XMM12
    p.execute("66450fd4cf"); // PADDQ XMM9, XMM15
    assertEquals(0x0123456789abcdf1L, p.cpu.xmm.x[18]);
    assertEquals(0xfedcba9876543211L, p.cpu.xmm.x[19]);
  }

  /** Where PE is set already, the host's arithmetic may be used; but it would miss this underflow, which rounds to a normal number. */
  @Test
  void underflowThatRoundsToTheLeastNormal() {
    p.cpu.xmm.mxcsr = 0x1fa0;
    set(1, "0", "3fefffffffffffff");
    set(2, "0", "0010000000000000");
    p.execute("f20f59ca");
    assertEquals("10000000000000", Long.toHexString(p.cpu.xmm.x[2]));
    assertEquals(0x1fb0, p.cpu.xmm.mxcsr);
  }

  /** 1/3 in the four rounding modes, and with everything that makes the host's arithmetic do. */
  @ParameterizedTest
  @CsvSource({"1f80,3fd5555555555555", "3f80,3fd5555555555555", "5f80,3fd5555555555556", "7f80,3fd5555555555555",
      "1fa0,3fd5555555555555"})
  void rounding(String mxcsr, String result) {
    p.cpu.xmm.mxcsr = Integer.parseInt(mxcsr, 16);
    set(1, "0", "3ff0000000000000");
    set(2, "0", "4008000000000000");
    p.execute("f20f5eca");
    assertEquals(result, Long.toHexString(p.cpu.xmm.x[2]));
  }

  /** PCMPISTRI as string functions use it: a set of characters, ranges, differences, a substring. */
  @ParameterizedTest
  @CsvSource({"aeiou, xyzzy-text, 00, 7", "az, 0123abc, 04, 4", "some text, some Text, 18, 5",
      "sub, a substring, 0c, 2",
      "aeiou, text-else, 40, 8", "none, 0123456789abcdef, 0c, 16"})
  void stringCompare(String first, String second, String control, int index) {
    setText(1, first);
    setText(2, second);
    p.execute("660f3a63ca" + control);
    assertEquals(index, p.cpu.r[Registers.RCX]);
    assertEquals(index < 16, p.cpu.cf());
    assertEquals(second.length() < 16, p.cpu.zf());
    assertTrue(p.cpu.sf());
  }

  /** Both approximations keep their bound on the relative error, and their special values. */
  @Test
  void approximations() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    double bound = 1.5 / 4096;
    for (int i = 0; i < 100_000; i++) {
      int bits = 0x00800000 + random.nextInt(0x7e000000 - 0x00800000);
      double x = Float.intBitsToFloat(bits);
      double r = Float.intBitsToFloat((int) Approximation.reciprocal(bits));
      double q = Float.intBitsToFloat((int) Approximation.reciprocalRoot(bits));
      assertEquals(1, r * x, bound, () -> "RCPSS of " + Integer.toHexString(bits) + ", seed " + seed);
      assertEquals(1, q * Math.sqrt(x), bound, () -> "RSQRTSS of " + Integer.toHexString(bits) + ", seed " + seed);
    }
    assertEquals(0xff800000L, Approximation.reciprocal(0x80000001));
    assertEquals(0x80000000L, Approximation.reciprocal(0xff800000));
    assertEquals(0, Approximation.reciprocal(0x7f7fffff));
    assertEquals(0x7fc00001L, Approximation.reciprocal(0x7f800001));
    assertEquals(0xffc00000L, Approximation.reciprocalRoot(0xbf800000));
    assertEquals(0xff800000L, Approximation.reciprocalRoot(0x80000000));
    assertEquals(0, Approximation.reciprocalRoot(0x7f800000));
  }

  /** FIPS 197, appendix B: the first round. */
  @Test
  void aesRound() {
    setBytes(1, "193de3bea0f4e22b9ac68d2ae9f84808");
    setBytes(2, "a0fafe1788542cb123a339392a6c7605");
    p.execute("660f38dcca");
    assertEquals("a49c7ff2689f352b6b5bea43026a5049", bytes(1));
  }

  private void setBytes(int register, String hexadecimal) {
    ByteBuffer b = ByteBuffer.wrap(SoftwareProcessor.bytes(hexadecimal)).order(ByteOrder.LITTLE_ENDIAN);
    p.cpu.xmm.x[2 * register] = b.getLong(0);
    p.cpu.xmm.x[2 * register + 1] = b.getLong(8);
  }

  private String bytes(int register) {
    ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(p.cpu.xmm.x[2 * register]).putLong(p.cpu.xmm.x[2 * register + 1]);
    return java.util.HexFormat.of().formatHex(b.array());
  }
}
