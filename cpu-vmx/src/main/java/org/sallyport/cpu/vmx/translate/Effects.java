package org.sallyport.cpu.vmx.translate;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;

/**
 * What an instruction that is executed as it is needs of the state in locals, and what it changes of it. Only for instructions that
 * change nothing when they fault; all others need and change everything.
 *
 * @param reads general registers, a bit each, as the processor must have them
 * @param writes general registers to be read anew behind it
 * @param readsFlags whether it needs the status flags
 * @param writesFlags whether it sets all of them
 */
record Effects(int reads, int writes, boolean readsFlags, boolean writesFlags) {
  /** Null where everything has to be taken as read and changed. */
  static Effects of(Instruction in) {
    int operands = 0;
    for (int i = 0; i < in.operands; i++) {
      if (in.kind[i] == OperandKind.GPR) {
        operands |= 1 << in.reg[i];
      } else if (in.kind[i] == OperandKind.HIGH_BYTE) {
        operands |= 1 << in.reg[i];
      }
    }
    int address = in.hasMemory() ? bit(in.base) | bit(in.index) : 0;
    int written =
        in.operands > 0 && (in.kind[0] == OperandKind.GPR || in.kind[0] == OperandKind.HIGH_BYTE) ? 1 << in.reg[0] : 0;
    int accumulator = 1 << Cpu.RAX | 1 << Cpu.RDX;
    return switch (in.mnemonic) {
      case DIV, IDIV -> new Effects(operands | address | accumulator, accumulator, false, false);
      case FCMOV -> new Effects(0, 0, true, false);
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP -> new Effects(0, 0, false, true);
      case COMISS, COMISD, UCOMISS, UCOMISD, PTEST -> new Effects(address, 0, false, true);
      case PCMPESTRI, PCMPESTRM -> new Effects(address | accumulator, 1 << Cpu.RCX, false, true);
      case PCMPISTRI, PCMPISTRM -> new Effects(address | 1 << Cpu.RCX, 1 << Cpu.RCX, false, true);
      case MASKMOVQ, MASKMOVDQU -> new Effects(1 << Cpu.RDI, 0, false, false);
      case POPCNT, TZCNT, LZCNT, BSF, BSR -> in.hasMemory() ? null : new Effects(operands, written, false, true);
      case CRC32 -> new Effects(operands | address, written, false, false);
      case RDTSC -> new Effects(0, accumulator, false, false);
      default -> in.mnemonic.compareTo(Mnemonic.FWAIT) >= 0
          ? new Effects(operands | address, written, false, false)
          : null;
    };
  }

  private static int bit(int register) {
    return register < 16 ? 1 << register : 0;
  }
}
