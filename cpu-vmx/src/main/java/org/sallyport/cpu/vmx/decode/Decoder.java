package org.sallyport.cpu.vmx.decode;

import org.sallyport.api.cpu.CodeMode;

/**
 * Decodes instructions as Intel's processors do (SDM volume 2, chapter 2 and appendix A). It allocates nothing and
 * knows no CPUID: whether a feature is there is a matter of semantics. Not for several threads at a time.
 *
 * <p>An instruction becomes {@link Mnemonic#INVALID} where #UD depends on its encoding alone: undefined opcodes, LOCK
 * where it is not allowed, register or memory forms that do not exist, instructions that 64-bit mode lacks. Its length
 * is then the number of bytes looked at. VEX and EVEX instructions are invalid, with their full length.
 */
public final class Decoder {
  private static final int MAXIMUM_LENGTH = 15;

  // What a byte is as a prefix. Segment overrides are SEGMENT plus the segment's number.
  private static final byte NONE = 0;
  private static final byte REX = 1;
  private static final byte OPERAND_SIZE = 2;
  private static final byte ADDRESS_SIZE = 3;
  private static final byte LOCK = 4;
  private static final byte REPNE = 5;
  private static final byte REP = 6;
  private static final byte SEGMENT = 8;
  private static final byte[] PREFIXES = prefixes();

  // Values of OpcodeParser.PREFIX.
  private static final int MANDATORY_66 = 1;
  private static final int MANDATORY_F3 = 2;
  private static final int MANDATORY_F2 = 3;

  private static final int SS = 2;
  private static final int DS = 3;

  private InstructionBytes bytes;
  private int position;
  private Instruction out;
  private boolean mode64;
  private int rex;
  private boolean operandSizePrefix;
  private boolean addressSizePrefix;
  /** {@link #MANDATORY_F3}, {@link #MANDATORY_F2} or 0: whichever prefix came last. */
  private int repeat;
  /** ModRM, or -1 as long as it has not been read. */
  private int modrm;
  private boolean vex;
  /** Logarithm of the operand size: 1, 2 or 3, minus 1. */
  private int sizeIndex;

  private static byte[] prefixes() {
    byte[] classes = new byte[256];
    for (int i = 0; i < 4; i++) {
      classes[0x26 + i * 8] = (byte) (SEGMENT + i);
    }
    classes[0x64] = SEGMENT + 4;
    classes[0x65] = SEGMENT + 5;
    classes[0x66] = OPERAND_SIZE;
    classes[0x67] = ADDRESS_SIZE;
    classes[0xF0] = LOCK;
    classes[0xF2] = REPNE;
    classes[0xF3] = REP;
    for (int i = 0x40; i < 0x50; i++) {
      classes[i] = REX;
    }
    return classes;
  }

  /**
   * Decodes one instruction.
   *
   * @param bytes the code; exceptions of {@link InstructionBytes#at} pass through, and leave {@code instruction}
   *     undefined
   * @param mode default sizes
   * @param instruction is filled in
   * @throws TooLongException if the instruction goes on beyond 15 bytes
   */
  public void decode(InstructionBytes bytes, CodeMode mode, Instruction instruction) {
    this.bytes = bytes;
    out = instruction;
    position = 0;
    reset(mode);
    int first = readPrefixes();
    int map = first == 0x0F ? readEscape() : 0;
    int opcode = map == 0 ? first : instruction.opcode;
    instruction.opcode = opcode;
    instruction.map = map;
    if (map == 0 && VexPrefix.isFirstByte(opcode) && (mode64 || fetchModrm() >= 0xC0)) {
      vex = true;
      VexPrefix.skip(this, opcode, modrm);
      finish(0);
    } else {
      finish(findRow(map << 8 | opcode));
    }
    this.bytes = null;
    out = null;
  }

  /** Whether a byte, at the start of an instruction, is a prefix. */
  static boolean isPrefix(int b, CodeMode mode) {
    return PREFIXES[b] > REX || PREFIXES[b] == REX && mode == CodeMode.BITS64;
  }

  /** The next byte. */
  int next() {
    int at = position;
    if (at == MAXIMUM_LENGTH) {
      throw TooLongException.INSTANCE;
    }
    position = at + 1;
    return bytes.at(at);
  }

  /** Whether the last instruction began with a VEX or EVEX prefix. */
  boolean isVex() {
    return vex;
  }

