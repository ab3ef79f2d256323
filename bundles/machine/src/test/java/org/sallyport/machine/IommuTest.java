package org.sallyport.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.device.PciConnection;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.machine.bench.FakeIommu;
import org.sallyport.machine.bench.TestMachines;

/** What a PCI function sends, in machines with and without IOMMU. */
@Timeout(60)
class IommuTest {
  private static final int CARD = 0x18;

  private final FakeIommu.Factory units = new FakeIommu.Factory();
  private TestMachines bench;

  @BeforeEach
  void make() {
    bench = new TestMachines((cpu, exit) -> {
      exit.access(ExitReason.PORT_READ, 0x1f0, 1, 0);
      return true;
    });
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private Machine start(boolean withIommu) throws Exception {
    bench.plugins.add(units);
    Map<String, String> card = Map.of("type", "fake", "name", "dev");
    Machine machine = bench.start(Map.of("devices",
        withIommu ? List.of(card, Map.of("type", "iommu")) : List.of(card)));
    machine.pause();
    return machine;
  }

  private PciConnection slot() {
    return bench.factory.last.context.pci(CARD);
  }

  private List<Integer> vectors() {
    return bench.lapics.getFirst().accepted.stream().map(ApicMessage::vector).toList();
  }

  @Test
  void withoutOneEverythingIsWhereItIs() throws Exception {
    Machine machine = start(false);
    machine.locked(() -> {
      GuestMemory memory = slot().memory();
      memory.write(0x5ffe, 8, 0x1122334455667788L);
      assertEquals(0x1122334455667788L, machine.memory().read(0x5ffe, 8));
      assertEquals(machine.memory().slots(), memory.slots());
      assertTrue(memory.isMapped(0x5000, 0x3000));
      assertFalse(memory.isMapped(0x3ff000, 0x2000));
      slot().messages().send(0xfee00000L, 0x41);
      memory.write(0xfee00000L, 4, 0x42);
      memory.write(0xfee00000L, new byte[]{0x43, 0, 0, 0});
      memory.write(0xfee00000L, 2, 0x44);
      assertEquals(List.of(0x41, 0x42, 0x43), vectors(), "a write to the interrupt range is a message");
      assertEquals(0xffff_ffffL, memory.read(0xfee00000L, 4));
      slot().interrupt(1).set(true);
      assertTrue(machine.irqs().stream().anyMatch(line -> line.gsi() == 16 && line.asserted()), "slot 3, INTB#");
    });
    assertEquals(Optional.empty(), bench.platform.iommu());
  }

  @Test
  void requestsAreTranslatedPageByPage() throws Exception {
    Machine machine = start(true);
    machine.locked(() -> {
      GuestMemory memory = slot().memory();
      machine.memory().write(0xff000, 8, 0x0807060504030201L);
      machine.memory().write(0xfe000, 8, 0x1817161514131211L);
      assertEquals(0x0807060504030201L, memory.read(0, 8));
      machine.memory().write(0xffffc, 4, 0x44332211);
      assertEquals(0x1413121144332211L, memory.read(0xffc, 8), "over the end of a page");
      memory.write(0x1ffe, new byte[]{1, 2, 3, 4}, 0, 4);
      assertEquals(0x0201, machine.memory().read(0xfeffe, 2));
      assertEquals(0x0403, machine.memory().read(0xfd000, 2));
      memory.write(0x2ffe, 4, 0xabcd1234L);
      assertEquals(0x1234, machine.memory().read(0xfdffe, 2));
      assertEquals(0xabcd, machine.memory().read(0xfc000, 2));
      byte[] bytes = memory.bytes(0xffffe, 4);
      assertArrayEquals(new byte[]{-1, -1}, new byte[]{bytes[2], bytes[3]}, "blocked");
      memory.write(0x100000, 8, 5);
      assertEquals(0xff, memory.read(0x100000, 1));
      assertEquals(List.of(), memory.slots());
      assertTrue(memory.isMapped(0xfe000, 0x2000));
      assertFalse(memory.isMapped(0xff000, 0x2000));
      assertTrue(units.last.asked.contains("write 18 2ffe"), units.last.asked.toString());
      assertEquals(machine.memory().read(0xff000, 4),
          bench.factory.last.context.memory().read(0xff000, 4), "the chip set's own devices do without");
    });
    assertEquals(Optional.of(new Iommu.Facts(0xfed90000L, 48, true)), bench.platform.iommu());
  }

  @Test
  void messagesAreRemapped() throws Exception {
    Machine machine = start(true);
    machine.locked(() -> {
      slot().messages().send(0xfee00010L, 0x41);
      slot().messages().send(0xfee00010L, 0);
      slot().memory().write(0xfee00000L, 4, 1);
      ApicMessage plain = ApicMessage.ofMsi(0xfee00000L, 0x55);
      assertTrue(bench.ioApic.bus.send(plain, 0xfee00000L, 0x55));
      assertFalse(bench.ioApic.bus.send(plain, 0xfee00000L, 0), "nobody got it");
      bench.factory.last.context.messages().send(0xfee00000L, 0x66);
      assertEquals(List.of(0x18, 0x18, 0x00, 0x66), vectors());
      assertEquals(List.of("message 18 fee00010=41", "message 18 fee00010=0", "message 18 fee00000=1",
          "message ff00 fee00000=55", "message ff00 fee00000=0"), units.last.asked);
    });
  }

  @Test
  void whileItIsExchangedNothingPassesAndMessagesWait() throws Exception {
    Machine machine = start(true);
    machine.locked(() -> slot().memory().write(0, 4, 0xfeed));
    FakeIommu old = units.last;
    bench.plugins.remove(units);
    machine.locked(() -> {
      assertEquals(0xffff_ffffL, slot().memory().read(0, 4));
      slot().memory().write(0xff000, 4, 0xbad);
      slot().messages().send(0xfee00010L, 0x41);
      assertTrue(bench.ioApic.bus.send(ApicMessage.ofMsi(0xfee00000L, 0x55), 0xfee00000L, 0x55));
      assertEquals(List.of(), vectors());
    });
    assertTrue(machine.log().stream().anyMatch(line -> line.contains("blocked until it is back")));
    FakeIommu.Factory successors = new FakeIommu.Factory();
    bench.plugins.add(successors);
    machine.locked(() -> {
      assertEquals(List.of("message 18 fee00010=41", "message ff00 fee00000=55"), successors.last.asked);
      assertEquals(old.requests + 2, successors.last.requests);
      assertEquals(List.of(0x18, 0x00), vectors());
      assertEquals(0xfeed, slot().memory().read(0, 4));
      assertEquals(0xfeed, machine.memory().read(0xff000, 4));
    });
  }
}
