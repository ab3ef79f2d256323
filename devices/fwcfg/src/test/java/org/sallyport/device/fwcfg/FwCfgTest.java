package org.sallyport.device.fwcfg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.ResetKind;
import org.sallyport.device.bench.Bench;
import org.sallyport.device.bench.RandomUse;
import org.sallyport.device.bench.States;

class FwCfgTest {
  private static final int SELECTOR = 0x510;
  private static final int DATA = 0x511;
  private static final int FILE_DIRECTORY = 0x19;
  private static final int REQUEST = 0x1000;
  private static final int BUFFER = 0x2000;

  private static final FwCfgConfiguration CONFIGURATION = new FwCfgConfiguration(0x510, 3, 0xc0000000L, 5L << 30, true,
      1500, 0x3f8, List.of("opt/org.example/greeting=hello", "bootorder=/rom@genroms/a\n/rom@genroms/b"));

  private final Bench bench = new Bench();
  private FwCfg device;

  @BeforeEach
  void make() {
    device = (FwCfg) bench.make(new FwCfgComponent(), CONFIGURATION);
  }

  @Test
  void signatureAndId() {
    assertEquals("QEMU", new String(item(0, 4), StandardCharsets.US_ASCII));
    assertEquals(3, number(1, 4), "data register and DMA");
  }

  @Test
  void factsAboutTheMachine() {
    assertEquals(0xc0000000L + (5L << 30), number(3, 8));
    assertEquals(3, number(5, 2));
    assertEquals(3, number(0x0f, 2));
    assertEquals(1, number(0x0e, 2));
    assertEquals(1, number(0x8002, 1));
  }

  @Test
  void whatIsNotThereReadsAsZero() {
    assertEquals(0, number(0x11, 8));
    assertEquals(0, number(0x3fff, 8));
    assertEquals(0, number(0xffff, 8));
    item(0, 4);
    assertEquals(0, bench.in(DATA), "behind the last byte");
  }

  @Test
  void selectingBeginsAtTheFirstByte() {
    item(0, 2);
    assertEquals('Q', item(0, 1)[0]);
    bench.out(SELECTOR, 1, 5);
    assertEquals('E', bench.in(DATA), "a byte selects nothing");
  }

  @Test
  void nothingCanBeWritten() {
    bench.out(SELECTOR, 2, 0);
    bench.out(DATA, 'X');
    assertEquals("QEMU", new String(item(0x4000, 4), StandardCharsets.US_ASCII));
    assertEquals(0, bench.in(SELECTOR, 2));
  }

  @Test
  void directory() {
    Map<String, byte[]> files = files();
    assertEquals(List.of("bootorder", "etc/boot-menu-wait", "etc/e820", "etc/sercon-port", "opt/org.example/greeting"),
        List.copyOf(files.keySet()));
    assertEquals("hello", new String(files.get("opt/org.example/greeting"), StandardCharsets.UTF_8));
    assertArrayEquals(new byte[]{(byte) 0xdc, 5}, files.get("etc/boot-menu-wait"));
    assertArrayEquals(new byte[]{(byte) 0xf8, 3, 0, 0, 0, 0, 0, 0}, files.get("etc/sercon-port"));
    ByteBuffer e820 = ByteBuffer.wrap(files.get("etc/e820")).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(40, e820.capacity());
    assertEquals("0 c0000000 1", String.format("%x %x %d", e820.getLong(), e820.getLong(), e820.getInt()));
    assertEquals("100000000 140000000 1", String.format("%x %x %d", e820.getLong(), e820.getLong(), e820.getInt()));
  }

  @Test
  void withoutASerialConsoleThereIsNoFileForIt() {
    Bench other = new Bench();
    other.make(new FwCfgComponent(), new FwCfgConfiguration(0x510, 1, 0, 0, false, 0, 0, List.of()));
    other.out(SELECTOR, 2, FILE_DIRECTORY);
    assertEquals(0, other.in(DATA) | other.in(DATA) | other.in(DATA));
    assertEquals(2, other.in(DATA), "e820 and boot-menu-wait");
  }

