package org.sallyport.cpu.vmx.decode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the opcode maps. A line is a row: opcode, conditions, mnemonic, operands ({@link OperandCode}), flags.
 *
 * <p>An opcode {@code 50+} stands for eight, with a register in its low bits; {@code 70+cc} for sixteen, with a
 * condition there. Where several rows fit, the first one counts; where none does, the instruction is invalid.
 * Conditions:
 *
 * <pre>
 * /4          reg field of ModRM           /4.1        reg field 4, mod = 3, rm field 1
 * m, r        mod is not 3, is 3           w0, w1      REX.W
 * np          none of 66, F3, F2           b0, b1      REX.B
 * 66, f3, f2  that mandatory prefix        x32, x64    outside of, in 64-bit mode
 * np|66       neither F3 nor F2            mmx         two rows: np with Pq,Qq and 66 with Vx,Wx
 * </pre>
 *
 * <p>Of F2 and F3, the last one counts, and both take precedence over 66. Flags: {@code lock}: LOCK is allowed if the
 * destination is memory; {@code d64}: in 64-bit mode the operand size is 8 unless 66 says 2; {@code f64}: in 64-bit
 * mode it is 8 whatever the prefixes say; {@code mod3}: the processor takes mod for 3; {@code cc=}: the condition.
 */
final class OpcodeParser {
  /** A row of a map. {@link #mask} has a byte per dimension: which of its values fit. */
  static final class Row {
    final int opcode;
    final long mask;
    final int index;

    Row(int opcode, long mask, int index) {
      this.opcode = opcode;
      this.mask = mask;
      this.index = index;
    }
  }

  // Dimensions in the order in which the decoder asks for them; those from REG on need the ModRM byte.
  static final int MODE = 0;
  static final int PREFIX = 1;
  static final int W = 2;
  static final int B = 3;
  static final int REG = 4;
  static final int MOD = 5;
  static final int RM = 6;
  static final int DIMENSIONS = 7;

  // Flags of a row. Bits 0 to 3: the condition.
  static final int LOCK = 1 << 4;
  static final int D64 = 1 << 5;
  static final int F64 = 1 << 6;
  static final int MOD3 = 1 << 7;
  static final int MODRM = 1 << 8;
  /** F3 or F2 is part of the opcode. */
  static final int TAKES_REP = 1 << 9;

  private static final int[] VALUES = {2, 4, 2, 2, 8, 2, 8};
  private static final long ANY = any();

  /** Per row: the mnemonic, the operands, the flags; row 0 is the invalid instruction. */
  final List<Mnemonic> mnemonics = new ArrayList<>(2048);

  long[] operands = new long[2048];
  short[] flags = new short[2048];

  private final Map<String, Long> knownOperands = new HashMap<>();
  private byte[] text;
  private int position;

  OpcodeParser() {
    add(Mnemonic.INVALID, 0, 0);
  }

  static int values(int dimension) {
    return VALUES[dimension];
  }

  static int mask(long mask, int dimension) {
    return (int) (mask >> dimension * 8) & 0xFF;
  }

  /** Reads a map and adds each row to the list of its opcode. */
  void parse(String map, List<List<Row>> opcodes) {
    text = map.getBytes(StandardCharsets.ISO_8859_1);
    position = 0;
    String[] tokens = new String[8];
    while (position < text.length) {
      int count = tokenize(tokens);
      if (!tokens[0].equals("#")) {
        try {
          parseRow(tokens, count, opcodes);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("opcode map: " + String.join(" ", List.of(tokens).subList(0, count)), e);
        }
      }
    }
  }

  /**
   * Splits the next line at its spaces; returns how many tokens it has. The maps are read at start-up: bytes are the
   * fastest way.
   */
  private int tokenize(String[] tokens) {
    byte[] text = this.text;
    int at = position;
    int count = 0;
    while (text[at] != '\n') {
      int start = at;
      while (text[at] > ' ') {
        at++;
      }
      tokens[count++] = new String(text, start, at - start, StandardCharsets.ISO_8859_1);
      while (text[at] == ' ') {
        at++;
      }
    }
    position = at + 1;
    return count;
  }

