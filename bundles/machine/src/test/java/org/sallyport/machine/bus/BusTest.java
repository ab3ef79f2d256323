package org.sallyport.machine.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;

/** Who answers an address, and how accesses are split. */
class BusTest {
  private final List<String> seen = new ArrayList<>();

  /** Answers each byte with the low byte of its address, and notes the accesses. */
  private final class Chip implements PortIo, MemoryIo {
    final String name;

    Chip(String name) {
      this.name = name;
    }

    @Override
    public List<PortRange> portRanges() {
      return List.of();
    }

    @Override
    public List<MemoryRange> memoryRanges() {
      return List.of();
    }

    @Override
    public int readPort(int port, int size) {
      return (int) readMemory(port, size);
    }

    @Override
    public void writePort(int port, int size, int value) {
      writeMemory(port, size, value & 0xffffffffL);
    }

    @Override
    public long readMemory(long address, int size) {
      seen.add(name + ":" + Long.toHexString(address) + "/" + size);
      long value = -1L; // what is above the size must be ignored
      for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | (address + i) & 0xff;
      }
      return value;
    }

    @Override
    public void writeMemory(long address, int size, long value) {
      seen.add(name + ":" + Long.toHexString(address) + "/" + size + "=" + Long.toHexString(value));
    }
  }

  private static void none(Claim<?> first, Claim<?> second) {
    throw new AssertionError(first + " and " + second);
  }

  @Test
  void portsAreSplitWhereTheOwnerChanges() {
    PortBus bus = new PortBus();
    bus.claims(List.of(new Claim<>("b", 0x14, 0x15, new Chip("b")), new Claim<>("a", 0x10, 0x13, new Chip("a"))),
        BusTest::none);
    assertEquals(0x13121110, bus.read(0x10, 4));
    assertEquals(0xffff1514, bus.read(0x14, 4));
    assertEquals(0x15141312, bus.read(0x12, 4));
    assertEquals(0x1110ffff, bus.read(0x0e, 4));
    assertEquals(0xffff, bus.read(0x8000, 2));
    assertEquals(0xff, bus.read(0xffff, 1));
    assertEquals(List.of("a:10/4", "b:14/2", "a:12/2", "b:14/2", "a:10/2"), seen);
    seen.clear();
    bus.write(0x11, 4, 0x44332211);
    bus.write(0x13, 1, 0x1234);
    bus.write(0xfffe, 4, 0);
    assertEquals(List.of("a:11/2=2211", "a:13/1=33", "b:14/1=44", "a:13/1=34"), seen);
    assertEquals("a", bus.owner(0x13));
    assertEquals("", bus.owner(0x16));
  }

  @Test
  void memoryIsSplitWhereTheOwnerChanges() {
    MemoryBus bus = new MemoryBus();
    bus.claims(
        List.of(new Claim<>("a", 0xf0000000L, 0xf0000002L, new Chip("a")), new Claim<>("b", 0xf0000003L, 0xf000000fL,
            new Chip("b"))),
        BusTest::none);
    assertEquals(0x0706050403020100L, bus.read(0xf0000000L, 8));
    assertEquals(0x050403020100ffffL, bus.read(0xf0000000L - 2, 8));
    assertEquals(0xffffffffffffff0fL, bus.read(0xf000000fL, 8));
    assertEquals(0x0504L, bus.read(0xf0000004L, 2));
    assertEquals(0xffffffffL, bus.read(0x5, 4));
    seen.clear();
    bus.write(0xf0000001L, 4, 0x44332211L);
    assertEquals(List.of("a:f0000001/2=2211", "b:f0000003/2=4433"), seen);
  }

  @Test
  void theFirstKeepsItsAddressesWhereTwoOverlap() {
    PortBus bus = new PortBus();
    List<String> conflicts = new ArrayList<>();
    bus.claims(List.of(new Claim<>("a", 0x100, 0x107, new Chip("a")), new Claim<>("b", 0x107, 0x108, new Chip("b")),
        new Claim<>("c", 0x108, 0x108, new Chip("c"))),
        (first, second) -> conflicts.add(first.owner() + second.owner()));
    assertEquals(List.of("ab"), conflicts);
    assertEquals("a", bus.owner(0x107));
    assertEquals("c", bus.owner(0x108));
  }

  @Test
  void replacingTheTableForgetsTheLastHit() {
    PortBus bus = new PortBus();
    bus.claims(List.of(new Claim<>("a", 0x100, 0x100, new Chip("a"))), BusTest::none);
    assertEquals(0, bus.read(0x100, 1));
    bus.claims(List.of(), BusTest::none);
    assertEquals(0xff, bus.read(0x100, 1));
  }

  @Test
  void randomTablesGiveTheSameAsALinearSearch() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<Claim<PortIo>> claims = new ArrayList<>();
      for (int at = random.nextInt(20); at < 0x10000 - 40; at += random.nextInt(4000)) {
        int last = at + random.nextInt(16);
        claims.add(random.nextInt(claims.size() + 1), new Claim<>("c" + at, at, last, new Chip("c")));
        at = last + 1;
      }
      PortBus bus = new PortBus();
      bus.claims(claims, BusTest::none);
      for (int i = 0; i < 300; i++) {
        Claim<PortIo> near = claims.get(random.nextInt(claims.size()));
        int port = Math.clamp(near.first() - 3 + random.nextInt(22), 0, 0xffff);
        String expected =
            claims.stream().filter(claim -> claim.first() <= port && port <= claim.last()).map(Claim::owner).findFirst()
                .orElse("");
        assertEquals(expected, bus.owner(port), "seed " + seed);
        assertEquals(expected.isEmpty() ? 0xff : port & 0xff, bus.read(port, 1), "seed " + seed);
      }
    }
  }
}
