package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** An operation on an MMX register and another one or memory. */
abstract class MmxOp extends SimdOp {
  final int d;
  private final int source;
  private final int size;

  MmxOp(Instruction in, Cpu cpu) {
    super(in, cpu);
    d = in.reg[0];
    source = mmxIndex(in, 1);
    size = in.size[1];
  }

  @Override
  public final Op execute(Cpu c) {
    checkMmx(c);
    long value = source >= 0 ? c.fpu.mmx(source) : c.read(readAddress(c, size), size);
    c.fpu.enterMmx();
    c.fpu.setMmx(d, apply(c.fpu.mmx(d), value));
    return next;
  }

  /** The result of the operation. */
  abstract long apply(long destination, long value);
}
