package org.sallyport.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.machine.bench.TestMachines.await;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.machine.bench.FakeCpu;
import org.sallyport.machine.bench.FakeDevice;
import org.sallyport.machine.bench.FakeIoApic;
import org.sallyport.machine.bench.TestMachines;

/** Chips whose bundles come and go under a running guest. */
@Timeout(60)
class ExchangeTest {
  /** Writes to the counting port for ever. */
  private static final class Writer implements FakeCpu.Program {
    final AtomicInteger writes = new AtomicInteger();

    @Override
    public boolean step(FakeCpu cpu, org.sallyport.api.cpu.VmExit exit) {
      writes.incrementAndGet();
      exit.access(ExitReason.PORT_WRITE, 0x100, 1, 0);
      return true;
    }
  }

  /** A machine on whose empty slots nobody waits for longer than this. */
  private static Machine start(TestMachines bench, int patienceMillis) throws Exception {
    MachineDescription like = bench.manager.describe(Map.of("memory", "4M", "boot", Map.of("kernel", "kernel"),
        "devices", List.of(Map.of("type", "fake", "name", "dev"))), bench.directory());
    Machine machine = bench.manager
        .create(new MachineDescription(like.name(), like.memory(), like.cpus(), like.cpu(), like.boot(), like.devices(),
            Map.of("exchange.patience", patienceMillis)));
    machine.start();
    return machine;
  }

  @Test
  void noWriteIsLostWhileADeviceIsExchangedUnderLoad() throws Exception {
    Writer writer = new Writer();
    try (TestMachines bench = new TestMachines(writer)) {
      Machine machine = start(bench, 10_000);
      FakeDevice.Factory current = bench.factory;
      for (int i = 0; i < 50; i++) {
        int before = writer.writes.get();
        await("the guest writes", () -> writer.writes.get() > before + 100);
        FakeDevice old = current.last;
        FakeDevice.Factory next = new FakeDevice.Factory("fake", i + 2);
        bench.plugins.remove(current);
        bench.plugins.add(next);
        assertNotSame(old, next.last);
        assertEquals(1, current.closed.get());
        current = next;
      }
      machine.pause();
      assertEquals(writer.writes.get(), current.last.writes);
      assertEquals(List.of(), machine.problems());
    }
  }

