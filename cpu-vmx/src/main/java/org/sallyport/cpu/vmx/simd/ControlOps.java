package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** LDMXCSR and STMXCSR. */
final class ControlOps {
  private ControlOps() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case LDMXCSR -> cpu.has(CpuFeature.SSE) ? load(in, cpu) : null;
      case STMXCSR -> cpu.has(CpuFeature.SSE) ? store(in, cpu) : null;
      default -> null;
    };
  }

  private static Op load(Instruction in, Cpu cpu) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        int value = c.read32(readAddress(c, 4));
        if ((value & ~Mxcsr.VALID) != 0) {
          throw c.gp();
        }
        c.xmm.mxcsr = value;
        return next;
      }
    };
  }

  private static Op store(Instruction in, Cpu cpu) {
    return new SimdOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        checkSse(c);
        c.write32(writeAddress(c, 4), c.xmm.mxcsr);
        return next;
      }
    };
  }
}
