package org.sallyport.cpu.vmx.interpret;

/**
 * An instruction made ready to run: decoded once, its operands resolved, linked to the one that follows it in its block.
 *
 * <p>Obligations of {@link #execute}: everything that can fault comes before anything that is changed, because a fault or a VM exit
 * leaves by an exception and the instruction is executed again from its start. It returns the operation to go on with: {@link #next},
 * read <em>after</em> memory has been written (a write to code replaces it), or, from the end of a block, the first one of another block,
 * or null when {@link Cpu#rip} says where to go on.
 */
public abstract class Op {
  /** The operation behind this one in its block. */
  public Op next;

  /** Instruction pointer of the instruction. */
  public long rip;

  /** Its length in bytes. */
  public int length;

  /** How many instructions of the block precede it. */
  public int index;

  public abstract Op execute(Cpu cpu);

  /** Whether memory faults of this operation concern the stack segment: a non-canonical address is #SS then, not #GP. */
  public boolean usesStack() {
    return false;
  }

  /** Whether this is no instruction of this processor, so that all it does is to raise #UD. */
  public boolean isUndefined() {
    return false;
  }

  /** Instruction pointer of the next instruction, not cut to the code size. */
  public final long nextRip() {
    return rip + length;
  }
}
