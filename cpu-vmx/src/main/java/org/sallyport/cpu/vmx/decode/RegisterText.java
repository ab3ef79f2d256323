package org.sallyport.cpu.vmx.decode;

/** Names of registers. */
final class RegisterText {
  private static final String[] WORDS = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] BYTES = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH_BYTES = {"ah", "ch", "dh", "bh"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

  private RegisterText() {}

  /** General register of a size of 1, 2, 4 or 8 bytes. */
  static String general(int number, int size) {
    if (number >= 8) {
      return "r" + number + switch (size) {
        case 1 -> "b";
        case 2 -> "w";
        case 4 -> "d";
        default -> "";
      };
    }
    return switch (size) {
      case 1 -> BYTES[number];
      case 2 -> WORDS[number];
      case 4 -> "e" + WORDS[number];
      default -> "r" + WORDS[number];
    };
  }

  /** Register of an address, RIP included. */
  static String address(int number, int size) {
    if (number == Instruction.RIP) {
      return size == 8 ? "rip" : "eip";
    }
    return general(number, size);
  }

  static String highByte(int number) {
    return HIGH_BYTES[number];
  }

  static String segment(int number) {
    return SEGMENTS[number];
  }
}
