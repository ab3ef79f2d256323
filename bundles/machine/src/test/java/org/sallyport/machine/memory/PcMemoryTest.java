package org.sallyport.machine.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.sallyport.api.memory.MemorySlot;

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
  void firmwareEndsAtFourGigabytesAndAtOneMegabyte() {
    try (PcMemory memory = new PcMemory(2 << 20)) {
      byte[] image = image(256 << 10);
      memory.firmware(image);
      assertEquals("ram 0-bffff, bios-shadow e0000-fffff ro, ram 100000-1fffff, bios fffc0000-ffffffff ro",
          layout(memory));
      assertArrayEquals(image, memory.bytes(0xfffc0000L, image.length));
      assertArrayEquals(Arrays.copyOfRange(image, 128 << 10, 256 << 10), memory.bytes(0xe0000, 128 << 10));
      assertEquals(0xff, memory.read(0xdffff, 1), "nothing is there");
      memory.write(0xffff0, 1, 0x55);
      memory.firmware(image);
      assertArrayEquals(image, memory.bytes(0xfffc0000L, image.length), "filled again");
      assertThrows(IllegalArgumentException.class, () -> memory.firmware(image(64 << 10)));
    }
  }

  @Test
  void smallFirmwareIsBelowOneMegabyteAsAWhole() {
    try (PcMemory memory = new PcMemory(1 << 20)) {
      memory.firmware(image(0x11000));
      assertEquals("ram 0-bffff, bios-shadow ef000-fffff ro, bios fffef000-ffffffff ro", layout(memory));
    }
  }

  @Test
  void firmwareIsShadowed() {
    try (PcMemory memory = new PcMemory(2 << 20)) {
      byte[] image = image(128 << 10);
      assertFalse(memory.shadow(0xf0000, 0x10000, false, false), "it is RAM without firmware");
      memory.write(0xf8000, 1, 0x77);
      memory.firmware(image);
      List<MemorySlot> before = memory.slots();
      assertFalse(memory.shadow(0xf0000, 0x10000, false, false), "as it was");
      assertTrue(memory.shadow(0xc0000, 0x4000, true, true));
      assertEquals("ram 0-c3fff, bios-shadow e0000-fffff ro, ram 100000-1fffff, bios fffe0000-ffffffff ro",
          layout(memory));
      assertSame(before.getLast(), memory.slots().getLast(), "what did not change is the same slot");
      assertTrue(memory.shadow(0xf0000, 0x10000, true, true));
      assertEquals("ram 0-c3fff, bios-shadow e0000-effff ro, ram f0000-1fffff, bios fffe0000-ffffffff ro",
          layout(memory));
      assertEquals(0x77, memory.read(0xf8000, 1));
      memory.shadow(0xf0000, 0x10000, true, false);
      assertEquals("ram 0-c3fff, bios-shadow e0000-effff ro, bios-shadow f0000-fffff ro, ram 100000-1fffff,"
          + " bios fffe0000-ffffffff ro", layout(memory));
      memory.shadow(0xc0000, 0x40000, true, true);
      assertEquals("ram 0-1fffff, bios fffe0000-ffffffff ro", layout(memory));
      memory.firmware(image);
      assertEquals("ram 0-bffff, bios-shadow e0000-fffff ro, ram 100000-1fffff, bios fffe0000-ffffffff ro",
          layout(memory));
      assertThrows(IllegalArgumentException.class, () -> memory.shadow(0xf0000, 0x11000, true, true));
      assertThrows(IllegalArgumentException.class, () -> memory.shadow(0xb0000, 0x1000, true, true));
      assertThrows(IllegalArgumentException.class, () -> memory.shadow(0xf0800, 0x1000, true, true));
    }
  }

  @Test
  void writesMayGoIntoRamThatIsNotSeen() {
    try (PcMemory memory = new PcMemory(2 << 20)) {
      byte[] image = image(128 << 10);
      memory.firmware(image);
      assertEquals(List.of(), memory.shadowWrites().memoryRanges());
      memory.shadow(0xe0000, 0x4000, false, true);
      assertEquals(4, memory.shadowWrites().memoryRanges().size());
      assertEquals("ram 0-bffff, bios-shadow e0000-fffff ro, ram 100000-1fffff, bios fffe0000-ffffffff ro",
          layout(memory));
      memory.shadowWrites().writeMemory(0xe0ffc, 8, 0x8877665544332211L);
      assertEquals(image[0xffc] & 0xff, memory.read(0xe0ffc, 1), "reads still show the image");
      memory.shadow(0xe0000, 0x4000, true, false);
      assertEquals(0x8877665544332211L, memory.read(0xe0ffc, 8));
    }
  }

  private static byte[] image(int size) {
    byte[] image = new byte[size];
    new Random(size).nextBytes(image);
    return image;
  }

  private static String layout(PcMemory memory) {
    return memory.slots().stream().map(slot -> String.format("%s %x-%x%s", slot.name(), slot.guestAddress(),
        slot.end() - 1, slot.readOnly() ? " ro" : "")).collect(Collectors.joining(", "));
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
