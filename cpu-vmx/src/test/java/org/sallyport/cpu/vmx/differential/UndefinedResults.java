package org.sallyport.cpu.vmx.differential;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;

/** What the manual leaves undefined: status flags (SDM volume 1, appendix A, and the instruction's page in volume 2), and results. */
final class UndefinedResults {
  // @formatter:off
  private static final long CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800;
  private static final long ALL = CF | PF | AF | ZF | SF | OF;
  // @formatter:on

  private UndefinedResults() {}

  /** The status flags that the instruction leaves undefined. */
  static long flags(Instruction in, TestCase c) {
    return switch (in.mnemonic) {
      case AND, OR, XOR, TEST -> AF;
      case MUL, IMUL -> SF | ZF | AF | PF;
      case DIV, IDIV -> ALL;
      case BT, BTS, BTR, BTC -> OF | SF | AF | PF; // ZF is unchanged
      case BSF, BSR -> ALL & ~ZF;
      case LZCNT, TZCNT -> OF | SF | AF | PF;
      case SHL, SHR, SAR -> count(in, c) == 0
          ? 0
          : AF | (count(in, c) == 1 ? 0 : OF) | (count(in, c) >= in.size[0] * 8 ? CF : 0);
      case ROL, ROR, RCL, RCR -> count(in, c) <= 1 ? 0 : OF;
      case SHLD, SHRD -> count(in, c) == 0
          ? 0
          : count(in, c) > in.size[0] * 8 ? ALL : AF | (count(in, c) == 1 ? 0 : OF);
      case DAA, DAS -> OF;
      case AAA, AAS -> OF | SF | ZF | PF;
      case AAM, AAD -> OF | AF | CF;
      default -> 0;
    };
  }

  /** Whether the destination is undefined too. */
  static boolean destination(Instruction in, TestCase c) {
    return switch (in.mnemonic) {
      case SHLD, SHRD -> count(in, c) > in.size[0] * 8; // by more than the operand has bits
      case BSWAP -> in.size[0] == 2; // "of a 16-bit register, the result is undefined"
      default -> false;
    };
  }

  private static int count(Instruction in, TestCase c) {
    int last = in.operands - 1;
    long count = in.kind[last] == OperandKind.IMMEDIATE ? in.immediate : c.before.gpr[1];
    return (int) count & (in.size[0] == 8 ? 63 : 31);
  }
}