  private void parseRow(String[] tokens, int count, List<List<Row>> opcodes) {
    String opcode = tokens[0];
    long mask = ANY;
    boolean mmx = false;
    int at = 1;
    for (; tokens[at].charAt(0) < 'A' || tokens[at].charAt(0) > 'Z'; at++) {
      if (tokens[at].equals("mmx")) {
        mmx = true;
      } else {
        mask &= condition(tokens[at]);
      }
    }
    Mnemonic mnemonic = Mnemonic.valueOf(tokens[at++]);
    int flags = takesRep(mask) ? TAKES_REP : 0;
    long operands = 0;
    for (; at < count; at++) {
      int flag = flag(tokens[at]);
      if (flag >= 0) {
        flags |= flag;
      } else {
        operands = operands(tokens[at]);
      }
    }
    if (mmx) {
      add(opcode, mask & condition("np"), mnemonic, operands("Pq,Qq"), flags, opcodes);
      add(opcode, mask & condition("66"), mnemonic, operands("Vx,Wx"), flags, opcodes);
    } else {
      add(opcode, mask, mnemonic, operands, flags, opcodes);
    }
  }

  private void add(String opcode, long mask, Mnemonic mnemonic, long operands, int flags, List<List<Row>> opcodes) {
    int first = Integer.parseInt(opcode, 0, 2, 16);
    boolean conditions = opcode.endsWith("cc");
    int count = conditions ? 16 : opcode.endsWith("+") ? 8 : 1;
    int row = mnemonics.size();
    for (int i = 0; i < count; i++) {
      if (i == 0 || conditions) {
        row = add(mnemonic, operands, conditions ? flags | i : flags);
      }
      opcodes.get(first + i).add(new Row(first + i, mask, row));
    }
  }

  private int add(Mnemonic mnemonic, long operands, int flags) {
    int row = mnemonics.size();
    mnemonics.add(mnemonic);
    this.operands[row] = operands;
    this.flags[row] = (short) (needsModrm(operands) ? flags | MODRM : flags);
    return row;
  }

  private static boolean needsModrm(long operands) {
    for (long rest = operands; rest != 0; rest >>>= OperandCode.BITS) {
      if ((rest & OperandCode.METHOD_MASK) <= OperandCode.LAST_MODRM) {
        return true;
      }
    }
    return false;
  }

  private long operands(String text) {
    Long known = knownOperands.get(text);
    if (known == null) {
      known = parseOperands(text);
      knownOperands.put(text, known);
    }
    return known;
  }

  private static long parseOperands(String text) {
    long operands = 0;
    int shift = 0;
    boolean immediate = false;
    for (int start = 0; start < text.length(); shift += OperandCode.BITS) {
      int end = text.indexOf(',', start);
      end = end < 0 ? text.length() : end;
      int code = OperandCode.parse(text.substring(start, end));
      if ((code & OperandCode.METHOD_MASK) == OperandCode.I) {
        code += immediate ? OperandCode.I2 - OperandCode.I : 0;
        immediate = true;
      }
      operands |= (long) code << shift;
      start = end + 1;
    }
    return operands;
  }

  private static int flag(String token) {
    return switch (token) {
      case "lock" -> LOCK;
      case "d64" -> D64;
      case "f64" -> F64;
      case "mod3" -> MOD3;
      default -> token.startsWith("cc=") ? Integer.parseInt(token.substring(3)) : -1;
    };
  }

  private static long condition(String token) {
    return switch (token) {
      case "x32" -> only(MODE, 1);
      case "x64" -> only(MODE, 2);
      case "np" -> only(PREFIX, 1);
      case "66" -> only(PREFIX, 2);
      case "f3" -> only(PREFIX, 4);
      case "f2" -> only(PREFIX, 8);
      case "np|66" -> only(PREFIX, 3);
      case "w0" -> only(W, 1);
      case "w1" -> only(W, 2);
      case "b0" -> only(B, 1);
      case "b1" -> only(B, 2);
      case "m" -> only(MOD, 1);
      case "r" -> only(MOD, 2);
      default -> modrm(token);
    };
  }

  private static long modrm(String token) {
    if (token.charAt(0) != '/' || token.length() != 2 && token.length() != 4) {
      throw new IllegalArgumentException("condition " + token);
    }
    long mask = only(REG, 1 << token.charAt(1) - '0');
    return token.length() == 2 ? mask : mask & only(MOD, 2) & only(RM, 1 << token.charAt(3) - '0');
  }

  private static boolean takesRep(long mask) {
    int prefix = mask(mask, PREFIX);
    return prefix == 4 || prefix == 8;
  }

  private static long only(int dimension, int values) {
    return ~(0xFFL << dimension * 8) | (long) values << dimension * 8;
  }

  private static long any() {
    long mask = 0;
    for (int d = 0; d < DIMENSIONS; d++) {
      mask |= (1L << VALUES[d]) - 1 << d * 8;
    }
    return mask;
  }
}
