package org.sallyport.device.i8042;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.BenchLine;
import org.sallyport.device.bench.RandomUse;
import org.sallyport.device.bench.States;

/** The controller against the PS/2 Hardware Interface Technical Reference. */
class I8042Test {
  private static final int DATA = 0x60;
  private static final int STATUS = 0x64;
  private static final int OBF = 0x01;
  private static final int AUX_OBF = 0x20;
  private static final int TO = 0x40;

  private final Bench bench = new Bench();
  private final BenchLine irq = bench.irq(1);
  private final BenchLine auxIrq = bench.irq(12);
  private I8042 chip;

  @BeforeEach
  void make() {
    chip = (I8042) bench.make(new I8042Component());
  }

  private void command(int value) {
    bench.out(STATUS, value);
  }

  private void command(int value, int data) {
    bench.out(STATUS, value);
    bench.out(DATA, data);
  }

  private int status() {
    return bench.in(STATUS);
  }

  /** The next byte, which must be there. */
  private int read() {
    assertEquals(OBF, status() & OBF, "output buffer full");
    return bench.in(DATA);
  }

  private int ask(int command) {
    command(command);
    return read();
  }

  private void assertEmpty() {
    assertEquals(0, status() & (OBF | AUX_OBF | TO));
  }

  @Test
  void powerOn() {
    assertEquals(0x14, status(), "key lock open, system flag, nothing to read");
    assertEquals(0x65, ask(0x20));
    assertEquals(0x02, bench.in(0x92));
    assertEquals(List.of(), bench.control().asked());
  }

  @Test
  void tests() {
    assertEquals(0x55, ask(0xaa));
    assertEquals(0x00, ask(0xab));
    assertEquals(0x00, ask(0xa9));
    assertEquals(0xf1, ask(0xa4));
    assertEquals(0xb0, ask(0xc0));
    assertEmpty();
  }

  @Test
  void selfTestSetsTheSystemFlag() {
    command(0x60, 0x00);
    assertEquals(0x00, status() & 0x04);
    assertEquals(0x55, ask(0xaa));
    assertEquals(0x04, status() & 0x04);
    assertEquals(0x04, ask(0x20));
  }

  @Test
  void statusTellsCommandsFromData() {
    command(0x60);
    assertEquals(0x08, status() & 0x08);
    bench.out(DATA, 0x45);
    assertEquals(0x00, status() & 0x08);
  }

  @Test
  void ram() {
    command(0x60, 0xff);
    assertEquals(0x7f, ask(0x20));
    for (int i = 1; i < 32; i++) {
      command(0x60 + i, 0xa0 + i);
    }
    for (int i = 1; i < 32; i++) {
      assertEquals(0xa0 + i, ask(0x20 + i));
    }
  }

  @Test
  void interfacesAreSwitched() {
    command(0xad);
    command(0xa8);
    assertEquals(0x55, ask(0x20));
    command(0xae);
    command(0xa7);
    assertEquals(0x65, ask(0x20));
  }

  @Test
  void disabledKeyboardWaits() {
    command(0xad);
    chip.scanCode(0x1c);
    assertEmpty();
    assertFalse(irq.isSet());
    command(0xae);
    assertTrue(irq.isSet());
    assertEquals(0x1e, read());
  }

  @Test
  void dataOpenTheKeyboardsLine() {
    command(0xad);
    bench.out(DATA, 0xee);
    assertEquals(0xee, read());
    assertEquals(0, ask(0x20) & 0x10);
  }

  @Test
  void eachByteIsAnEdge() {
    chip.scanCode(0xe0);
    chip.scanCode(0x75);
    assertTrue(irq.isSet());
    assertEquals(1, irq.rises());
    assertEquals(0xe0, read());
    assertTrue(irq.isSet(), "the next one");
    assertEquals(2, irq.rises());
    assertEquals(1, irq.falls());
    assertEquals(0x48, read());
    assertFalse(irq.isSet());
    assertEquals(0x48, bench.in(DATA), "the last byte stays");
    assertEquals(2, irq.rises());
    assertEquals(0, auxIrq.rises());
  }

  @Test
  void interruptFollowsItsEnableBit() {
    command(0x60, 0x64);
    chip.scanCode(0x1c);
    assertFalse(irq.isSet());
    command(0x60, 0x65);
    assertTrue(irq.isSet());
    command(0x60, 0x64);
    assertFalse(irq.isSet());
    assertEquals(0x1e, read());
  }

  @Test
  void answersWaitForWhatIsInTheBuffer() {
    chip.scanCode(0x1c);
    chip.scanCode(0x32);
    command(0xaa);
    assertEquals(0x1e, read());
    assertEquals(0x55, read());
    assertEquals(0x30, read());
    assertEmpty();
  }

  @Test
  void loopbacks() {
    command(0x60, 0x47);
    command(0xd2, 0xf0);
    assertEquals(OBF, status() & (OBF | AUX_OBF | TO));
    assertTrue(irq.isSet());
    assertEquals(0xf0, read(), "not translated");
    assertFalse(irq.isSet());
    command(0xd3, 0x5a);
    assertEquals(OBF | AUX_OBF, status() & (OBF | AUX_OBF | TO));
    assertTrue(auxIrq.isSet());
    assertFalse(irq.isSet());
    assertEquals(0x5a, read());
    assertFalse(auxIrq.isSet());
    assertEmpty();
  }

