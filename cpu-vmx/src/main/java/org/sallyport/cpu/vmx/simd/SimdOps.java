package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** The SSE and MMX instructions. */
public final class SimdOps {
  private SimdOps() {}

  public static Op bind(Instruction in, Cpu cpu) {
    return null;
  }
}