  @Test
  void dmaSignature() {
    assertEquals(0x554d4551, bench.in(0x514, 4), "QEMU");
    assertEquals(0x47464320, bench.in(0x518, 4), " CFG");
  }

  @Test
  void dmaSelectsReadsAndSkips() {
    assertEquals(0, dma(0x0a, 2, 0x2000, 0), "select item 0, read");
    assertEquals('Q', bench.memory().read(BUFFER, 1));
    assertEquals('E', bench.memory().read(BUFFER + 1, 1));
    assertEquals(0xdd, bench.memory().read(BUFFER + 2, 1), "no more than asked for");
    assertEquals(0, dma(0x04, 1, 0, -1), "skip");
    assertEquals('U', bench.in(DATA), "the data register goes on there");
    assertEquals(0, dma(0x02, 3, BUFFER, -1));
    assertEquals(0, bench.memory().read(BUFFER, 2), "zeros behind the end");
    assertEquals(0, bench.memory().read(BUFFER + 2, 1));
    assertEquals(0, dma(0x08, 0, 0, 5), "select only");
    assertEquals(3, bench.in(DATA));
  }

  @Test
  void dmaReadsMuchMoreThanThereIs() {
    for (int i = 0; i < 0x40000; i += 8) {
      bench.memory().write(0x10000 + i, 8, -1);
    }
    assertEquals(0, dma(0x0a, 0x30000, 0x10000, 0));
    assertEquals('Q', bench.memory().read(0x10000, 1));
    for (int i = 4; i < 0x30000; i += 4) {
      assertEquals(0, bench.memory().read(0x10000 + i, 4));
    }
    assertEquals(-1, bench.memory().read(0x40000, 8));
    for (int i = 0; i < 3; i++) {
      assertEquals(0, dma(0x04, -1, 0, -1), "4 GiB on");
    }
    assertEquals(0, bench.in(DATA));
  }

  @Test
  void dmaErrors() {
    assertEquals(1, dma(0x18, 1, BUFFER, 0), "writing");
    assertEquals(1, dma(0x0a, 1, 1L << 40, 0), "no memory there");
    assertEquals(1, dma(0x0a, 4, (1 << 20) - 2, 0), "the end has no memory");
    assertEquals(1, dma(0x0a, 4, -2, 0), "around the top");
    bench.out(0x514, 4, -1);
    bench.out(0x518, 4, -1); // a request that cannot be read has no place for an answer
    assertEquals(0, dma(0x0a, 1, BUFFER, 0), "works again");
  }

  @Test
  void tables() {
    AcpiSample sample = new AcpiSample(0xe0000);
    device.tables(0xe0000, sample.bytes(), sample.rsdp());
    Map<String, byte[]> files = files();
    AcpiSample.Placed placed = new AcpiSample.Placed(files, 0x7f00_0040L, 0xf5a0);
    placed.check(0x7f00_0040L - 0xe0000);
    String before = States.text(device);
    assertThrows(IllegalArgumentException.class, () -> device.tables(0xe0000, sample.bytes(), sample.rsdp() + 16));
    assertThrows(IllegalArgumentException.class, () -> device.tables(0xe0040, sample.bytes(), sample.rsdp()));
    assertTrue(before.equals(States.text(device)), "a refusal changes nothing");
  }

  @Test
  void stateKeepsTheTables() throws InvalidState {
    AcpiSample sample = new AcpiSample(0xe0000);
    device.tables(0xe0000, sample.bytes(), sample.rsdp());
    item(0, 2);
    Bench other = new Bench();
    FwCfg twin = (FwCfg) other.make(new FwCfgComponent(), CONFIGURATION);
    States.copy(device, twin);
    assertTrue(States.text(device).equals(States.text(twin)));
    assertEquals('M', other.in(DATA));
    FwCfgState state = twin.save();
    byte[] wrong = state.tables().clone();
    wrong[0] = 'X';
    assertThrows(InvalidState.class, () -> twin.restore(new FwCfgState(0, 0, 0, 0xe0000, wrong, 0xe0000)));
    assertThrows(InvalidState.class, () -> twin.restore(new FwCfgState(0x10000, 0, 0, 0, new byte[0], 0)));
    assertThrows(InvalidState.class, () -> twin.restore(new FwCfgState(0, -1, 0, 0, new byte[0], 0)));
    assertTrue(States.text(state).equals(States.text(twin)), "a refusal changes nothing");
  }

