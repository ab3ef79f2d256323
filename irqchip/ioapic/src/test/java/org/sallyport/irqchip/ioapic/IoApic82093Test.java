package org.sallyport.irqchip.ioapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.IoApic;

/** The IO APIC against the 82093AA datasheet, on a bus that records. */
class IoApic82093Test {
  private static final long BASE = IoApic.DEFAULT_BASE;
  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int SEND_PENDING = 1 << 12;

  private static final class Bus implements ApicBus {
    final List<ApicMessage> sent = new ArrayList<>();
    boolean accepting = true;

    @Override
    public boolean send(ApicMessage message) {
      sent.add(message);
      return accepting;
    }

    @Override
    public boolean broadcast(ApicMessage message, int sender, boolean includeSelf) {
      throw new AssertionError("an IO APIC knows no shorthand");
    }

    @Override
    public void endOfInterrupt(int vector) {
      throw new AssertionError("an IO APIC hears EOIs, it does not send them");
    }
  }

  private final Bus bus = new Bus();
  private final IoApic82093 chip = new IoApic82093(BASE, 2, bus);

  private int read(int register) {
    chip.writeMemory(BASE, 4, register);
    return (int) chip.readMemory(BASE + 0x10, 4);
  }

  private void write(int register, int value) {
    chip.writeMemory(BASE, 4, register);
    chip.writeMemory(BASE + 0x10, 4, Integer.toUnsignedLong(value));
  }

  private void redirect(int pin, int low, int destination) {
    write(0x11 + 2 * pin, destination << 24);
    write(0x10 + 2 * pin, low);
  }

  private int low(int pin) {
    return read(0x10 + 2 * pin);
  }

  private void toggle(int pin) {
    chip.pin(pin, true);
    chip.pin(pin, false);
  }

  @Test
  void hasOneWindow() {
    assertEquals(List.of(new MemoryRange(BASE, 0x1000)), chip.memoryRanges());
    assertEquals(24, chip.pins());
  }

  @Test
  void version() {
    assertEquals(0x0017_0020, read(1));
    write(1, ~0x0017_0020);
    assertEquals(0x0017_0020, read(1), "read-only");
  }

  @Test
  void identifier() {
    assertEquals(0x0200_0000, read(0));
    write(0, ~0x0200_0000);
    assertEquals(0x0d00_0000, read(0), "only bits 27:24 can be written");
    assertEquals(0x0d00_0000, read(2), "the arbitration identifier follows");
    write(2, 0);
    assertEquals(0x0d00_0000, read(2), "read-only");
    assertThrows(IllegalArgumentException.class, () -> new IoApic82093(BASE, 16, bus));
  }

  @Test
  void resetMasksAllEntries() {
    redirect(5, 0x45, 1);
    chip.reset(ResetKind.RESET);
    for (int pin = 0; pin < 24; pin++) {
      assertEquals(MASKED, low(pin));
      assertEquals(0, read(0x11 + 2 * pin));
    }
    assertEquals(0x0200_0000, read(0));
  }

  @Test
  void reservedBitsAndRegistersReadZero() {
    write(0x10, -1);
    write(0x11, -1);
    assertEquals(0x0001_afff, low(0), "the read-only bits 12 and 14 are 0");
    assertEquals(0xffff_0000, read(0x11));
    write(0x40, -1);
    assertEquals(0, read(0x40), "there are 24 entries");
    assertEquals(0, read(0x03));
  }

  @Test
  void narrowAndWideAccesses() {
    write(0x12, 0x0001_8765);
    chip.writeMemory(BASE, 1, 0x12);
    assertEquals(0x12, chip.readMemory(BASE, 4));
    chip.writeMemory(BASE + 0x10, 1, 0x31);
    assertEquals(0x0001_8731, low(1));
    chip.writeMemory(BASE + 0x12, 1, 0);
    assertEquals(0x8731, chip.readMemory(BASE + 0x10, 4));
    assertEquals(0x31, chip.readMemory(BASE + 0x10, 1));
    assertEquals(0x87, chip.readMemory(BASE + 0x11, 1));
    chip.writeMemory(BASE + 0x10, 2, 0x0042);
    assertEquals(0x0042, chip.readMemory(BASE + 0x10, 2));
    assertEquals(0x42, chip.readMemory(BASE + 0x10, 8));
    assertEquals(0, chip.readMemory(BASE + 0x14, 4));
    chip.writeMemory(BASE + 0x14, 4, -1);
    assertEquals(0x42, chip.readMemory(BASE + 0x10, 4));
    chip.writeMemory(BASE, 4, 0xabcd_ef01L);
    assertEquals(0x01, chip.readMemory(BASE, 4), "IOREGSEL has 8 bits");
    assertEquals(0, chip.readMemory(BASE + 0x20, 4));
  }

