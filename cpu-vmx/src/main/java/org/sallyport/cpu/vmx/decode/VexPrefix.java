package org.sallyport.cpu.vmx.decode;

/**
 * VEX and EVEX prefixes (SDM volume 2, 2.3 and 2.7). There are no instructions behind them yet; their length is known,
 * so that a disassembly stays in step.
 */
final class VexPrefix {
  private static final int VEX2 = 0xC5;
  private static final int VEX3 = 0xC4;
  private static final int EVEX = 0x62;

  private VexPrefix() {}

  /**
   * Whether an opcode is the first byte of such a prefix; outside of 64-bit mode only if the next byte has its two high
   * bits set.
   */
  static boolean isFirstByte(int opcode) {
    return opcode == VEX2 || opcode == VEX3 || opcode == EVEX;
  }

  /**
   * Reads the rest of the instruction.
   *
   * @param second the byte after the first one if it has been read, or -1
   */
  static void skip(Decoder decoder, int first, int second) {
    int payload = second >= 0 ? second : decoder.next();
    int map = switch (first) {
      case VEX2 -> 1;
      case VEX3 -> payload & 31;
      default -> payload & 7;
    };
    for (int i = first == EVEX ? 2 : first == VEX3 ? 1 : 0; i > 0; i--) {
      decoder.next();
    }
    if (map == 0 || map == 4 || map > 6 || map > 3 && first != EVEX) {
      return;
    }
    int opcode = decoder.next();
    if (map != 1 || opcode != 0x77) {
      decoder.skipModrm();
    }
    if (map == 3 || map == 1 && hasImmediate(opcode)) {
      decoder.next();
    }
  }

  private static boolean hasImmediate(int opcode) {
    return opcode >= 0x70 && opcode <= 0x73 || opcode == 0xC2 || opcode >= 0xC4 && opcode <= 0xC6;
  }
}
