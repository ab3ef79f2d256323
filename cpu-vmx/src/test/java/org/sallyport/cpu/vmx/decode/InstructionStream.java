package org.sallyport.cpu.vmx.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.sallyport.api.cpu.CodeMode;

/**
 * Random instructions made from the decoder's own opcode maps: every row with every prefix, register, address form and immediate that it
 * leaves open, and redundant prefixes on top.
 */
public final class InstructionStream {
  private static final int[] SEGMENT_PREFIXES = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
  private static final int[] PREFIXES = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
  private static final int[] MANDATORY = {0, 0x66, 0xf3, 0xf2};

  /**
   * A row of an opcode map in one mode, with its operand in a register or in memory.
   *
   * @param mask the values of mode, prefixes and ModRM fields that select the row, as {@link OpcodeParser} packs them
   */
  public record Form(CodeMode mode, int map, int opcode, long mask, Mnemonic mnemonic, boolean modrm, boolean memory,
      boolean lockable, boolean fixedRep) {
    /** The opcode as manuals write it, with its mnemonic: the same in all modes, for registers and for memory. */
    public String name() {
      return head() + " " + mnemonic;
    }

    private String head() {
      String prefix = switch (OpcodeParser.mask(mask, OpcodeParser.PREFIX)) {
        case 1 -> " np";
        case 2 -> " 66";
        case 4 -> " f3";
        case 8 -> " f2";
        default -> "";
      };
      int reg = OpcodeParser.mask(mask, OpcodeParser.REG);
      String extension = modrm && Integer.bitCount(reg) == 1 ? " /" + Integer.numberOfTrailingZeros(reg) : "";
      return "%s%02X%s%s".formatted(new String[]{"", "0F", "0F38", "0F3A"}[map], opcode, prefix, extension);
    }

    @Override
    public String toString() {
      String operand = !modrm ? "" : memory ? " mem" : " reg";
      return "%s %s%s %s".formatted(mode.name().substring(4), head(), operand, mnemonic);
    }
  }

  /** An instruction's bytes, and where its displacement is. */
  public static final class Encoded {
    public byte[] code = {};
    /** Offset of the displacement, or -1. */
    public int displacement;
    /** Its bytes. */
    public int displacementSize;
  }

  private final RandomGenerator random;
  private final byte[] buffer = new byte[40];
  private int length;
  private final Decoder decoder = new Decoder();

  public InstructionStream(RandomGenerator random) {
    this.random = random;
  }

  /** All forms that exist in a mode. */
  public static List<Form> forms(CodeMode mode) {
    OpcodeParser parser = new OpcodeParser();
    List<Form> forms = new ArrayList<>();
    String[][] maps = {{OneByteMap.ROWS, X87Map.ROWS}, {TwoByteMap.ROWS, TwoByteVectorMap.ROWS}, {Map0F38.ROWS},
        {Map0F3A.ROWS}};
    for (int map = 0; map < maps.length; map++) {
      List<List<OpcodeParser.Row>> opcodes = new ArrayList<>();
      for (int i = 0; i < 256; i++) {
        opcodes.add(new ArrayList<>());
      }
      for (String text : maps[map]) {
        parser.parse(text, opcodes);
      }
      for (List<OpcodeParser.Row> rows : opcodes) {
        for (OpcodeParser.Row row : rows) {
          addForms(parser, mode, map, row, forms);
        }
      }
    }
    return forms;
  }

  private static void addForms(OpcodeParser parser, CodeMode mode, int map, OpcodeParser.Row row, List<Form> forms) {
    if ((OpcodeParser.mask(row.mask, OpcodeParser.MODE) >> (mode == CodeMode.BITS64 ? 1 : 0) & 1) == 0) {
      return;
    }
    int flags = parser.flags[row.index];
    int mod = OpcodeParser.mask(row.mask, OpcodeParser.MOD);
    boolean modrm = (flags & OpcodeParser.MODRM) != 0 || OpcodeParser.mask(row.mask, OpcodeParser.REG) != 0xff
        || mod != 3;
    boolean lock = (flags & OpcodeParser.LOCK) != 0;
    boolean fixedRep = (flags & OpcodeParser.TAKES_REP) != 0;
    Mnemonic m = parser.mnemonics.get(row.index);
    if (!modrm) {
      forms.add(new Form(mode, map, row.opcode, row.mask, m, false, false, false, fixedRep));
      return;
    }
    if ((mod & 1) != 0 && (flags & OpcodeParser.MOD3) == 0) {
      forms.add(new Form(mode, map, row.opcode, row.mask, m, true, true, lock, fixedRep));
    }
    if ((mod & 2) != 0) {
      forms.add(new Form(mode, map, row.opcode, row.mask, m, true, false, lock, fixedRep));
    }
  }

  // ---- encoding --------------------------------------------------------------------------------------------------------------------

