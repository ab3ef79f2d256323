package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** The SSE and MMX instructions (SDM volume 1, chapters 9 to 12). Asks one family after the other, the frequent ones first. */
public final class SimdOps {
  @FunctionalInterface
  private interface Family {
    Op bind(Instruction in, Cpu cpu);
  }

  private static final Family[] FAMILIES = {
      XmmMoves::bind,
      PackedLogic::bind,
      TransferOps::bind,
      PackedHalves::bind,
      PackedPairs::bind,
      PackedShifts::bind,
      ShuffleOps::bind,
      FloatArithmetic::bind,
      FloatCompare::bind,
      Conversions::bind,
      ControlOps::bind,
      MmxMoves::bind,
      PackedWhole::bind,
      StringCompare::bind,
      MaskedStores::bind,
      MmxConversions::bind,
      CryptoOps::bind
  };

  private SimdOps() {}

  /** Makes an operation, or null when the mnemonic is none of SSE's or MMX's, or its feature is not announced. */
  public static Op bind(Instruction in, Cpu cpu) {
    for (Family family : FAMILIES) {
      Op op = family.bind(in, cpu);
      if (op != null) {
        return op;
      }
    }
    return null;
  }
}
