package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.fpu.FpuOps;
import org.sallyport.cpu.vmx.simd.SimdOps;
import org.sallyport.cpu.vmx.system.ControlFlow;
import org.sallyport.cpu.vmx.system.SystemOps;

/** Makes operations of decoded instructions: asks one family after the other, the frequent ones first. */
final class Binder {
  private Binder() {}

  static Op bind(Instruction in, Cpu cpu) {
    if (in.mnemonic == Mnemonic.INVALID) {
      return new Undefined();
    }
    Op op = (cpu.mode & ControlFlow.MODES) != 0 ? GuardedBranches.bind(in, cpu) : null;
    if (op == null) {
      op = Moves.bind(in, cpu);
    }
    if (op == null) {
      op = Alu.bind(in, cpu);
    }
    if (op == null) {
      op = Jumps.bind(in, cpu);
    }
    if (op == null) {
      op = Stack.bind(in, cpu);
    }
    if (op == null) {
      op = Shifts.bind(in, cpu);
    }
    if (op == null) {
      op = Bits.bind(in, cpu);
    }
    if (op == null) {
      op = Multiply.bind(in, cpu);
    }
    if (op == null) {
      op = Strings.bind(in, cpu);
    }
    if (op == null) {
      op = Exchange.bind(in, cpu);
    }
    if (op == null) {
      op = SystemOps.bind(in, cpu);
    }
    if (op == null) {
      op = SimdOps.bind(in, cpu);
    }
    if (op == null) {
      op = FpuOps.bind(in, cpu);
    }
    if (op == null) {
      op = PortOps.bind(in, cpu);
    }
    if (op == null) {
      op = Decimal.bind(in, cpu);
    }
    return op == null ? new Undefined() : op;
  }

  /** What is no instruction of this processor: #UD. */
  static final class Undefined extends Op {
    @Override
    public boolean isUndefined() {
      return true;
    }

    @Override
    public Op execute(Cpu cpu) {
      throw cpu.ud();
    }
  }

  /** The end of a block that goes on in the next one; no instruction of its own. */
  static final class Continue extends EndOp {
    private final Link link = new Link();

    Continue(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu cpu) {
      cpu.instructions += index + 1;
      return link.follow(cpu, this, rip & cpu.ripMask);
    }
  }
}
