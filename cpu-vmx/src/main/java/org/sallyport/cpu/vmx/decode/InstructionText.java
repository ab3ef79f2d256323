package org.sallyport.cpu.vmx.decode;

import org.sallyport.api.cpu.CodeMode;

/** The text of an instruction, as GNU objdump writes Intel syntax. */
final class InstructionText {
  static final String BAD = "(bad)";

  private static final int MNEMONIC_WIDTH = 6;
  private static final char SEPARATOR = '\t';

  private final Instruction in;
  private final long next;
  private final StringBuilder text = new StringBuilder();

  private InstructionText(Instruction in, long next) {
    this.in = in;
    this.next = next;
  }

  /**
   * Writes an instruction.
   *
   * @param bytes its code, for the prefixes
   * @param address linear address of its first byte
   */
  static String of(Instruction in, InstructionBytes bytes, long address) {
    long next = address + in.length;
    String core = core(in, next);
    String text = PrefixText.of(in, bytes, next, core) + core;
    int name = text.indexOf(SEPARATOR);
    return name < 0
        ? text
        : text.substring(0, name) + " ".repeat(Math.max(1, MNEMONIC_WIDTH + 1 - name)) + text.substring(name + 1);
  }

  /**
   * The text without prefixes; {@link #SEPARATOR} stands between name and operands.
   *
   * @param next address of the next instruction
   */
  static String core(Instruction in, long next) {
    if (in.mnemonic == Mnemonic.INVALID) {
      return BAD;
    }
    InstructionText writer = new InstructionText(in, next);
    writer.text.append(MnemonicText.of(in));
    writer.writeOperands();
    return writer.text.toString();
  }

  private void writeOperands() {
    int at = text.length();
    if (MnemonicText.isString(in.mnemonic)) {
      StringOperands.append(in, text);
    } else {
      for (int i = 0; i < in.operands; i++) {
        if (!MnemonicText.hides(in, i)) {
          text.append(text.length() == at ? "" : ",");
          writeOperand(i);
        }
      }
    }
    if (text.length() > at) {
      text.insert(at, SEPARATOR);
    }
    if (in.base == Instruction.RIP) {
      long target = next + in.displacement;
      text.append("        # 0x").append(Long.toHexString(in.addressSize == 4 ? target & 0xFFFFFFFFL : target));
    }
  }

  private void writeOperand(int i) {
    int reg = in.reg[i];
    switch (in.kind[i]) {
      case GPR -> text.append(RegisterText.general(reg, in.size[i]));
      case HIGH_BYTE -> text.append(RegisterText.highByte(reg));
      case MEMORY -> writeMemory(in.size[i]);
      case IMMEDIATE -> writeImmediate(in.immediate, i);
      case IMMEDIATE2 -> hex(in.immediate2 & 0xFF);
      case RELATIVE -> hex(target());
      case FAR_POINTER -> {
        hex(in.immediate2);
        text.append(':');
        hex(in.immediate);
      }
      case SEGMENT -> text.append(RegisterText.segment(reg));
      case CONTROL -> text.append("cr").append(reg);
      case DEBUG -> text.append("dr").append(reg);
      case ST -> text.append(isTopOfStack(i) ? "st" : "st(" + reg + ')');
      case MMX -> text.append("mm").append(reg);
      case XMM -> text.append("xmm").append(reg);
      case NONE -> throw new IllegalStateException("operand " + i + " of " + in.mnemonic);
    }
  }

  /** Whether an operand is ST by definition rather than ST(i) with i = 0. */
  private boolean isTopOfStack(int i) {
    return in.operands == 2 && i == ((in.opcode & 4) == 0 || in.opcode == 0xDF ? 0 : 1);
  }

  private void writeImmediate(long value, int i) {
    if (in.opcode >> 2 == 0x34 && in.map == 0) {
      text.append('1');
      return;
    }
    int size = in.size[i];
    hex(size == 8 ? value : value & (1L << size * 8) - 1);
  }

  private long target() {
    long target = next + in.immediate;
    return switch (in.operandSize) {
      case 2 -> in.mode == CodeMode.BITS16 ? next & ~0xFFFFL | target & 0xFFFF : target & 0xFFFF;
      case 4 -> target & 0xFFFFFFFFL;
      default -> target;
    };
  }

  private void hex(long value) {
    text.append("0x").append(Long.toHexString(value));
  }

  private void writeMemory(int size) {
    if (in.modrm >= 0) {
      text.append(MnemonicText.pointer(in, size));
    }
    boolean sib = in.addressSize != 2 && (in.modrm & 7) == 4 && in.modrm >= 0;
    boolean base = in.base != Instruction.NO_REGISTER;
    // A SIB byte that another encoding would not need shows as an index "none".
    boolean needless = in.scale != 0 || (base ? (in.base & 7) != 4 : in.addressSize == 4 && in.mode != CodeMode.BITS16);
    boolean noIndex = sib && in.index == Instruction.NO_REGISTER && needless;
    boolean registers = base || in.index != Instruction.NO_REGISTER || noIndex;
    if (in.segmentOverride >= 0 && !(in.segmentOverride == 3 && MnemonicText.isNotrack(in))) {
      text.append(RegisterText.segment(in.segmentOverride)).append(':');
    } else if (!registers) {
      text.append("ds:");
    }
    if (!registers) {
      hex(in.displacement & addressMask());
      return;
    }
    text.append('[');
    int start = text.length();
    if (base) {
      text.append(RegisterText.address(in.base, in.addressSize));
    }
    if (in.index != Instruction.NO_REGISTER || noIndex) {
      text.append(text.length() == start ? "" : "+");
      text.append(noIndex ? in.addressSize == 8 ? "riz" : "eiz" : RegisterText.address(in.index, in.addressSize));
      if (in.addressSize != 2) {
        text.append('*').append(1 << in.scale);
      }
    }
    if (!base || in.modrm >> 6 != 0 || in.base == Instruction.RIP) {
      boolean negative = in.displacement < 0 && in.base != Instruction.RIP;
      text.append(negative ? '-' : '+');
      hex(negative ? -in.displacement : in.displacement);
    }
    text.append(']');
  }

  private long addressMask() {
    return in.addressSize == 8 ? -1 : (1L << in.addressSize * 8) - 1;
  }
}
