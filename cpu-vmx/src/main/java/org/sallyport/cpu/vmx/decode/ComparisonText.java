package org.sallyport.cpu.vmx.decode;

/** Names that contain an immediate: the predicate of a comparison, the halves of a carry-less multiplication. */
final class ComparisonText {
  private static final String[] PREDICATES = {"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"};

  private ComparisonText() {}

  static String of(Instruction in, String name) {
    if (!applies(in)) {
      return name;
    }
    int value = (int) in.immediate;
    return switch (in.mnemonic) {
      case PCLMULQDQ -> "pclmul" + ((value & 1) == 0 ? "l" : "h") + "q" + ((value & 16) == 0 ? "l" : "h") + "qdq";
      default -> "cmp" + PREDICATES[value] + name.substring(3);
    };
  }

  static boolean hides(Instruction in, int i) {
    return in.kind[i] == OperandKind.IMMEDIATE && applies(in);
  }

  private static boolean applies(Instruction in) {
    return switch (in.mnemonic) {
      case CMPPS, CMPPD, CMPSS, CMPSD -> in.immediate < PREDICATES.length;
      case PCLMULQDQ -> (in.immediate & ~0x11) == 0;
      default -> false;
    };
  }
}
