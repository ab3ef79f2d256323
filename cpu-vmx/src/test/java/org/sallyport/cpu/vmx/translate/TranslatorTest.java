package org.sallyport.cpu.vmx.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.sallyport.cpu.vmx.translate.Program.Patch;
import org.sallyport.cpu.vmx.translate.Program.Piece;

/** Translated programs do what interpreted ones do: random ones (see {@link Twins}), and some that take a certain way. */
class TranslatorTest {
  private static final long SEED = 1;
  private static final int SOME = 800;
  private static final long MANY = 100_000;
  private static final int PIECE = 1000;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void randomProgramsDoTheSame() {
    run(Long.getLong("seed", SEED), SOME);
  }

  @Tag("long")
  @Test
  @Timeout(value = 6, unit = TimeUnit.HOURS, threadMode = ThreadMode.SEPARATE_THREAD)
  void manyRandomProgramsDoTheSame() {
    run(Long.getLong("seed", System.nanoTime()), Long.getLong("cases", MANY));
  }

  private static void run(long seed, long cases) {
    Long only = Long.getLong("case");
    System.out.println("seed " + seed);
    try (Twins twins = new Twins()) {
      if (only != null) {
        twins.run(seed, only, 1);
      } else {
        for (long i = 0; i < cases; i += PIECE) {
          twins.run(seed, i, Math.min(PIECE, cases - i));
          System.out.println(twins.summary());
        }
      }
      assertEquals(List.of(), twins.failures(), "seed " + seed);
    }
  }

  // ---- programs written by hand --------------------------------------------------------------------------------------------------------

  private static Program program(boolean wide) {
    Program p = new Program();
    p.wide = wide;
    p.start = Guest.CODE + 0x100;
    p.seed = 5;
    return p;
  }

  private static void code(Program p, String hex) {
    p.add(new Piece(HexFormat.of().parseHex(hex.replace(" ", ""))));
  }

  /** MOV ESI, the data. */
  private static void data(Program p) {
    code(p, "be 00 00 02 00");
  }

  private static void end(Program p) {
    code(p, "cd 80");
  }

  /** A loop that counts in a cell of its own. */
  private static void loop(Program p, int times, Runnable body) {
    String cell = "%02x".formatted(p.pieces.size() & 0xf8);
    code(p, (p.wide ? "c7 04 25" : "c7 05") + cell + "f0 02 00" + "%02x%02x 00 00".formatted(times & 0xff, times >> 8));
    Piece top = p.add(new Piece());
    body.run();
    code(p, (p.wide ? "ff 0c 25" : "ff 0d") + cell + "f0 02 00");
    p.add(new Piece(0x0f, 0x85, 0, 0, 0, 0).patch(Patch.RELATIVE, 2, 4, top, 0));
  }

  private static void same(Program p) {
    try (Twins twins = new Twins()) {
      assertNull(twins.compare(p));
    }
  }

