package org.sallyport.cpu.vmx.interpret;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;

/** MOV between registers and memory, MOVZX, MOVSX, LEA, CMOVcc, SETcc, sign extension, NOP. */
final class Moves {
  private Moves() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case MOV -> mov(in, cpu);
      case LEA -> lea(in, cpu);
      case MOVZX -> extend(in, cpu, false);
      case MOVSX, MOVSXD -> extend(in, cpu, true);
      case CMOV -> cmov(in, cpu);
      case SET -> new SetCondition(in, cpu);
      case CBW -> new Widen(in.operandSize);
      case CWD -> new Spread(in.operandSize);
      case NOP, ENDBR, RDSSP, PREFETCH, PREFETCHW, PREFETCHWT1, PREFETCHNTA, PREFETCHT0, PREFETCHT1, PREFETCHT2,
          CLDEMOTE,
          LFENCE, SFENCE ->
        new Nop();
      case MFENCE -> new Fence();
      case BSWAP -> new ByteSwap(in.reg[0], in.size[0]);
      case MOVBE -> cpu.has(CpuFeature.MOVBE) ? new MoveSwapped(in, cpu) : null;
      case MOVNTI -> new Generic(in, cpu);
      case XLAT -> new Translate(in, cpu);
      default -> null;
    };
  }

  private static Op mov(Instruction in, Cpu cpu) {
    OperandKind to = in.kind[0];
    OperandKind from = in.kind[1];
    int size = in.size[0];
    if (to == OperandKind.SEGMENT || from == OperandKind.SEGMENT || to == OperandKind.CONTROL
        || from == OperandKind.CONTROL
        || to == OperandKind.DEBUG || from == OperandKind.DEBUG) {
      return null;
    }
    if (to == OperandKind.GPR && size >= 4) {
      int d = in.reg[0];
      if (from == OperandKind.GPR) {
        int s = in.reg[1];
        return size == 8 ? copy64(d, s) : copy32(d, s);
      }
      if (from == OperandKind.IMMEDIATE) {
        return constant(d, size == 8 ? in.immediate : in.immediate & 0xffffffffL);
      }
      if (from == OperandKind.MEMORY) {
        return size == 8 ? load64(in, cpu, d) : load32(in, cpu, d);
      }
    }
    if (to == OperandKind.MEMORY && from == OperandKind.GPR) {
      int s = in.reg[1];
      return switch (size) {
        case 1 -> store8(in, cpu, s);
        case 2 -> store16(in, cpu, s);
        case 4 -> store32(in, cpu, s);
        default -> store64(in, cpu, s);
      };
    }
    if (to == OperandKind.MEMORY && from == OperandKind.IMMEDIATE && size >= 4) {
      return size == 8 ? storeConstant64(in, cpu) : storeConstant32(in, cpu);
    }
    if (to == OperandKind.GPR && from == OperandKind.MEMORY && size == 1) {
      return load8(in, cpu, in.reg[0]);
    }
    return new Generic(in, cpu);
  }

  private static Op copy64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        c.r[d] = c.r[s];
        return next;
      }
    };
  }

  private static Op copy32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        c.r[d] = c.r[s] & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op constant(int d, long value) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        c.r[d] = value;
        return next;
      }
    };
  }

  private static Op load64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.r[d] = c.read64(readAddress(c, 8));
        return next;
      }
    };
  }

  private static Op load32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.r[d] = c.read32(readAddress(c, 4)) & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op load8(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int v = c.read8(readAddress(c, 1));
        c.r[d] = c.r[d] & ~0xffL | v;
        return next;
      }
    };
  }

  private static Op store64(Instruction in, Cpu cpu, int s) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.write64(writeAddress(c, 8), c.r[s]);
        return next;
      }
    };
  }

  private static Op store32(Instruction in, Cpu cpu, int s) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.write32(writeAddress(c, 4), (int) c.r[s]);
        return next;
      }
    };
  }

  private static Op store16(Instruction in, Cpu cpu, int s) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.write16(writeAddress(c, 2), (int) c.r[s]);
        return next;
      }
    };
  }

  private static Op store8(Instruction in, Cpu cpu, int s) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.write8(writeAddress(c, 1), (int) c.r[s]);
        return next;
      }
    };
  }

  private static Op storeConstant64(Instruction in, Cpu cpu) {
    long value = in.immediate;
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.write64(writeAddress(c, 8), value);
        return next;
      }
    };
  }

  private static Op storeConstant32(Instruction in, Cpu cpu) {
    int value = (int) in.immediate;
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.write32(writeAddress(c, 4), value);
        return next;
      }
    };
  }

  private static Op lea(Instruction in, Cpu cpu) {
    int d = in.reg[0];
    int size = in.size[0];
    if (size == 8) {
      return new MemOp(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          c.r[d] = offset(c);
          return next;
        }
      };
    }
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.setReg(d, size, offset(c));
        return next;
      }
    };
  }

  private static Op extend(Instruction in, Cpu cpu, boolean signed) {
    int d = in.reg[0];
    int from = in.size[1];
    if (in.size[0] >= 4 && in.kind[1] == OperandKind.MEMORY && !signed) {
      return from == 1 ? zeroExtend8(in, cpu, d) : zeroExtend16(in, cpu, d);
    }
    if (in.size[0] == 8 && in.kind[1] == OperandKind.MEMORY && from == 4) {
      return new MemOp(in, cpu) {
        @Override
        public Op execute(Cpu c) {
          c.r[d] = c.read32(readAddress(c, 4));
          return next;
        }
      };
    }
    if (in.size[0] >= 4 && in.kind[1] == OperandKind.GPR && !signed) {
      int s = in.reg[1];
      long mask = from == 1 ? 0xff : 0xffff;
      return new Op() {
        @Override
        public Op execute(Cpu c) {
          c.r[d] = c.r[s] & mask;
          return next;
        }
      };
    }
    return new GenericOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long v = get(c, 1);
        set(c, 0, signed ? signExtend(v, from) : v);
        return next;
      }
    };
  }

  private static Op zeroExtend8(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.r[d] = c.read8(readAddress(c, 1));
        return next;
      }
    };
  }

  private static Op zeroExtend16(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        c.r[d] = c.read16(readAddress(c, 2));
        return next;
      }
    };
  }

  private static Op cmov(Instruction in, Cpu cpu) {
    int condition = in.condition;
    if (in.kind[1] == OperandKind.GPR && in.size[0] >= 4) {
      int d = in.reg[0];
      int s = in.reg[1];
      long mask = in.size[0] == 8 ? -1L : 0xffffffffL;
      return new Op() {
        @Override
        public Op execute(Cpu c) {
          c.r[d] = c.r[c.condition(condition) ? s : d] & mask;
          return next;
        }
      };
    }
    return new GenericOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long v = get(c, 1); // the source is read (and may fault) whatever the condition is
        set(c, 0, c.condition(condition) ? v : get(c, 0));
        return next;
      }
    };
  }

  /** A move of any form. */
  private static final class Generic extends GenericOp {
    Generic(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      set(c, 0, get(c, 1));
      return next;
    }
  }

  private static final class SetCondition extends GenericOp {
    private final int condition;

    SetCondition(Instruction in, Cpu cpu) {
      super(in, cpu);
      condition = in.condition;
    }

    @Override
    public Op execute(Cpu c) {
      set(c, 0, c.condition(condition) ? 1 : 0);
      return next;
    }
  }

  /** CBW, CWDE, CDQE. */
  private static final class Widen extends Op {
    private final int size;

    Widen(int size) {
      this.size = size;
    }

    @Override
    public Op execute(Cpu c) {
      c.setReg(Cpu.RAX, size, GenericOp.signExtend(c.r[Cpu.RAX], size / 2));
      return next;
    }
  }

  /** CWD, CDQ, CQO. */
  private static final class Spread extends Op {
    private final int size;

    Spread(int size) {
      this.size = size;
    }

    @Override
    public Op execute(Cpu c) {
      c.setReg(Cpu.RDX, size, GenericOp.signExtend(c.r[Cpu.RAX], size) >> 63);
      return next;
    }
  }

  private static final class Nop extends Op {
    @Override
    public Op execute(Cpu c) {
      return next;
    }
  }

  private static final class Fence extends Op {
    @Override
    public Op execute(Cpu c) {
      if (c.smp) {
        java.lang.invoke.VarHandle.fullFence();
      }
      return next;
    }
  }

  private static final class ByteSwap extends Op {
    private final int d;
    private final int size;

    ByteSwap(int d, int size) {
      this.d = d;
      this.size = size;
    }

    @Override
    public Op execute(Cpu c) {
      switch (size) {
        case 8 -> c.r[d] = Long.reverseBytes(c.r[d]);
        case 4 -> c.r[d] = Integer.reverseBytes((int) c.r[d]) & 0xffffffffL;
        default -> c.setReg(d, 2, 0); // undefined; processors clear the register
      }
      return next;
    }
  }

  private static final class MoveSwapped extends GenericOp {
    MoveSwapped(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      set(c, 0, Long.reverseBytes(get(c, 1)) >>> 64 - 8 * size[0]);
      return next;
    }
  }

  private static final class Translate extends MemOp {
    private final long mask;

    Translate(Instruction in, Cpu cpu) {
      super(in, cpu);
      mask = in.addressSize == 8 ? -1L : in.addressSize == 4 ? 0xffffffffL : 0xffffL;
    }

    @Override
    public Op execute(Cpu c) {
      long offset = c.r[Cpu.RBX] + (c.r[Cpu.RAX] & 0xff) & mask;
      c.setReg(Cpu.RAX, 1, c.read8(c.linear(segment, offset, 1, false)));
      return next;
    }
  }
}