  @Test
  void resetSelectsTheSignature() {
    item(5, 1);
    device.reset(ResetKind.RESET);
    assertEquals('Q', bench.in(DATA));
  }

  @Test
  void configuration() {
    refused("files", new FwCfgConfiguration(0x510, 1, 0, 0, true, 0, 0, List.of("no text")));
    refused("files", new FwCfgConfiguration(0x510, 1, 0, 0, true, 0, 0, List.of("a".repeat(56) + "=")));
    refused("files", new FwCfgConfiguration(0x510, 1, 0, 0, true, 0, 0, List.of("a=1", "a=2")));
    refused("files", new FwCfgConfiguration(0x510, 1, 0, 0, true, 0, 0, List.of("etc/e820=")));
    refused("cpus", new FwCfgConfiguration(0x510, 0, 0, 0, true, 0, 0, List.of()));
    refused("port", new FwCfgConfiguration(0xfff8, 1, 0, 0, true, 0, 0, List.of()));
    refused("memoryBelow4G", new FwCfgConfiguration(0x510, 1, -1, 0, true, 0, 0, List.of()));
    refused("memoryAbove4G", new FwCfgConfiguration(0x510, 1, 0, -1, true, 0, 0, List.of()));
    refused("bootMenuWait", new FwCfgConfiguration(0x510, 1, 0, 0, true, 70000, 0, List.of()));
    refused("serialConsole", new FwCfgConfiguration(0x510, 1, 0, 0, true, 0, 0x10000, List.of()));
  }

  @Test
  void randomUse() {
    RandomUse.run(new FwCfgComponent(), 20_000);
  }

  private void refused(String property, FwCfgConfiguration configuration) {
    DeviceException refusal =
        assertThrows(DeviceException.class, () -> new FwCfgComponent().create(configuration, bench));
    assertTrue(refusal.getMessage().startsWith("fwcfg: " + property), refusal.getMessage());
  }

  /**
   * Asks for a transfer in the way of the specification.
   *
   * @param key what to select, or -1
   * @return the control field afterwards
   */
  private long dma(int control, int length, long address, int key) {
    ByteBuffer request = ByteBuffer.allocate(16);
    request.putInt(Math.max(key, 0) << 16 | control).putInt(length).putLong(address);
    bench.memory().write(REQUEST, request.array());
    if (bench.memory().read(BUFFER + 2, 1) == 0) {
      bench.memory().write(BUFFER + 2, 1, 0xdd);
    }
    bench.out(0x518, 4, Integer.reverseBytes(REQUEST));
    return Integer.toUnsignedLong(Integer.reverseBytes((int) bench.memory().read(REQUEST, 4)));
  }

  private byte[] item(int key, int length) {
    bench.out(SELECTOR, 2, key);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) bench.in(DATA);
    }
    return bytes;
  }

  private long number(int key, int size) {
    byte[] bytes = java.util.Arrays.copyOf(item(key, size), 8);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** All files as a guest finds them. */
  private Map<String, byte[]> files() {
    int count = ByteBuffer.wrap(item(FILE_DIRECTORY, 4)).getInt();
    ByteBuffer directory = ByteBuffer.wrap(item(FILE_DIRECTORY, 4 + 64 * count)).position(4);
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      int size = directory.getInt();
      int key = directory.getShort();
      assertEquals(0, directory.getShort());
      byte[] name = new byte[56];
      directory.get(name);
      files.put(new String(name, StandardCharsets.US_ASCII).replaceAll("\0+$", ""), item(key, size));
    }
    return files;
  }
}