  /** What sets flags, for operands of each size: with RAX (and RBX or CL or a constant). */
  // @formatter:off
  private static final String[][] SETTERS = {
      {"ADD", "00 d8", "66 01 d8", "01 d8", "48 01 d8"},
      {"SUB", "28 d8", "66 29 d8", "29 d8", "48 29 d8"},
      {"CMP", "38 d8", "66 39 d8", "39 d8", "48 39 d8"},
      {"CMP constant", "3c 80", "66 83 f8 80", "83 f8 ff", "48 83 f8 7f"},
      {"AND", "20 d8", "66 21 d8", "21 d8", "48 21 d8"},
      {"TEST", "84 d8", "66 85 c0", "85 c0", "48 85 c0"},
      {"XOR itself", "30 c0", "66 31 c0", "31 c0", "48 31 c0"},
      {"SBB", "18 d8", "66 19 d8", "19 d8", "48 19 d8"},
      {"ADC", "10 d8", "66 11 d8", "11 d8", "48 11 d8"},
      {"INC", "fe c0", "66 ff c0", "ff c0", "48 ff c0"},
      {"DEC", "fe c8", "66 ff c8", "ff c8", "48 ff c8"},
      {"NEG", "f6 d8", "66 f7 d8", "f7 d8", "48 f7 d8"},
      {"NOT", "f6 d0", "66 f7 d0", "f7 d0", "48 f7 d0"},
      {"SHL 1", "d0 e0", "66 d1 e0", "d1 e0", "48 d1 e0"},
      {"SHL 31", "c0 e0 1f", "66 c1 e0 1f", "c1 e0 1f", "48 c1 e0 1f"},
      {"SHL CL", "d2 e0", "66 d3 e0", "d3 e0", "48 d3 e0"},
      {"SHR 1", "d0 e8", "66 d1 e8", "d1 e8", "48 d1 e8"},
      {"SHR 17", "c0 e8 11", "66 c1 e8 11", "c1 e8 11", "48 c1 e8 11"},
      {"SHR CL", "d2 e8", "66 d3 e8", "d3 e8", "48 d3 e8"},
      {"SAR 1", "d0 f8", "66 d1 f8", "d1 f8", "48 d1 f8"},
      {"SAR 9", "c0 f8 09", "66 c1 f8 09", "c1 f8 09", "48 c1 f8 09"},
      {"SAR CL", "d2 f8", "66 d3 f8", "d3 f8", "48 d3 f8"},
      {"ROL 1", "d0 c0", "66 d1 c0", "d1 c0", "48 d1 c0"},
      {"ROL 8", "c0 c0 08", "66 c1 c0 08", "c1 c0 08", "48 c1 c0 08"},
      {"ROR 3", "c0 c8 03", "66 c1 c8 03", "c1 c8 03", "48 c1 c8 03"},
      {"ROR CL", "d2 c8", "66 d3 c8", "d3 c8", "48 d3 c8"},
      {"RCL 1", "d0 d0", "66 d1 d0", "d1 d0", "48 d1 d0"},
      {"RCR CL", "d2 d8", "66 d3 d8", "d3 d8", "48 d3 d8"},
      {"MUL", "f6 e3", "66 f7 e3", "f7 e3", "48 f7 e3"},
      {"IMUL", "f6 eb", "66 f7 eb", "f7 eb", "48 f7 eb"},
      {"IMUL to a register", "f6 eb", "66 0f af c3", "0f af c3", "48 0f af c3"},
      {"BT", "0f a3 d8", "66 0f a3 d8", "0f a3 d8", "48 0f a3 d8"},
      {"BTC constant", "0f ba f8 07", "66 0f ba f8 0f", "0f ba f8 1f", "48 0f ba f8 3f"},
      {"BSF", "0f bc c3", "66 0f bc c3", "0f bc c3", "48 0f bc c3"},
      {"POPCNT", "f3 0f b8 c3", "66 f3 0f b8 c3", "f3 0f b8 c3", "f3 48 0f b8 c3"},
      {"SHLD", "0f a4 d8 05", "66 0f a4 d8 05", "0f a5 d8", "48 0f a5 d8"},
      {"XADD", "0f c0 d8", "66 0f c1 d8", "0f c1 d8", "48 0f c1 d8"},
      {"CMPXCHG", "0f b0 d9", "66 0f b1 d9", "0f b1 d9", "48 0f b1 d9"},
      {"COMISD", "66 0f 2f c1", "0f 2f c1", "66 0f 2e ca", "66 0f 38 17 c1"},
      {"SAHF", "9e", "f8", "f9", "f5"},
      {"CMPS", "a6", "66 a7", "a7", "48 a7"},
      {"ADD to memory", "00 1e", "66 01 1e", "01 1e", "48 01 1e"},
      {"DEC of memory", "fe 0e", "66 ff 0e", "ff 0e", "48 ff 0e"},
      {"SHR of memory", "c0 2e 03", "66 c1 2e 03", "c1 2e 03", "48 c1 2e 03"},
  };
  // @formatter:on

