package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;

/** Shifts and rotates (SDM volume 2). Where the SDM leaves OF undefined (counts above 1) it follows the same rule as for 1. */
final class Shifts {
  private static final long TOP = Long.MIN_VALUE;

  private Shifts() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case SHL, SHR, SAR -> {
        if (in.kind[0] == OperandKind.GPR && in.kind[1] == OperandKind.IMMEDIATE && in.size[0] >= 4) {
          int count = (int) in.immediate & (in.size[0] == 8 ? 63 : 31);
          if (count != 0) {
            yield in.size[0] == 8
                ? constant64(in.mnemonic, in.reg[0], count)
                : constant32(in.mnemonic, in.reg[0], count);
          }
        }
        yield new Shift(in, cpu);
      }
      case ROL, ROR, RCL, RCR -> new Shift(in, cpu);
      case SHLD, SHRD -> new DoubleShift(in, cpu);
      default -> null;
    };
  }

  private static void flags(Cpu c, long signExtendedResult, boolean carry, boolean overflow) {
    c.result = signExtendedResult;
    c.carries = (carry ? TOP : 0) | (carry != overflow ? TOP >>> 1 : 0);
  }

  private static Op constant64(Mnemonic mnemonic, int d, int count) {
    return switch (mnemonic) {
      case SHL -> new Op() {
        @Override
        public Op execute(Cpu c) {
          long a = c.r[d];
          long v = a << count;
          boolean carry = (a >>> 64 - count & 1) != 0;
          flags(c, v, carry, v < 0 != carry);
          c.r[d] = v;
          return next;
        }
      };
      case SHR -> new Op() {
        @Override
        public Op execute(Cpu c) {
          long a = c.r[d];
          long v = a >>> count;
          flags(c, v, (a >>> count - 1 & 1) != 0, (v << 1) < 0);
          c.r[d] = v;
          return next;
        }
      };
      default -> new Op() {
        @Override
        public Op execute(Cpu c) {
          long a = c.r[d];
          long v = a >> count;
          flags(c, v, (a >> count - 1 & 1) != 0, false);
          c.r[d] = v;
          return next;
        }
      };
    };
  }

  private static Op constant32(Mnemonic mnemonic, int d, int count) {
    return switch (mnemonic) {
      case SHL -> new Op() {
        @Override
        public Op execute(Cpu c) {
          int a = (int) c.r[d];
          int v = a << count;
          boolean carry = (a >>> 32 - count & 1) != 0;
          flags(c, v, carry, v < 0 != carry);
          c.r[d] = v & 0xffffffffL;
          return next;
        }
      };
      case SHR -> new Op() {
        @Override
        public Op execute(Cpu c) {
          int a = (int) c.r[d];
          int v = a >>> count;
          flags(c, v, (a >>> count - 1 & 1) != 0, (v << 1) < 0);
          c.r[d] = v & 0xffffffffL;
          return next;
        }
      };
      default -> new Op() {
        @Override
        public Op execute(Cpu c) {
          int a = (int) c.r[d];
          int v = a >> count;
          flags(c, v, (a >> count - 1 & 1) != 0, false);
          c.r[d] = v & 0xffffffffL;
          return next;
        }
      };
    };
  }

  /** Any shift or rotate of a register or memory operand by a constant or CL. */
  private static final class Shift extends GenericOp {
    private final Mnemonic mnemonic;
    private final int bits;

    Shift(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
      bits = in.size[0] * 8;
    }

    @Override
    public Op execute(Cpu c) {
      int count = (int) get(c, 1) & (bits == 64 ? 63 : 31);
      if (isMemory(0)) {
        memory(c, count);
      } else {
        long a = get(c, 0);
        set(c, 0, count == 0 ? a : compute(c, a, count));
      }
      return next;
    }

    private void memory(Cpu c, int count) {
      checkWritable(c, 0);
      long a = get(c, 0);
      long result = c.result;
      long carries = c.carries;
      long v = count == 0 ? a : compute(c, a, count);
      long newResult = c.result;
      long newCarries = c.carries;
      c.result = result; // the write may leave for the monitor
      c.carries = carries;
      set(c, 0, v);
      c.result = newResult;
      c.carries = newCarries;
    }

    private boolean top(long v) {
      return (v >>> bits - 1 & 1) != 0;
    }

    private long compute(Cpu c, long a, int count) {
      switch (mnemonic) {
        case SHL -> {
          long v = GenericOp.truncate(a << count, bits / 8);
          boolean carry = count <= bits && (a >>> bits - count & 1) != 0;
          flags(c, GenericOp.signExtend(v, bits / 8), carry, top(v) != carry);
          return v;
        }
        case SHR -> {
          long v = a >>> count;
          flags(c, GenericOp.signExtend(v, bits / 8), (a >>> count - 1 & 1) != 0, top(v << 1));
          return v;
        }
        case SAR -> {
          long s = GenericOp.signExtend(a, bits / 8);
          long v = s >> count;
          flags(c, v, (s >> count - 1 & 1) != 0, false);
          return v;
        }
        case ROL -> {
          int n = count % bits;
          long v = GenericOp.truncate(a << n | a >>> bits - n, bits / 8);
          v = n == 0 ? a : v;
          boolean carry = (v & 1) != 0;
          c.setCfOf(carry, top(v) != carry);
          return v;
        }
        case ROR -> {
          int n = count % bits;
          long v = n == 0 ? a : GenericOp.truncate(a >>> n | a << bits - n, bits / 8);
          c.setCfOf(top(v), top(v) != top(v << 1));
          return v;
        }
        case RCL -> {
          int n = count % (bits + 1);
          long v = a;
          boolean carry = c.cf();
          for (int i = 0; i < n; i++) {
            boolean out = top(v);
            v = v << 1 | (carry ? 1 : 0);
            carry = out;
          }
          v = GenericOp.truncate(v, bits / 8);
          c.setCfOf(carry, top(v) != carry);
          return v;
        }
        default -> {
          int n = count % (bits + 1);
          long v = a;
          boolean carry = c.cf();
          for (int i = 0; i < n; i++) {
            boolean out = (v & 1) != 0;
            v = v >>> 1 | (carry ? 1L << bits - 1 : 0);
            carry = out;
          }
          c.setCfOf(carry, top(v) != top(v << 1));
          return v;
        }
      }
    }
  }

  /** SHLD and SHRD. */
  private static final class DoubleShift extends GenericOp {
    private final boolean left;
    private final int bits;

    DoubleShift(Instruction in, Cpu cpu) {
      super(in, cpu);
      left = in.mnemonic == Mnemonic.SHLD;
      bits = in.size[0] * 8;
    }

    @Override
    public Op execute(Cpu c) {
      int count = (int) get(c, 2) & (bits == 64 ? 63 : 31);
      checkWritable(c, 0);
      long a = get(c, 0);
      if (count == 0) {
        set(c, 0, a);
        return next;
      }
      long b = get(c, 1);
      long v;
      boolean carry;
      if (bits == 16) { // counts above 16 rotate the concatenation, as processors do
        long both = a << 32 | b << 16 | a;
        if (left) {
          v = both >>> 32 - count & 0xffff;
          carry = (both >>> 48 - count & 1) != 0;
        } else {
          v = both >>> count & 0xffff;
          carry = (both >>> count - 1 & 1) != 0;
        }
      } else if (left) {
        v = a << count | b >>> bits - count;
        carry = (a >>> bits - count & 1) != 0;
      } else {
        v = a >>> count | b << bits - count;
        carry = (a >>> count - 1 & 1) != 0;
      }
      v = GenericOp.truncate(v, bits / 8);
      set(c, 0, v);
      long s = GenericOp.signExtend(v, bits / 8);
      flags(c, s, carry, s < 0 != GenericOp.signExtend(a, bits / 8) < 0);
      return next;
    }
  }
}