  private void reset(CodeMode mode) {
    Instruction out = this.out;
    out.mode = mode;
    out.base = Instruction.NO_REGISTER;
    out.index = Instruction.NO_REGISTER;
    out.scale = 0;
    out.displacement = 0;
    out.immediate = 0;
    out.immediate2 = 0;
    out.lock = false;
    out.noTrack = false;
    out.segmentOverride = -1;
    out.modrm = -1;
    mode64 = mode == CodeMode.BITS64;
    rex = 0;
    operandSizePrefix = false;
    addressSizePrefix = false;
    repeat = 0;
    modrm = -1;
    vex = false;
  }

  /** Reads prefixes in any order and returns the byte after them. A REX prefix counts only if it is the last one. */
  private int readPrefixes() {
    while (true) {
      int b = next();
      int prefix = PREFIXES[b];
      if (prefix == NONE) {
        return b;
      }
      if (prefix == REX) {
        if (!mode64) {
          return b;
        }
        rex = b;
        continue;
      }
      rex = 0;
      switch (prefix) {
        case OPERAND_SIZE -> operandSizePrefix = true;
        case ADDRESS_SIZE -> addressSizePrefix = true;
        case LOCK -> out.lock = true;
        case REPNE -> repeat = MANDATORY_F2;
        case REP -> repeat = MANDATORY_F3;
        default -> {
          out.noTrack = prefix == SEGMENT + DS || out.noTrack && mode64 && prefix < SEGMENT + 4;
          // In 64-bit mode overrides with ES, CS, SS and DS are ignored, SDM volume 2, 2.1.1.
          if (!mode64 || prefix >= SEGMENT + 4) {
            out.segmentOverride = prefix - SEGMENT;
          }
        }
      }
    }
  }

  /** Reads what follows 0F; the opcode byte goes to the instruction. Returns the map. */
  private int readEscape() {
    int map = 1;
    int b = next();
    if (b == 0x38 || b == 0x3A) {
      map = b == 0x38 ? 2 : 3;
      b = next();
    }
    out.opcode = b;
    return map;
  }

  private int fetchModrm() {
    if (modrm < 0) {
      modrm = next();
    }
    return modrm;
  }

  private int findRow(int opcode) {
    short[] tree = OpcodeTable.TREE;
    int node = OpcodeTable.ROOTS[opcode];
    while (node < 0) {
      int selector = -node;
      int value =
          switch (tree[selector]) {
            case OpcodeParser.MODE -> mode64 ? 1 : 0;
            case OpcodeParser.PREFIX -> repeat != 0 ? repeat : operandSizePrefix ? MANDATORY_66 : 0;
            case OpcodeParser.W -> rex >> 3 & 1;
            case OpcodeParser.B -> rex & 1;
            case OpcodeParser.REG -> fetchModrm() >> 3 & 7;
            case OpcodeParser.MOD -> fetchModrm() >= 0xC0 ? 1 : 0;
            default -> fetchModrm() & 7;
          };
      node = tree[selector + 1 + value];
    }
    return node;
  }

  /** Fills in the instruction from its row. */
  private void finish(int row) {
    Instruction out = this.out;
    int flags = OpcodeTable.FLAGS[row];
    long operands = OpcodeTable.OPERANDS[row];
    out.mnemonic = OpcodeTable.MNEMONICS[row];
    out.condition = flags & 15;
    out.rep = repeat == MANDATORY_F3 && (flags & OpcodeParser.TAKES_REP) == 0;
    out.repne = repeat == MANDATORY_F2 && (flags & OpcodeParser.TAKES_REP) == 0;
    out.segment = out.segmentOverride >= 0 ? out.segmentOverride : DS;
    setSizes(flags);
    if ((flags & OpcodeParser.MODRM) != 0) {
      fetchModrm();
    }
    out.modrm = modrm;
    boolean memory = modrm >= 0 && modrm < 0xC0 && (flags & OpcodeParser.MOD3) == 0;
    boolean valid = !out.lock || memory && (flags & OpcodeParser.LOCK) != 0;
    if (valid && memory && row != 0) {
      readMemory();
    }
    int count = 0;
    for (; valid && operands != 0; operands >>>= OperandCode.BITS) {
      valid = operand(count++, (int) operands & OperandCode.METHOD_MASK,
          (int) operands >> OperandCode.TYPE_SHIFT & OperandCode.METHOD_MASK, memory);
    }
    if (!valid) {
      out.mnemonic = Mnemonic.INVALID;
      count = 0;
    }
    out.operands = count;
    for (int i = count; i < 4; i++) {
      out.kind[i] = OperandKind.NONE;
      out.size[i] = 0;
    }
    out.length = position;
  }

