package org.sallyport.cpu.vmx.decode;

/**
 * Operands in the notation of the SDM's opcode maps (volume 2, appendix A.2): a letter for the addressing method, then
 * the type. As a number, a method in bits 0 to 4 and a type in bits 5 to 9; {@link OpcodeTable} packs four of them in a
 * long.
 *
 * <p>Beyond the SDM's notation: {@code Ibs} is a byte sign-extended to the operand size, {@code Iub} and {@code Iuw}
 * are zero-extended, {@code adr} is the address size, {@code R} takes a general register where the SDM writes {@code E}
 * with mod = 3, and {@code X} is what a string instruction implies.
 */
final class OperandCode {
  static final int BITS = 10;
  static final int TYPE_SHIFT = 5;
  static final int METHOD_MASK = 31;

  // Methods. Those up to LAST_MODRM need a ModRM byte.
  static final int E = 1;
  static final int G = 2;
  static final int M = 3;
  static final int R = 4;
  static final int S = 5;
  static final int C = 6;
  static final int D = 7;
  static final int P = 8;
  static final int Q = 9;
  static final int N = 10;
  static final int V = 11;
  static final int W = 12;
  static final int U = 13;
  static final int LAST_MODRM = U;
  static final int I = 14;
  static final int I2 = 15;
  static final int J = 16;
  static final int A = 17;
  static final int O = 18;
  static final int Z = 19;
  static final int X = 20;
  /** General register 0, 1 or 2: AL, AX, EAX, RAX; CL; DX. */
  static final int RA = 21;
  static final int RC = 22;
  static final int RD = 23;
  static final int ST0 = 24;
  static final int STI = 25;
  static final int ONE = 26;
  static final int XMM0 = 27;
  /** Segment register; the type is its number. */
  static final int SEG = 28;

  private static final String METHODS = " EGMRSCDPQNVWUI#JAOZX";

  // Types that the decoder looks at; all others only say a size.
  static final int B = 1;
  static final int TV = 6;
  static final int TZ = 7;
  static final int ADR = 12;
  static final int BS = 16;
  static final int UB = 17;
  static final int UW = 18;

  // @formatter:off
  private static final String[] TYPES = {
      "",  "b",   "w",  "d",   "q",    "x",    "v",  "z",  "y", "p", "s", "t", "adr", "env", "save", "pair",
      "bs", "ub", "uw", "zz",  "fx",   "ps",   "pd", "ss", "sd"};

  /** Size in bytes by type, for operand sizes of 2, 4 and 8. */
  static final short[] SIZES = {
      0, 0, 0,     1, 1, 1,     2, 2, 2,     4, 4, 4,          //      b     w     d
      8, 8, 8,     16, 16, 16,  2, 4, 8,     2, 4, 4,          // q    x     v     z
      4, 4, 8,     4, 6, 10,    6, 6, 10,    10, 10, 10,       // y    p     s     t
      0, 0, 0,     14, 28, 28,  94, 108, 108, 4, 8, 8,         // adr  env   save  pair
      2, 4, 8,     1, 1, 1,     2, 2, 2,     64, 64, 64,       // bs   ub    uw    zz
      512, 512, 512, 16, 16, 16, 16, 16, 16, 4, 4, 4,          // fx   ps    pd    ss
      8, 8, 8};                                                // sd
  // @formatter:on

  private OperandCode() {}

  /** Parses one operand. */
  static int parse(String text) {
    int fixed = fixed(text);
    if (fixed != 0) {
      return fixed;
    }
    int method = METHODS.indexOf(text.charAt(0));
    String type = text.substring(1);
    for (int i = 0; i < TYPES.length; i++) {
      if (TYPES[i].equals(type) && method > 0) {
        return method | i << TYPE_SHIFT;
      }
    }
    throw new IllegalArgumentException("operand " + text);
  }

  private static int fixed(String text) {
    return switch (text) {
      case "AL" -> RA | 1 << TYPE_SHIFT;
      case "AX" -> RA | 2 << TYPE_SHIFT;
      case "rAX" -> RA | TV << TYPE_SHIFT;
      case "zAX" -> RA | TZ << TYPE_SHIFT;
      case "CL" -> RC | 1 << TYPE_SHIFT;
      case "DX" -> RD | 2 << TYPE_SHIFT;
      case "ST0" -> ST0 | 11 << TYPE_SHIFT;
      case "STi" -> STI | 11 << TYPE_SHIFT;
      case "1" -> ONE | 1 << TYPE_SHIFT;
      case "XMM0" -> XMM0 | 5 << TYPE_SHIFT;
      case "ES" -> SEG;
      case "CS" -> SEG | 1 << TYPE_SHIFT;
      case "SS" -> SEG | 2 << TYPE_SHIFT;
      case "DS" -> SEG | 3 << TYPE_SHIFT;
      case "FS" -> SEG | 4 << TYPE_SHIFT;
      case "GS" -> SEG | 5 << TYPE_SHIFT;
      default -> 0;
    };
  }
}
