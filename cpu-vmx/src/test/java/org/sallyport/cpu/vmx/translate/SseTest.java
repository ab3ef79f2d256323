package org.sallyport.cpu.vmx.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.cpu.vmx.decode.Decoder;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Block;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Hotspots;
import org.sallyport.cpu.vmx.memory.GuestSlots;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * SSE instructions give the same translated as interpreted: every encoding of the opcode maps with an XMM operand, on registers and on
 * memory, with the values and the settings of MXCSR that matter, operands that are aligned, unaligned, across pages and not there.
 *
 * <p>A program is a loop around one instruction: it loads XMM0, XMM2, MXCSR, EAX and EDX from a row of a table, executes the instruction, and
 * stores all of them and the flags in a row of another table. Exceptions are VM exits; the test goes on behind the instruction.
 */
class SseTest {
  private static final int RAM = 0x80000;
  private static final int PML4 = 0x1000, PDPT = 0x2000, PD = 0x3000, PT = 0x4000, PD32 = 0x5000, PT32 = 0x6000;
  private static final int CODE = 0x10000;
  private static final int DATA = 0x20000; // two pages, then a read-only one, then none
  private static final int STACK = 0x2f000;
  private static final int INPUT = 0x30000, OUTPUT = 0x50000;
  private static final int ROW = 64;
  private static final int ROWS = 150;

  /** A build tries the same values each time; {@code -Dseed=N} tries others. */
  private static final long SEED = 1;
  private static final int EXCEPTION = 0, HLT = 12;

  private static final long[] DOUBLES =
      {0, 1L << 63, 1, 0x800fffffffffffffL, 0x0010000000000000L, 0x8010000000000001L, 0x0020000000000000L,
          0x7fefffffffffffffL, 0xffefffffffffffffL, 0x7ff0000000000000L, 0xfff0000000000000L, 0x7ff8000000000000L,
          0xfff8000000000123L,
          0x7ff0000000000001L, 0xfff4000000000000L, d(1), d(-1), d(1.5), d(2.5), d(0.1), d(1.0 / 3), d(-7), d(1e10),
          d(2147483647.5), d(2147483648.0),
          d(-2147483648.0), d(-2147483649.0), d(0x1p53 + 2), d(0x1p62), d(0x1p63), d(-0x1p63), d(1e300), d(-1e-300),
          d(0x1p-1022), d(0x1p127),
          d(0x1p-127), d(0x1p-149), d(3.4028236e38), -1, 0x8000000080000000L, 0x7fff7fff80008001L, 0x0102030405060708L,
          0xff00ff0080017f80L};
  private static final int[] SINGLES =
      {0, 1 << 31, 1, 0x807fffff, 0x00800000, 0x80800001, 0x01000000, 0x7f7fffff, 0xff7fffff, 0x7f800000,
          0xff800000, 0x7fc00000, 0xffc01234, 0x7f800001, 0xffa00000, f(1), f(-1), f(1.5f), f(2.5f), f(0.1f), f(1 / 3f),
          f(1e10f), f(0x1p31f),
          f(-0x1p31f), f(0x1p24f + 2), f(1e-20f), f(-1e20f), -1, 0x80000001};
  private static final int[] MXCSR =
      {0x1f80, 0x1fa0, 0x1fbf, 0x3fa0, 0x5fa0, 0x7fa0, 0x3f80, 0x7f80, 0x9fa0, 0x9fe0, 0x1fe0, 0x0f80, 0x0fa0,
          0x0000, 0x1e80, 0x1e00, 0x1d80, 0x1b80, 0x1780, 0x1f00, 0x0020, 0x1000, 0x1020};

  private static long d(double v) {
    return Double.doubleToRawLongBits(v);
  }

  private static int f(float v) {
    return Float.floatToRawIntBits(v);
  }

  // ---- the table of inputs -----------------------------------------------------------------------------------------------------------

  private static long half(SplittableRandom random, int kind) {
    return switch (kind) {
      case 0 -> DOUBLES[random.nextInt(DOUBLES.length)];
      case 1 ->
        SINGLES[random.nextInt(SINGLES.length)] & 0xffffffffL | (long) SINGLES[random.nextInt(SINGLES.length)] << 32;
      case 2 -> d(random.nextInt(4001) / 16.0 - 125);
      case 3 -> f(random.nextInt(4001) / 16f - 125) & 0xffffffffL | (long) f(random.nextInt(4001) / 16f) << 32;
      case 4 -> d(Math.scalb(random.nextDouble() - 0.5, random.nextInt(140) - 70));
      default -> random.nextLong();
    };
  }

