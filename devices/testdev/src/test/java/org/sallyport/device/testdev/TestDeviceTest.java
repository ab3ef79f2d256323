package org.sallyport.device.testdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.RandomUse;

class TestDeviceTest {
  private final Bench bench = new Bench();
  private Device device;

  @BeforeEach
  void make() {
    device = bench.make(new TestDeviceComponent());
  }

  @Test
  void latchInAllSizes() {
    bench.out(0xe0, 4, 0x12345678);
    assertEquals(0x12345678, bench.in(0xe0, 4));
    assertEquals(0x5678, bench.in(0xe0, 2));
    assertEquals(0x1234, bench.in(0xe2, 2));
    assertEquals(0x56, bench.in(0xe1, 1));
    bench.out(0xe1, 1, 0xff);
    assertEquals(0x1234ff78, bench.in(0xe0, 4));
    bench.out(0xe2, 2, 0xabcd);
    assertEquals(0xabcdff78, bench.in(0xe0, 4));
  }

  @Test
  void lowByteOfTheLatch() {
    bench.out(0xe0, 4, 0x11223344);
    bench.out(0xe8, 0x5a);
    assertEquals(0x5a, bench.in(0xe8));
    assertEquals(0x1122335a, bench.in(0xe0, 4));
  }

  @Test
  void flushingAPageChangesNothing() {
    bench.memory().write(0x3000, 4, 0xcafe);
    bench.out(0xe0, 4, 7);
    bench.out(0xe4, 4, 0x3000);
    assertEquals(0xcafe, bench.memory().read(0x3000, 4));
    assertEquals(7, bench.in(0xe0, 4));
    assertEquals(-1, bench.in(0xe4, 4));
  }

  @Test
  void everyPortSetsItsLine() {
    for (int line = 0; line < 24; line += line == 1 ? 2 : 1) {
      bench.out(0x2000 + line, 1);
      assertEquals(1 << line, bench.levels());
      bench.out(0x2000 + line, 0x80);
      assertEquals(1 << line, bench.levels(), "still high");
      bench.out(0x2000 + line, 0);
      assertEquals(0, bench.levels());
    }
    assertEquals(46, bench.edges());
    bench.out(0x2002, 1);
    assertEquals(0, bench.levels(), "line 2 is the PICs' own");
    bench.out(0x2018, 1);
    assertEquals(0, bench.levels(), "there is no line behind the last one");
  }

  @Test
  void severalLinesAtOnce() {
    bench.out(0x2004, 4, 0x01000100);
    assertEquals(0xa0, bench.levels());
  }

  @Test
  void memory() {
    bench.bus().write(0xff000000L, 8, 0x1122334455667788L);
    assertEquals(0x1122334455667788L, bench.bus().read(0xff000000L, 8));
    assertEquals(0x55, bench.bus().read(0xff000003L, 1));
    bench.bus().write(0xff00fffcL, 4, 0xdeadbeefL);
    assertEquals(0xdeadbeefL, bench.bus().read(0xff00fffcL, 4), "the end of it");
  }

  @Test
  void reset() {
    bench.out(0x2003, 1);
    bench.out(0xe0, 1);
    bench.bus().write(0xff000010L, 4, 5);
    device.reset(ResetKind.RESET);
    assertEquals(0, bench.levels());
    assertEquals(0, bench.in(0xe0, 4));
    assertEquals(5, bench.bus().read(0xff000010L, 4), "memory keeps what it holds");
    device.reset(ResetKind.POWER_ON);
    assertEquals(0, bench.bus().read(0xff000010L, 4));
  }

  @Test
  void impossibleState() {
    TestDevice victim = (TestDevice) device;
    assertThrows(InvalidState.class, () -> victim.restore(new TestDeviceState(0, 1 << 24, new byte[0x10000])));
    assertThrows(InvalidState.class, () -> victim.restore(new TestDeviceState(0, 1 << 2, new byte[0x10000])));
    assertThrows(InvalidState.class, () -> victim.restore(new TestDeviceState(0, 0, new byte[0x1000])));
  }

  @Test
  void randomUse() {
    RandomUse.run(new TestDeviceComponent(), 20_000);
  }
}
