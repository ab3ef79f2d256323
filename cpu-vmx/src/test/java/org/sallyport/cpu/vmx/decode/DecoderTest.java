package org.sallyport.cpu.vmx.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;

/** Decoder and disassembler by hand-picked encodings, and the decoder's promises. */
class DecoderTest {
  private static final long ADDRESS = 0x1000;

  private final Instruction in = new Instruction();

  static Stream<String> encodings() {
    return Encodings.TABLE.lines().filter(line -> !line.startsWith("#"));
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void text(String row) {
    byte[] code = bytes(row.substring(4, 38));
    Disassembler.Line line = new IntelDisassembler().disassemble(code, ADDRESS, mode(row), 1).getFirst();
    String expected = row.substring(38);
    assertEquals(expected, line.text());
    assertEquals(expected.equals("(bad)") ? 1 : code.length, line.length());
  }

  @Test
  void segmentOfMemoryOperands() {
    assertEquals(3, decode(CodeMode.BITS64, "8b 00").segment);
    assertEquals(2, decode(CodeMode.BITS64, "8b 04 24").segment);
    assertEquals(2, decode(CodeMode.BITS64, "8b 45 00").segment);
    assertEquals(3, decode(CodeMode.BITS64, "41 8b 45 00").segment, "R13 is no stack register");
    assertEquals(3, decode(CodeMode.BITS32, "8b 05 00 00 00 00").segment);
    assertEquals(2, decode(CodeMode.BITS16, "8b 02").segment);
    assertEquals(3, decode(CodeMode.BITS16, "8b 06 00 00").segment);
    assertEquals(0, decode(CodeMode.BITS16, "26 8b 02").segment);
    assertEquals(1, decode(CodeMode.BITS32, "2e a4").segment, "source of a string");
    assertEquals(5, decode(CodeMode.BITS64, "65 3e 8b 04 24").segment, "DS is ignored");
    assertEquals(2, decode(CodeMode.BITS64, "3e 8b 04 24").segment, "DS is ignored");
    assertEquals(-1, in.segmentOverride);
  }

  @Test
  void displacementsAndImmediatesAreSignExtended() {
    decode(CodeMode.BITS64, "c7 80 00 00 00 80 ff ff ff ff");
    assertEquals(Integer.MIN_VALUE, in.displacement);
    assertEquals(-1, in.immediate);
    assertEquals(-0x10, decode(CodeMode.BITS16, "8b 40 f0").displacement);
    assertEquals(0xFF, decode(CodeMode.BITS64, "cd ff").immediate);
    assertEquals(0xFFFF, decode(CodeMode.BITS64, "c2 ff ff").immediate);
    assertEquals(0xF000, decode(CodeMode.BITS16, "ea 05 e0 00 f0").immediate2);
    assertEquals(0xE005, in.immediate);
    assertEquals(-2, decode(CodeMode.BITS64, "eb fe").immediate);
  }

  @Test
  void operandsAndSizes() {
    decode(CodeMode.BITS64, "48 a5");
    assertEquals(OperandKind.NONE, in.kind[0]);
    assertEquals(8, in.size[0]);
    assertFalse(in.hasMemory());
    decode(CodeMode.BITS64, "88 e0");
    assertEquals(OperandKind.HIGH_BYTE, in.kind[1]);
    assertEquals(0, in.reg[1]);
    decode(CodeMode.BITS64, "40 88 e0");
    assertEquals(OperandKind.GPR, in.kind[1]);
    assertEquals(4, in.reg[1]);
    decode(CodeMode.BITS64, "48 ff 28");
    assertEquals(Mnemonic.JMP_FAR, in.mnemonic);
    assertEquals(10, in.size[0]);
    decode(CodeMode.BITS64, "d3 e0");
    assertEquals(OperandKind.GPR, in.kind[1]);
    assertEquals(1, in.reg[1]);
    assertEquals(1, in.size[1]);
    decode(CodeMode.BITS64, "66 e8 00 00 00 00");
    assertEquals(8, in.operandSize);
    assertEquals(6, in.length);
    decode(CodeMode.BITS64, "0f 45 03");
    assertEquals(Mnemonic.CMOV, in.mnemonic);
    assertEquals(5, in.condition);
    assertTrue(in.hasMemory());
    decode(CodeMode.BITS64, "f3 0f 10 03");
    assertFalse(in.rep, "F3 is part of MOVSS");
    decode(CodeMode.BITS64, "f3 f2 a4");
    assertTrue(in.repne && !in.rep, "the last one counts");
  }

  @Test
  void rexCountsOnlyBeforeTheOpcode() {
    assertEquals(4, decode(CodeMode.BITS64, "48 66 67 89 00").addressSize);
    assertEquals(2, in.operandSize);
    assertEquals(8, decode(CodeMode.BITS64, "40 48 89 00").operandSize);
  }

  @Test
  void vexInstructionsAreInvalidWithTheirLength() {
    assertEquals(4, invalidLength(CodeMode.BITS64, "c5 fd 6f 00 90"));
    assertEquals(3, invalidLength(CodeMode.BITS64, "c5 f8 77 90"));
    assertEquals(5, invalidLength(CodeMode.BITS64, "c4 e2 70 f2 c0 90"));
    assertEquals(6, invalidLength(CodeMode.BITS64, "c4 e3 7b f0 c0 07 90"));
    assertEquals(8, invalidLength(CodeMode.BITS64, "c4 e1 79 70 44 24 08 1b 90"));
    assertEquals(10, invalidLength(CodeMode.BITS64, "62 f1 fe 48 6f 05 00 00 00 00 90"));
    assertEquals(4, invalidLength(CodeMode.BITS32, "c5 fd 6f c0 90"));
    assertEquals(Mnemonic.LDS, decode(CodeMode.BITS32, "c5 00").mnemonic);
    assertEquals(Mnemonic.BOUND, decode(CodeMode.BITS32, "62 00").mnemonic);
  }

  @Test
  void fifteenBytesAndNotOneMore() {
    assertEquals(15, decode(CodeMode.BITS64, "66 ".repeat(13) + "89 d8").length);
    assertEquals(Mnemonic.MOV, in.mnemonic);
    TooLongException tooLong =
        assertThrows(TooLongException.class, () -> decode(CodeMode.BITS64, "66 ".repeat(14) + "89 d8"));
    assertSame(tooLong, assertThrows(TooLongException.class, () -> decode(CodeMode.BITS64, "f0 ".repeat(16))));
    String store = "48 c7 84 00 00 00 00 00 00 00 00 00";
    assertThrows(TooLongException.class, () -> decode(CodeMode.BITS64, "2e ".repeat(4) + store));
  }

  /** A byte behind the instruction may lie in a page that is not there. */
  @Test
  void asksForNoByteBehindTheInstruction() {
    encodings().forEach(row -> {
      byte[] code = bytes(row.substring(4, 38));
      CodeMode mode = mode(row);
      int[] last = {-1};
      new Decoder().decode(at -> {
        assertEquals(last[0] + 1, at, row);
        last[0] = at;
        return code[at] & 0xFF;
      }, mode, in);
      assertEquals(last[0] + 1, in.length, row);
    });
  }

  @Test
  void aFaultOfTheFetchPassesThrough() {
    IllegalStateException fault = new IllegalStateException();
    Decoder decoder = new Decoder();
    InstructionBytes bytes = at -> {
      if (at == 2) {
        throw fault;
      }
      return 0x66;
    };
    assertSame(fault, assertThrows(IllegalStateException.class, () -> decoder.decode(bytes, CodeMode.BITS64, in)));
    decoder.decode(_ -> 0x90, CodeMode.BITS64, in);
    assertEquals(Mnemonic.NOP, in.mnemonic);
    assertEquals(1, in.length);
  }

  /**
   * Whatever the bytes are, decoding ends in an instruction of 1 to 15 bytes or in TooLongException, and depends on
   * nothing else.
   */
  @ParameterizedTest
  @EnumSource
  void decodesAnything(CodeMode mode) {
    long seed = Long.getLong("seed", System.nanoTime());
    byte[] code = new CodeGenerator(new SplittableRandom(seed), mode).generate(200_000);
    Decoder used = new Decoder();
    for (int i = 0; i < code.length - 16; i++) {
      int start = i;
      InstructionBytes bytes = at -> code[start + at] & 0xFF;
      String where = "-Dseed=" + seed + ", offset " + i;
      try {
        used.decode(bytes, mode, in);
      } catch (TooLongException _) {
        assertThrows(TooLongException.class, () -> new Decoder().decode(bytes, mode, new Instruction()), where);
        continue;
      }
      assertTrue(in.length >= 1 && in.length <= 15, where);
      Instruction fresh = new Instruction();
      new Decoder().decode(bytes, mode, fresh);
      assertEquals(describe(fresh), describe(in), where);
    }
  }

  @Test
  void allocatesNothing() {
    byte[] code = new CodeGenerator(new SplittableRandom(1), CodeMode.BITS64).generate(20_000);
    Decoder decoder = new Decoder();
    MovingBytes bytes = new MovingBytes(code);
    decodeAll(decoder, bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    decodeAll(decoder, bytes);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 2_000, () -> allocated + " bytes");
  }

  @Test
  void disassemblesTheWholeAndLeavesOutWhatIsCutOff() {
    byte[] code = bytes("55 48 89 e5 06 c3 e8 00 00");
    long address = 0xFFFF_FFFF_8100_0000L;
    List<Disassembler.Line> lines = new IntelDisassembler().disassemble(code, address, CodeMode.BITS64, 10);
    List<String> texts = lines.stream().map(Disassembler.Line::text).toList();
    assertEquals(List.of("push   rbp", "mov    rbp,rsp", "(bad)", "ret"), texts);
    assertEquals(address + 4, lines.get(2).address());
    assertEquals(2, new IntelDisassembler().disassemble(code, 0, CodeMode.BITS64, 2).size());
  }

  /** Every mnemonic can be reached: an entry that no map has would be a mistake in one of them. */
  @Test
  void everyMnemonicIsInAMap() {
    List<Mnemonic> known = Arrays.asList(OpcodeTable.MNEMONICS);
    assertEquals(List.of(), Arrays.stream(Mnemonic.values()).filter(m -> !known.contains(m)).toList());
  }

  private void decodeAll(Decoder decoder, MovingBytes bytes) {
    for (bytes.start = 0; bytes.start < bytes.code.length - 16; bytes.start++) {
      try {
        decoder.decode(bytes, CodeMode.BITS64, in);
      } catch (TooLongException _) {
        continue;
      }
    }
  }

  private int invalidLength(CodeMode mode, String hex) {
    assertEquals(Mnemonic.INVALID, decode(mode, hex).mnemonic);
    return in.length;
  }

  private Instruction decode(CodeMode mode, String hex) {
    byte[] code = bytes(hex);
    new Decoder().decode(at -> code[at] & 0xFF, mode, in);
    return in;
  }

  private static CodeMode mode(String row) {
    return CodeMode.valueOf("BITS" + row.substring(0, 2));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static String describe(Instruction in) {
    String text = List.of(in.mnemonic, in.length, in.operands, in.lock, in.rep, in.repne, in.operandSize,
        in.addressSize, in.condition, in.opcode, in.map, in.modrm).toString();
    return in.mnemonic == Mnemonic.INVALID
        ? text
        : text + Arrays.toString(in.kind) + Arrays.toString(in.size)
            + List.of(in.segment, in.segmentOverride, in.base, in.index, in.scale)
            + List.of(in.displacement, in.immediate, in.immediate2);
  }

  private static final class MovingBytes implements InstructionBytes {
    private final byte[] code;
    private int start;

    MovingBytes(byte[] code) {
      this.code = code;
    }

    @Override
    public int at(int offset) {
      return code[start + offset] & 0xFF;
    }
  }
}
