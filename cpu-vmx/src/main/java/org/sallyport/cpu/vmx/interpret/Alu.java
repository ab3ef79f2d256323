package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.memory.Host;

/** ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT (SDM volume 2). */
final class Alu {
  private Alu() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST -> bindTwo(in, cpu);
      case INC, DEC, NEG, NOT -> bindOne(in, cpu);
      default -> null;
    };
  }

  private static Op bindTwo(Instruction in, Cpu cpu) {
    int size = in.size[0];
    if (size >= 4 && in.kind[0] == OperandKind.GPR) {
      Op op =
          switch (in.kind[1]) {
            case GPR -> size == 8
                ? AluRegister.bind64(in.mnemonic, in.reg[0], in.reg[1])
                : AluRegister.bind32(in.mnemonic, in.reg[0], in.reg[1]);
            case IMMEDIATE -> size == 8
                ? AluImmediate.bind64(in.mnemonic, in.reg[0], in.immediate)
                : AluImmediate.bind32(in.mnemonic, in.reg[0], in.immediate);
            case MEMORY -> size == 8
                ? AluLoad.bind64(in.mnemonic, in, cpu, in.reg[0])
                : AluLoad.bind32(in.mnemonic, in, cpu, in.reg[0]);
            default -> null;
          };
      if (op != null) {
        return op;
      }
    }
    if (in.mnemonic == Mnemonic.CMP || in.mnemonic == Mnemonic.TEST) {
      return new Compare(in, cpu);
    }
    return in.kind[0] == OperandKind.MEMORY ? new Update(in, cpu) : new Register(in, cpu);
  }

  private static Op bindOne(Instruction in, Cpu cpu) {
    if (in.kind[0] == OperandKind.GPR && in.size[0] >= 4
        && (in.mnemonic == Mnemonic.INC || in.mnemonic == Mnemonic.DEC)) {
      int d = in.reg[0];
      boolean inc = in.mnemonic == Mnemonic.INC;
      return in.size[0] == 8 ? new IncDec64(d, inc ? 1 : -1) : new IncDec32(d, inc ? 1 : -1);
    }
    return in.kind[0] == OperandKind.MEMORY ? new Update(in, cpu) : new Register(in, cpu);
  }

  /** Computes any of them on operands of {@code size} bytes, sets the flags, returns the result (upper bits are garbage). */
  static long compute(Cpu c, Mnemonic mnemonic, long a, long b, int size) {
    switch (mnemonic) {
      case ADD -> {
        long v = a + b;
        c.flagsAdd(a, b, v, size);
        return v;
      }
      case ADC -> {
        long v = a + b + (c.cf() ? 1 : 0);
        c.flagsAdd(a, b, v, size);
        return v;
      }
      case SUB, CMP -> {
        long v = a - b;
        c.flagsSub(a, b, v, size);
        return v;
      }
      case SBB -> {
        long v = a - b - (c.cf() ? 1 : 0);
        c.flagsSub(a, b, v, size);
        return v;
      }
      case INC, DEC -> {
        boolean carry = c.cf();
        long v = mnemonic == Mnemonic.INC ? a + 1 : a - 1;
        if (mnemonic == Mnemonic.INC) {
          c.flagsAdd(a, 1, v, size);
        } else {
          c.flagsSub(a, 1, v, size);
        }
        c.setCfOf(carry, c.of());
        return v;
      }
      case NEG -> {
        long v = -a;
        c.flagsSub(0, a, v, size);
        return v;
      }
      case NOT -> {
        return ~a;
      }
      default -> {
        long v =
            switch (mnemonic) {
              case AND, TEST -> a & b;
              case OR -> a | b;
              default -> a ^ b;
            };
        c.flagsLogic(GenericOp.signExtend(v, size));
        return v;
      }
    }
  }

  private static final class IncDec64 extends Op {
    private final int d;
    private final long step;

    IncDec64(int d, int step) {
      this.d = d;
      this.step = step;
    }

    @Override
    public Op execute(Cpu c) {
      long a = c.r[d];
      long v = a + step;
      long carry = c.carries & Long.MIN_VALUE;
      if (step > 0) {
        c.flagsAdd64(a, 1, v);
      } else {
        c.flagsSub64(a, 1, v);
      }
      keepCarry(c, carry);
      c.r[d] = v;
      return next;
    }
  }

  private static final class IncDec32 extends Op {
    private final int d;
    private final int step;

    IncDec32(int d, int step) {
      this.d = d;
      this.step = step;
    }

    @Override
    public Op execute(Cpu c) {
      int a = (int) c.r[d];
      int v = a + step;
      long carry = c.carries & Long.MIN_VALUE;
      if (step > 0) {
        c.flagsAdd32(a, 1, v);
      } else {
        c.flagsSub32(a, 1, v);
      }
      keepCarry(c, carry);
      c.r[d] = v & 0xffffffffL;
      return next;
    }
  }

  /** Puts an earlier CF (as bit 63) back and leaves OF, AF and the rest. */
  private static void keepCarry(Cpu c, long carry) {
    long k = c.carries;
    long overflow = (k ^ k << 1) & Long.MIN_VALUE;
    c.carries = carry | (carry ^ overflow) >>> 1 | k & 8;
  }

  /** Any operation with a register as its destination. */
  private static final class Register extends GenericOp {
    private final Mnemonic mnemonic;
    private final boolean unary;

    Register(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
      unary = in.operands == 1;
    }

    @Override
    public Op execute(Cpu c) {
      long b = unary ? 0 : get(c, 1);
      set(c, 0, compute(c, mnemonic, get(c, 0), b, size[0]));
      return next;
    }
  }

  /** CMP and TEST of all forms that have no class of their own. */
  private static final class Compare extends GenericOp {
    private final Mnemonic mnemonic;

    Compare(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
    }

    @Override
    public Op execute(Cpu c) {
      long a = get(c, 0);
      compute(c, mnemonic, a, get(c, 1), size[0]);
      return next;
    }
  }

  /** Any operation with memory as its destination. */
  private static final class Update extends GenericOp {
    private final Mnemonic mnemonic;
    private final boolean unary;
    private final boolean lock;
    private final int bytes;

    Update(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
      unary = in.operands == 1;
      lock = in.lock;
      bytes = in.size[0];
    }

    @Override
    public Op execute(Cpu c) {
      long b = unary ? 0 : get(c, 1);
      long address = writeAddress(c, bytes);
      boolean locked = lock && c.smp;
      long host = locked ? c.hostForLocked(address, bytes) : c.hostForUpdate(address, bytes);
      if (host == 0) {
        indirectly(c, address, b);
      } else if (locked) {
        locked(c, host, b);
        c.lockedDone(bytes);
      } else {
        Host.put(host, bytes, compute(c, mnemonic, Host.get(host, bytes), b, bytes));
      }
      return next;
    }

    private void indirectly(Cpu c, long address, long b) {
      synchronized (Atomics.SPLIT_LOCK) {
        long a = c.read(address, bytes);
        long savedResult = c.result;
        long savedCarries = c.carries;
        long v = compute(c, mnemonic, a, b, bytes);
        writeOrRestore(c, address, v, savedResult, savedCarries);
      }
    }

    // The write may leave for the monitor (memory that is no RAM): the flags have to be as before then.
    private void writeOrRestore(Cpu c, long address, long v, long savedResult, long savedCarries) {
      long newResult = c.result;
      long newCarries = c.carries;
      c.result = savedResult;
      c.carries = savedCarries;
      c.write(address, bytes, v);
      c.result = newResult;
      c.carries = newCarries;
    }

    private void locked(Cpu c, long host, long b) {
      long savedResult = c.result;
      long savedCarries = c.carries;
      while (true) {
        long a = Host.get(host, bytes);
        long v = compute(c, mnemonic, a, b, bytes);
        if (Atomics.compareAndSet(host, bytes, a, v)) {
          return;
        }
        c.result = savedResult;
        c.carries = savedCarries;
      }
    }
  }
}