  /** Rows of XMM0, XMM2, MXCSR, RAX and RDX. */
  private static byte[] input(long seed, boolean memory) {
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment rows = MemorySegment.ofArray(new long[ROWS * ROW / 8]);
    for (int i = 0; i < ROWS; i++) {
      int kind = random.nextInt(6);
      for (int h = 0; h < 4; h++) {
        rows.set(ValueLayout.JAVA_LONG, i * ROW + 8 * h,
            half(random, random.nextInt(4) == 0 ? random.nextInt(6) : kind));
      }
      rows.set(ValueLayout.JAVA_INT, i * ROW + 32,
          random.nextInt(3) == 0 ? MXCSR[random.nextInt(MXCSR.length)] : 0x1fa0);
      rows.set(ValueLayout.JAVA_LONG, i * ROW + 40, half(random, random.nextInt(6)));
      rows.set(ValueLayout.JAVA_LONG, i * ROW + 48, memory ? address(random) : half(random, random.nextInt(6)));
    }
    return rows.toArray(ValueLayout.JAVA_BYTE);
  }

  private static long address(SplittableRandom random) {
    return switch (random.nextInt(16)) {
      case 0 -> DATA + random.nextInt(0x1ff0); // any alignment
      case 1 -> DATA + 0x1000 - random.nextInt(20); // across pages
      case 2 -> DATA + 0x2000 - random.nextInt(20); // into the read-only page
      case 3 -> DATA + 0x3000 - random.nextInt(20); // into a page that is not there
      case 4 -> DATA + 0x2000 + 16 * random.nextInt(200);
      case 5 -> DATA + 0x3000 + 8 * random.nextInt(100);
      default -> DATA + 16 * random.nextInt(512);
    };
  }

  // ---- the program -------------------------------------------------------------------------------------------------------------------

  private static byte[] program(byte[] instruction, boolean wide) {
    String w = wide ? "48" : "";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String load = "f30f6f06 f30f6f5610 0fae5620" + w + "8b4628" + w + "8b5630"; // movdqu xmm0,[esi] …
    String store = "f30f7f07 f30f7f5710 0fae5f20" + w + "894728" + w + "895730 9c5b895f24"; // … pushf; pop ebx
    String next = (wide ? "4883c640 4883c740" : "83c640 83c740") + "ffcd";
    out.writeBytes(HexFormat.of().parseHex((wide ? "90" : "90") + load.replace(" ", "")));
    out.writeBytes(instruction);
    out.writeBytes(HexFormat.of().parseHex((store + next).replace(" ", "")));
    int back = -(out.size() + 6);
    out.writeBytes(
        new byte[]{0x0f, (byte) 0x85, (byte) back, (byte) (back >> 8), (byte) (back >> 16), (byte) (back >> 24)});
    out.writeBytes(new byte[]{(byte) 0xf4});
    return out.toByteArray();
  }

  /** A processor, its memory and what happened. */
  private static final class Run implements AutoCloseable {
    final Arena arena = Arena.ofShared();
    final MemorySegment ram = arena.allocate(RAM, 4096);
    final List<String> exits = new ArrayList<>();
    final Cpu cpu;
    private final long halt;
    private long time;