  @Test
  void noMouse() {
    command(0xd4, 0xf2);
    assertEquals(OBF | AUX_OBF | TO, status() & (OBF | AUX_OBF | TO));
    assertFalse(auxIrq.isSet(), "not enabled");
    assertEquals(0xfe, read());
    assertEmpty();
    assertEquals(0x45, ask(0x20), "it opened the line");
  }

  @Test
  void outputPort() {
    assertEquals(0xcf, ask(0xd0));
    command(0x60, 0x45);
    chip.scanCode(0x1c);
    command(0xd0);
    read();
    assertEquals(0xdf, read(), "with IRQ 1, as it was then");
    command(0xd1, 0xcd);
    assertEquals(0xcd, ask(0xd0));
    command(0xd1, 0xcf);
    assertEquals(List.of("a20 off", "a20 on"), bench.control().asked());
  }

  @Test
  void a20() {
    command(0xdd);
    assertEquals(0, bench.in(0x92));
    command(0xdf);
    assertEquals(2, bench.in(0x92));
    bench.out(0x92, 0);
    assertEquals(0xcd, ask(0xd0));
    bench.out(0x92, 2);
    bench.out(0x92, 2);
    assertEquals(List.of("a20 off", "a20 on", "a20 off", "a20 on"), bench.control().asked());
    bench.out(0x92, 0);
    chip.reset(ResetKind.RESET);
    assertTrue(bench.control().a20());
    assertEquals(2, bench.in(0x92));
  }

  @Test
  void resets() {
    command(0xff);
    command(0xf1);
    command(0xfd);
    assertEquals(List.of(), bench.control().asked());
    command(0xfe);
    command(0xf0);
    command(0xd1, 0x02);
    bench.out(0x92, 3);
    assertEquals(List.of("reset", "reset", "reset", "reset"), bench.control().asked());
  }

  @Test
  void commandReplacesOneThatWaits() {
    command(0xd1);
    command(0xae);
    bench.out(DATA, 0x00); // to the keyboard, then: it is no command
    assertEquals(0xfe, read());
    assertEquals(List.of(), bench.control().asked());
  }

  @Test
  void unknownCommandsDoNothing() {
    String before = States.text(chip);
    for (int command : new int[]{0x00, 0x1f, 0x80, 0xa0, 0xb0, 0xd5, 0xef}) {
      command(command);
    }
    assertEquals(before.replace("commandWritten=false", "commandWritten=true"), States.text(chip));
  }

  @Test
  void resetClearsEverything() {
    String before = States.text(chip);
    command(0x60, 0x03);
    command(0x7f, 0x33);
    chip.scanCode(0x1c);
    chip.scanCode(0x1c);
    bench.out(DATA, 0xed);
    command(0xd3);
    chip.reset(ResetKind.POWER_ON);
    assertEquals(before, States.text(chip));
    assertFalse(irq.isSet());
  }

  @Test
  void impossibleStates() {
    I8042State now = chip.save();
    KeyboardState keyboard = now.keyboard();
    byte[] bit7 = now.ram().clone();
    bit7[0] = (byte) 0x80;
    List<I8042State> bad = List.of(
        new I8042State(new byte[31], 0, 0, 0, false, false, true, keyboard),
        new I8042State(bit7, 0, 0, 0, false, false, true, keyboard),
        new I8042State(now.ram(), 0x2055, 0, 0, false, false, true, keyboard),
        new I8042State(now.ram(), -1, 0, 0, false, false, true, keyboard),
        new I8042State(now.ram(), 0, 0x155, 0, false, false, true, keyboard),
        new I8042State(now.ram(), 0x155, 0x55, 0, false, false, true, keyboard),
        new I8042State(now.ram(), 0, 0, 0xaa, false, false, true, keyboard));
    String before = States.text(chip);
    for (I8042State each : bad) {
      assertThrows(InvalidState.class, () -> chip.restore(each), () -> States.text(each));
      assertEquals(before, States.text(chip));
    }
  }

  @Test
  void restoringMovesTheA20Gate() throws InvalidState {
    command(0xdd);
    Bench other = new Bench();
    States.copy(chip, other.make(new I8042Component()));
    assertFalse(other.control().a20());
  }

  @Test
  void configuration() {
    Bench other = new Bench();
    I8042 second = (I8042) other.make(new I8042Component(), new I8042Configuration(5, 6));
    second.scanCode(1);
    assertTrue(other.irq(5).isSet());
    I8042Component factory = new I8042Component();
    assertThrows(DeviceException.class, () -> factory.create(new I8042Configuration(24, 12), bench));
    assertThrows(DeviceException.class, () -> factory.create(new I8042Configuration(1, -1), bench));
    assertThrows(DeviceException.class, () -> factory.create(new I8042Configuration(1, 1), bench));
  }

  @Test
  void randomUse() {
    RandomUse.run(new I8042Component(), 20_000);
  }
}
