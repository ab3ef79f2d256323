package org.sallyport.cpu.vmx.interpret;

import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.state.Segment;

/** Near jumps, calls and returns, LOOP and JCXZ. */
final class Jumps {
  private Jumps() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case J -> conditional(in, cpu);
      case JMP -> in.kind[0] == OperandKind.RELATIVE ? new Jump(in, cpu) : new JumpIndirect(in, cpu);
      case CALL -> in.kind[0] == OperandKind.RELATIVE ? new Call(in, cpu) : new CallIndirect(in, cpu);
      case RET -> new Return(in, cpu);
      case JCXZ, LOOP, LOOPE, LOOPNE -> new Loop(in, cpu);
      default -> null;
    };
  }

  private static long codeMask(Instruction in) {
    return in.mode == CodeMode.BITS64 ? -1L : in.operandSize == 4 ? 0xffffffffL : 0xffffL;
  }

  static long target(Instruction in) {
    return in.address + in.length + in.immediate & codeMask(in);
  }

  /** Outside 64-bit mode, a target beyond the CS limit faults before anything has changed. */
  static void check(Cpu c, long target) {
    if (c.codeMode() != CodeMode.BITS64) {
      c.checkCodeLimit(target, 1);
    } else if (target << 16 >> 16 != target && !c.canonical(target)) {
      throw c.gp();
    }
  }

  /** What is wrong with the stack comes before what is wrong with the target. */
  private static void checkCall(Cpu c, long target, int size) {
    boolean wrong = c.codeMode() == CodeMode.BITS64 ? !c.canonical(target) : c.csLimited();
    if (wrong) {
      c.checkWrite(c.stack(c.r[Cpu.RSP] - size, size, true), size);
      check(c, target);
    }
  }

  /** One class per condition, so that each is a straight piece of code. */
  private static Op conditional(Instruction in, Cpu cpu) {
    boolean not = (in.condition & 1) != 0;
    return switch (in.condition >> 1) {
      case 0 -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, c.of() != not);
        }
      };
      case 1 -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, c.cf() != not);
        }
      };
      case 2 -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, c.zf() != not);
        }
      };
      case 3 -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, (c.cf() || c.zf()) != not);
        }
      };
      case 4 -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, c.sf() != not);
        }
      };
      case 5 -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, c.pf() != not);
        }
      };
      case 6 -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, (c.sf() != c.of()) != not);
        }
      };
      default -> new Conditional(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          return go(c, (c.zf() || c.sf() != c.of()) != not);
        }
      };
    };
  }

  private abstract static class Conditional extends EndOp {
    private final boolean mode64;
    private final long target;
    private final long fallThrough;
    private final Link taken = new Link();
    private final Link notTaken = new Link();

    Conditional(Instruction in, Cpu cpu) {
      super(in, cpu);
      mode64 = in.mode == CodeMode.BITS64;
      target = target(in);
      fallThrough = in.address + in.length & cpu.ripMask;
    }

    protected final Op go(Cpu c, boolean jump) {
      if (!mode64 && jump) {
        check(c, target);
      }
      c.instructions += index + 1;
      return jump ? taken.follow(c, this, target) : notTaken.follow(c, this, fallThrough);
    }
  }

  private static final class Jump extends EndOp {
    private final long target;
    private final Link link = new Link();

    Jump(Instruction in, Cpu cpu) {
      super(in, cpu);
      target = target(in);
    }

    @Override
    public Op execute(Cpu c) {
      if (c.csLimited()) {
        check(c, target);
      }
      c.instructions += index + 1;
      return link.follow(c, this, target);
    }
  }

  private static final class JumpIndirect extends GenericEnd {
    JumpIndirect(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      long target = operand(c);
      check(c, target);
      c.instructions += index + 1;
      return c.indirect(target);
    }
  }

  private static final class Call extends EndOp {
    private final long target;
    private final int size;
    private final Link link = new Link();

    Call(Instruction in, Cpu cpu) {
      super(in, cpu);
      target = target(in);
      size = in.operandSize;
    }

    @Override
    public Op execute(Cpu c) {
      if (size == 8) {
        long sp = c.r[Cpu.RSP] - 8;
        c.write64(sp, nextRip());
        c.r[Cpu.RSP] = sp;
      } else {
        checkCall(c, target, size);
        c.push(size, nextRip());
      }
      c.instructions += index + 1;
      return link.follow(c, this, target);
    }

    @Override
    public boolean usesStack() {
      return true;
    }
  }

  private static final class CallIndirect extends GenericEnd {
    private final int size;

    CallIndirect(Instruction in, Cpu cpu) {
      super(in, cpu);
      size = in.operandSize;
    }

    @Override
    public Op execute(Cpu c) {
      long target = operandBesidesStack(c);
      checkCall(c, target, size);
      c.push(size, nextRip());
      c.instructions += index + 1;
      return c.indirect(target);
    }

    @Override
    public boolean usesStack() {
      return true;
    }
  }

  private static final class Return extends EndOp {
    private final int size;
    private final long extra;

    Return(Instruction in, Cpu cpu) {
      super(in, cpu);
      size = in.operandSize;
      extra = in.operands > 0 ? in.immediate & 0xffff : 0;
    }

    @Override
    public Op execute(Cpu c) {
      long target;
      if (size == 8) {
        long sp = c.r[Cpu.RSP];
        target = c.read64(sp);
        if (target << 16 >> 16 != target && !c.canonical(target)) {
          throw c.gp();
        }
        c.r[Cpu.RSP] = sp + 8 + extra;
      } else {
        target = c.peek(0, size);
        check(c, target);
        c.setStackPointer(c.r[Cpu.RSP] + size + extra);
      }
      c.instructions += index + 1;
      return c.indirect(target);
    }

    @Override
    public boolean usesStack() {
      return true;
    }
  }

  /** LOOP, LOOPE, LOOPNE and JCXZ: the counter has the address size. */
  private static final class Loop extends EndOp {
    private final Mnemonic mnemonic;
    private final int counterSize;
    private final long target;
    private final long fallThrough;
    private final Link taken = new Link();
    private final Link notTaken = new Link();

    Loop(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
      counterSize = in.addressSize;
      target = target(in);
      fallThrough = in.address + in.length & cpu.ripMask;
    }

    @Override
    public Op execute(Cpu c) {
      long count = c.reg(Cpu.RCX, counterSize);
      boolean jump;
      switch (mnemonic) {
        case JCXZ -> jump = count == 0;
        default -> {
          count = GenericOp.truncate(count - 1, counterSize);
          jump = count != 0;
          if (mnemonic == Mnemonic.LOOPE) {
            jump &= c.zf();
          } else if (mnemonic == Mnemonic.LOOPNE) {
            jump &= !c.zf();
          }
        }
      }
      if (jump) {
        check(c, target);
      }
      if (mnemonic != Mnemonic.JCXZ) {
        c.setReg(Cpu.RCX, counterSize, count);
      }
      c.instructions += index + 1;
      return jump ? taken.follow(c, this, target) : notTaken.follow(c, this, fallThrough);
    }
  }

  /** An end of a block with a register or memory operand that is an address of code. */
  abstract static class GenericEnd extends EndOp {
    private final boolean memory;
    private final int reg;
    private final int bytes;

    GenericEnd(Instruction in, Cpu cpu) {
      super(in, cpu);
      memory = in.kind[0] == OperandKind.MEMORY;
      reg = in.reg[0];
      bytes = in.size[0];
    }

    final long operand(Cpu c) {
      return memory ? c.read(readAddress(c, bytes), bytes) : c.reg(reg, bytes);
    }

    /** The operand of an operation that uses the stack besides. */
    final long operandBesidesStack(Cpu c) {
      return memory ? c.read(besidesStack(c, readAddress(c, bytes), bytes), bytes) : c.reg(reg, bytes);
    }

    @Override
    public boolean usesStack() {
      return memory && segment == Segment.SS;
    }
  }
}
