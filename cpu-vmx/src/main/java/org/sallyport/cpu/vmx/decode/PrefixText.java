package org.sallyport.cpu.vmx.decode;

import org.sallyport.api.cpu.CodeMode;

/**
 * The prefixes that GNU objdump writes before the name of an instruction: LOCK and the repeat prefixes by name, and
 * every prefix that has no effect. Whether one has an effect is found out by leaving it away.
 */
final class PrefixText {
  private static final String REX_BITS = "BXRW";

  private final Decoder decoder = new Decoder();
  private final Instruction variant = new Instruction();
  private final Instruction in;
  private final int[] code;
  /** Prefixes that have turned out to be without effect: of two equal ones that is only the first. */
  private final boolean[] idle;
  private final long next;
  private final String core;

  private PrefixText(Instruction in, InstructionBytes bytes, long next, String core) {
    this.in = in;
    this.next = next;
    this.core = core;
    code = new int[in.length];
    idle = new boolean[in.length];
    for (int i = 0; i < in.length; i++) {
      code[i] = bytes.at(i);
    }
  }

  /**
   * The prefixes, each followed by a space.
   *
   * @param next address of the next instruction
   * @param core the instruction's text without prefixes
   */
  static String of(Instruction in, InstructionBytes bytes, long next, String core) {
    return Decoder.isPrefix(bytes.at(0), in.mode) ? new PrefixText(in, bytes, next, core).write() : "";
  }

  private String write() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; Decoder.isPrefix(code[i], in.mode); i++) {
      String name = name(i);
      if (!name.isEmpty()) {
        text.append(name).append(' ');
      }
    }
    return text.toString();
  }

  /** The name of the prefix at an index if it is to be written, otherwise nothing. */
  private String name(int i) {
    int prefix = code[i];
    boolean mode16 = in.mode == CodeMode.BITS16;
    boolean rex = in.mode == CodeMode.BITS64 && prefix >> 4 == 4;
    return switch (prefix) {
      case 0xF0 -> "lock";
      case 0xF2 -> in.repne ? repne() : ifIdle(i, "repnz");
      case 0xF3 -> in.rep ? rep() : ifIdle(i, "repz");
      case 0x66 -> ifIdle(i, mode16 ? "data32" : "data16");
      case 0x67 -> isDirect() ? "addr32" : ifIdle(i, in.mode == CodeMode.BITS32 ? "addr16" : "addr32");
      case 0x3E -> MnemonicText.isNotrack(in) && in.segmentOverride < 4 ? "notrack" : ifIdle(i, "ds");
      case 0x26 -> ifIdle(i, "es");
      case 0x2E -> ifIdle(i, "cs");
      case 0x36 -> ifIdle(i, "ss");
      case 0x64 -> ifIdle(i, "fs");
      case 0x65 -> ifIdle(i, "gs");
      default -> rex ? rex(i) : "";
    };
  }

  /** MOV to or from an address without ModRM in 64-bit mode, whose name changes with its size. */
  private boolean isDirect() {
    return in.mode == CodeMode.BITS64 && in.modrm < 0 && in.hasMemory();
  }

  private String rep() {
    return switch (in.mnemonic) {
      case MOVS, STOS, LODS, INS, OUTS -> "rep";
      case XCHG -> in.hasMemory() ? "xrelease" : "repz";
      case MOV -> in.kind[0] == OperandKind.MEMORY && isElidedStore() ? "xrelease" : "repz";
      default -> in.lock ? "xrelease" : "repz";
    };
  }

  private boolean isElidedStore() {
    return in.map == 0 && (in.opcode >> 1 == 0x44 || in.opcode >> 1 == 0x63);
  }

  private String repne() {
    return switch (in.mnemonic) {
      case J, JMP, CALL, RET -> "bnd";
      case XCHG -> in.hasMemory() ? "xacquire" : "repnz";
      default -> in.lock ? "xacquire" : "repnz";
    };
  }

  /** The name if the prefix has no effect. */
  private String ifIdle(int i, String name) {
    idle[i] = true;
    idle[i] = isUnchanged();
    return idle[i] ? name : "";
  }

  /** The name of a REX prefix if any of its bits has no effect. */
  private String rex(int i) {
    int prefix = code[i];
    if (prefix == 0x40) {
      return ifIdle(i, "rex");
    }
    boolean anyIdle = false;
    StringBuilder name = new StringBuilder("rex.");
    for (int bit = 3; bit >= 0; bit--) {
      if ((prefix >> bit & 1) != 0) {
        name.append(REX_BITS.charAt(bit));
        code[i] = prefix & ~(1 << bit);
        anyIdle |= isUnchanged() && !(bit == 0 && in.base == Instruction.RIP);
      }
    }
    code[i] = prefix;
    return anyIdle ? name.toString() : "";
  }

  /** Whether the code without the idle prefixes is still the same instruction. */
  private boolean isUnchanged() {
    int[] reduced = new int[code.length];
    int length = 0;
    for (int i = 0; i < code.length; i++) {
      if (!idle[i]) {
        reduced[length++] = code[i];
      }
    }
    int end = length;
    try {
      decoder.decode(at -> at < end ? reduced[at] : 0, in.mode, variant);
    } catch (TooLongException _) {
      return false;
    }
    return variant.length == length && InstructionText.core(variant, next).equals(core);
  }
}
