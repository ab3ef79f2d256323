package org.sallyport.cpu.vmx.fuzz;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.InstructionStream;

/**
 * Writes code that does what a guest should not: any instruction of the opcode maps, system registers loaded with nonsense, transfers to
 * anywhere, stores into code, plain noise.
 */
final class NoiseCode {
  // @formatter:off
  private static final int[] MSRS = {
    0x10, 0x17, 0x1b, 0x3a, 0x3b, 0x48, 0x49, 0x8b, 0xe7, 0xfe, 0x10a, 0x174, 0x175, 0x176, 0x179, 0x17a, 0x17b, 0x1a0, 0x1d9, 0x200, 0x201,
    0x20f, 0x250, 0x258, 0x268, 0x277, 0x2ff, 0x400, 0x401, 0x480, 0x4c1, 0x6a0, 0x6a2, 0x6a4, 0x6a7, 0x6a8, 0x6e0, 0x6e1, 0x802, 0x808,
    0x80b, 0x830, 0xda0, 0x40000000, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102, 0xc0000103,
    0xc0010000, 0xc0010015, 0xffffffff,
  };
  /** Instructions without operands, or with registers only. */
  private static final String[] PLAIN = {
    "fb", "fa", "f4", "cf", "48cf", "66cf", "cb", "48cb", "ca0800", "c3", "c20400", "9d", "9c", "60", "61", "0f06", "0f08", "0f09", "0fa2",
    "0f31", "0f01f9", "0f33", "0f30", "0f32", "0f05", "0f07", "480f07", "0f34", "0f35", "480f35", "0f01f8", "0f01d0", "0f01d1", "0f01c1",
    "0f01c2", "0f01c3", "0f01c4", "0f01ca", "0f01cb", "0f01c8", "0f01c9", "f390", "cc", "f1", "ce", "0faa", "0f37", "0f0b", "0f01e8", "0f01ee",
    "0f01ef", "f30f01ee", "f30f01e8", "f30f01ea", "f30f1efa", "f30f1ec8", "f30faee8", "480fc7f0", "0fc7f8", "f30fc7f8", "0f00d0", "0f00d8",
    "0f00c0", "0f00c8", "0f00e0", "0f00e8", "0f01f0", "0f01e0", "8ed8", "8ec0", "8ed0", "8ee0", "8ee8", "8cc8", "1f", "07", "17", "0fa1", "0fa9",
    "0f23c0", "0f23c8", "0f23f0", "0f23f8", "0f21f8", "0f20c0", "0f20e0", "0f22c0", "0f22d0", "0f22d8", "0f22e0", "440f22c0", "440f20c0",
    "ec", "ed", "ee", "ef", "e480", "e680", "6c", "f36c", "6d", "f36d", "6e", "f36e", "6f", "f36f", "f3a4", "f3a5", "f348a5", "f3aa", "f3ab",
    "f3a6", "f2ae", "fdf3a4fc", "c8000000", "c810001f", "c9", "d7", "dbe3", "9b", "0f77", "ebfe", "e2fe", "7400", "0f850000", "f30fae e0",
    "f30faed0", "f3480faed8", "f30fae f0",
  };
  /** With an absolute address in memory: the bytes before ModRM, and the reg field. */
  private static final String[][] MEMORY = {
    {"0f01", "2"}, {"0f01", "3"}, {"0f01", "7"}, {"0f01", "0"}, {"0f01", "6"}, {"0f01", "4"}, {"0f00", "2"}, {"0f00", "3"}, {"0f00", "4"},
    {"ff", "5"}, {"ff", "3"}, {"ff", "4"}, {"ff", "2"}, {"ff", "6"}, {"8f", "0"}, {"0fae", "0"}, {"0fae", "1"}, {"0fae", "4"}, {"0fae", "5"},
    {"0fae", "6"}, {"0fc7", "4"}, {"0fc7", "3"}, {"480fae", "0"}, {"0fae", "7"}, {"0fae", "2"}, {"0fc7", "1"}, {"480fc7", "1"}, {"f00fc7", "1"},
    {"f0ff", "0"}, {"f00fb1", "1"}, {"87", "1"}, {"8b", "0"}, {"89", "0"}, {"0f6f", "1"}, {"0f7f", "1"}, {"f30f6f", "1"}, {"0f28", "2"},
    {"0f29", "2"}, {"db", "5"}, {"db", "7"}, {"dd", "4"}, {"dd", "6"}, {"d9", "4"}, {"d9", "6"}, {"c4", "0"}, {"c5", "0"}, {"0fb2", "4"},
    {"0fb4", "0"}, {"62", "0"}, {"660f3882", "1"}, {"660f3880", "1"}, {"0fc7", "6"}, {"0fc7", "7"}, {"f30fc7", "6"}, {"660fc7", "6"},
    {"0f78", "1"}, {"0f79", "1"}, {"8e", "3"}, {"8e", "2"}, {"f00fba", "5"}, {"0fab", "1"}, {"66f0ff", "1"}, {"a4", "0"}, {"0f38f8", "1"},
    {"f30f01", "5"}, {"f30fae", "6"}, {"660f38f5", "0"}, {"0f38f6", "0"},
  };
  // @formatter:on

  private static final Map<CodeMode, List<InstructionStream.Form>> FORMS = new EnumMap<>(CodeMode.class);

  static {
    for (CodeMode mode : CodeMode.values()) {
      FORMS.put(mode, InstructionStream.forms(mode));
    }
  }

