package org.sallyport.device.debugexit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.RandomUse;

class DebugExitTest {
  private final Bench bench = new Bench();
  private Device device;

  @BeforeEach
  void make() {
    device = bench.make(new DebugExitComponent());
  }

  @Test
  void aWriteEndsTheRunWithItsValue() {
    bench.out(0xf4, 1, 0);
    bench.out(0xf4, 1, 0x80);
    bench.out(0xf4, 2, 0x1234);
    bench.out(0xf4, 4, -1);
    bench.out(0xf7, 1, 3);
    assertEquals(List.of("exit 0", "exit 128", "exit 4660", "exit -1", "exit 3"), bench.control().asked());
  }

  @Test
  void readingEndsNothing() {
    assertEquals(0, bench.in(0xf4, 4));
    assertEquals(List.of(), bench.control().asked());
  }

  @Test
  void console() {
    assertEquals(0xe9, bench.in(0xe9));
    for (char each : "héllo\n".toCharArray()) {
      bench.out(0xe9, each);
    }
    assertEquals("héllo\n", bench.characters().written());
    bench.out(0xe9, 4, 0x31_32_33_34);
    assertEquals("héllo\n4", bench.characters().written(), "one port wide");
  }

  @Test
  void theWordSwitchesOff() {
    write("ShutShutdow");
    assertEquals(List.of(), bench.control().asked());
    write("n");
    assertEquals(List.of("powerOff"), bench.control().asked());
    write("hutdown Shut down");
    assertEquals(1, bench.control().asked().size());
    write("Shutdown");
    assertEquals(2, bench.control().asked().size());
  }

  private void write(String text) {
    text.chars().forEach(letter -> bench.out(0x8900, letter));
  }

  @Test
  void aResetForgetsHalfAWord() {
    write("Shut");
    device.reset(ResetKind.RESET);
    write("down");
    assertEquals(List.of(), bench.control().asked());
  }

  @Test
  void configuration() throws DeviceException {
    Bench second = new Bench();
    second.make(new DebugExitComponent(), new DebugExitConfiguration(0x501, 0x402, 0x600));
    second.out(0x501, 7);
    second.out(0x402, '!');
    assertEquals(List.of("exit 7"), second.control().asked());
    assertEquals("!", second.characters().written());
    DebugExitComponent factory = new DebugExitComponent();
    assertThrows(DeviceException.class, () -> factory.create(new DebugExitConfiguration(0xfffd, 0xe9, 0x8900), second));
    assertThrows(DeviceException.class,
        () -> factory.create(new DebugExitConfiguration(0xf4, 0x10000, 0x8900), second));
    assertThrows(DeviceException.class, () -> factory.create(new DebugExitConfiguration(0xf4, 0xf6, 0x8900), second));
    assertThrows(DeviceException.class, () -> factory.create(new DebugExitConfiguration(0xf4, 0xe9, 0xf5), second));
    assertThrows(DeviceException.class, () -> factory.create(new DebugExitConfiguration(0xf4, 0xe9, 0xe9), second));
  }

  @Test
  void randomUse() {
    RandomUse.run(new DebugExitComponent(), 20_000);
  }
}