    Run(boolean wide, byte[] code, byte[] input, Translator.Mode mode) {
      GuestSlots slots = new GuestSlots();
      slots.map(new MemorySlot("ram", 0, ram, false));
      cpu = new Cpu(0, slots, () -> time += 100, 1_000_000_000L);
      cpu.features.addAll(List.of(CpuFeature.values()));
      ram.set(ValueLayout.JAVA_LONG, PML4, PDPT | 7);
      ram.set(ValueLayout.JAVA_LONG, PDPT, PD | 7);
      ram.set(ValueLayout.JAVA_LONG, PD, PT | 7);
      ram.set(ValueLayout.JAVA_INT, PD32, PT32 | 7);
      for (int page = 0; page < RAM; page += 4096) {
        int entry = page == DATA + 0x3000 ? 0 : page | (page == DATA + 0x2000 ? 0x65 : 0x67);
        ram.set(ValueLayout.JAVA_LONG, PT + page / 4096 * 8, entry);
        ram.set(ValueLayout.JAVA_INT, PT32 + page / 4096 * 4, entry);
      }
      SplittableRandom random = new SplittableRandom(5);
      for (int at = DATA; at < DATA + 0x3000; at += 8) {
        ram.set(ValueLayout.JAVA_LONG, at, half(random, random.nextInt(6)));
      }
      MemorySegment.copy(code, 0, ram, ValueLayout.JAVA_BYTE, CODE, code.length);
      MemorySegment.copy(input, 0, ram, ValueLayout.JAVA_BYTE, INPUT, input.length);
      cpu.rip = CODE;
      halt = CODE + code.length - 1;
      cpu.r[Cpu.RSP] = STACK + 0x800;
      cpu.r[Cpu.RSI] = INPUT;
      cpu.r[Cpu.RDI] = OUTPUT;
      cpu.r[Cpu.RBP] = ROWS;
      cpu.cr0 = Flag.CR0_PE | Flag.CR0_MP | Flag.CR0_ET | Flag.CR0_NE | Flag.CR0_WP | Flag.CR0_PG;
      cpu.cr4 = Flag.CR4_OSFXSR | Flag.CR4_OSXMMEXCPT | (wide ? Flag.CR4_PAE : 0);
      cpu.cr3 = wide ? PML4 : PD32;
      cpu.efer = wide ? Flag.EFER_LMA | Flag.EFER_LME : 0;
      cpu.cpl = 3;
      cpu.seg[Segment.CS].set(0x1b, 0, -1, wide ? 0xa0fb : 0xc0fb);
      for (int s : new int[]{Segment.SS, Segment.DS, Segment.ES, Segment.FS, Segment.GS}) {
        cpu.seg[s].set(0x23, s >= Segment.FS ? 0x40 : 0, -1, 0xc0f3);
      }
      cpu.controls.nonRoot = true;
      cpu.controls.hltExiting = true;
      cpu.controls.exceptionBitmap = -1;
      cpu.modeChanged();
      new Translator(mode).serve(cpu);
    }

    void run() {
      while (true) {
        cpu.attention();
        cpu.run();
        var s = cpu.exitSignal;
        exits.add("reason %d interruption %x code %x qualification %x rip %x instructions %d".formatted(s.reason,
            s.interruption, s.errorCode,
            s.reason == EXCEPTION ? s.qualification : 0, cpu.rip, cpu.instructions));
        boolean faulted = s.reason == EXCEPTION;
        if (!faulted || cpu.rip == halt || exits.size() > 2 * ROWS) { // programs may not halt: that is the end too
          return;
        }
        exits.add(state());
        cpu.skip(cpu.exitLength);
      }
    }

    String state() {
      StringBuilder all = new StringBuilder("mxcsr %x flags %x".formatted(cpu.xmm.mxcsr, cpu.rflags()));
      for (long r : cpu.r) {
        all.append(' ').append(Long.toHexString(r));
      }
      for (long x : cpu.xmm.x) {
        all.append(' ').append(Long.toHexString(x));
      }
      return all.toString();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** The first difference between interpreted and translated, or null. */
  private static String difference(byte[] code, byte[] input, boolean wide, java.util.function.Consumer<Run> setup) {
    try (Run plain = new Run(wide, code, input, Translator.Mode.OFF);
        Run translated = new Run(wide, code, input, Translator.Mode.ALWAYS)) {
      setup.accept(plain);
      setup.accept(translated);
      plain.run();
      translated.run();
      for (int i = 0; i < Math.min(plain.exits.size(), translated.exits.size()); i++) {
        if (!plain.exits.get(i).equals(translated.exits.get(i))) {
          return "exit " + i + "\n  " + plain.exits.get(i) + "\n  " + translated.exits.get(i);
        }
      }
      if (plain.exits.size() != translated.exits.size() || !plain.state().equals(translated.state())) {
        return "end\n  " + plain.exits.size() + " exits, " + plain.state() + "\n  " + translated.exits.size()
            + " exits, " + translated.state();
      }
      long at = plain.ram.mismatch(translated.ram);
      if (at >= 0) {
        long row = (at - OUTPUT) / ROW;
        return "memory at %x%s".formatted(at,
            at < OUTPUT
                ? ""
                : " row " + row + "\n  of " + row(plain, INPUT, row) + "\n     "
                    + row(plain, OUTPUT, row) + "\n     " + row(translated, OUTPUT, row));
      }
      return null;
    }
  }

  private static String row(Run run, int table, long row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ROW; i += 8) {
      text.append(' ').append("%016x".formatted(run.ram.get(ValueLayout.JAVA_LONG, table + row * ROW + i)));
    }
    return text.toString();
  }

