package org.sallyport.cpu.vmx.decode;

import java.util.random.RandomGenerator;
import org.sallyport.api.cpu.CodeMode;

/** Random code in which every prefix, map, opcode and form of ModRM turns up often. */
final class CodeGenerator {
  private static final int[] PREFIXES = {0x66, 0x66, 0x67, 0xF2, 0xF3, 0xF0, 0x2E, 0x36, 0x3E, 0x26, 0x64, 0x65};
  private static final int[] BOUNDARIES = {0, 1, 0x7F, 0x80, 0xFF};

  private final RandomGenerator random;
  private final CodeMode mode;

  CodeGenerator(RandomGenerator random, CodeMode mode) {
    this.random = random;
    this.mode = mode;
  }

  /**
   * Fills a buffer with instructions, each followed by random bytes that serve as its ModRM, displacement and
   * immediates.
   */
  byte[] generate(int size) {
    byte[] code = new byte[size];
    for (int at = 0; at < size;) {
      at = instruction(code, at);
    }
    return code;
  }

  private int instruction(byte[] code, int start) {
    int at = start;
    for (int i = prefixes(); i > 0; i--) {
      at = put(code, at, PREFIXES[random.nextInt(PREFIXES.length)]);
    }
    if (mode == CodeMode.BITS64 && random.nextInt(3) == 0) {
      at = put(code, at, 0x40 + random.nextInt(16));
    }
    int map = random.nextInt(8);
    if (map >= 4) {
      at = put(code, at, 0x0F);
    }
    if (map >= 6) {
      at = put(code, at, map == 6 ? 0x38 : 0x3A);
    }
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      boolean boundary = random.nextInt(6) == 0;
      at = put(code, at, boundary ? BOUNDARIES[random.nextInt(BOUNDARIES.length)] : random.nextInt(256));
    }
    return at;
  }

  private int prefixes() {
    int kind = random.nextInt(10);
    return kind < 5 ? 0 : kind < 9 ? 1 : 1 + random.nextInt(3);
  }

  private static int put(byte[] code, int at, int value) {
    if (at < code.length) {
      code[at] = (byte) value;
    }
    return at + 1;
  }
}