  private final SplittableRandom random;
  private final NoiseValues values;
  private final InstructionStream stream;
  private final Instruction in = new Instruction();
  private final InstructionStream.Encoded encoded = new InstructionStream.Encoded();
  private final byte[] buffer = new byte[512];
  private int length;
  private CodeMode mode;

  NoiseCode(SplittableRandom random, NoiseValues values) {
    this.random = random;
    this.values = values;
    stream = new InstructionStream(random);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** Code of at least some bytes for a mode. */
  byte[] write(CodeMode codeMode, int size) {
    mode = codeMode;
    length = 0;
    while (length < size) {
      piece();
    }
    return java.util.Arrays.copyOf(buffer, length);
  }

  private void piece() {
    switch (random.nextInt(24)) {
      case 0 -> controlRegister();
      case 1 -> modelSpecificRegister();
      case 2 -> {
        load(0, values.selector());
        plain();
      }
      case 3, 4, 5 -> memory();
      case 6 -> selfModify();
      case 7 -> frame();
      case 8 -> string();
      case 9 -> load(random.nextInt(8), values.address());
      case 10 -> {
        put(0xcd);
        put(random.nextInt(256));
      }
      case 11 -> put(random.nextInt(256));
      case 12, 13 -> plain();
      case 14 -> farPointer();
      case 15 -> {
        put(0xeb); // a jump nearby
        put(random.nextInt(64) - 16);
      }
      default -> any();
    }
  }

  private void any() {
    if (oneIn(8)) {
      stream.noise(mode, in, encoded);
    } else {
      List<InstructionStream.Form> forms = FORMS.get(mode);
      stream.encode(forms.get(random.nextInt(forms.size())), in, encoded);
    }
    for (byte b : encoded.code) {
      put(b);
    }
  }

  private void put(int b) {
    buffer[length++] = (byte) b;
  }

  private void hex(String text) {
    String digits = text.replace(" ", "");
    for (int i = 0; i < digits.length(); i += 2) {
      put(Integer.parseInt(digits, i, i + 2, 16));
    }
  }

  private void number(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      put((int) (value >>> 8 * i));
    }
  }

  /** MOV register, immediate, 64 bits wide in 64-bit code, else 32. */
  private void load(int register, long value) {
    if (mode == CodeMode.BITS64) {
      put(0x48);
    } else if (mode == CodeMode.BITS16) {
      put(0x66);
    }
    put(0xb8 | register);
    number(value, mode == CodeMode.BITS64 ? 8 : 4);
  }

  private void absolute(int reg) {
    long address = values.address();
    switch (mode) {
      case BITS64 -> {
        put(reg << 3 | 4);
        put(0x25);
        number(address, 4);
      }
      case BITS32 -> {
        put(reg << 3 | 5);
        number(address, 4);
      }
      default -> {
        put(reg << 3 | 6);
        number(address, 2);
      }
    }
  }

  private void plain() {
    hex(PLAIN[random.nextInt(PLAIN.length)]);
  }

  private void memory() {
    String[] m = MEMORY[random.nextInt(MEMORY.length)];
    hex(m[0]);
    absolute(Integer.parseInt(m[1]));
    if (m[0].endsWith("0fba")) {
      put(random.nextInt(256));
    }
  }

  private void controlRegister() {
    int[] numbers = {0, 0, 2, 3, 3, 4, 4, 0};
    int n = numbers[random.nextInt(numbers.length)];
    load(0, values.controlRegister(n));
    put(0x0f);
    put(0x22);
    put(0xc0 | n << 3);
  }

  private void modelSpecificRegister() {
    int msr = oneIn(8) ? random.nextInt() : MSRS[random.nextInt(MSRS.length)];
    long value = values.msr(msr);
    load(1, msr & 0xffffffffL);
    load(0, value & 0xffffffffL);
    load(2, value >>> 32);
    hex(oneIn(4) ? "0f32" : "0f30");
  }

  /** A store into code, mostly at a page's edge or just ahead. */
  private void selfModify() {
    load(3, values.codeAddress());
    load(0, random.nextLong());
    switch (random.nextInt(4)) {
      case 0 -> hex("8803"); // mov [rbx], al; in 16-bit code [bp+di]
      case 1 -> hex("8903");
      case 2 -> hex("870b");
      default -> {
        load(7, values.codeAddress());
        load(6, values.address());
        load(1, random.nextInt(40));
        hex("f3a4");
      }
    }
  }

  /** A frame on the stack, and a return through it. */
  private void frame() {
    boolean far = oneIn(3);
    if (!far) {
      push(values.selector());
      push(values.address());
    }
    push(values.flags());
    push(values.selector());
    push(values.codeAddress());
    hex(far ? "cb" : mode == CodeMode.BITS64 ? "48cf" : oneIn(4) ? "66cf" : "cf");
  }

  private void push(long value) {
    load(0, value);
    put(0x50);
  }

  private void string() {
    load(1, oneIn(4) ? values.address() : random.nextInt(600));
    load(6, values.address());
    load(7, values.address());
    hex(new String[]{"f3a4", "f3a5", "f3aa", "f3ab", "f3a6", "f2af", "f36c", "f36e", "f36d", "f36f", "fdf3a4",
        "67f3a5"}[random.nextInt(12)]);
  }

  private void farPointer() {
    if (mode == CodeMode.BITS64) {
      put(0xff);
      absolute(oneIn(2) ? 5 : 3);
      return;
    }
    put(oneIn(2) ? 0xea : 0x9a);
    number(values.codeAddress(), mode == CodeMode.BITS32 ? 4 : 2);
    number(values.selector(), 2);
  }
}