  @Test
  void anEdgeSendsOnce() {
    redirect(14, 0x76, 3);
    chip.pin(14, true);
    chip.pin(14, true);
    assertEquals(List.of(new ApicMessage(3, false, DeliveryMode.FIXED, 0x76, false, true)), bus.sent);
    chip.pin(14, false);
    assertEquals(1, bus.sent.size());
    toggle(14);
    assertEquals(2, bus.sent.size());
    assertEquals(0x76, low(14), "no remote IRR for edges");
  }

  @Test
  void messagesAreMadeWhenTheEntryIsWritten() {
    redirect(14, 0x76, 3);
    toggle(14);
    toggle(14);
    assertSame(bus.sent.get(0), bus.sent.get(1));
  }

  @Test
  void anEdgeOnAMaskedPinIsLost() {
    redirect(14, 0x81 | MASKED, 0);
    chip.pin(14, true);
    redirect(14, 0x81, 0);
    assertEquals(List.of(), bus.sent);
    chip.pin(14, false);
    chip.pin(14, true);
    assertEquals(1, bus.sent.size());
  }

  @Test
  void anEdgeThatNobodyAcceptsIsLost() {
    redirect(4, 0x50, 0);
    bus.accepting = false;
    toggle(4);
    bus.accepting = true;
    write(0x10 + 8, 0x50);
    chip.endOfInterrupt(0x50);
    assertEquals(1, bus.sent.size());
    assertEquals(0x50, low(4));
  }

  @Test
  void aLevelIsSentUntilItGoesAway() {
    redirect(14, 0x77 | LEVEL, 0);
    chip.pin(14, true);
    assertEquals(List.of(new ApicMessage(0, false, DeliveryMode.FIXED, 0x77, true, true)), bus.sent);
    assertEquals(0x77 | LEVEL | REMOTE_IRR, low(14));
    chip.endOfInterrupt(0x76);
    assertEquals(1, bus.sent.size(), "another vector");
    chip.endOfInterrupt(0x77);
    assertEquals(2, bus.sent.size(), "still asserted");
    chip.pin(14, false);
    assertEquals(0x77 | LEVEL | REMOTE_IRR, low(14), "the interrupt has not ended");
    chip.endOfInterrupt(0x77);
    assertEquals(2, bus.sent.size());
    assertEquals(0x77 | LEVEL, low(14));
  }

  @Test
  void levelsCoalesceWhileRemoteIrrIsSet() {
    redirect(14, 0x98 | LEVEL, 0);
    chip.pin(14, true);
    chip.pin(14, false);
    chip.pin(14, true);
    chip.pin(14, false);
    chip.endOfInterrupt(0x98);
    assertEquals(1, bus.sent.size());
    chip.pin(14, true);
    assertEquals(2, bus.sent.size());
  }

  @Test
  void aMaskedLevelWaits() {
    redirect(14, 0x82 | LEVEL | MASKED, 0);
    chip.pin(14, true);
    assertEquals(0, bus.sent.size());
    write(0x10 + 28, 0x82 | LEVEL);
    assertEquals(1, bus.sent.size());
    write(0x10 + 28, 0x82 | LEVEL | MASKED | REMOTE_IRR);
    assertEquals(0x82 | LEVEL | MASKED | REMOTE_IRR, low(14));
    chip.endOfInterrupt(0x82);
    assertEquals(0x82 | LEVEL | MASKED, low(14), "the EOI counts for a masked entry too");
    assertEquals(1, bus.sent.size());
    write(0x10 + 28, 0x82 | LEVEL);
    assertEquals(2, bus.sent.size());
  }

  @Test
  void remoteIrrIsClearedBySwitchingToEdge() {
    redirect(9, 0x33 | LEVEL, 0);
    chip.pin(9, true);
    write(0x10 + 18, 0x33 | MASKED);
    assertEquals(0x33 | MASKED, low(9));
    write(0x10 + 18, 0x33 | LEVEL | MASKED);
    assertEquals(0x33 | LEVEL | MASKED, low(9));
    write(0x10 + 18, 0x33 | LEVEL);
    assertEquals(2, bus.sent.size(), "a level-triggered entry sends what its pin says");
  }

