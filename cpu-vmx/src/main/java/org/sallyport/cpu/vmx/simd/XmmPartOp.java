package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** An operation on an XMM register and a source of at most 8 bytes: the lower half of another one, or memory of any alignment. */
abstract class XmmPartOp extends SimdOp {
  /** Index of the destination's lower half in {@link XmmRegisters#x}. */
  final int d;

  private final int source;
  private final int size;

  XmmPartOp(Instruction in, Cpu cpu) {
    super(in, cpu);
    d = 2 * in.reg[0];
    source = xmmIndex(in, 1);
    size = in.size[1];
  }

  @Override
  public final Op execute(Cpu c) {
    checkSse(c);
    long[] x = c.xmm.x;
    apply(c, x, source >= 0 ? x[source] : c.read(readAddress(c, size), size));
    return next;
  }

  /**
   * Carries out the operation; may raise an exception before it changes anything.
   *
   * @param value the source: from memory zero-extended, from a register its lower half
   */
  abstract void apply(Cpu c, long[] x, long value);
}
