package org.sallyport.device.uart16550;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.BenchLine;
import org.sallyport.device.bench.RandomUse;
import org.sallyport.device.bench.States;

/** Against the PC16550D datasheet; its chapters in quotation marks. */
class Uart16550Test {
  private static final int BASE = 0x3f8;
  private static final int THR = BASE;
  private static final int RBR = BASE;
  private static final int IER = BASE + 1;
  private static final int IIR = BASE + 2;
  private static final int FCR = BASE + 2;
  private static final int LCR = BASE + 3;
  private static final int MCR = BASE + 4;
  private static final int LSR = BASE + 5;
  private static final int MSR = BASE + 6;
  private static final int SCR = BASE + 7;
  private static final int OUT2 = 0x08;
  private static final int LOOP = 0x10;

  private final Bench bench = new Bench();
  private final BenchLine irq = bench.irq(4);
  private Device uart;

  @BeforeEach
  void make() {
    uart = bench.make(new Uart16550Component());
  }

  /** 115200 baud, 8N1, FIFOs with the trigger level of these two bits, interrupts pass. */
  private void open(int trigger, int ier) {
    bench.out(LCR, 0x83);
    bench.out(BASE, 1);
    bench.out(BASE + 1, 0);
    bench.out(LCR, 0x03);
    bench.out(FCR, 0x01 | trigger << 6);
    bench.out(MCR, OUT2);
    bench.out(IER, ier);
  }

  private String drain() {
    StringBuilder text = new StringBuilder();
    while ((bench.in(LSR) & 1) != 0) {
      text.append((char) bench.in(RBR));
    }
    return text.toString();
  }

  @Test
  void powerOn() {
    assertEquals(0x00, bench.in(IER));
    assertEquals(0x01, bench.in(IIR));
    assertEquals(0x00, bench.in(LCR));
    assertEquals(0x00, bench.in(MCR));
    assertEquals(0x60, bench.in(LSR));
    assertEquals(0xb0, bench.in(MSR));
    assertFalse(irq.isSet());
  }

  @Test
  void unusedBitsReadZero() {
    bench.out(IER, 0xff);
    bench.out(MCR, 0xff);
    bench.out(SCR, 0xa5);
    assertEquals(0x0f, bench.in(IER));
    assertEquals(0x1f, bench.in(MCR));
    assertEquals(0xa5, bench.in(SCR));
  }

  @Test
  void divisorLatchHidesTheFirstTwoRegisters() {
    bench.out(IER, 0x05);
    bench.out(LCR, 0x80);
    bench.out(BASE, 0x34);
    bench.out(IER, 0x12);
    assertEquals(0x1234, bench.in(BASE, 2));
    assertEquals("", bench.characters().written());
    bench.out(LCR, 0x00);
    assertEquals(0x05, bench.in(IER));
  }

  @Test
  void wideAccessesReachConsecutiveRegisters() {
    bench.out(LCR, 4, 0x00_00_08_03); // LCR, MCR; LSR and MSR cannot be written
    assertEquals(0x03, bench.in(LCR));
    assertEquals(0x08, bench.in(MCR));
    assertEquals(0xb0_60, bench.in(LSR, 2));
    assertEquals(0xff_a5, (bench.in(MSR, 4) & 0xff0000) >> 8 | writeScratch(), "the port behind the last is empty");
  }

  private int writeScratch() {
    bench.out(SCR, 0xa5);
    return bench.in(SCR);
  }

  @Test
  void transmits() {
    for (char each : "Linux version\n".toCharArray()) {
      assertEquals(0x60, bench.in(LSR) & 0x60);
      bench.out(THR, each);
    }
    assertEquals("Linux version\n", bench.characters().written());
    assertEquals(0, irq.rises());
  }

  /** Enabling raises the interrupt, reading IIR takes it away, enabling anew raises it again. */
  @Test
  void transmitterInterruptOnEnabling() {
    open(0, 0);
    bench.out(IER, 0x02);
    assertTrue(irq.isSet());
    assertEquals(0xc2, bench.in(IIR));
    assertFalse(irq.isSet());
    assertEquals(0xc1, bench.in(IIR));
    bench.out(IER, 0x02);
    assertEquals(0xc1, bench.in(IIR), "it was enabled before");
    bench.out(IER, 0x00);
    bench.out(IER, 0x02);
    assertEquals(0xc2, bench.in(IIR));
  }

