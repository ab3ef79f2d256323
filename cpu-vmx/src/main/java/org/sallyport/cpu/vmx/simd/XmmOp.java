package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** An operation on an XMM register and a source of 16 bytes: another one, or aligned memory. */
abstract class XmmOp extends SimdOp {
  /** Index of the destination's lower half in {@link XmmRegisters#x}. */
  final int d;

  private final int source;

  XmmOp(Instruction in, Cpu cpu) {
    super(in, cpu);
    d = 2 * in.reg[0];
    source = xmmIndex(in, 1);
  }

  @Override
  public final Op execute(Cpu c) {
    checkSse(c);
    long[] x = c.xmm.x;
    int s = source;
    if (s >= 0) {
      apply(c, x, x[s], x[s + 1]);
    } else {
      long a = alignedRead(c);
      long low = c.read64(a);
      apply(c, x, low, c.read64(a + 8));
    }
    return next;
  }

  /** Carries out the operation; may raise an exception before it changes anything. */
  abstract void apply(Cpu c, long[] x, long low, long high);
}
