package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;

/**
 * An operation that ends a block, because control may go elsewhere or because the processor has to look around (modes, interrupts). It
 * counts the block's instructions.
 */
public abstract class EndOp extends MemOp {
  protected EndOp(Instruction in, Cpu cpu) {
    super(in, cpu);
  }

  /** Counts the block's instructions and goes on behind this one, in the run loop. */
  protected final Op leave(Cpu cpu) {
    cpu.instructions += index + 1;
    cpu.rip = nextRip() & cpu.ripMask;
    return null;
  }

  /** Counts the block's instructions and goes on at {@code target}, in the run loop. */
  protected final Op leaveTo(Cpu cpu, long target) {
    cpu.instructions += index + 1;
    cpu.rip = target;
    return null;
  }
}
