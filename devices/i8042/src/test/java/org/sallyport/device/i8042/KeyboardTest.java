package org.sallyport.device.i8042;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.KeyboardInput;
import org.sallyport.device.bench.Bench;

/** The keyboard as the guest sees it through the controller. */
class KeyboardTest {
  private final Bench bench = new Bench();
  private KeyboardInput keys;
  private I8042 chip;

  @BeforeEach
  void make() {
    chip = (I8042) bench.make(new I8042Component());
    keys = chip.capability(KeyboardInput.class).orElseThrow();
  }

  private void translate(boolean on) {
    bench.out(0x64, 0x60);
    bench.out(0x60, on ? 0x45 : 0x05);
  }

  /** What there is to read, in hexadecimal. */
  private String read() {
    StringBuilder bytes = new StringBuilder();
    while ((bench.in(0x64) & 1) != 0) {
      bytes.append(String.format("%02x", bench.in(0x60)));
    }
    return bytes.toString();
  }

  private String send(int... bytes) {
    StringBuilder answers = new StringBuilder();
    for (int each : bytes) {
      bench.out(0x60, each);
      answers.append(read());
    }
    return answers.toString();
  }

  private String type(String codes) {
    for (byte each : HexFormat.of().parseHex(codes)) {
      assertTrue(keys.scanCode(each));
    }
    return read();
  }

  @Test
  void commands() {
    translate(false);
    assertEquals("faaa", send(0xff));
    assertEquals("faab83", send(0xf2));
    assertEquals("ee", send(0xee));
    assertEquals("fafa", send(0xed, 7));
    assertEquals("fafa", send(0xf3, 0x20));
    assertEquals("fa", send(0xf5));
    assertEquals("fa", send(0xf4));
    assertEquals("fa", send(0xf6));
    assertEquals("fafa02", send(0xf0, 0));
    assertEquals("fe", send(0x00));
    assertEquals("fe", send(0xec));
    assertEquals("fe", send(0xf8), "set 3 only");
  }

  @Test
  void answersAreTranslatedToo() {
    assertEquals("faab41", send(0xf2));
    assertEquals("faaa", send(0xff));
    assertEquals("fafa41", send(0xf0, 0));
  }

  @Test
  void parameters() {
    send(0xed, 5);
    assertEquals(5, chip.save().keyboard().leds());
    send(0xf3, 0x7f);
    assertEquals(0x7f, chip.save().keyboard().typematic());
    assertEquals("fafefa", send(0xed, 0x10, 0x02), "no such LED; it waits on");
    assertEquals(2, chip.save().keyboard().leds());
    assertEquals("faeefe", send(0xed, 0xee, 0x01), "a command replaces the parameter");
    assertEquals("fafe", send(0xf0, 3), "there is no set 3");
    assertEquals("fa", send(0xf6));
    assertEquals(0x2b, chip.save().keyboard().typematic());
    assertEquals(2, chip.save().keyboard().leds(), "the defaults leave them alone");
    send(0xff);
    assertEquals(0, chip.save().keyboard().leds());
  }

  @Test
  void resend() {
    translate(false);
    send(0xf2);
    assertEquals("83", send(0xfe));
    type("1c");
    assertEquals("1c", send(0xfe));
  }

  @Test
  void scanningCanBeOff() {
    assertEquals("1e9e", type("1cf01c"));
    send(0xf5);
    assertEquals("", type("1cf01c"));
    send(0xf4);
    assertEquals("1e9e", type("1cf01c"));
    send(0xf5);
    send(0xff);
    assertEquals("1e9e", type("1cf01c"));
  }

  @Test
  void answersComeBeforeKeys() {
    bench.out(0x64, 0xad);
    keys.scanCode(0x1c);
    bench.out(0x60, 0xee);
    assertEquals("ee1e", read());
  }

  @Test
  void answersDoNotTearABreakCode() {
    bench.out(0x64, 0xad);
    keys.scanCode(0xf0);
    bench.out(0x64, 0xae);
    assertEquals("fafa", send(0xed, 0));
    assertEquals("9e", type("1c"));
  }

  /** Some keys by the manual's tables of scan codes. */
  @Test
  void sets() {
    String[][] keysOfSets = {
        {"76f076", "0181", "Esc"}, {"16f016", "0282", "1"}, {"5af05a", "1c9c", "Enter"}, {"29f029", "39b9", "Space"},
        {"12f012", "2aaa", "left Shift"}, {"59f059", "36b6", "right Shift"}, {"14f014", "1d9d", "left Ctrl"},
        {"e014e0f014", "e01de09d", "right Ctrl"}, {"05f005", "3bbb", "F1"}, {"83f083", "41c1", "F7"},
        {"0af00a", "42c2", "F8"}, {"78f078", "57d7", "F11"}, {"07f007", "58d8", "F12"},
        {"e075e0f075", "e048e0c8", "up"},
        {"77f077", "45c5", "Num Lock"}, {"e11477e1f014f077", "e11d45e19dc5", "Pause"}, {"84f084", "54d4", "SysRq"},
        {"e012e07c", "e02ae037", "Print Screen"}, {"61f061", "56d6", "the key beside left Shift"}};
    for (String[] key : keysOfSets) {
      translate(true);
      assertEquals(key[1], type(key[0]), key[2] + " translated");
      translate(false);
      assertEquals(key[0], type(key[0]), key[2] + " in set 2");
      assertEquals("fafa", send(0xf0, 1));
      assertEquals(key[1], type(key[0]), key[2] + " in set 1");
      assertEquals("fafa", send(0xf0, 2));
    }
  }

