package org.sallyport.cpu.vmx.translate;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;

/**
 * What an instruction that is executed as it is changes of the state in locals. Only for instructions that change nothing when they
 * fault; all others may change everything.
 *
 * @param writes general registers to be read anew behind it, a bit each
 * @param readsFlags whether it needs the status flags
 * @param writesFlags whether it sets all of them
 */
record Effects(int writes, boolean readsFlags, boolean writesFlags) {
  /** Null where everything has to be taken as changed. */
  static Effects of(Instruction in) {
    boolean register = in.operands > 0 && (in.kind[0] == OperandKind.GPR || in.kind[0] == OperandKind.HIGH_BYTE);
    int written = register ? 1 << in.reg[0] : 0;
    return switch (in.mnemonic) {
      case DIV, IDIV, RDTSC -> new Effects(1 << Cpu.RAX | 1 << Cpu.RDX, false, false);
      case FCMOV -> new Effects(0, true, false);
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP, COMISS, COMISD, UCOMISS, UCOMISD, PTEST -> new Effects(0, false, true);
      case PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM -> new Effects(1 << Cpu.RCX, false, true);
      case POPCNT, TZCNT, LZCNT, BSF, BSR -> new Effects(written, false, true);
      case CRC32 -> new Effects(written, false, false);
      default -> in.mnemonic.compareTo(Mnemonic.FWAIT) >= 0 ? new Effects(written, false, false) : null;
    };
  }
}