  @Test
  void anEmptySlotReadsAllOnesAndItsLineFalls() throws Exception {
    AtomicLong answer = new AtomicLong();
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      answer.set(cpu.answer);
      exit.access(ExitReason.PORT_READ, 0x100, 1, 0);
      return true;
    })) {
      Machine machine = start(bench, 1000);
      machine.locked(() -> bench.factory.last.writePort(0x101, 1, 1));
      assertTrue(machine.irqs().getFirst().asserted());
      bench.plugins.remove(bench.factory);
      assertTrue(machine.irqs().getFirst().asserted(), "a line keeps its level while a successor may come");
      await("it reads all ones", () -> answer.get() == 0xff);
      await("the line falls", () -> machine.irqs().stream().noneMatch(Machine.IrqInfo::asserted));
      assertEquals(List.of("device 'dev': no device type 'fake' is there. There are none"), machine.problems());
      assertTrue(
          machine.log().stream().anyMatch(line -> line.contains("dev: its bundle went away; the slot is empty")));
      assertTrue(machine.capability("dev", org.sallyport.api.device.PowerButton.class).isEmpty());

      FakeDevice.Factory next = new FakeDevice.Factory("fake", 2);
      bench.plugins.add(next);
      await("it answers again", () -> answer.get() == 0);
      assertTrue(machine.irqs().getFirst().asserted(), "the line is what the saved state says");
      assertEquals(List.of(), machine.problems());
    }
  }

  @Test
  void aSuccessorThatRefusesTheStateLeavesTheSlotEmpty() throws Exception {
    AtomicLong answer = new AtomicLong();
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      answer.set(cpu.answer);
      exit.access(ExitReason.PORT_READ, 0x100, 1, 0);
      return true;
    })) {
      Machine machine = start(bench, 10_000);
      bench.plugins.remove(bench.factory);
      FakeDevice.Factory older = new FakeDevice.Factory("fake", 0);
      bench.plugins.add(older);
      await("nobody waits any more", () -> answer.get() == 0xff);
      assertEquals(
          List.of("the new 'fake' refuses the state of 'dev': version 1 is newer than 0; the slot stays empty"),
          machine.problems());
      assertEquals(1, older.closed.get());

      // The state is still there for one that takes it.
      bench.plugins.remove(older);
      bench.plugins.add(new FakeDevice.Factory("fake", 3));
      await("it answers again", () -> answer.get() == 0);
      assertEquals(List.of(), machine.problems());
    }
  }

  @Test
  void aFactoryWithAnotherOneBesideItIsReplacedAtOnce() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = start(bench, 10_000);
      FakeDevice.Factory other = new FakeDevice.Factory("fake", 2);
      bench.plugins.add(other);
      assertEquals(0, other.made.get(), "what is in use stays");
      bench.plugins.remove(bench.factory);
      assertEquals(1, other.made.get());
      assertEquals(List.of(), machine.problems());
    }
  }

  @Test
  void edgesThatComeWhileTheIoApicIsAwayAreNotLost() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = start(bench, 10_000);
      bench.plugins.remove(bench.picFactory);
      bench.ioApic.enabled = true;
      FakeIoApic old = bench.ioApic;
      bench.plugins.remove(bench.ioApicFactory);
      machine.locked(() -> {
        bench.factory.last.writePort(0x101, 1, 1);
        bench.factory.last.writePort(0x101, 1, 0);
      });
      bench.plugins.add(bench.ioApicFactory);
      assertNotSame(old, bench.ioApic);
      await("it is delivered", () -> bench.cpu(0).delivered().equals(List.of(0x45)));
      assertEquals(1, machine.irqs().getFirst().delivered());
      assertEquals(false, bench.ioApic.level(5));
    }
  }

  @Test
  void messagesThatComeWhileALocalApicIsAwayAreNotLost() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = start(bench, 10_000);
      bench.plugins.remove(bench.picFactory);
      bench.plugins.remove(bench.lapicFactory);
      machine
          .locked(() -> bench.lapics.get(0).bus.send(new ApicMessage(0, false, DeliveryMode.FIXED, 0x66, false, true)));
      bench.plugins.add(bench.lapicFactory);
      assertEquals(2, bench.lapics.size());
      await("it is delivered", () -> bench.cpu(0).delivered().equals(List.of(0x66)));
    }
  }

  @Test
  void aPausedMachineCanBeChangedToo() throws Exception {
    try (TestMachines bench = new TestMachines(new Writer())) {
      Machine machine = start(bench, 10_000);
      machine.pause();
      int writes = bench.factory.last.writes;
      bench.plugins.remove(bench.factory);
      FakeDevice.Factory next = new FakeDevice.Factory("fake", 2);
      bench.plugins.add(next);
      assertEquals(writes, next.last.writes);
      machine.resume();
      await("it counts on", () -> next.last.writes > writes);
    }
  }

  @Test
  void pausingDoesNotWaitForASuccessor() throws Exception {
    Writer writer = new Writer();
    try (TestMachines bench = new TestMachines(writer)) {
      Machine machine = start(bench, 60_000);
      bench.plugins.remove(bench.factory);
      int before = writer.writes.get();
      // However often it takes until the processor is in the middle of an access when the machine pauses.
      await("the guest goes on", () -> {
        try {
          machine.pause();
          machine.resume();
        } catch (MachineException e) {
          throw new AssertionError(e);
        }
        return writer.writes.get() > before + 1;
      });
    }
  }
}
