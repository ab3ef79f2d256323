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
    int written = register(in, 0);
    return switch (in.mnemonic) {
      case DIV, IDIV, RDTSC -> new Effects(1 << Cpu.RAX | 1 << Cpu.RDX, false, false);
      // Locked, or of a form that is not translated.
      case ADD, OR, AND, SUB, XOR, NEG -> new Effects(written, false, true);
      case NOT -> new Effects(written, false, false);
      case ADC, SBB, INC, DEC, BT, BTS, BTR, BTC -> new Effects(written, true, true);
      // In memory that is no RAM they leave with flags that have changed.
      case SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD ->
        in.kind[0] == OperandKind.MEMORY ? null : new Effects(written, true, true);
      case XCHG -> new Effects(written | register(in, 1), false, false);
      case XADD -> new Effects(written | register(in, 1), false, true);
      case CMPXCHG -> new Effects(written | 1 << Cpu.RAX, false, true);
      case CMPXCHG8B, CMPXCHG16B -> new Effects(1 << Cpu.RAX | 1 << Cpu.RDX, true, true);
      case MUL, IMUL -> new Effects(written | 1 << Cpu.RAX | 1 << Cpu.RDX, false, true);
      case CLC, STC, CMC, SAHF -> new Effects(0, true, true);
      case LAHF -> new Effects(1 << Cpu.RAX, true, false);
      case FCMOV -> new Effects(0, true, false);
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP, COMISS, COMISD, UCOMISS, UCOMISD, PTEST -> new Effects(0, false, true);
      case PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM -> new Effects(1 << Cpu.RCX, false, true);
      case POPCNT, TZCNT, LZCNT, BSF, BSR -> new Effects(written, false, true);
      case CRC32 -> new Effects(written, false, false);
      default -> in.mnemonic.compareTo(Mnemonic.FWAIT) >= 0 ? new Effects(written, false, false) : null;
    };
  }

  /** The bit of an operand that is a general register. */
  private static int register(Instruction in, int operand) {
    boolean general =
        in.operands > operand && (in.kind[operand] == OperandKind.GPR || in.kind[operand] == OperandKind.HIGH_BYTE);
    return general ? 1 << in.reg[operand] : 0;
  }
}