  /** Each condition after everything that sets flags: set, move, and jump over blocks. */
  @Test
  void conditions() {
    for (String[] setter : SETTERS) {
      for (int size = 1; size <= 4; size++) {
        for (boolean wide : new boolean[]{true, false}) {
          if (wide || size == 3) {
            conditions(setter[size], wide);
          }
        }
      }
    }
  }

  private static void conditions(String setter, boolean wide) {
    Program p = program(wide);
    data(p);
    code(p, "bf 00 20 02 00"); // mov edi, results
    String rex = wide ? "48 " : "";
    loop(p, 60, () -> {
      code(p, rex + "8b 06" + rex + "8b 5e 04" + rex + "89 d9"); // mov rax, [rsi]; mov rbx, [rsi + 4]; mov rcx, rbx
      code(p, rex + "8d 76 04"); // lea rsi, [rsi + 4]
      p.add(new Piece(HexFormat.of().parseHex(setter.replace(" ", ""))));
      for (int cc = 0; cc < 16; cc++) {
        code(p, "0f 9%x 47 %02x".formatted(cc, cc)); // setcc [rdi + cc]
      }
      for (int cc = 0; cc < 16; cc++) {
        code(p, rex + "8d 6d 01" + rex + "0f 4%x d5".formatted(cc)); // lea rbp, [rbp + 1]; cmovcc rdx, rbp
      }
      for (int cc = 0; cc < 16; cc++) {
        Piece over = new Piece();
        p.add(new Piece(0x70 | cc, 0).patch(Patch.RELATIVE, 1, 1, over, 0));
        code(p, rex + "8d 54 52 01"); // lea rdx, [rdx + 2 * rdx + 1]
        p.add(over);
        code(p, rex + "8d 52 01");
      }
      code(p, rex + "8d 7f 10");
    });
    end(p);
    same(p);
  }

  /** More than fits into a method of Java, in one region. */
  @Test
  void largeRegions() {
    for (String instruction : new String[]{"d7", "a4", "0f a2", "ec", "d9 c0 dd d8", "fd fc", "0f c1 d8", "48 0f c7 0e",
        "66 0f ef c1",
        "f3 0f 10 46 10", "88 06", "8f 06", "11 06"}) {
      for (int count : new int[]{20, 60, 100, 155, 170}) {
        Program p = program(!instruction.equals("8f 06"));
        loop(p, 6, () -> {
          data(p);
          code(p, "bb 00 01 02 00 bf 00 08 02 00");
          for (int i = 0; i < count; i++) {
            code(p, instruction);
            if (i % 20 == 19) { // another block
              p.add(new Piece(0x74, 0x00));
            }
          }
        });
        end(p);
        same(p);
      }
    }
  }

  /** Prefixes that change what a near branch pushes, pops and jumps to. */
  @Test
  void branchesWithPrefixes() {
    for (boolean wide : new boolean[]{true, false}) {
      for (String body : new String[]{"66 e8 00 00", "66 e8 00 00 00 00", "66 e9 00 00", "66 e9 00 00 00 00", "66 c3",
          "66 50 66 58", "66 68 34 12",
          "66 6a ff", "66 c9", "66 0f 84 00 00 00 00", "66 74 00", "66 ff d0", "66 ff e0", "66 ff 16", "66 ff 26",
          "f2 e9 00 00 00 00",
          "48 c3", "48 e8 00 00 00 00", "66 8f 06", "66 ff 36", "ff 34 24 8f 04 24", "54 5c", "8f 44 24 08",
          "ff 74 24 08",
          "c8 10 00 01 c9", "66 c8 10 00 00 66 c9", "6a 80 58", "68 00 00 00 80 58", "67 e3 00", "67 e2 00", "66 e2 00",
          "3e ff d0"}) {
        Program p = program(wide);
        loop(p, 5, () -> {
          data(p);
          Piece behind = new Piece();
          p.add(new Piece(0xb8, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 1, 4, behind, 0));
          code(p, (wide ? "48 " : "") + "89 06");
          p.add(new Piece(HexFormat.of().parseHex(body.replace(" ", ""))));
          p.add(behind);
          code(p, "bc 00 c0 02 00");
        });
        end(p);
        same(p);
      }
    }
  }

