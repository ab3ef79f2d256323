package org.sallyport.cpu.vmx.interpret;

import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.system.ControlFlow;

/**
 * Near branches where a shadow stack or the tracking of indirect branches is enabled (SDM volume 1, "Control-flow Enforcement
 * Technology"). Code is bound to these instead of the plain ones in modes that have either.
 */
final class GuardedBranches {
  private GuardedBranches() {}

  /** The operation for an instruction that is another one in the processor's mode, or null. */
  static Op bind(Instruction in, Cpu cpu) {
    boolean shadow = (cpu.mode & ControlFlow.SHADOW_STACK) != 0;
    boolean tracking = (cpu.mode & ControlFlow.TRACKING) != 0;
    boolean relative = in.kind[0] == OperandKind.RELATIVE;
    return switch (in.mnemonic) {
      case CALL -> relative ? (shadow ? new Call(in, cpu) : null) : new IndirectCall(in, cpu, shadow, tracking);
      case JMP -> !relative && tracking ? new IndirectJump(in, cpu) : null;
      case RET -> shadow ? new Return(in, cpu) : null;
      case RDSSP -> shadow ? new ReadPointer(in, cpu) : null;
      case ENDBR -> tracking && ends(in) ? new EndBranch(in, cpu) : null;
      default -> null;
    };
  }

  /** Whether an ENDBRANCH is the one of the code's size: ENDBR64 in 64-bit mode, ENDBR32 elsewhere. */
  private static boolean ends(Instruction in) {
    return (in.modrm & 1) == 0 == (in.mode == CodeMode.BITS64);
  }

  /**
   * The operation at the target of an indirect branch, where ENDBRANCH is expected. INT3 and INT1 may stand there: a debugger has put
   * them over it, and what they interrupt is still to begin with ENDBRANCH.
   */
  static Op first(Op op, Instruction in) {
    boolean allowed = op instanceof EndBranch || in.mnemonic == Mnemonic.INT3 || in.mnemonic == Mnemonic.INT1;
    return allowed ? op : new Guard(op);
  }

  /** Pushes a return address on both stacks; faults before it changes anything. */
  private static void push(Cpu c, int size, long value, boolean shadow) {
    long sp = c.r[Cpu.RSP] - size;
    long at = c.stack(sp, size, true);
    if (shadow) {
      c.hostForUpdate(at, size); // the fault of the ordinary stack comes first
      int width = size == 8 ? 8 : 4;
      c.writeShadow(c.ssp - width, width, GenericOp.truncate(value, size), c.cpl == 3);
      c.write(at, size, value);
      c.ssp -= width;
    } else {
      c.write(at, size, value);
    }
    c.setStackPointer(sp);
  }

  private static Op indirect(Cpu c, long target, boolean noTrack) {
    if (c.cet.branched(noTrack)) {
      c.mode |= ControlFlow.WAITING;
    }
    return c.indirect(target);
  }

  private static final class Call extends EndOp {
    private final long target;
    private final int size;
    private final boolean shadow;
    private final Link link = new Link();

    Call(Instruction in, Cpu cpu) {
      super(in, cpu);
      target = Jumps.target(in);
      size = in.operandSize;
      shadow = in.immediate != 0; // a call of the next instruction is a way to read the instruction pointer
    }

    @Override
    public Op execute(Cpu c) {
      Jumps.check(c, target);
      push(c, size, nextRip(), shadow);
      c.instructions += index + 1;
      return link.follow(c, this, target);
    }

    @Override
    public boolean usesStack() {
      return true;
    }
  }

  private static final class IndirectCall extends Jumps.GenericEnd {
    private final int size;
    private final boolean shadow;
    private final boolean tracking;
    private final boolean noTrack;

    IndirectCall(Instruction in, Cpu cpu, boolean shadow, boolean tracking) {
      super(in, cpu);
      size = in.operandSize;
      this.shadow = shadow;
      this.tracking = tracking;
      noTrack = in.noTrack;
    }

    @Override
    public Op execute(Cpu c) {
      long target = operand(c);
      Jumps.check(c, target);
      push(c, size, nextRip(), shadow);
      c.instructions += index + 1;
      return tracking ? indirect(c, target, noTrack) : c.indirect(target);
    }
  }

  private static final class IndirectJump extends Jumps.GenericEnd {
    private final boolean noTrack;

    IndirectJump(Instruction in, Cpu cpu) {
      super(in, cpu);
      noTrack = in.noTrack;
    }

    @Override
    public Op execute(Cpu c) {
      long target = operand(c);
      Jumps.check(c, target);
      c.instructions += index + 1;
      return indirect(c, target, noTrack);
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
      long target = c.peek(0, size);
      Jumps.check(c, target);
      int width = size == 8 ? 8 : 4;
      if (c.readShadow(c.ssp, width, c.cpl == 3) != target) {
        throw c.cet.violation(ControlFlow.NEAR_RET);
      }
      c.ssp += width;
      c.setStackPointer(c.r[Cpu.RSP] + size + extra);
      c.instructions += index + 1;
      return c.indirect(target);
    }

    @Override
    public boolean usesStack() {
      return true;
    }
  }

  private static final class ReadPointer extends GenericOp {
    ReadPointer(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      set(c, 0, c.ssp);
      return next;
    }
  }

  private static final class EndBranch extends EndOp {
    EndBranch(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      c.cet.endBranch();
      c.mode &= ~ControlFlow.WAITING;
      c.instructions += index + 1;
      return c.indirect(nextRip() & c.ripMask);
    }
  }

  /** Something else at the target of an indirect branch: #CP, or legacy code, which goes on with it. */
  private static final class Guard extends Op {
    private final Op guarded;

    Guard(Op guarded) {
      this.guarded = guarded;
    }

    @Override
    public Op execute(Cpu c) {
      c.cet.missingEndBranch(rip);
      c.mode &= ~ControlFlow.WAITING;
      guarded.rip = rip;
      guarded.length = length;
      guarded.index = index;
      guarded.next = next;
      return guarded.execute(c);
    }

    @Override
    public boolean usesStack() {
      return guarded.usesStack();
    }
  }
}
