package org.sallyport.cpu.vmx.differential;

import java.util.Arrays;
import java.util.Random;

/** Makes random user-mode instructions with random state. Memory operands are {@code [rdi + disp8]}, inside the case's data. */
final class Generator {
  // @formatter:off
  /** One-byte opcodes with a ModRM operand. */
  private static final int[] ONE_BYTE = {
    0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1a, 0x1b,
    0x20, 0x21, 0x22, 0x23, 0x28, 0x29, 0x2a, 0x2b, 0x30, 0x31, 0x32, 0x33, 0x38, 0x39, 0x3a, 0x3b,
    0x63, 0x69, 0x6b, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8d,
    0xc0, 0xc1, 0xc6, 0xc7, 0xd0, 0xd1, 0xd2, 0xd3, 0xf6, 0xf7, 0xfe,
  };
  /** One-byte opcodes without one. */
  private static final int[] PLAIN = {
    0x04, 0x05, 0x0c, 0x0d, 0x14, 0x15, 0x1c, 0x1d, 0x24, 0x25, 0x2c, 0x2d, 0x34, 0x35, 0x3c, 0x3d,
    0x91, 0x93, 0x98, 0x99, 0x9e, 0x9f, 0xa8, 0xa9, 0xb0, 0xb4, 0xb8, 0xbb, 0xf5, 0xf8, 0xf9,
    0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xae, 0xaf,
  };
  /** 0F opcodes with a ModRM operand. */
  private static final int[] TWO_BYTE = {
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
    0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
    0xa3, 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xaf, 0xb0, 0xb1, 0xb3, 0xb6, 0xb7, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
    0xc0, 0xc1, 0xc7,
  };
  private static final long[] SPECIAL = {
    0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffffL, 0x80000000L, 0xffffffffL, Long.MAX_VALUE, Long.MIN_VALUE, 63, 64,
  };
  // @formatter:on

  private final Random random;

  Generator(long seed) {
    random = new Random(seed);
  }

  CaseState next() {
    CaseState s = new CaseState();
    for (int i = 0; i < 16; i++) {
      s.gpr[i] = value();
    }
    random.nextBytes(s.data);
    s.gpr[7] = CaseState.DATA + 128;
    s.gpr[6] = CaseState.DATA + 64 + random.nextInt(16);
    s.gpr[4] = 0x10008000L;
    s.flags = 0x202 | random.nextInt() & 0x8d5;
    for (int i = 0; i < 32; i++) {
      s.xmm[i] = value();
    }
    s.code = instruction();
    int opcode = s.code[s.code.length - 1] & 0xff;
    if (opcode >= 0xa4 && opcode <= 0xaf) {
      s.gpr[1] = random.nextInt(5);
    }
    return s;
  }

  private long value() {
    long v = random.nextInt(3) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextLong();
    return random.nextInt(4) == 0 ? v >> random.nextInt(64) : v;
  }

  private byte[] instruction() {
    byte[] code = new byte[15];
    int n = 0;
    int kind = random.nextInt(8);
    int[] map = kind == 0 ? PLAIN : kind < 5 ? ONE_BYTE : TWO_BYTE;
    int opcode = map[random.nextInt(map.length)];
    boolean string = map == PLAIN && opcode >= 0xa4 && opcode <= 0xaf && opcode != 0xa8 && opcode != 0xa9;
    if (random.nextInt(4) == 0) {
      code[n++] = 0x66;
    }
    if (string && random.nextInt(2) == 0) {
      code[n++] = (byte) (opcode >= 0xae || opcode == 0xa6 || opcode == 0xa7 ? 0xf2 + random.nextInt(2) : 0xf3);
    }
    if (map == TWO_BYTE && (opcode == 0xbd || opcode == 0xbc)) {
      // no prefix F3: TZCNT and LZCNT depend on the processor
    }
    int rex = 0;
    if (random.nextInt(2) == 0) {
      rex = 0x40 | random.nextInt(2) << 3 | random.nextInt(2) << 2;
    }
    boolean memory = random.nextInt(3) == 0;
    if (rex != 0 && !memory) {
      rex |= random.nextInt(2);
    }
    if (rex != 0) {
      code[n++] = (byte) rex;
    }
    if (map == TWO_BYTE) {
      code[n++] = 0x0f;
    }
    code[n++] = (byte) opcode;
    boolean wide16 = n > 1 && code[0] == 0x66 && (rex & 8) == 0;
    boolean wide64 = (rex & 8) != 0;
    int reg = random.nextInt(8);
    if (map != PLAIN) {
      if (map == TWO_BYTE && opcode == 0xba) {
        reg = 4 + random.nextInt(4);
      }
      if (map == TWO_BYTE && opcode == 0xc7) {
        reg = 1;
        memory = true;
      }
      if (map == ONE_BYTE && opcode == 0xc6 || opcode == 0xc7 && map == ONE_BYTE) {
        reg = 0;
      }
      if (opcode == 0xfe && map == ONE_BYTE) {
        reg = random.nextInt(2);
      }
      if (opcode == 0x8d && map == ONE_BYTE) {
        memory = true;
      }
      if (memory) {
        code[n++] = (byte) (0x40 | reg << 3 | 7);
        code[n++] = (byte) (random.nextInt(8) * 8);
      } else {
        code[n++] = (byte) (0xc0 | reg << 3 | random.nextInt(8));
      }
    }
    int immediate = immediate(map, opcode, reg, wide16, wide64);
    for (int i = 0; i < immediate; i++) {
      code[n++] = (byte) random.nextInt();
    }
    return Arrays.copyOf(code, n);
  }

  private static int immediate(int[] map, int opcode, int reg, boolean wide16, boolean wide64) {
    int full = wide16 ? 2 : 4;
    if (map == TWO_BYTE) {
      return opcode == 0xa4 || opcode == 0xac || opcode == 0xba ? 1 : 0;
    }
    return switch (opcode) {
      case 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x6b, 0x80, 0x83, 0xa8, 0xb0, 0xb4, 0xc0, 0xc1, 0xc6 -> 1;
      case 0x05, 0x0d, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x69, 0x81, 0xa9, 0xc7 -> full;
      case 0xb8, 0xbb -> wide64 ? 8 : full;
      case 0xf6 -> reg < 2 ? 1 : 0;
      case 0xf7 -> reg < 2 ? full : 0;
      default -> 0;
    };
  }
}
