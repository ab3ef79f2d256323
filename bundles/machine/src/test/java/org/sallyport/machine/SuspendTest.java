package org.sallyport.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.machine.bench.TestMachines.await;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.PlatformTables;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.machine.bench.FakeCpu;
import org.sallyport.machine.bench.TestMachines;

/** Suspend to RAM and what ends it. */
@Timeout(60)
class SuspendTest {
  /** A guest that asks for suspension at its entry point and does nothing elsewhere. */
  private static boolean guest(FakeCpu cpu, org.sallyport.api.cpu.VmExit exit) {
    if (cpu.state.rip() != 0x7c00 || cpu.restores > 1) {
      return false;
    }
    exit.access(ExitReason.PORT_WRITE, 0x102, 1, 2);
    return true;
  }

  /** Tables of which only the waking vector matters. */
  private record Tables(long vector) implements PlatformTables {
    @Override
    public long write(Platform platform, GuestMemory memory) {
      return 0;
    }

    @Override
    public OptionalLong wakingVector(GuestMemory memory) {
      return vector == 0 ? OptionalLong.empty() : OptionalLong.of(vector);
    }
  }

  private static Machine suspended(TestMachines bench, long vector) throws Exception {
    bench.plugins.add(new Tables(vector));
    Machine machine = bench.start();
    await("it is suspended", () -> machine.log().stream().anyMatch(line -> line.contains("suspended it to RAM")));
    return machine;
  }

  private static void wake(TestMachines bench, Machine machine) {
    machine.locked(() -> bench.factory.last.context.control().wake("the test"));
  }

  @Test
  void theProcessorStandsWhileTheClockGoesOn() throws Exception {
    try (TestMachines bench = new TestMachines(SuspendTest::guest)) {
      Machine machine = suspended(bench, 0x1230);
      assertEquals(MachineState.RUNNING, machine.state());
      long instructions = machine.statistics().instructions();
      machine.locked(() -> bench.factory.last.timer.at(machine.clock().nanos() + 20_000_000));
      await("a timer fires", () -> bench.factory.last.timerShots == 1);
      machine.pause();
      machine.resume();
      Thread.sleep(20);
      assertEquals(instructions, machine.statistics().instructions(), "resuming does not wake");
    }
  }

  @Test
  void itGoesOnAtTheWakingVectorWithItsMemory() throws Exception {
    try (TestMachines bench = new TestMachines(SuspendTest::guest)) {
      Machine machine = suspended(bench, 0x99123);
      machine.memory().write(0x5000, 4, 0xcafe);
      wake(bench, machine);
      await("it runs", () -> bench.cpu(0).state.rip() == 3);
      VcpuState state = machine.cpuState(0);
      assertEquals(0x9912, state.cs().selector());
      assertEquals(0x99120, state.cs().base());
      assertEquals(0xffff, state.cs().limit());
      assertEquals(0, state.cr0() & 1, "real mode");
      assertEquals(0xcafe, machine.memory().read(0x5000, 4));
      assertEquals(1, bench.factory.last.resets);
      assertEquals(1, bench.loads, "the guest was not loaded again");
      long instructions = machine.statistics().instructions();
      await("it executes", () -> machine.statistics().instructions() > instructions);
      wake(bench, machine);
      assertEquals(1, bench.factory.last.resets, "it is awake");
    }
  }

  @Test
  void withoutAWakingVectorItStartsAgain() throws Exception {
    try (TestMachines bench = new TestMachines(SuspendTest::guest)) {
      Machine machine = suspended(bench, 0);
      wake(bench, machine);
      await("it was loaded again", () -> bench.loads == 2);
      await("it executes", () -> machine.statistics().instructions() > 10);
      assertEquals(0x7c00, machine.cpuState(0).rip());
    }
  }

  @Test
  void aResetEndsIt() throws Exception {
    try (TestMachines bench = new TestMachines(SuspendTest::guest)) {
      Machine machine = suspended(bench, 0x1230);
      machine.reset();
      await("it executes", () -> machine.statistics().instructions() > 10);
      assertEquals(2, bench.loads);
      assertTrue(machine.log().stream().noneMatch(line -> line.contains("woken up")));
    }
  }
}