  /** Addresses at the ends of the address space, and such as are not canonical; also of the stack. */
  @Test
  void addressesAtTheEdges() {
    String[] wide = {"48 c7 c6 ff ff ff ff", "48 be ff ff ff ff ff 7f 00 00", "48 be 00 00 00 00 00 80 00 00",
        "48 c7 c6 fc ff ff ff",
        "48 be fd ff ff ff ff 7f 00 00", "48 be ff ff ff ff ff 7f ff ff"};
    String[] narrow = {"be ff ff ff ff", "be fd ff ff ff", "be 00 00 00 80"};
    String[] accesses = {"8a 06", "8b 06", "89 06", "01 06", "ff 36", "8f 06", "ff 16", "ff 26", "0f 10 06",
        "0f b6 46 01", "c6 06 01", "d1 26",
        "0f 94 06", "0f 44 06", "0f 6f 06", "87 f4 50 87 f4", "87 f4 58 87 f4", "87 f4 e8 00 00 00 00 87 f4",
        "87 f4 c3 87 f4", "87 ee c9 87 ee",
        "56 c3", "ff e6", "ff d6", "f7 26", "36 8b 06", "2e 8b 06", "87 f5 8b 45 00 87 f5", "a4", "ac", "ff 0e",
        "f7 1e", "c5 f8 77"};
    for (boolean is64 : new boolean[]{true, false}) {
      for (String address : is64 ? wide : narrow) {
        for (String access : accesses) {
          Program p = program(is64);
          p.user = !is64;
          loop(p, 5, () -> {
            for (String s : List.of(address,
                is64 ? access.replace("87 f4", "48 87 f4").replace("87 ee", "48 87 ee") : access)) {
              p.add(new Piece(HexFormat.of().parseHex(s.replace(" ", ""))));
            }
            code(p, is64 ? "48 c7 c4 00 c0 02 00" : "bc 00 c0 02 00");
          });
          end(p);
          same(p);
        }
      }
    }
  }

  /** The stack of 32-bit code at the end of the segment, where a push or pop reaches beyond it. */
  @Test
  void stackAtTheEndOfTheSegment() {
    for (int top : new int[]{0, 1, 2, 3, 4, 5, -1, -3, -4, -5}) {
      for (String access : new String[]{"50", "58", "c3", "c9", "ff d0", "e8 00 00 00 00", "6a 01", "ff 36", "8f 06",
          "9c", "9d", "60", "61",
          "ff 16", "c2 08 00", "66 50", "66 58", "1e", "8b 04 24", "89 04 24", "01 04 24"}) {
        Program p = program(false);
        p.user = true;
        loop(p, 5, () -> {
          data(p);
          code(p, "b8 00 00 02 00");
          p.add(new Piece(0xbc, top & 0xff, top >> 8 & 0xff, top >> 16 & 0xff, top >> 24 & 0xff));
          code(p, "89 e5");
          p.add(new Piece(HexFormat.of().parseHex(access.replace(" ", ""))));
          code(p, "bc 00 c0 02 00");
        });
        end(p);
        same(p);
      }
    }
  }