  /** Operand and address size, SDM volume 1, table 3-4; volume 2, table A-1 for {@code d64} and {@code f64}. */
  private void setSizes(int flags) {
    int index;
    if (mode64) {
      if ((flags & OpcodeParser.F64) != 0 || (rex & 8) != 0) {
        index = 2;
      } else if (operandSizePrefix) {
        index = 0;
      } else {
        index = (flags & OpcodeParser.D64) != 0 ? 2 : 1;
      }
      out.addressSize = addressSizePrefix ? 4 : 8;
    } else {
      boolean mode32 = out.mode == CodeMode.BITS32;
      index = mode32 != operandSizePrefix ? 1 : 0;
      out.addressSize = mode32 != addressSizePrefix ? 4 : 2;
    }
    sizeIndex = index;
    out.operandSize = 2 << index;
  }

  /** Decodes one operand; false if it does not exist. */
  private boolean operand(int i, int method, int type, boolean memory) {
    int size = OperandCode.SIZES[type * 3 + sizeIndex];
    switch (method) {
      case OperandCode.E -> general(i, memory, size, modrm & 7, rex & 1);
      case OperandCode.G ->
        general(i, false, type == OperandCode.ADR ? out.addressSize : size, modrm >> 3 & 7, rex >> 2 & 1);
      case OperandCode.Z -> general(i, false, size, out.opcode & 7, rex & 1);
      case OperandCode.V -> set(i, OperandKind.XMM, size, modrm >> 3 & 7 | rex << 1 & 8);
      case OperandCode.W -> vector(i, memory, OperandKind.XMM, size, modrm & 7 | rex << 3 & 8);
      case OperandCode.P -> set(i, OperandKind.MMX, size, modrm >> 3 & 7);
      case OperandCode.Q -> vector(i, memory, OperandKind.MMX, size, modrm & 7);
      case OperandCode.RA -> set(i, OperandKind.GPR, size, 0);
      case OperandCode.RC -> set(i, OperandKind.GPR, size, 1);
      case OperandCode.RD -> set(i, OperandKind.GPR, size, 2);
      case OperandCode.ST0 -> set(i, OperandKind.ST, size, 0);
      case OperandCode.STI -> set(i, OperandKind.ST, size, modrm & 7);
      case OperandCode.XMM0 -> set(i, OperandKind.XMM, size, 0);
      case OperandCode.X -> set(i, OperandKind.NONE, size, 0);
      default -> {
        return rareOperand(i, method, type, size, memory);
      }
    }
    return true;
  }

  private boolean rareOperand(int i, int method, int type, int size, boolean memory) {
    switch (method) {
      case OperandCode.I, OperandCode.I2 -> immediate(i, method, type, size);
      case OperandCode.J -> {
        set(i, OperandKind.RELATIVE, 2 << sizeIndex, 0);
        out.immediate = type == OperandCode.B ? (byte) next() : signed(size);
      }
      case OperandCode.ONE -> {
        set(i, OperandKind.IMMEDIATE, size, 0);
        out.immediate = 1;
      }
      case OperandCode.A -> {
        set(i, OperandKind.FAR_POINTER, size, 0);
        out.immediate = unsigned(size - 2);
        out.immediate2 = unsigned(2);
      }
      case OperandCode.O -> {
        set(i, OperandKind.MEMORY, size, 0);
        out.displacement = signed(out.addressSize);
      }
      case OperandCode.M -> {
        set(i, OperandKind.MEMORY, size, 0);
        return memory;
      }
      case OperandCode.R -> {
        general(i, false, type == OperandCode.ADR ? out.addressSize : size, modrm & 7, rex & 1);
        return !memory;
      }
      case OperandCode.U -> {
        set(i, OperandKind.XMM, size, modrm & 7 | rex << 3 & 8);
        return !memory;
      }
      case OperandCode.N -> {
        set(i, OperandKind.MMX, size, modrm & 7);
        return !memory;
      }
      case OperandCode.SEG -> set(i, OperandKind.SEGMENT, 2 << sizeIndex, type);
      case OperandCode.S -> {
        set(i, OperandKind.SEGMENT, size, modrm >> 3 & 7);
        return (modrm >> 3 & 7) < 6;
      }
      case OperandCode.C -> {
        int number = modrm >> 3 & 7 | rex << 1 & 8;
        set(i, OperandKind.CONTROL, size, number);
        return number == 0 || number >= 2 && number <= 4 || number == 8;
      }
      case OperandCode.D -> {
        set(i, OperandKind.DEBUG, size, modrm >> 3 & 7);
        return (rex & 4) == 0;
      }
      default -> throw new AssertionError(method);
    }
    return true;
  }

