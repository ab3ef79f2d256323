package org.sallyport.cpu.vmx.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;

/** The lazy state of flags against the definitions of the SDM (volume 1, chapter "EFLAGS Register"; volume 2, each instruction). */
class LazyTest {
  private static final long SEED = 1;
  private static final int SOME = 100_000;

  /** Flags that a result defines, and the others from carry, overflow, auxiliary carry. */
  private static int flags(long result, int bits, boolean carry, boolean overflow, boolean auxiliary) {
    long v = bits == 64 ? result : result & (1L << bits) - 1;
    return (carry ? Flag.CF : 0) | (overflow ? Flag.OF : 0) | (auxiliary ? Flag.AF : 0) | (v == 0 ? Flag.ZF : 0)
        | (v >>> bits - 1 != 0 ? Flag.SF : 0) | ((Long.bitCount(v & 0xff) & 1) == 0 ? Flag.PF : 0);
  }

  private static long cut(long value, int bits) {
    return bits == 64 ? value : value & (1L << bits) - 1;
  }

  private static final class File extends Registers {
    File(int kind, long first, long second, long value) {
      result = Lazy.result(kind, value);
      carries = Lazy.carries(kind, first, second, value);
    }
  }

  /** Compares a state with the flags wanted: all of them and each condition; also what a later change of CF alone starts from. */
  private static void check(Supplier<String> what, int wanted, int kind, long first, long second, long value) {
    File f = new File(kind, first, second, value);
    if (f.statusFlags() != wanted) {
      assertEquals(Integer.toHexString(wanted), Integer.toHexString(f.statusFlags()), what.get());
    }
    f.setStatus(wanted);
    for (int code = 0; code < 16; code++) {
      if (f.condition(code) != Lazy.condition(code, kind, first, second, value)) {
        assertEquals(f.condition(code), Lazy.condition(code, kind, first, second, value),
            what.get() + ", condition " + code);
      }
    }
    if (f.cf() != Lazy.carry(kind, first, second, value) < 0) {
      assertEquals(f.cf(), Lazy.carry(kind, first, second, value) < 0, what.get() + ", carry");
    }
  }

  private interface Case {
    void with(int log, long a, long b);
  }

  /** All pairs of bytes; random pairs of the larger sizes, many of them at the edges. */
  private static void each(Case c) {
    for (int a = 0; a < 256; a++) {
      for (int b = 0; b < 256; b++) {
        c.with(0, a, b);
      }
    }
    SplittableRandom random = new SplittableRandom(SEED);
    for (int log = 1; log < 4; log++) {
      for (int i = 0; i < SOME; i++) {
        c.with(log, value(random, 8 << log), value(random, 8 << log));
      }
    }
  }

  private static long value(SplittableRandom random, int bits) {
    return cut(switch (random.nextInt(6)) {
      case 0 -> random.nextInt(4);
      case 1 -> -random.nextInt(4);
      case 2 -> (1L << bits - 1) + random.nextInt(5) - 2;
      case 3 -> 1L << random.nextInt(bits);
      default -> random.nextLong();
    }, bits);
  }

  private static Supplier<String> text(String operation, int bits, long a, long b) {
    return () -> operation + " of " + bits + " bits, " + Long.toHexString(a) + ", " + Long.toHexString(b);
  }

  @Test
  void additionAndSubtraction() {
    each((log, a, b) -> {
      int bits = 8 << log;
      for (int in = 0; in < 2; in++) {
        long sum = cut(a + b + in, bits);
        boolean carry = Long.compareUnsigned(sum, a) < 0 || in == 1 && sum == a;
        boolean overflow = ((a ^ sum) & (b ^ sum)) >>> bits - 1 != 0;
        boolean auxiliary = (a & 15) + (b & 15) + in > 15;
        int wanted = flags(sum, bits, carry, overflow, auxiliary);
        check(text("ADC " + in, bits, a, b), wanted, Lazy.EXPLICIT, Lazy.ofAdd(log, a, b, sum), 0,
            Lazy.signExtend(sum, log));
        long difference = cut(a - b - in, bits);
        boolean borrow = Long.compareUnsigned(a, b) < 0 || in == 1 && a == b;
        boolean below = ((a ^ b) & (a ^ difference)) >>> bits - 1 != 0;
        int wantedSub = flags(difference, bits, borrow, below, (a & 15) - (b & 15) - in < 0);
        check(text("SBB " + in, bits, a, b), wantedSub, Lazy.EXPLICIT, Lazy.ofSub(log, a, b, difference), 0,
            Lazy.signExtend(difference, log));
        if (in == 0) {
          check(text("ADD", bits, a, b), wanted, Lazy.ADD + log, a, b, sum);
          check(text("SUB", bits, a, b), wantedSub, Lazy.SUB + log, a, b, difference);
        }
      }
    });
  }

  @Test
  void logic() {
    each((log, a, b) -> check(text("AND", 8 << log, a, b), flags(a & b, 8 << log, false, false, false),
        Lazy.LOGIC + log, a, b, a & b));
  }

  @Test
  void incrementAndDecrementKeepCarry() {
    each((log, a, b) -> {
      int bits = 8 << log;
      boolean carry = (b & 1) != 0;
      long first = (carry ? Long.MIN_VALUE : 0) | b >>> 1; // only its sign counts
      long top = 1L << bits - 1;
      long more = cut(a + 1, bits);
      check(text("INC", bits, a, b), flags(more, bits, carry, more == top, (a & 15) == 15), Lazy.INC + log, first, b,
          more);
      long less = cut(a - 1, bits);
      check(text("DEC", bits, a, b), flags(less, bits, carry, a == top, (a & 15) == 0), Lazy.DEC + log, first, b, less);
    });
  }