  // ---- every encoding ----------------------------------------------------------------------------------------------------------------

  private record Encoding(byte[] bytes, Instruction decoded) {
    @Override
    public String toString() {
      return decoded.mnemonic + " " + HexFormat.of().formatHex(bytes);
    }
  }

  private static Encoding decode(String hex, boolean wide) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    byte[] padded = java.util.Arrays.copyOf(bytes, 16);
    Instruction in = new Instruction();
    in.address = CODE;
    new Decoder().decode(i -> padded[i] & 0xff, wide ? CodeMode.BITS64 : CodeMode.BITS32, in);
    return new Encoding(java.util.Arrays.copyOf(padded, in.length), in);
  }

  /** All with an XMM operand (or an SSE source in memory) and this ModRM byte. */
  private static List<Encoding> encodings(String modrm, boolean wide) {
    List<Encoding> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    SplittableRandom random = new SplittableRandom(9);
    for (String map : new String[]{"0f", "0f38", "0f3a"}) {
      for (String prefix : new String[]{"", "66", "f3", "f2"}) {
        for (String rex : wide ? new String[]{"", "48"} : new String[]{""}) {
          for (int opcode = map.equals("0f") ? 0x10 : 0; opcode < 256; opcode++) {
            for (int i = 0; i < 2; i++) { // immediates, if there are any
              String immediate = "%02x".formatted(i == 0 ? random.nextInt(20) : random.nextInt(256));
              int group = opcode >= 0x71 && opcode <= 0x73 ? Integer.parseInt(modrm, 16) | random.nextInt(8) << 3 : -1;
              Encoding e = decode(prefix + rex + map + "%02x".formatted(opcode)
                  + (group < 0 ? modrm : "%02x".formatted(group)) + immediate, wide);
              if (usesXmm(e.decoded) && seen.add(HexFormat.of().formatHex(e.bytes))) {
                all.add(e);
              }
            }
          }
        }
      }
    }
    return all;
  }

  private static boolean usesXmm(Instruction in) {
    boolean conversion = in.mnemonic.name().startsWith("CVT");
    return in.mnemonic != Mnemonic.INVALID
        && (SseCode.uses(in) || conversion && in.hasMemory() && in.kind[0] == OperandKind.GPR)
        && in.mnemonic != Mnemonic.MASKMOVDQU;
  }

  @ParameterizedTest
  @ValueSource(strings = {"c2", "c0", "02"})
  void everyFormGivesTheSame(String modrm) {
    check(modrm, true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"c2", "02"})
  void everyFormOf32BitCodeGivesTheSame(String modrm) {
    check(modrm, false);
  }

  private static void check(String modrm, boolean wide) {
    List<String> wrong = new ArrayList<>();
    long seed = Long.getLong("seed", SEED);
    System.out.println("SseTest seed " + seed);
    Set<Mnemonic> tested = new HashSet<>();
    byte[] input = input(seed, modrm.equals("02"));
    for (Encoding e : encodings(modrm, wide)) {
      tested.add(e.decoded.mnemonic);
      String difference = difference(program(e.bytes, wide), input, wide, run -> {});
      if (difference != null) {
        wrong.add(e + ": " + difference);
      }
    }
    assertEquals(List.of(), wrong, "seed " + seed);
    assertTrue(tested.size() > 180, tested.size() + " mnemonics");
  }

  @Test
  void segmentsAndUpperRegistersGiveTheSame() {
    for (String hex : new String[]{"64f20f5802", "65660f6f02", "64f30f7f02", "450f28c2", "66450fefc2", "f2440f1002",
        "f2440f1102"}) {
      byte[] input = input(3, true);
      assertEquals(null, difference(program(HexFormat.of().parseHex(hex), true), input, true, run -> {}), hex);
    }
  }