  /** Makes an instruction of this form; false when what came out is none (a better row was hit). */
  public boolean encode(Form f, Instruction in, Encoded out) {
    length = 0;
    out.displacement = -1;
    out.displacementSize = 0;
    boolean mode64 = f.mode == CodeMode.BITS64;
    int mandatory = MANDATORY[choose(f.mask, OpcodeParser.PREFIX, 24)];
    boolean addressSize = prefixes(f, mandatory);
    int rex = mode64 ? rex(f) : 0;
    if (rex != 0) {
      put(rex);
    }
    if (f.map > 0) {
      put(0x0f);
    }
    if (f.map > 1) {
      put(f.map == 2 ? 0x38 : 0x3a);
    }
    put(f.opcode);
    if (f.modrm) {
      modrm(f, mode64 ? addressSize ? 4 : 8 : f.mode == CodeMode.BITS32 != addressSize ? 4 : 2, out);
    }
    int head = length;
    int style = random.nextInt(6);
    while (length < buffer.length) {
      put(switch (style) {
        case 0 -> 0;
        case 1 -> 0xff;
        case 2 -> length == head ? random.nextInt(80) : 0;
        default -> random.nextInt(256);
      });
    }
    if (!f.modrm && f.map == 0 && f.opcode >= 0xa0 && f.opcode <= 0xa3) {
      out.displacement = head;
      out.displacementSize = mode64 ? addressSize ? 4 : 8 : f.mode == CodeMode.BITS32 != addressSize ? 4 : 2;
    }
    return decode(f, in, out);
  }

  private boolean decode(Form f, Instruction in, Encoded out) {
    try {
      decoder.decode(at -> buffer[at] & 0xff, f.mode, in);
    } catch (TooLongException e) {
      return false;
    }
    out.code = Arrays.copyOf(buffer, in.length);
    return in.map == f.map && in.opcode == f.opcode && !decoder.isVex()
        && (in.mnemonic == f.mnemonic || in.mnemonic == Mnemonic.INVALID);
  }

  /** Any bytes, 16 of them where they are too long for an instruction; false for one with a VEX prefix. */
  public boolean noise(CodeMode mode, Instruction in, Encoded out) {
    random.nextBytes(buffer);
    for (int i = oneIn(16) ? random.nextInt(17) : 0; i > 0; i--) {
      buffer[i - 1] = (byte) PREFIXES[random.nextInt(PREFIXES.length)];
    }
    out.displacement = -1;
    out.displacementSize = 0;
    try {
      decoder.decode(at -> buffer[at] & 0xff, mode, in);
    } catch (TooLongException e) {
      out.code = Arrays.copyOf(buffer, 16);
      return !decoder.isVex();
    }
    out.code = Arrays.copyOf(buffer, in.length);
    return !decoder.isVex();
  }

  private void put(int value) {
    buffer[length++] = (byte) value;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** One of the values that a dimension allows; the first one is likelier where all are allowed. */
  private int choose(long mask, int dimension, int preference) {
    int allowed = OpcodeParser.mask(mask, dimension);
    int values = OpcodeParser.values(dimension);
    if (allowed == (1 << values) - 1 && random.nextInt(32) < preference) {
      return 0;
    }
    while (true) {
      int v = random.nextInt(values);
      if ((allowed >> v & 1) != 0) {
        return v;
      }
    }
  }

  private boolean prefixes(Form f, int mandatory) {
    boolean string = f.map == 0 && (f.opcode >= 0x6c && f.opcode <= 0x6f || f.opcode >= 0xa4 && f.opcode <= 0xa7
        || f.opcode >= 0xaa && f.opcode <= 0xaf);
    boolean addressSize = oneIn(8);
    if (addressSize) {
      put(0x67);
    }
    if (oneIn(6)) {
      put(SEGMENT_PREFIXES[random.nextInt(6)]);
    }
    if (f.lockable && f.memory ? oneIn(4) : oneIn(64)) {
      put(0xf0);
    }
    if (oneIn(64) && length > 0) { // once more
      put(buffer[random.nextInt(length)]);
    }
    boolean anyRepeat = mandatory > 0x66;
    if ((anyRepeat || OpcodeParser.mask(f.mask, OpcodeParser.PREFIX) == 0xf) && oneIn(8)) {
      put(0x66);
    }
    if (mandatory != 0) {
      put(mandatory);
    } else if (string && random.nextBoolean()) {
      put(random.nextBoolean() ? 0xf3 : 0xf2);
    }
    if (oneIn(64) && length < 4) { // a redundant prefix behind the mandatory one
      put(SEGMENT_PREFIXES[random.nextInt(6)]);
    }
    return addressSize;
  }

  private int rex(Form f) {
    int w = OpcodeParser.mask(f.mask, OpcodeParser.W);
    int b = OpcodeParser.mask(f.mask, OpcodeParser.B);
    boolean wide = w == 3 ? random.nextInt(3) == 0 : w == 2;
    boolean baseBit = b == 3 ? random.nextInt(4) == 0 : b == 2;
    int rex = (wide ? 8 : 0) | (oneIn(4) ? 4 : 0) | (oneIn(4) ? 2 : 0) | (baseBit ? 1 : 0);
    return rex != 0 || oneIn(8) ? 0x40 | rex : 0;
  }

  private void modrm(Form f, int addressSize, Encoded out) {
    int reg = choose(f.mask, OpcodeParser.REG, 0);
    int rm = choose(f.mask, OpcodeParser.RM, 0);
    int mod = f.memory ? random.nextInt(3) : 3;
    put(mod << 6 | reg << 3 | rm);
    if (!f.memory) {
      return;
    }
    int size = mod == 1 ? 1 : mod == 2 ? Math.min(4, addressSize) : 0;
    if (addressSize == 2) {
      if (mod == 0 && rm == 6) {
        size = 2;
      }
    } else {
      int base = rm;
      if (rm == 4) {
        int sib = random.nextInt(256);
        put(sib);
        base = sib & 7;
      }
      if (mod == 0 && base == 5) {
        size = 4;
      }
    }
    out.displacement = size == 0 ? -1 : length;
    out.displacementSize = size;
    boolean small = random.nextBoolean();
    int value = small ? (byte) random.nextInt() : random.nextInt();
    for (int i = 0; i < size; i++) {
      put(value >>> 8 * i);
    }
  }
}