  private void set(int i, OperandKind kind, int size, int reg) {
    out.kind[i] = kind;
    out.size[i] = size;
    out.reg[i] = reg;
  }

  /** A general register, or memory. Without REX, byte registers 4 to 7 are AH to BH. */
  private void general(int i, boolean memory, int size, int low, int high) {
    if (memory) {
      set(i, OperandKind.MEMORY, size, 0);
    } else if (size == 1 && low >= 4 && rex == 0) {
      set(i, OperandKind.HIGH_BYTE, 1, low - 4);
    } else {
      set(i, OperandKind.GPR, size, low | high << 3);
    }
  }

  private void vector(int i, boolean memory, OperandKind kind, int size, int register) {
    set(i, memory ? OperandKind.MEMORY : kind, size, memory ? 0 : register);
  }

  private void immediate(int i, int method, int type, int size) {
    long value =
        switch (type) {
          case OperandCode.B, OperandCode.BS -> (byte) next();
          case OperandCode.UB -> next();
          case OperandCode.UW -> unsigned(2);
          default -> signed(size);
        };
    boolean second = method == OperandCode.I2;
    // A 32-bit immediate serves 64-bit operands too.
    set(i, second ? OperandKind.IMMEDIATE2 : OperandKind.IMMEDIATE, type == OperandCode.TZ ? 2 << sizeIndex : size, 0);
    if (second) {
      out.immediate2 = value;
    } else {
      out.immediate = value;
    }
  }

  private long unsigned(int size) {
    long value = 0;
    for (int shift = 0; shift < size * 8; shift += 8) {
      value |= (long) next() << shift;
    }
    return value;
  }

  private long signed(int size) {
    int unused = 64 - size * 8;
    return unsigned(size) << unused >> unused;
  }

  private void readMemory() {
    if (out.addressSize == 2) {
      readMemory16();
      return;
    }
    int mod = modrm >> 6;
    int base = modrm & 7;
    if (base == 4) {
      int sib = next();
      int index = sib >> 3 & 7 | rex << 2 & 8;
      out.scale = sib >> 6;
      out.index = index == 4 ? Instruction.NO_REGISTER : index;
      base = sib & 7;
      if (base == 5 && mod == 0) {
        out.displacement = signed(4);
        return;
      }
    } else if (base == 5 && mod == 0) {
      out.base = mode64 ? Instruction.RIP : Instruction.NO_REGISTER;
      out.displacement = signed(4);
      return;
    }
    base |= rex << 3 & 8;
    out.base = base;
    if ((base == 4 || base == 5) && out.segmentOverride < 0) {
      out.segment = SS;
    }
    readDisplacement(mod, 4);
  }

  /** SDM volume 2, table 2-1. */
  private void readMemory16() {
    int mod = modrm >> 6;
    int rm = modrm & 7;
    if (rm == 6 && mod == 0) {
      out.displacement = signed(2);
      return;
    }
    // BX+SI, BX+DI, BP+SI, BP+DI, SI, DI, BP, BX
    int base = rm >= 4 ? 0x3576 >> (rm - 4) * 4 & 15 : rm < 2 ? 3 : 5;
    out.base = base;
    if (rm < 4) {
      out.index = 6 + (rm & 1);
    }
    if (base == 5 && out.segmentOverride < 0) {
      out.segment = SS;
    }
    readDisplacement(mod, 2);
  }

  private void readDisplacement(int mod, int full) {
    if (mod == 1) {
      out.displacement = (byte) next();
    } else if (mod == 2) {
      out.displacement = signed(full);
    }
  }

  /** Reads ModRM and what belongs to it, for instructions that are only skipped. */
  void skipModrm() {
    modrm = -1;
    fetchModrm();
    setSizes(0);
    if (modrm < 0xC0) {
      readMemory();
    }
  }
}