  /** Counts from 1 on; CF beyond the operand's size is 0, or the sign for SAR. OF for counts above 1 is as for the last bit shifted. */
  @Test
  void shifts() {
    each((log, a, b) -> {
      int bits = 8 << log;
      int count = (int) (b & (bits == 64 ? 63 : 31));
      if (count == 0) {
        return;
      }
      long left = cut(a << count, bits);
      boolean leftCarry = count <= bits && (a >>> bits - count & 1) != 0;
      int wanted = flags(left, bits, leftCarry, leftCarry != (left >>> bits - 1 != 0), false);
      check(text("SHL", bits, a, count), wanted, Lazy.SHL + log, a, count, left);
      long right = a >>> count;
      boolean rightCarry = (a >>> count - 1 & 1) != 0;
      boolean overflow = count == 1 ? a >>> bits - 1 != 0 : (right >>> bits - 2 & 1) != 0;
      check(text("SHR", bits, a, count), flags(right, bits, rightCarry, overflow, false), Lazy.SHR + log, a, count,
          right);
      long signed = Lazy.signExtend(a, log);
      long arithmetic = cut(signed >> count, bits);
      boolean arithmeticCarry = (signed >> count - 1 & 1) != 0;
      check(text("SAR", bits, a, count), flags(arithmetic, bits, arithmeticCarry, false, false), Lazy.SAR + log, a,
          count, arithmetic);
    });
  }

  @Test
  void products() {
    each((log, a, b) -> {
      int bits = 8 << log;
      long x = Lazy.signExtend(a, log);
      long y = Lazy.signExtend(b, log);
      var exact = java.math.BigInteger.valueOf(x).multiply(java.math.BigInteger.valueOf(y));
      boolean overflow = exact.bitLength() >= bits;
      long product = cut(x * y, bits);
      check(text("IMUL", bits, a, b), flags(product, bits, overflow, overflow, false), Lazy.IMUL + log, a, b, product);
    });
  }

  /** Rotates change CF and OF alone. */
  @Test
  void rotates() {
    each((log, a, b) -> {
      int bits = 8 << log;
      int count = (int) (b & (bits == 64 ? 63 : 31));
      if (count == 0) {
        return;
      }
      long before = Lazy.ofAdd(log, a, b, cut(a + b, bits));
      long result = Lazy.signExtend(cut(a + b, bits), log);
      int old = new File(Lazy.EXPLICIT, before, 0, result).statusFlags() & ~(Flag.CF | Flag.OF);
      int n = count % bits;
      long left = n == 0 ? a : cut(a << n | a >>> bits - n, bits);
      long right = n == 0 ? a : cut(a >>> n | a << bits - n, bits);
      if (left != Lazy.rol(a, count, log) || right != Lazy.ror(a, count, log)) {
        assertEquals(left, Lazy.rol(a, count, log), text("ROL", bits, a, count).get());
        assertEquals(right, Lazy.ror(a, count, log), text("ROR", bits, a, count).get());
      }
      boolean leftCarry = (left & 1) != 0;
      boolean top = left >>> bits - 1 != 0;
      check(text("ROL", bits, a, count), old | (leftCarry ? Flag.CF : 0) | (top != leftCarry ? Flag.OF : 0),
          Lazy.EXPLICIT,
          Lazy.afterRol(before, left, log), 0, result);
      boolean rightCarry = right >>> bits - 1 != 0;
      boolean next = (right >>> bits - 2 & 1) != 0;
      check(text("ROR", bits, a, count), old | (rightCarry ? Flag.CF : 0) | (rightCarry != next ? Flag.OF : 0),
          Lazy.EXPLICIT,
          Lazy.afterRor(before, right, log), 0, result);
    });
  }

  /** Any flags, loaded as POPF does; then CF alone is changed. */
  @Test
  void loadedFlags() {
    File f = new File(0, 0, 0, 0);
    int[] bits = {Flag.CF, Flag.PF, Flag.AF, Flag.ZF, Flag.SF, Flag.OF};
    for (int i = 0; i < 64; i++) {
      int chosen = 0;
      for (int k = 0; k < 6; k++) {
        chosen |= (i >> k & 1) != 0 ? bits[k] : 0;
      }
      int wanted = chosen;
      f.setStatus(wanted);
      check(() -> "loaded", wanted, Lazy.EXPLICIT, f.carries, 0, f.result);
      for (int carry = 0; carry < 2; carry++) {
        long carries = Lazy.withCarry(f.carries, carry);
        check(() -> "CF after " + wanted, wanted & ~Flag.CF | carry * Flag.CF, Lazy.EXPLICIT, carries, 0, f.result);
        for (int overflow = 0; overflow < 2; overflow++) {
          long both = Lazy.withCarryAndOverflow(f.carries, carry, overflow);
          int set = wanted & ~Flag.CF & ~Flag.OF | carry * Flag.CF | overflow * Flag.OF;
          check(() -> "CF, OF after " + wanted, set, Lazy.EXPLICIT, both, 0, f.result);
        }
      }
    }
  }
}