  // ---- what surrounds them -------------------------------------------------------------------------------------------------------------

  @Test
  void withoutTheOperatingSystemTheyRaiseExceptions() {
    byte[] code = program(HexFormat.of().parseHex("660fefc2"), true);
    for (int which = 0; which < 3; which++) {
      int w = which;
      assertEquals(null, difference(code, input(1, false), true, run -> {
        switch (w) {
          case 0 -> run.cpu.cr0 |= Flag.CR0_TS;
          case 1 -> run.cpu.cr0 |= Flag.CR0_EM;
          default -> run.cpu.cr4 &= ~Flag.CR4_OSFXSR;
        }
        run.cpu.modeChanged();
      }));
    }
  }

  @Test
  void aStoreThatOverwritesWhatFollowsTakesEffect() {
    // The instruction, MOVUPS [RDX], XMM0, writes over itself and what follows: what is there already, but one INC EDX becomes DEC EDX.
    String follows = "ffc2".repeat(10);
    byte[] instruction = HexFormat.of().parseHex("0f1102" + follows);
    byte[] code = program(instruction, true);
    int at = code.length - instruction.length;
    for (int i = 0; i < code.length; i++) {
      if (java.util.Arrays.equals(java.util.Arrays.copyOfRange(code, i, i + instruction.length), instruction)) {
        at = i;
        break;
      }
    }
    byte[] input = input(4, false);
    MemorySegment rows = MemorySegment.ofArray(input);
    for (int i = 0; i < ROWS; i++) {
      byte[] written = HexFormat.of().parseHex("ffc2".repeat(8));
      if (i >= 3) {
        written[2 * (i % 8) + 1] = (byte) 0xca;
      }
      MemorySegment.copy(written, 0, rows, ValueLayout.JAVA_BYTE, i * ROW, 16);
      rows.set(ValueLayout.JAVA_LONG_UNALIGNED, i * ROW + 48, CODE + at + 3);
    }
    assertEquals(null, difference(code, input, true, run -> {}));
  }

  /** What is frequent is not executed by the interpreter's operations. */
  @ParameterizedTest
  @ValueSource(strings = {"0f28c2", "0f1002", "0f1102", "660f6f02", "660f7f02", "660fe702", "f30f1002", "f20f1002",
      "f20f1102", "f20f58c2",
      "f20f5902", "f20f5ec2", "f20f51c2", "f20f5cc2", "f20f5dc2", "660f58c2", "0f59c2", "660f2ec2", "0f2fc2",
      "f20f2ac2", "f2480f2ac2", "f20f2cc2",
      "f30f5ac2", "f20f5ac2", "660fefc2", "660febc2", "660fdbc2", "660f74c2", "660fd7c2", "660fdac2", "660ffec2",
      "660ff4c2", "660f70c21b",
      "660f62c2", "660f6cc2", "660f73d803", "660f72d205", "660f6ec2", "66480f7ec2", "660fd602", "0f1602", "0fc6c21b",
      "660fc4c203"})
  void theFrequentOnesAreTranslated(String hex) {
    assertEquals(interpreted("90"), interpreted(hex));
  }

  /** How many instructions of the program with this one in it are executed by the interpreter's operations. */
  private static long interpreted(String hex) {
    try (Run run = new Run(true, program(HexFormat.of().parseHex(hex), true), input(2, true), Translator.Mode.OFF)) {
      List<byte[]> classes = new ArrayList<>();
      run.cpu.hotspots(new Hotspots() {
        @Override
        public int interval() {
          return 0;
        }

        @Override
        public int threshold() {
          return 2;
        }

        @Override
        public void hot(Cpu cpu, Block block) {
          classes.add(new RegionCompiler(new RegionGraph(cpu, block, 100)).compile());
        }
      });
      run.run();
      return ClassFile.of().parse(classes.getFirst()).methods().stream().flatMap(m -> m.code().stream())
          .flatMap(CodeModel::elementStream)
          .filter(e -> e instanceof InvokeInstruction i && i.owner().asSymbol().equals(Code.OP)).count();
    }
  }
}
