package org.sallyport.cpu.vmx.differential;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;

/** The status flags that an instruction leaves undefined (SDM volume 1, appendix A, and the instruction's page in volume 2). */
final class UndefinedFlags {
  // @formatter:off
  private static final long CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800;
  // @formatter:on

  private UndefinedFlags() {}

  static long of(Instruction in, CaseState s) {
    return switch (in.mnemonic) {
      case AND, OR, XOR, TEST -> AF;
      case MUL, IMUL -> SF | ZF | AF | PF;
      case DIV, IDIV -> CF | OF | SF | ZF | AF | PF;
      case BT, BTS, BTR, BTC -> OF | SF | AF | PF;
      case BSF, BSR -> CF | OF | SF | AF | PF;
      case SHL, SHR, SAR -> AF | (count(in, s) == 1 ? 0 : OF) | (count(in, s) >= in.size[0] * 8 ? CF : 0);
      case ROL, ROR, RCL, RCR -> count(in, s) == 1 ? 0 : OF;
      case SHLD, SHRD ->
        count(in, s) > in.size[0] * 8 ? CF | PF | AF | ZF | SF | OF : AF | (count(in, s) == 1 ? 0 : OF);
      default -> 0;
    };
  }

  /** Whether the destination is undefined too: a double shift by more than the operand has bits. */
  static boolean undefinedResult(Instruction in, CaseState s) {
    return switch (in.mnemonic) {
      case SHLD, SHRD -> count(in, s) > in.size[0] * 8;
      default -> false;
    };
  }

  private static int count(Instruction in, CaseState s) {
    int last = in.operands - 1;
    long count = in.kind[last] == OperandKind.IMMEDIATE ? in.immediate : s.gpr[1];
    return (int) count & (in.size[0] == 8 ? 63 : 31);
  }
}
