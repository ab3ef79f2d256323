package org.sallyport.cpu.vmx.decode;

import java.util.Locale;
import org.sallyport.api.cpu.CodeMode;

/** Names of instructions and of sizes, as GNU objdump writes them. */
final class MnemonicText {
  private static final String[] CONDITIONS = {
      "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };
  private static final String[] NAMES = new String[Mnemonic.values().length];

  static {
    for (Mnemonic mnemonic : Mnemonic.values()) {
      NAMES[mnemonic.ordinal()] = mnemonic.name().toLowerCase(Locale.ROOT);
    }
  }

  private MnemonicText() {}

  static boolean isString(Mnemonic mnemonic) {
    return switch (mnemonic) {
      case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS, XLAT -> true;
      default -> false;
    };
  }

  /** The name; conditions, and sizes where the name tells them, included. */
  static String of(Instruction in) {
    return switch (in.mnemonic) {
      case J -> "j" + CONDITIONS[in.condition];
      case SET -> "set" + CONDITIONS[in.condition];
      case CMOV -> "cmov" + CONDITIONS[in.condition];
      case FCMOV -> "fcmov" + floatingCondition(in.condition);
      case CBW -> bySize(in, "cbw", "cwde", "cdqe");
      case CWD -> bySize(in, "cwd", "cdq", "cqo");
      case JCXZ -> in.addressSize == 2 ? "jcxz" : in.addressSize == 4 ? "jecxz" : "jrcxz";
      case IRET -> sized(in, "iret", 4);
      case PUSHA, POPA -> sized(in, name(in), 4);
      case PUSHF, POPF -> sized(in, name(in), 8);
      case MOV -> isWideMove(in) ? "movabs" : "mov";
      case CALL_FAR -> "call";
      case JMP_FAR -> "jmp";
      case RET_FAR -> sized(in, "retf", 4);
      case ENTER, LEAVE -> sized(in, name(in), 8);
      case PUSH, POP ->
        in.kind[0] == OperandKind.SEGMENT || in.kind[0] == OperandKind.IMMEDIATE ? sized(in, name(in), 8) : name(in);
      case NOP -> isExchange(in) ? "xchg\t" + bySize(in, "ax,ax", "eax,eax", "rax,rax") : "nop";
      case FNSAVE, FRSTOR, FNSTENV, FLDENV -> in.operandSize == 8 ? name(in) : sized(in, name(in), 4);
      case FXSAVE, FXRSTOR, XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS ->
        in.operandSize == 8 ? name(in) + "64" : name(in);
      case SYSRET -> in.mode != CodeMode.BITS64 ? "sysret" : in.operandSize == 8 ? "sysretq" : "sysretd";
      case SYSEXIT -> in.mode != CodeMode.BITS64 ? "sysexit" : in.operandSize == 8 ? "sysexitq" : "sysexitd";
      case LGDT, LIDT, SGDT, SIDT ->
        in.mode == CodeMode.BITS64 ? name(in) : name(in) + (in.operandSize == 2 ? "w" : "d");
      case RET, XBEGIN -> sized(in, name(in), 8);
      case CALL, JMP -> in.opcode == 0xE8 || in.opcode == 0xE9 ? sized(in, name(in), 8) : name(in);
      case PCMPESTRI, PCMPESTRM -> in.operandSize == 8 ? name(in) + "q" : name(in);
      case ENDBR -> (in.modrm & 1) == 0 ? "endbr64" : "endbr32";
      case RDSSP, WRSS, WRUSS, INCSSP -> name(in) + (in.size[0] == 8 ? "q" : "d");
      case FNENI, FNDISI -> name(in) + "(8087 only)";
      case FNSETPM -> name(in) + "(287 only)";
      default -> ComparisonText.of(in, name(in));
    };
  }

  private static String name(Instruction in) {
    return NAMES[in.mnemonic.ordinal()];
  }

  private static String bySize(Instruction in, String word, String doubleword, String quadword) {
    return in.operandSize == 2 ? word : in.operandSize == 4 ? doubleword : quadword;
  }

  /** A name with its size unless that is the mode's default. */
  private static String sized(Instruction in, String name, int default64) {
    int usual = in.mode == CodeMode.BITS16 ? 2 : in.mode == CodeMode.BITS32 ? 4 : default64;
    return in.operandSize == usual ? name : name + bySize(in, "w", "d", "q");
  }

  private static String floatingCondition(int condition) {
    return switch (condition) {
      case 2 -> "b";
      case 3 -> "nb";
      case 4 -> "e";
      case 5 -> "ne";
      case 6 -> "be";
      case 7 -> "nbe";
      case 10 -> "u";
      default -> "nu";
    };
  }

  /** Whether 90 has an operand size other than the mode's. */
  private static boolean isExchange(Instruction in) {
    return in.map == 0 && in.operandSize != (in.mode == CodeMode.BITS16 ? 2 : 4) && in.operandSize != 8;
  }

  /** MOV with an immediate or an address of 64 bits. */
  private static boolean isWideMove(Instruction in) {
    if (in.map != 0) {
      return false;
    }
    return (in.opcode & 0xF8) == 0xB8 && in.operandSize == 8 || (in.opcode & 0xFC) == 0xA0 && in.addressSize == 8;
  }

  /** DS before an indirect jump or call exempts it from indirect branch tracking. */
  static boolean isNotrack(Instruction in) {
    return in.opcode == 0xFF && (in.mnemonic == Mnemonic.JMP || in.mnemonic == Mnemonic.CALL);
  }

  /** Whether an operand is part of the name, or not written at all. */
  static boolean hides(Instruction in, int i) {
    return switch (in.mnemonic) {
      case NOP -> in.kind[i] != OperandKind.MEMORY && in.map == 0;
      default -> ComparisonText.hides(in, i);
    };
  }

  /** What stands before a memory operand. */
  static String pointer(Instruction in, int size) {
    switch (in.mnemonic) {
      case LGDT, SGDT, LIDT, SIDT, WRSS, WRUSS, FXSAVE, FXRSTOR, FNSAVE, FRSTOR, FNSTENV, FLDENV, LDDQU, INVPCID -> {
        return "";
      }
      case INVLPG -> {
        return "BYTE PTR ";
      }
      case INVEPT, INVVPID, CMPXCHG16B -> {
        return "OWORD PTR ";
      }
      case CALL_FAR, JMP_FAR, LSS, LFS, LGS, LDS, LES -> {
        return size == 4 ? "DWORD PTR " : "FWORD PTR ";
      }
      default -> {
        return switch (size) {
          case 1 -> "BYTE PTR ";
          case 2 -> "WORD PTR ";
          case 4 -> "DWORD PTR ";
          case 8 -> "QWORD PTR ";
          case 10 -> "TBYTE PTR ";
          case 16 -> "XMMWORD PTR ";
          default -> "";
        };
      }
    }
  }
}