  @Test
  void theEoiRegisterEndsAnInterrupt() {
    redirect(9, 0x33 | LEVEL, 0);
    chip.pin(9, true);
    chip.writeMemory(BASE + 0x40, 4, 0x33);
    assertEquals(2, bus.sent.size());
    chip.pin(9, false);
    chip.writeMemory(BASE + 0x40, 4, 0x33);
    assertEquals(0x33 | LEVEL, low(9));
    assertEquals(0, chip.readMemory(BASE + 0x40, 4));
  }

  @Test
  void oneEoiEndsAllEntriesWithItsVector() {
    redirect(9, 0x33 | LEVEL, 0);
    redirect(10, 0x33 | LEVEL, 1);
    chip.pin(9, true);
    chip.pin(10, true);
    chip.pin(9, false);
    chip.endOfInterrupt(0x33);
    assertEquals(3, bus.sent.size());
    assertEquals(1, bus.sent.getLast().destination());
    assertEquals(0x33 | LEVEL, low(9));
  }

  @Test
  void aNewDestinationKeepsRemoteIrr() {
    redirect(13, 0x64 | LEVEL, 0);
    chip.pin(13, true);
    write(0x11 + 26, 1 << 24);
    assertEquals(0x64 | LEVEL | REMOTE_IRR, low(13));
    assertEquals(1, bus.sent.size());
    chip.endOfInterrupt(0x64);
    assertEquals(1, bus.sent.getLast().destination());
  }

  @Test
  void aLevelThatNobodyAcceptsStaysPending() {
    redirect(9, 0x33 | LEVEL, 0);
    bus.accepting = false;
    chip.pin(9, true);
    assertEquals(0x33 | LEVEL | SEND_PENDING, low(9));
    bus.accepting = true;
    chip.endOfInterrupt(0x99);
    assertEquals(2, bus.sent.size());
    assertEquals(0x33 | LEVEL | REMOTE_IRR, low(9));

    redirect(10, 0x34 | LEVEL, 0);
    bus.accepting = false;
    chip.pin(10, true);
    chip.pin(10, false);
    assertEquals(0x34 | LEVEL, low(10), "nothing to send any more");
  }

  @Test
  void anEoiInsideSendIsNotLost() {
    IoApic82093[] box = new IoApic82093[1];
    int[] sends = new int[1];
    box[0] = new IoApic82093(BASE, 0, new ApicBus() {
      @Override
      public boolean send(ApicMessage message) {
        if (++sends[0] == 1) {
          box[0].pin(1, false);
          box[0].endOfInterrupt(message.vector());
        }
        return true;
      }

      @Override
      public boolean broadcast(ApicMessage message, int sender, boolean includeSelf) {
        return false;
      }

      @Override
      public void endOfInterrupt(int vector) {}
    });
    box[0].writeMemory(BASE, 4, 0x12);
    box[0].writeMemory(BASE + 0x10, 4, 0x40 | LEVEL);
    box[0].pin(1, true);
    assertEquals(0x40 | LEVEL, box[0].readMemory(BASE + 0x10, 4));
    box[0].pin(1, true);
    assertEquals(2, sends[0]);
  }

  @ParameterizedTest
  @EnumSource
  void deliveryModes(DeliveryMode mode) {
    redirect(3, 0x51 | mode.ordinal() << 8 | LEVEL | 1 << 11, 0x0f);
    toggle(3);
    boolean level = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
    if (mode == DeliveryMode.RESERVED || mode == DeliveryMode.STARTUP) {
      assertEquals(List.of(), bus.sent, "a reserved encoding");
    } else {
      assertEquals(List.of(new ApicMessage(0x0f, true, mode, 0x51, level, true)), bus.sent);
    }
    assertEquals(level, (low(3) & REMOTE_IRR) != 0, "NMI, SMI, INIT and ExtINT are edges");
    toggle(3);
    assertEquals(level ? 1 : bus.sent.isEmpty() ? 0 : 2, bus.sent.size());
  }

