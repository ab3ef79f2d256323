package org.sallyport.cpu.vmx.interpret;

/** Executes a block and what may follow it, compiled together. Fields of {@link Op} describe the instruction that faulted last. */
public abstract class Translation extends Op {
  /** Code that it was made from has changed: it is not entered any more, and left after the present instruction. */
  public abstract void discard();
}
