package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** The x87 instructions. */
public final class FpuOps {
  private FpuOps() {}

  public static Op bind(Instruction in, Cpu cpu) {
    return null;
  }
}
