package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Flag;

/** COMISS, COMISD, UCOMISS and UCOMISD: comparisons that set the status flags. */
final class FloatCompare {
  private FloatCompare() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case UCOMISD -> cpu.has(CpuFeature.SSE2) ? doubles(in, cpu, false) : null;
      case COMISD -> cpu.has(CpuFeature.SSE2) ? doubles(in, cpu, true) : null;
      case UCOMISS -> cpu.has(CpuFeature.SSE) ? singles(in, cpu, false) : null;
      case COMISS -> cpu.has(CpuFeature.SSE) ? singles(in, cpu, true) : null;
      default -> null;
    };
  }

  private static Op doubles(Instruction in, Cpu cpu, boolean signalling) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        int order = DoubleMath.compare(s, x[d], value, signalling);
        s.finish(c);
        c.setStatus(status(order));
      }
    };
  }

  private static Op singles(Instruction in, Cpu cpu, boolean signalling) {
    return new XmmPartOp(in, cpu) {
      @Override
      void apply(Cpu c, long[] x, long value) {
        SoftFloat s = c.xmm.soft;
        s.begin(c.xmm.mxcsr);
        int order = SingleMath.compare(s, x[d], value, signalling);
        s.finish(c);
        c.setStatus(status(order));
      }
    };
  }

  private static int status(int order) {
    return switch (order) {
      case SoftCompare.LESS -> Flag.CF;
      case SoftCompare.EQUAL -> Flag.ZF;
      case SoftCompare.GREATER -> 0;
      default -> Flag.ZF | Flag.PF | Flag.CF;
    };
  }
}
