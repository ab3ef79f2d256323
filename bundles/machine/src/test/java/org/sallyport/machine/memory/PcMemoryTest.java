package org.sallyport.machine.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Guest memory as devices and loaders see it. */
class PcMemoryTest {
  @Test
  void readsAndWritesAreLittleEndianAtAnyAlignment() {
    try (PcMemory memory = new PcMemory(1 << 20)) {
      memory.write(0x1003, 8, 0x8877665544332211L);
      assertEquals(0x11, memory.read(0x1003, 1));
      assertEquals(0x3322, memory.read(0x1004, 2));
      assertEquals(0x88776655L, memory.read(0x1007, 4));
      assertArrayEquals(new byte[]{0, 0x11, 0x22}, memory.bytes(0x1002, 3));
      memory.write(0x2000, new byte[]{1, 2, 3, 4}, 1, 2);
      assertEquals(0x0302L, memory.read(0x2000, 4));
    }
  }

  @Test
  void whatIsNotMappedReadsAllOnesAndForgetsWrites() {
    try (PcMemory memory = new PcMemory(1 << 20)) {
      long end = 1 << 20;
      memory.write(end - 2, 4, 0x44332211L);
      assertEquals(0xffff2211L, memory.read(end - 2, 4));
      assertEquals(-1, memory.read(0xfee00000L, 8));
      assertArrayEquals(new byte[]{0x11, 0x22, -1, -1}, memory.bytes(end - 2, 4));
      memory.write(end - 1, new byte[]{5, 6});
      assertEquals(0xff05L, memory.read(end - 1, 2));
      assertTrue(memory.isMapped(end - 2, 2));
      assertFalse(memory.isMapped(end - 2, 3));
    }
  }

  @Test
  void ramAboveThreeGigabytesIsAboveFour() {
    Assumptions.assumeTrue(HostMemory.class.getModule().isNativeAccessEnabled(), "an arena would touch all of it");
    try (PcMemory memory = new PcMemory(5L << 30)) {
      assertEquals(5L << 30, memory.ramSize());
      assertEquals(2, memory.slots().size());
      assertEquals(3L << 30, memory.slots().getFirst().end());
      assertEquals(4L << 30, memory.slots().getLast().guestAddress());
      assertEquals(6L << 30, memory.slots().getLast().end());
      assertFalse(memory.isMapped((3L << 30) - 1, 2));
      memory.write((6L << 30) - 8, 8, 42);
      assertEquals(42, memory.read((6L << 30) - 8, 8));
    }
  }

  @Test
  void romsAreReadOnlySlotsThatTheMachineCanFill() {
    try (PcMemory memory = new PcMemory(1 << 20)) {
      byte[] image = new byte[8192];
      image[8191] = 7;
      memory.rom("bios", 0xffffe000L, image);
      assertEquals(7, memory.read(0xffffffffL, 1));
      assertTrue(memory.slots().getLast().readOnly());
      image[8191] = 8;
      memory.rom("bios", 0xffffe000L, image);
      assertEquals(2, memory.slots().size());
      assertEquals(8, memory.read(0xffffffffL, 1));
    }
  }

  @Test
  void writesAreTold() {
    try (PcMemory memory = new PcMemory(1 << 20)) {
      List<String> told = new ArrayList<>();
      memory.onWrite((address, length) -> told.add(address + "+" + length));
      memory.write(5, 4, 0);
      memory.write(16, new byte[9]);
      memory.write((1 << 20) - 1, 2, 0);
      memory.read(0, 8);
      assertEquals(List.of("5+4", "16+9", "1048575+1"), told);
    }
  }

  @Test
  void afterClosingNothingTouchesTheMemory() {
    PcMemory memory = new PcMemory(1 << 20);
    memory.close();
    memory.close();
    assertThrows(IllegalStateException.class, () -> memory.read(0, 4));
  }
}