  /** The second page of a block is mapped elsewhere, and back, in each round. */
  @Test
  void mappedElsewhere() {
    for (boolean wide : new boolean[]{true, false}) {
      for (int before = 0; before < 8; before++) {
        for (int page = 0; page < 3; page++) {
          int choice = page | before << 2 & 4;
          Program p = program(wide);
          p.start = Guest.CODE + 0x1000 - 0x20 - before;
          loop(p, 12, () -> {
            code(p, "b0 %02x".formatted(choice));
            Piece next = new Piece();
            p.add(new Piece(0xeb, 0).patch(Patch.RELATIVE, 1, 1, next, 0));
            p.add(next);
            for (int i = 0; i < 3; i++) {
              p.add(new Piece(0x81, 0xc3, 1, 2, 3, 4)); // add ebx, constant
              Piece add = new Piece(0x05, 1, 2, 3, 4);
              add.constant = true;
              p.add(add);
            }
            code(p, "b0 %02x e6 %02x".formatted(choice, Guest.MAPPING_PORT));
          });
          end(p);
          same(p);
        }
      }
    }
  }

  /** Code that changes what comes next, in each of the ways to write to memory, when it has been translated. */
  @Test
  void storesIntoTheRunningRegion() {
    // MOV, ADD, INC, XCHG, PUSH, CALL, SETcc, SHL, MOVD, STOS, CMPXCHG, BTC, FIST; the victim's constant is at RDI.
    for (String store : new String[]{"89 07", "01 0f", "ff 07", "87 07", "0f 94 07", "c1 27 03", "66 0f 7e 07",
        "0f 7e 07", "f3 aa", "ab",
        "0f b1 0f", "0f ba 3f 05", "db 17", "f0 01 0f", "d9 3f", "0f c1 0f", "f7 17", "f7 1f", "10 0f",
        "c7 07 11 22 33 44", "d9 1f",
        "0f ae 1f", "0f c3 0f"}) {
      for (boolean wide : new boolean[]{true, false}) {
        stores(store, wide, false, 0);
        stores(store, wide, true, 0);
      }
    }
    for (boolean wide : new boolean[]{true, false}) {
      for (int way = 1; way <= 2; way++) {
        stores("", wide, true, way);
      }
    }
  }

  /** Each 128 rounds, since it takes a while after a change until code is translated again. */
  private static void stores(String store, boolean wide, boolean victimToo, int way) {
    Program p = program(wide);
    Piece victim =
        new Piece(wide ? new byte[]{0x48, (byte) 0xbb, 1, 2, 3, 4, 5, 6, 7, 8} : new byte[]{(byte) 0xbb, 1, 2, 3, 4});
    Piece function = new Piece();
    loop(p, 530, () -> {
      code(p, "b9 01 00 00 00 b2 01" + (wide ? "8b 04 25 00 f0 02 00" : "8b 05 00 f0 02 00")); // ecx 1, eax the rounds to go
      p.add(new Piece(0xbf, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 1, 4, victim, wide ? 2 : 1));
      code(p, wide ? "fe 04 25 80 f0 02 00" : "fe 05 80 f0 02 00");
      code(p, (wide ? "f6 04 25 80 f0 02 00" : "f6 05 80 f0 02 00") + " 7f");
      Piece over = new Piece();
      p.add(new Piece(0x75, 0).patch(Patch.RELATIVE, 1, 1, over, 0));
      if (way > 0) {
        p.add(new Piece(0xbc, 0, 0, 0, 0).patch(Patch.ABSOLUTE, 1, 4, victim, wide ? 10 : 5));
      }
      switch (way) {
        case 1 -> code(p, "51"); // PUSH
        case 2 -> p.add(new Piece(0xe8, 0, 0, 0, 0).patch(Patch.RELATIVE, 1, 4, function, 0));
        default -> p.add(new Piece(HexFormat.of().parseHex(store.replace(" ", ""))));
      }
      p.add(new Piece(0xeb, 0)); // the victim is in another block, else this one is new each time
      if (!victimToo) {
        p.add(over);
      }
      p.add(victim);
      code(p, "bc 00 c0 02 00 01 dd");
      if (victimToo) {
        p.add(over);
        code(p, "8d 6c 6d 00"); // lea ebp, [ebp * 3]
      }
    });
    end(p);
    p.add(function);
    code(p, "41 41 c3");
    same(p);
  }
}