  @Test
  void transmitterInterruptComesBackForEachCharacter() {
    open(0, 0x02);
    bench.in(IIR);
    int before = irq.rises();
    bench.out(THR, 'a');
    assertTrue(irq.isSet());
    bench.out(THR, 'b');
    bench.out(THR, 'c');
    assertEquals(before + 3, irq.rises(), "a handler that does not read IIR needs an edge each time");
    assertEquals(0xc2, bench.in(IIR));
    assertEquals(0xc1, bench.in(IIR));
  }

  @Test
  void readingIirLeavesTheTransmitterWaitingBehindAHigherPriority() {
    open(0, 0x03);
    bench.characters().send("x");
    assertEquals(0xc4, bench.in(IIR));
    assertEquals(0xc4, bench.in(IIR));
    assertEquals('x', bench.in(RBR));
    assertEquals(0xc2, bench.in(IIR));
    assertEquals(0xc1, bench.in(IIR));
  }

  @Test
  void out2GatesTheInterrupt() {
    open(0, 0x02);
    assertTrue(irq.isSet());
    bench.out(MCR, 0x03);
    assertFalse(irq.isSet());
    assertEquals(0x02, bench.in(IIR) & 0x0f, "it is due all the same");
    bench.out(IER, 0);
    bench.out(IER, 2);
    bench.out(MCR, OUT2 | LOOP);
    assertFalse(irq.isSet(), "in loopback mode the output is off");
    bench.out(MCR, OUT2);
    assertTrue(irq.isSet());
  }

  @Test
  void receivesOneAtATimeWithoutFifos() {
    bench.out(MCR, OUT2);
    bench.out(IER, 0x01);
    bench.characters().send("abc");
    assertEquals(2, bench.characters().pending());
    assertEquals(0x61, bench.in(LSR));
    assertEquals(0x04, bench.in(IIR));
    assertEquals("abc", drain());
    assertEquals(0x01, bench.in(IIR));
    assertFalse(irq.isSet());
  }

