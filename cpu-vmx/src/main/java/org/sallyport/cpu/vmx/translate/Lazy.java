package org.sallyport.cpu.vmx.translate;

/**
 * Status flags of translated code: what the last operation was and what it worked on, from which the flags are computed when somebody
 * wants them. A state is a kind and three values; operands and results are zero-extended from the operation's size.
 *
 * <p>A kind is a family plus the logarithm of the size in bytes. Methods are small, and kinds mostly constants, so that the compiler
 * reduces a call to the few operations of one family.
 */
public final class Lazy {
  // @formatter:off
  //                                      first              second   result
  static final int EXPLICIT =  0; //      Registers.carries  -        Registers.result
  static final int LOGIC    =  4; //      -                  -        v
  static final int ADD      =  8; //      a                  b        a + b
  static final int SUB      = 12; //      a                  b        a - b
  static final int INC      = 16; //      CF as the sign     -        a + 1
  static final int DEC      = 20; //      CF as the sign     -        a - 1
  static final int SHL      = 24; //      a                  count    a << count
  static final int SHR      = 28; //      a                  count    a >>> count
  static final int SAR      = 32; //      a                  count    a >> count
  static final int IMUL     = 36; //      a                  b        a * b
  // @formatter:on

  private static final long TOP = Long.MIN_VALUE;
  private static final long CARRIES = 0xC000_0000_0000_0000L;

  private Lazy() {}

  static long signExtend(long value, int log) {
    int shift = 64 - (8 << log);
    return value << shift >> shift;
  }

  /** {@link org.sallyport.cpu.vmx.state.Registers#result}. */
  public static long result(int kind, long result) {
    return kind < LOGIC ? result : signExtend(result, kind & 3);
  }

  /** {@link org.sallyport.cpu.vmx.state.Registers#carries}. */
  public static long carries(int kind, long first, long second, long result) {
    int log = kind & 3;
    return switch (kind >> 2) {
      case 0 -> first;
      case 1 -> 0;
      case 2 -> ofAdd(log, first, second, result);
      case 3 -> ofSub(log, first, second, result);
      case 4 -> keepCarry(ofAdd(log, result - 1, 1, result), first);
      case 5 -> keepCarry(ofSub(log, result + 1, 1, result), first);
      case 6 -> ofShl(log, first, second, result);
      case 7 -> ofShr(log, first, second, result);
      case 8 -> ofSar(log, first, second);
      default -> ofImul(log, first, second);
    };
  }

  public static long ofAdd(int log, long a, long b, long sum) {
    long carry = a & b | (a | b) & ~sum;
    return carry << 64 - (8 << log) & CARRIES | carry & 8;
  }

  public static long ofSub(int log, long a, long b, long difference) {
    long borrow = ~a & b | (~a | b) & difference;
    return borrow << 64 - (8 << log) & CARRIES | borrow & 8;
  }

  private static long keepCarry(long carries, long oldCarry) {
    long overflow = (carries ^ carries << 1) & TOP;
    long carry = oldCarry & TOP;
    return carry | (carry ^ overflow) >>> 1 | carries & 8;
  }

  private static long carryAndOverflow(long carry, long overflow) {
    return (carry << 1 | carry ^ overflow) << 62;
  }

  private static long ofShl(int log, long a, long count, long v) {
    int bits = 8 << log;
    long carry = count <= bits ? a >>> bits - count & 1 : 0;
    return carryAndOverflow(carry, v >>> bits - 1 & 1 ^ carry);
  }

  private static long ofShr(int log, long a, long count, long v) {
    return carryAndOverflow(a >>> count - 1 & 1, v << 1 >>> (8 << log) - 1 & 1);
  }

  private static long ofSar(int log, long a, long count) {
    return carryAndOverflow(signExtend(a, log) >> count - 1 & 1, 0);
  }

  private static long ofImul(int log, long first, long second) {
    long a = signExtend(first, log);
    long b = signExtend(second, log);
    long v = a * b;
    boolean overflow = log == 3 ? Math.multiplyHigh(a, b) != v >> 63 : v != signExtend(v, log);
    return overflow ? TOP : 0;
  }

  /** CF as the sign of the value. */
  public static long carry(int kind, long first, long second, long result) {
    int family = kind & ~3;
    return family == EXPLICIT || family == INC || family == DEC ? first : carries(kind, first, second, result);
  }

  /** Carries with another CF, the other flags as they are. */
  public static long withCarry(long carries, long carryAsBit0) {
    long overflow = carries >>> 63 ^ carries >>> 62 & 1;
    return carries & ~CARRIES | carryAndOverflow(carryAsBit0, overflow);
  }

  /** Carries with another CF and OF, the other flags as they are. */
  public static long withCarryAndOverflow(long carries, long carry, long overflow) {
    return carries & ~CARRIES | carryAndOverflow(carry, overflow);
  }

  /** A condition code, 0 (O) to 15 (NLE). */
  public static boolean condition(int code, int kind, long first, long second, long value) {
    long result = result(kind, value);
    long carries = carries(kind, first, second, value);
    return explicit(code >> 1, result, carries) != ((code & 1) != 0);
  }

  private static boolean explicit(int test, long result, long carries) {
    boolean overflow = (carries ^ carries << 1) < 0;
    boolean sign = (result ^ carries << 63) < 0;
    return switch (test) {
      case 0 -> overflow;
      case 1 -> carries < 0;
      case 2 -> result == 0;
      case 3 -> carries < 0 || result == 0;
      case 4 -> sign;
      case 5 -> (Integer.bitCount((int) (result ^ carries >>> 8) & 0xff) & 1) == 0;
      case 6 -> sign != overflow;
      default -> result == 0 || sign != overflow;
    };
  }

  // ---- rotates: the result's flags but CF and OF are the old ones --------------------------------------------------------------------

  static long rotateLeft(int log, long a, int count) {
    int bits = 8 << log;
    int n = count & bits - 1;
    return switch (log) {
      case 3 -> Long.rotateLeft(a, n);
      case 2 -> Integer.rotateLeft((int) a, n) & 0xffffffffL;
      default -> (a << n | a >>> bits - n) & (1L << bits) - 1;
    };
  }

  /** ROL of a count that is not zero modulo 64 or 32. */
  public static long rol(long a, int count, int log) {
    return rotateLeft(log, a, count);
  }

  public static long ror(long a, int count, int log) {
    return rotateLeft(log, a, -count);
  }

  /** Carries after ROL to {@code v}. */
  public static long afterRol(long carries, long v, int log) {
    long carry = v & 1;
    return withCarryAndOverflow(carries, carry, v >>> (8 << log) - 1 & 1 ^ carry);
  }

  public static long afterRor(long carries, long v, int log) {
    int bits = 8 << log;
    long carry = v >>> bits - 1 & 1;
    return withCarryAndOverflow(carries, carry, carry ^ v >>> bits - 2 & 1);
  }
}