  @Test
  void onTheBusAnEntryIsAWriteOfDataToAnAddress() {
    List<String> writes = new ArrayList<>();
    IoApic82093 ours = new IoApic82093(BASE, 2, new ApicBus() {
      @Override
      public boolean send(ApicMessage message) {
        throw new AssertionError("address and data are missing");
      }

      @Override
      public boolean send(ApicMessage message, long address, int data) {
        writes.add(String.format("%x=%x", address, data));
        return true;
      }

      @Override
      public boolean broadcast(ApicMessage message, int sender, boolean includeSelf) {
        throw new AssertionError();
      }

      @Override
      public void endOfInterrupt(int vector) {}
    });
    int[][] entries = {{0x0931, 0x05 << 24}, {LEVEL | 0x42, 0xff00_0000}, {0x0855, 0x0ab1_0000}};
    for (int pin = 0; pin < entries.length; pin++) {
      for (int half = 1; half >= 0; half--) {
        ours.writeMemory(BASE, 4, 0x10 + 2 * pin + half);
        ours.writeMemory(BASE + 0x10, 4, entries[pin][half]);
      }
      ours.pin(pin, true);
    }
    assertEquals(List.of("fee05004=131", "feeff000=c042", "fee0ab14=55"), writes);
  }

  @Test
  void destination255IsEverybody() {
    redirect(3, 0x51, 0xff);
    toggle(3);
    redirect(3, 0x51 | 1 << 11, 0xff);
    toggle(3);
    assertEquals(ApicMessage.BROADCAST, bus.sent.get(0).destination());
    assertEquals(ApicMessage.BROADCAST, bus.sent.get(1).destination());
    assertTrue(bus.sent.get(1).logical());
  }

  @Test
  void polarityIsOnlyStored() {
    redirect(3, 0x51 | 1 << 13, 0);
    assertEquals(0x51 | 1 << 13, low(3));
    chip.pin(3, true);
    assertEquals(1, bus.sent.size());
  }

  @Test
  void aRestoredChipGoesOnAsIfNothingHadHappened() throws InvalidState {
    long seed = System.nanoTime();
    System.out.println("IoApic82093Test.aRestoredChipGoesOnAsIfNothingHadHappened: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      randomSteps(chip, bus, random.nextLong(), 100);
      Bus otherBus = new Bus();
      IoApic82093 other = new IoApic82093(BASE, 7, otherBus);
      other.restore(chip.save());
      assertEquals(List.of(), otherBus.sent, "restoring sends nothing");
      bus.sent.clear();
      otherBus.accepting = bus.accepting;
      long steps = random.nextLong();
      randomSteps(chip, bus, steps, 100);
      randomSteps(other, otherBus, steps, 100);
      assertEquals(bus.sent, otherBus.sent);
    }
  }

  private static void randomSteps(IoApic82093 chip, Bus bus, long seed, int count) {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(5)) {
        case 0, 1 -> chip.pin(random.nextInt(24), random.nextBoolean());
        case 2 -> chip.endOfInterrupt(0x30 + random.nextInt(8));
        case 3 -> bus.accepting = random.nextInt(4) != 0;
        default -> {
          chip.writeMemory(BASE, 4, 0x10 + random.nextInt(48));
          chip.writeMemory(BASE + 0x10, 4, random.nextInt() & 0xff01_a807L | 0x30);
        }
      }
    }
  }

  @Test
  void anImpossibleStateIsRefusedAndNothingChanges() {
    redirect(3, 0x51, 7);
    IoApicState good = chip.save();
    long[] table = good.table().clone();
    table[3] |= REMOTE_IRR;
    InvalidState refusal = assertThrows(InvalidState.class, () -> chip.restore(new IoApicState(1, 1, 1, table, 0)));
    assertTrue(refusal.getMessage().contains("table[3]"), refusal.getMessage());
    assertThrows(InvalidState.class, () -> chip.restore(new IoApicState(1, 1, 1, new long[23], 0)));
    assertThrows(InvalidState.class, () -> chip.restore(new IoApicState(1, 1, 1, null, 0)));
    assertThrows(InvalidState.class, () -> chip.restore(new IoApicState(1, 16, 1, good.table(), 0)));
    assertThrows(InvalidState.class, () -> chip.restore(new IoApicState(1, 1, 1, good.table(), 1 << 24)));
    assertEquals(0x0200_0000, read(0));
    assertEquals(0x51, low(3));
  }
}
