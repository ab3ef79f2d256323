package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.state.Vector;

/** MUL, IMUL, DIV, IDIV. */
final class Multiply {
  private Multiply() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case MUL -> new Wide(in, cpu, false);
      case IMUL -> in.operands == 1 ? new Wide(in, cpu, true) : new Signed(in, cpu);
      case DIV -> new Divide(in, cpu, false);
      case IDIV -> new Divide(in, cpu, true);
      default -> null;
    };
  }

  /** IMUL with two or three operands. */
  private static final class Signed extends GenericOp {
    private final boolean three;

    Signed(Instruction in, Cpu cpu) {
      super(in, cpu);
      three = in.operands == 3;
    }

    @Override
    public Op execute(Cpu c) {
      int bytes = size[0];
      long b = signExtend(get(c, 1), bytes);
      long a = three ? signExtend(immediate, bytes) : signExtend(get(c, 0), bytes);
      long v = a * b;
      boolean overflow = bytes == 8 ? Math.multiplyHigh(a, b) != v >> 63 : v != signExtend(v, bytes);
      set(c, 0, v);
      c.flagsLogic(signExtend(v, bytes));
      c.setCfOf(overflow, overflow);
      return next;
    }
  }

  /** MUL and IMUL with one operand: the product has twice the size. */
  private static final class Wide extends GenericOp {
    private final boolean signed;

    Wide(Instruction in, Cpu cpu, boolean signed) {
      super(in, cpu);
      this.signed = signed;
    }

    @Override
    public Op execute(Cpu c) {
      int bytes = size[0];
      long b = get(c, 0);
      long a = c.reg(Cpu.RAX, bytes);
      long low;
      long high;
      if (bytes == 8) {
        low = a * b;
        high = signed ? Math.multiplyHigh(a, b) : Math.unsignedMultiplyHigh(a, b);
      } else {
        long product = signed ? signExtend(a, bytes) * signExtend(b, bytes) : a * b;
        low = truncate(product, bytes);
        high = truncate(product >>> bytes * 8, bytes);
        if (bytes == 1) {
          c.setReg(Cpu.RAX, 2, product);
        }
      }
      if (bytes > 1) {
        c.setReg(Cpu.RAX, bytes, low);
        c.setReg(Cpu.RDX, bytes, high);
      }
      boolean overflow = signed ? signExtend(high, bytes) != signExtend(low, bytes) >> 63 : high != 0;
      c.flagsLogic(signExtend(low, bytes));
      c.setCfOf(overflow, overflow);
      return next;
    }
  }

  private static final class Divide extends GenericOp {
    private final boolean signed;

    Divide(Instruction in, Cpu cpu, boolean signed) {
      super(in, cpu);
      this.signed = signed;
    }

    @Override
    public Op execute(Cpu c) {
      int bytes = size[0];
      long divisor = get(c, 0);
      if (divisor == 0) {
        throw c.fault(Vector.DE);
      }
      if (bytes == 8) {
        divide128(c, divisor);
        return next;
      }
      long dividend =
          bytes == 1 ? c.reg(Cpu.RAX, 2) : c.reg(Cpu.RDX, bytes) << bytes * 8 | c.reg(Cpu.RAX, bytes);
      long quotient;
      long remainder;
      if (signed) {
        long n = bytes == 4 ? dividend : signExtend(dividend, bytes * 2);
        long d = signExtend(divisor, bytes);
        if (n == Long.MIN_VALUE && d == -1) {
          throw c.fault(Vector.DE);
        }
        quotient = n / d;
        remainder = n % d;
        if (quotient != signExtend(quotient, bytes)) {
          throw c.fault(Vector.DE);
        }
      } else {
        quotient = Long.divideUnsigned(dividend, divisor);
        remainder = Long.remainderUnsigned(dividend, divisor);
        if (quotient != truncate(quotient, bytes)) {
          throw c.fault(Vector.DE);
        }
      }
      if (bytes == 1) {
        c.setReg(Cpu.RAX, 2, quotient & 0xff | (remainder & 0xff) << 8);
      } else {
        c.setReg(Cpu.RAX, bytes, quotient);
        c.setReg(Cpu.RDX, bytes, remainder);
      }
      return next;
    }

    private void divide128(Cpu c, long divisor) {
      long high = c.r[Cpu.RDX];
      long low = c.r[Cpu.RAX];
      boolean negative = signed && high < 0;
      boolean negativeDivisor = signed && divisor < 0;
      if (negative) {
        low = -low;
        high = ~high + (low == 0 ? 1 : 0);
      }
      long d = negativeDivisor ? -divisor : divisor;
      if (Long.compareUnsigned(high, d) >= 0) {
        throw c.fault(Vector.DE);
      }
      long quotient;
      long remainder;
      if (high == 0) {
        quotient = Long.divideUnsigned(low, d);
        remainder = low - quotient * d;
      } else {
        quotient = divideUnsigned(high, low, d);
        remainder = low - quotient * d;
      }
      if (signed) {
        boolean negativeQuotient = negative != negativeDivisor;
        if (negativeQuotient ? quotient < 0 && quotient != Long.MIN_VALUE : quotient < 0) {
          throw c.fault(Vector.DE);
        }
        quotient = negativeQuotient ? -quotient : quotient;
        remainder = negative ? -remainder : remainder;
      }
      c.r[Cpu.RAX] = quotient;
      c.r[Cpu.RDX] = remainder;
    }
  }

  /** Quotient of a 128-bit number by a 64-bit one, high &lt; d (Knuth, volume 2, algorithm D with 32-bit digits). */
  static long divideUnsigned(long high, long low, long divisor) {
    int shift = Long.numberOfLeadingZeros(divisor);
    long d = divisor << shift;
    long n32 = shift == 0 ? high : high << shift | low >>> 64 - shift;
    long n10 = low << shift;
    long d1 = d >>> 32;
    long d0 = d & 0xffffffffL;
    long q1 = digit(n32, n10 >>> 32, d1, d0);
    long n21 = (n32 << 32 | n10 >>> 32) - q1 * d;
    long q0 = digit(n21, n10 & 0xffffffffL, d1, d0);
    return (q1 << 32) + q0;
  }

  private static long digit(long n, long nextDigit, long d1, long d0) {
    long q = Long.divideUnsigned(n, d1);
    long rest = n - q * d1;
    while (q >>> 32 != 0 || Long.compareUnsigned(q * d0, rest << 32 | nextDigit) > 0) {
      q--;
      rest += d1;
      if (rest >>> 32 != 0) {
        break;
      }
    }
    return q;
  }
}