  @Test
  void keysWaitUpToALimit() {
    int taken = 0;
    while (keys.scanCode(0x16)) {
      taken++;
    }
    assertEquals(17, taken, "16 and the output buffer");
    bench.in(0x60);
    assertTrue(keys.scanCode(0x16), "there is room again");
    assertFalse(keys.scanCode(0x16));
    assertEquals("02".repeat(17), read());
  }

  @Test
  void rejectedKeysAreNotHalfTaken() {
    translate(false);
    send(0xf0, 1);
    bench.out(0x64, 0xad);
    for (int i = 0; i < 16; i++) {
      assertTrue(keys.scanCode(0x16));
    }
    assertTrue(keys.scanCode(0xf0), "a prefix takes no room in set 1");
    assertFalse(keys.scanCode(0x16));
    bench.out(0x64, 0xae);
    assertEquals("02".repeat(16), read());
    assertEquals("82", type("16"));
  }

  /** Whatever the guest's pace, what is taken arrives, once and in order. */
  @Test
  void nothingIsLost() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("i8042: keys with -Dseed=" + seed);
    Random random = new Random(seed);
    translate(false);
    List<Integer> typed = new ArrayList<>();
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      int code = random.nextInt(256);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          if (keys.scanCode(code)) {
            typed.add(code);
          }
        }
        case 2 -> bench.out(0x64, random.nextBoolean() ? 0xad : 0xae);
        default -> {
          if ((bench.in(0x64) & 1) != 0) {
            assertTrue(bench.irq(1).isSet());
            seen.add(bench.in(0x60));
          }
        }
      }
    }
    bench.out(0x64, 0xae);
    for (byte each : HexFormat.of().parseHex(read())) {
      seen.add(each & 0xff);
    }
    assertTrue(typed.size() > 1000);
    assertEquals(typed, seen, () -> "seed " + seed);
    assertEquals(typed.size(), bench.irq(1).rises());
  }

  /** What Linux's drivers i8042 and atkbd do first; each step has its answer at once. */
  @Test
  void probing() {
    bench.out(0x64, 0x20);
    assertEquals("65", read());
    bench.out(0x64, 0x60);
    bench.out(0x60, 0x74);
    bench.out(0x64, 0xd3);
    bench.out(0x60, 0x5a);
    assertEquals(0x21, bench.in(0x64) & 0x21);
    assertEquals("5a", read());
    bench.out(0x64, 0xa9);
    assertEquals("00", read());
    bench.out(0x64, 0xa7);
    bench.out(0x64, 0x20);
    assertEquals("74", read(), "the auxiliary interface is off");
    bench.out(0x64, 0xa8);
    bench.out(0x64, 0x20);
    assertEquals("54", read());
    bench.out(0x64, 0x60);
    bench.out(0x60, 0x56);
    bench.out(0x64, 0xd3);
    bench.out(0x60, 0xa5);
    assertTrue(bench.irq(12).isSet());
    assertEquals("a5", read());
    bench.out(0x64, 0x60);
    bench.out(0x60, 0x47);
    assertEquals("faab41", send(0xf2));
    assertEquals("fafa", send(0xed, 0));
    assertEquals("fafa", send(0xf3, 0));
    assertEquals("fa", send(0xf4));
    bench.out(0x64, 0xd4);
    bench.out(0x60, 0xf2);
    assertEquals(0x61, bench.in(0x64) & 0x61);
    assertTrue(bench.irq(12).isSet());
    assertEquals("fe", read());
  }

  @Test
  void impossibleStates() {
    byte[] none = {};
    List<KeyboardState> bad = List.of(
        new KeyboardState(new byte[17], none, 0, 0, 0, 0, 2, true, false),
        new KeyboardState(none, new byte[17], 0, 0, 0, 0, 2, true, false),
        new KeyboardState(none, none, 256, 0, 0, 0, 2, true, false),
        new KeyboardState(none, none, 0, 0xf2, 0, 0, 2, true, false),
        new KeyboardState(none, none, 0, 0, 8, 0, 2, true, false),
        new KeyboardState(none, none, 0, 0, 0, 0x80, 2, true, false),
        new KeyboardState(none, none, 0, 0, 0, 0, 3, true, false),
        new KeyboardState(none, none, 0, 0, 0, 0, 2, true, true));
    for (KeyboardState each : bad) {
      assertThrows(InvalidState.class, each::check, each::toString);
    }
  }
}
