package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;

/** PUSH, POP (but for segment registers), PUSHA, POPA, ENTER, LEAVE. */
final class Stack {
  private Stack() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case PUSH -> in.kind[0] == OperandKind.GPR && in.size[0] == 8 ? push64(in, cpu, in.reg[0]) : new Push(in, cpu);
      case POP -> in.kind[0] == OperandKind.SEGMENT
          ? null
          : in.kind[0] == OperandKind.GPR && in.size[0] == 8 ? pop64(in, cpu, in.reg[0]) : new Pop(in, cpu);
      case PUSHA -> new PushAll(in, cpu);
      case POPA -> new PopAll(in, cpu);
      case ENTER -> new Enter(in, cpu);
      case LEAVE -> new Leave(in, cpu);
      default -> null;
    };
  }

  private static Op push64(Instruction in, Cpu cpu, int s) {
    return new StackOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long sp = c.r[Cpu.RSP] - 8;
        c.write64(sp, c.r[s]);
        c.r[Cpu.RSP] = sp;
        return next;
      }
    };
  }

  private static Op pop64(Instruction in, Cpu cpu, int d) {
    return new StackOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long sp = c.r[Cpu.RSP];
        long v = c.read64(sp);
        c.r[Cpu.RSP] = sp + 8;
        c.r[d] = v;
        return next;
      }
    };
  }

  /** An operation whose memory faults concern the stack. */
  private abstract static class StackOp extends GenericOp {
    StackOp(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public boolean usesStack() {
      return true;
    }
  }

  private static final class Push extends StackOp {
    private final boolean selector;

    Push(Instruction in, Cpu cpu) {
      super(in, cpu);
      selector = in.kind[0] == OperandKind.SEGMENT;
    }

    @Override
    public Op execute(Cpu c) {
      if (selector && operandSize == 4) { // recent processors move the stack pointer by 4 and write 2 bytes
        long sp = c.r[Cpu.RSP] - 4;
        c.write16(c.stack(sp, 2, true), (int) get(c, 0));
        c.setStackPointer(sp);
      } else {
        if (isMemory(0)) {
          besidesStack(c, readAddress(c, operandSize), operandSize);
        }
        c.push(operandSize, get(c, 0));
      }
      return next;
    }
  }

  private static final class Pop extends StackOp {
    Pop(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      long v = c.peek(0, operandSize);
      long before = c.r[Cpu.RSP];
      c.setStackPointer(before + operandSize); // an address that uses the stack pointer sees it after the pop
      if (isMemory(0)) {
        store(c, v, before);
      } else {
        set(c, 0, v);
      }
      return next;
    }

    private void store(Cpu c, long v, long before) {
      boolean done = false;
      try {
        besidesStack(c, writeAddress(c, operandSize), operandSize);
        set(c, 0, v);
        done = true;
      } finally {
        if (!done) {
          c.r[Cpu.RSP] = before;
        }
      }
    }
  }

  private static final class PushAll extends StackOp {
    PushAll(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      long sp = c.r[Cpu.RSP];
      for (int i = 1; i <= 8; i++) {
        c.checkWrite(c.stack(sp - i * operandSize, operandSize, true), operandSize);
      }
      for (int i = 0; i < 8; i++) {
        c.write(c.stack(sp - (i + 1) * operandSize, operandSize, true), operandSize, c.r[i]);
      }
      c.setStackPointer(sp - 8 * operandSize);
      return next;
    }
  }

  private static final class PopAll extends StackOp {
    PopAll(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      long[] popped = new long[8];
      for (int i = 0; i < 8; i++) {
        popped[i] = c.peek((7 - i) * operandSize, operandSize);
      }
      for (int i = 0; i < 8; i++) {
        if (i != Cpu.RSP) {
          c.setReg(i, operandSize, popped[i]);
        }
      }
      c.setStackPointer(c.r[Cpu.RSP] + 8 * operandSize);
      return next;
    }
  }

  private static final class Enter extends StackOp {
    Enter(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      int frame = (int) immediate & 0xffff;
      int level = (int) immediate2 & 31;
      int size = operandSize;
      int stackSize = c.stackSize();
      long sp = c.r[Cpu.RSP] - size;
      c.write(c.stack(sp, size, true), size, c.r[Cpu.RBP]);
      // On a stack of 16 bits, the upper half of ESP goes into EBP with it.
      long framePointer = stackSize == 2 ? c.r[Cpu.RSP] & ~0xffffL | sp & 0xffff : sp;
      if (level > 0) {
        long bp = c.r[Cpu.RBP];
        for (int i = 1; i < level; i++) {
          bp -= size;
          sp -= size;
          c.write(c.stack(sp, size, true), size, c.read(c.stack(bp, size, false), size));
        }
        sp -= size;
        c.write(c.stack(sp, size, true), size, framePointer);
      }
      sp -= frame;
      c.checkWrite(c.stack(sp, size, true), size); // the SDM: a write to the new top of the stack has to be possible
      c.setReg(Cpu.RBP, size, framePointer);
      c.setStackPointer(sp);
      return next;
    }
  }

  private static final class Leave extends StackOp {
    Leave(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      long frame = c.r[Cpu.RBP];
      long v = c.read(c.stack(frame, operandSize, false), operandSize);
      c.setStackPointer(frame + operandSize);
      c.setReg(Cpu.RBP, operandSize, v);
      return next;
    }
  }
}