  @Test
  void receivesMoreThanTheFifoHoldsWithoutLoss() {
    open(3, 0x01);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      text.append((char) ('!' + i % 90));
    }
    bench.characters().send(text.toString());
    assertEquals(1000 - 16, bench.characters().pending());
    assertEquals(text.toString(), drain());
    assertEquals(0x60, bench.in(LSR), "no overrun");
  }

  @Test
  void triggerLevels() {
    int[] levels = {1, 4, 8, 14};
    for (int i = 0; i < levels.length; i++) {
      open(i, 0x01);
      for (int sent = 1; sent <= 16; sent++) {
        bench.characters().send('a' + sent);
        assertEquals(sent >= levels[i], irq.isSet(), sent + " of " + levels[i]);
      }
      for (int left = 15; left >= 0; left--) {
        bench.in(RBR);
        assertEquals(left >= levels[i], irq.isSet(), left + " left, level " + levels[i]);
      }
    }
  }

  /** "FIFO Interrupt Mode Operation": 4 character times of 10 bits at 115200 baud are 347 µs. */
  @Test
  void characterTimeout() {
    open(2, 0x01);
    bench.characters().send("ab");
    bench.clock().step(340_000);
    assertFalse(irq.isSet());
    bench.clock().step(8_000);
    assertTrue(irq.isSet());
    assertEquals(0xcc, bench.in(IIR));
    assertEquals(0xcc, bench.in(IIR), "reading IIR does not take it away");
    assertEquals('a', bench.in(RBR));
    assertFalse(irq.isSet(), "reading a character does");
    bench.clock().step(348_000);
    assertTrue(irq.isSet(), "and starts the time anew");
    bench.in(RBR);
    bench.clock().step(10_000_000);
    assertFalse(irq.isSet(), "nothing waits any more");
  }

  @Test
  void arrivalRestartsTheTimeout() {
    open(2, 0x01);
    bench.characters().send("a");
    bench.clock().step(300_000);
    bench.characters().send("b");
    bench.clock().step(300_000);
    assertFalse(irq.isSet());
    bench.clock().step(50_000);
    assertTrue(irq.isSet());
  }

  @Test
  void timeoutFollowsTheDivisor() {
    open(2, 0x01);
    bench.out(LCR, 0x83);
    bench.out(BASE, 12);
    bench.out(LCR, 0x03);
    bench.characters().send("a");
    bench.clock().step(4_100_000);
    assertFalse(irq.isSet());
    bench.clock().step(100_000);
    assertTrue(irq.isSet());
  }

  /** "FIFO Control Register". */
  @Test
  void fifoControl() {
    bench.out(FCR, 0xc0);
    assertEquals(0x01, bench.in(IIR), "without the enabling bit the others do not count");
    bench.out(FCR, 0x01);
    assertEquals(0xc1, bench.in(IIR));
    bench.characters().send("abcdef");
    bench.out(FCR, 0x03);
    assertEquals(0x60, bench.in(LSR));
    bench.characters().send("gh");
    bench.out(FCR, 0x00);
    assertEquals(0x01, bench.in(IIR));
    assertEquals(0x60, bench.in(LSR), "leaving FIFO mode empties the FIFO");
  }

  @Test
  void loopback() {
    open(0, 0);
    bench.out(MCR, LOOP);
    bench.characters().send("z");
    bench.out(THR, 'q');
    assertEquals("q", drain(), "the far end is not connected");
    assertEquals("", bench.characters().written());
    bench.out(LCR, 0x00);
    bench.out(THR, 0xff);
    assertEquals(0x1f, bench.in(RBR), "words of five bits");
    bench.out(MCR, 0);
    assertEquals("z", drain());
  }

  @Test
  void modemLinesInLoopback() {
    bench.out(MCR, LOOP);
    bench.in(MSR);
    int[][] wires = {{0x01, 0x20, 0x02}, {0x02, 0x10, 0x01}, {0x08, 0x80, 0x08}};
    for (int[] wire : wires) {
      bench.out(MCR, LOOP | wire[0]);
      assertEquals(wire[1] | wire[2], bench.in(MSR));
      assertEquals(wire[1], bench.in(MSR), "reading clears the delta");
      bench.out(MCR, LOOP);
      assertEquals(wire[2], bench.in(MSR));
    }
    bench.out(MCR, LOOP | 0x04);
    assertEquals(0x40, bench.in(MSR), "the ring indicator tells its trailing edge only");
    bench.out(MCR, LOOP);
    assertEquals(0x04, bench.in(MSR));
    bench.out(MCR, LOOP | 0x0a);
    assertEquals(0x90, bench.in(MSR) & 0xf0);
  }

  @Test
  void modemStatusInterrupt() {
    open(0, 0x08);
    bench.out(MCR, LOOP);
    bench.in(MSR);
    assertEquals(0xc1, bench.in(IIR));
    bench.out(MCR, OUT2);
    assertTrue(irq.isSet(), "the lines came back");
    assertEquals(0xc0, bench.in(IIR));
    assertEquals(0xbb, bench.in(MSR));
    assertFalse(irq.isSet());
  }

  @Test
  void overrunKeepsTheFifo() {
    open(0, 0x04);
    bench.out(MCR, LOOP);
    for (int i = 0; i < 17; i++) {
      bench.out(THR, 'a' + i);
    }
    assertEquals(0xc6, bench.in(IIR));
    assertEquals(0x63, bench.in(LSR));
    assertEquals(0x61, bench.in(LSR), "reading clears it");
    assertEquals("abcdefghijklmnop", drain());
  }

  @Test
  void overrunReplacesTheRegister() {
    bench.out(LCR, 0x03);
    bench.out(MCR, LOOP);
    bench.out(THR, 'a');
    bench.out(THR, 'b');
    assertEquals(0x63, bench.in(LSR));
    assertEquals('b', bench.in(RBR));
    assertEquals(0x60, bench.in(LSR));
  }

  /** "Line Status Register": an error shows when its character is the oldest; bit 7 tells of it from the start. */
  @Test
  void breakTravelsWithItsCharacter() {
    open(0, 0x05);
    bench.out(MCR, LOOP);
    bench.out(THR, 'a');
    bench.out(LCR, 0x43);
    bench.out(LCR, 0x03);
    bench.out(THR, 'b');
    assertEquals(0xc4, bench.in(IIR));
    assertEquals(0xe1, bench.in(LSR));
    assertEquals('a', bench.in(RBR));
    assertEquals(0xc6, bench.in(IIR));
    assertEquals(0xf9, bench.in(LSR));
    assertEquals(0x61, bench.in(LSR));
    assertEquals(0, bench.in(RBR));
    assertEquals("b", drain());
  }

  @Test
  void breakSilencesTheWire() {
    bench.out(LCR, 0x43);
    bench.out(THR, 'a');
    bench.out(LCR, 0x03);
    bench.out(THR, 'b');
    assertEquals("b", bench.characters().written());
  }

  @Test
  void priorities() {
    open(0, 0x0f);
    bench.out(MCR, LOOP); // a delta, and the transmitter's interrupt is due
    bench.out(THR, 'a');
    bench.out(LCR, 0x43);
    bench.in(RBR);
    assertEquals(0xc6, bench.in(IIR));
    bench.in(LSR);
    assertEquals(0xc4, bench.in(IIR));
    bench.in(RBR);
    assertEquals(0xc2, bench.in(IIR));
    assertEquals(0xc0, bench.in(IIR));
    bench.in(MSR);
    assertEquals(0xc1, bench.in(IIR));
  }

  /**
   * What Linux's 8250 driver looks at to tell a 16550A from its relatives, and whether its interrupts can be trusted.
   */
  @Test
  void looksLikeA16550AToLinux() {
    bench.out(IER, 0x00);
    assertEquals(0x00, bench.in(IER) & 0x0f);
    bench.out(IER, 0x0f);
    assertEquals(0x0f, bench.in(IER) & 0x0f);
    bench.out(IER, 0x00);
    bench.out(MCR, LOOP | 0x0a);
    assertEquals(0x90, bench.in(MSR) & 0xf0);
    bench.out(MCR, 0x00);
    bench.out(LCR, 0xbf); // an enhanced feature register would be here
    bench.out(LCR, 0x00);
    bench.out(FCR, 0x01);
    assertEquals(3, bench.in(IIR) >> 6);
    bench.out(LCR, 0x80);
    assertEquals(0xc1, bench.in(IIR));
    bench.out(FCR, 0x21); // 64-byte FIFOs would answer with bit 5
    assertEquals(0xc1, bench.in(IIR));
    bench.out(LCR, 0x00);
    bench.out(IER, 0x40); // a PXA would keep this
    assertEquals(0x00, bench.in(IER));
    for (int i = 0; i < 2; i++) { // the test for a transmitter interrupt that does not come again
      bench.out(IER, 0x02);
      assertEquals(0xc2, bench.in(IIR));
      bench.out(IER, 0x00);
    }
  }

  @Test
  void resetSilencesTheLine() {
    open(0, 0x02);
    bench.out(SCR, 0x5a);
    uart.reset(ResetKind.RESET);
    assertFalse(irq.isSet());
    assertEquals(0x01, bench.in(IIR));
    assertEquals(0x5a, bench.in(SCR), "a master reset leaves it");
    uart.reset(ResetKind.POWER_ON);
    assertEquals(0x00, bench.in(SCR));
  }

  @Test
  void restoredStateGoesOn() throws InvalidState {
    open(2, 0x01);
    bench.characters().send("ab");
    bench.clock().step(200_000);
    Bench other = new Bench();
    other.clock().step(200_000);
    States.copy(uart, other.make(new Uart16550Component()));
    other.clock().step(147_000);
    assertFalse(other.irq(4).isSet());
    other.clock().step(1_000);
    assertTrue(other.irq(4).isSet());
    assertEquals('a', other.in(RBR));
  }

  @Test
  void makingAnotherTakesNothingFromTheFarEnd() {
    bench.characters().send("ab");
    int waiting = bench.characters().pending();
    bench.make(new Uart16550Component());
    assertEquals(waiting, bench.characters().pending());
  }

  @Test
  void closedMeansQuiet() {
    open(0, 0x01);
    uart.close();
    bench.characters().send("a");
    assertFalse(irq.isSet());
    assertEquals(0, bench.clock().openTimers());
  }

  @Test
  void configuration() {
    Bench second = new Bench();
    second.make(new Uart16550Component(), new UartConfiguration(0x2f8, 3));
    second.out(0x2f8, 'x');
    second.out(0x2fc, OUT2);
    second.out(0x2f9, 0x02);
    assertEquals("x", second.characters().written());
    assertTrue(second.irq(3).isSet());
    Uart16550Component factory = new Uart16550Component();
    assertThrows(DeviceException.class, () -> factory.create(new UartConfiguration(0xfffc, 4), second));
    assertThrows(DeviceException.class, () -> factory.create(new UartConfiguration(0x3f8, 24), second));
  }

  @Test
  void randomUse() {
    RandomUse.run(new Uart16550Component(), 60_000);
  }
}
