package org.sallyport.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.machine.bench.TestMachines.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VcpuState.Activity;
import org.sallyport.api.device.PowerButton;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.machine.StopReason;
import org.sallyport.machine.bench.FakeBackend;
import org.sallyport.machine.bench.FakeCpu;
import org.sallyport.machine.bench.FakeLapic;
import org.sallyport.machine.bench.TestMachines;

/** A machine with fake chips and a fake processor: what the run loop and the life of a machine do. */
@Timeout(60)
class PcMachineTest {
  /** Steps done one after the other, the last one for ever. */
  private static FakeCpu.Program script(FakeCpu.Program... steps) {
    AtomicInteger next = new AtomicInteger();
    return (cpu, exit) -> {
      int step = next.get();
      if (step < steps.length - 1) {
        next.incrementAndGet();
      }
      return steps[step].step(cpu, exit);
    };
  }

  private static FakeCpu.Program out(int port, int size, int value) {
    return (cpu, exit) -> {
      exit.access(ExitReason.PORT_WRITE, port, size, value);
      return true;
    };
  }

  private static FakeCpu.Program in(int port, int size) {
    return (cpu, exit) -> {
      exit.access(ExitReason.PORT_READ, port, size, 0);
      return true;
    };
  }

  private static FakeCpu.Program memory(ExitReason reason, long address, int size, long value) {
    return (cpu, exit) -> {
      exit.access(reason, address, size, value);
      return true;
    };
  }

  private static FakeCpu.Program plain(ExitReason reason) {
    return (cpu, exit) -> {
      exit.plain(reason);
      return true;
    };
  }

  /** Keeps the answer to the read before. */
  private static FakeCpu.Program keep(List<Long> answers) {
    return (cpu, exit) -> {
      answers.add(cpu.answer);
      return false;
    };
  }

  private static StopReason reason(Machine machine) throws Exception {
    return machine.stopped().get(10, TimeUnit.SECONDS);
  }

  // --- dispatch ---

  @Test
  void portAccessesReachTheDeviceAndAnswersComeBack() throws Exception {
    List<Long> answers = new ArrayList<>();
    AtomicInteger done = new AtomicInteger();
    try (TestMachines bench =
        new TestMachines(script(out(0x100, 1, 7), out(0x100, 1, 7), in(0x100, 1), keep(answers), in(0x222, 2),
            keep(answers), in(0xfe, 4), keep(answers), (cpu, exit) -> done.getAndSet(1) < 0))) {
      Machine machine = bench.start();
      await("the program ends", () -> done.get() == 1);
      assertEquals(List.of(2L, 0xffffL, 0x0002ffffL), answers);
      long[] exits = machine.statistics().exits();
      assertEquals(2, exits[ExitReason.PORT_WRITE.ordinal()]);
      assertEquals(3, exits[ExitReason.PORT_READ.ordinal()]);
    }
  }

  @Test
  void aProcessorSeesItsOwnLocalApicAndItsTaskPriority() throws Exception {
    List<Long> first = new ArrayList<>();
    List<Long> second = new ArrayList<>();
    AtomicInteger done = new AtomicInteger();
    FakeCpu.Program end = (cpu, exit) -> {
      done.incrementAndGet();
      cpu.program = FakeCpu.IDLE;
      return false;
    };
    try (TestMachines bench = new TestMachines(
        script(memory(ExitReason.MEMORY_READ, LocalApic.DEFAULT_BASE, 4, 0), keep(first),
            memory(ExitReason.MEMORY_WRITE, LocalApic.DEFAULT_BASE + 0x80, 4, 0x50),
            memory(ExitReason.MEMORY_READ, 0xfed00000L, 8, 0), keep(first), end),
        script(memory(ExitReason.MEMORY_READ, LocalApic.DEFAULT_BASE, 4, 0), keep(second), (cpu, exit) -> {
          cpu.priority = 9;
          exit.plain(ExitReason.TPR_CHANGED);
          return true;
        }, end))) {
      bench.start(Map.of("cpus", 2));
      bench.manager.machines().getFirst().locked(() -> {
        bench.lapics.get(0).bus.send(new ApicMessage(1, false, DeliveryMode.INIT, 0, false, true));
        bench.lapics.get(0).bus.send(new ApicMessage(1, false, DeliveryMode.STARTUP, 8, false, true));
      });
      await("both end", () -> done.get() == 2);
      assertEquals(List.of(0L, -1L), first);
      assertEquals(List.of(1L), second);
      assertEquals(5, bench.cpu(0).priority);
      assertEquals(0x90, bench.lapics.get(1).taskPriority());
    }
  }

  @Test
  void msrsOfTheLocalApicAreAnsweredOthersRefused() throws Exception {
    List<Boolean> refused = new ArrayList<>();
    AtomicInteger done = new AtomicInteger();
    FakeCpu.Program keep = (cpu, exit) -> {
      refused.add(cpu.answerRefused);
      return false;
    };
    try (TestMachines bench = new TestMachines(script(memory(ExitReason.MSR_READ, FakeLapic.MSR, 8, 0), keep,
        memory(ExitReason.MSR_READ, FakeLapic.FAULTING_MSR, 8, 0), keep,
        memory(ExitReason.MSR_WRITE, 0xc0010015L, 8, 0), keep,
        memory(ExitReason.MSR_WRITE, 0xc0010015L, 8, 0), keep, (cpu, exit) -> done.getAndSet(1) < 0))) {
      Machine machine = bench.create(Map.of());
      machine.start();
      await("the program ends", () -> done.get() == 1);
      assertEquals(List.of(false, true, true, true), refused);
      assertEquals(1, machine.log().stream().filter(line -> line.contains("WRMSR 0xc0010015")).count());
    }
  }

  // --- interrupts ---

  @Test
  void anInterruptGoesFromTheLineToTheProcessorAndIntoTheLedger() throws Exception {
    AtomicInteger go = new AtomicInteger();
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      if (go.get() == 0) {
        return false;
      }
      go.decrementAndGet();
      exit.access(ExitReason.PORT_WRITE, 0x101, 1, go.get() % 2);
      return true;
    })) {
      Machine machine = bench.start();
      bench.ioApic.enabled = true;
      go.set(8);
      // The PIC latches the same edges: with ExtINT first, both vectors come for each of the four edges.
      await("all are delivered", () -> bench.cpu(0).delivered().size() == 8);
      assertEquals(4, bench.cpu(0).delivered().stream().filter(vector -> vector == 0x45).count());
      assertEquals(4, bench.cpu(0).delivered().stream().filter(vector -> vector == 0x35).count());
      Machine.IrqInfo line = machine.irqs().stream().filter(irq -> irq.gsi() == 5).findFirst().orElseThrow();
      assertEquals(List.of("dev"), line.sources());
      assertEquals(4, line.raised());
      assertEquals(8, line.delivered());
      assertEquals(4, machine.statistics().interrupts()[0x45]);
    }
  }

  @Test
  void aProcessorWithInterruptsOffIsAskedForAWindow() throws Exception {
    AtomicInteger on = new AtomicInteger();
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      cpu.interruptsOn = on.get() == 1;
      return false;
    })) {
      Machine machine = bench.start();
      await("interrupts are off", () -> !bench.cpu(0).interruptsOn);
      machine.locked(() -> bench.lapics.get(0).accept(fixed(0, 0x61)));
      await("the window is asked for", () -> bench.cpu(0).windowRequests == 1);
      assertEquals(List.of(), bench.cpu(0).delivered());
      on.set(1);
      await("it is delivered", () -> bench.cpu(0).delivered().equals(List.of(0x61)));
      assertEquals(1, machine.statistics().exits()[ExitReason.INTERRUPT_WINDOW.ordinal()]);
    }
  }

  @Test
  void haltedProcessorsWakeUpForEveryInterrupt() throws Exception {
    // Halts after each interrupt; the other side sends the next one as soon as the last one has come, at random phases.
    int rounds = 20_000;
    try (TestMachines bench = new TestMachines(plain(ExitReason.HALT))) {
      Machine machine = bench.start();
      long seed = System.nanoTime();
      Random random = new Random(seed);
      for (int i = 0; i < rounds; i++) {
        int expected = i + 1;
        machine.locked(() -> bench.lapics.get(0).accept(fixed(0, 0x40 + expected % 64)));
        await("interrupt " + expected + " (seed " + seed + ")",
            () -> machine.statistics().interrupts()[0x40 + expected % 64] >= (expected + 63) / 64
                - (expected % 64 == 0 ? 0 : 0));
        for (int spin = random.nextInt(200); spin > 0; spin--) {
          Thread.onSpinWait();
        }
      }
      long sum = 0;
      for (long count : machine.statistics().interrupts()) {
        sum += count;
      }
      assertEquals(rounds, sum);
    }
  }

  @Test
  void anNmiWakesAProcessorThatIsHaltedWithInterruptsOff() throws Exception {
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      cpu.interruptsOn = false;
      exit.plain(ExitReason.HALT);
      return true;
    })) {
      Machine machine = bench.start();
      await("it halts", () -> !machine.problems().isEmpty());
      assertTrue(machine.problems().getFirst().contains("cpu0 is halted with interrupts off"),
          machine.problems().toString());
      machine.locked(() -> bench.lapics.get(0).accept(fixed(0, 0x61)));
      machine.locked(() -> bench.lapics.get(0).accept(new ApicMessage(0, false, DeliveryMode.NMI, 0, false, true)));
      await("the NMI comes", () -> bench.cpu(0).delivered().equals(List.of(2)));
    }
  }

  @Test
  void nmisThatComeInPairsDoNotHoldTheProcessorUp() throws Exception {
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      exit.plain(ExitReason.PAUSE);
      return true;
    })) {
      Machine machine = bench.start();
      ApicMessage nmi = new ApicMessage(0, false, DeliveryMode.NMI, 0, false, true);
      for (int i = 0; i < 30_000; i++) {
        machine.locked(() -> {
          bench.lapics.get(0).accept(nmi);
          for (int spin = ThreadLocalRandom.current().nextInt(100); spin > 0; spin--) {
            Thread.onSpinWait(); // the second one comes while the first one is taken, sooner or later
          }
          bench.lapics.get(0).accept(nmi);
        });
        long before = machine.statistics().exits()[ExitReason.PAUSE.ordinal()];
        await("it still runs", () -> machine.statistics().exits()[ExitReason.PAUSE.ordinal()] > before);
      }
    }
  }

  @Test
  void initAndStartupBringUpAnotherProcessor() throws Exception {
    AtomicReference<VcpuState> seen = new AtomicReference<>();
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE, (cpu, exit) -> {
      seen.compareAndSet(null, cpu.state);
      return false;
    })) {
      Machine machine = bench.start(Map.of("cpus", 2));
      assertEquals(Activity.WAIT_FOR_SIPI, machine.cpuState(1).activity());
      machine.locked(
          () -> bench.lapics.get(0).bus.send(new ApicMessage(1, false, DeliveryMode.STARTUP, 0x9a, false, true)));
      await("it starts", () -> seen.get() != null);
      assertEquals(0x9a00, seen.get().cs().selector());
      assertEquals(0x9a000, seen.get().cs().base());
      assertEquals(0, seen.get().rip());
      assertEquals(Activity.ACTIVE, machine.cpuState(1).activity());

      // A second start-up IPI has no effect on a processor that runs; INIT stops it, and then the next one has.
      int before = bench.cpu(1).restores;
      machine.locked(
          () -> bench.lapics.get(0).bus.send(new ApicMessage(1, false, DeliveryMode.STARTUP, 0x77, false, true)));
      machine.locked(() -> bench.lapics.get(0).bus.send(new ApicMessage(1, false, DeliveryMode.INIT, 0, false, true)));
      await("it waits", () -> bench.cpu(1).restores == before + 1);
      await("its APIC is reset", () -> bench.lapics.get(1).inits == 1);
      assertEquals(Activity.WAIT_FOR_SIPI, machine.cpuState(1).activity());
      assertEquals(0xfff0, machine.cpuState(1).rip());
      seen.set(null);
      machine.locked(
          () -> bench.lapics.get(0).bus.send(new ApicMessage(1, false, DeliveryMode.STARTUP, 0x12, false, true)));
      await("it starts again", () -> seen.get() != null);
      assertEquals(0x12000, seen.get().cs().base());
    }
  }

  @Test
  void timersOfDevicesFire() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = bench.start();
      machine.locked(() -> bench.factory.last.timer.at(machine.clock().nanos() + 1_000_000));
      await("it fires", () -> bench.factory.last.timerShots == 1);
      machine.pause();
      machine.locked(() -> bench.factory.last.timer.at(machine.clock().nanos()));
      long time = machine.clock().nanos();
      Thread.sleep(20);
      assertEquals(time, machine.clock().nanos());
      assertEquals(1, bench.factory.last.timerShots);
      machine.resume();
      await("it fires again", () -> bench.factory.last.timerShots == 2);
    }
  }

  // --- ends ---

  @Test
  void theGuestEndsTheRun() throws Exception {
    try (TestMachines bench = new TestMachines(script(out(0x102, 1, 33), FakeCpu.IDLE))) {
      Machine machine = bench.start();
      assertEquals(new StopReason(StopReason.Kind.EXIT, "the guest ended the run with status 33", 33), reason(machine));
      assertEquals(MachineState.STOPPED, machine.state());
      // No instruction comes after the one that asked for it.
      assertEquals(1, machine.statistics().instructions());
      assertEquals(0x7c00, machine.cpuState(0).rip());
      assertTrue(machine.problems().getFirst().contains("is over"));
      assertThrows(MachineException.class, machine::start);
    }
  }

  @Test
  void theGuestSwitchesTheMachineOff() throws Exception {
    try (TestMachines bench =
        new TestMachines(script(out(0x102, 1, 3), out(0x102, 1, 1), FakeCpu.IDLE))) {
      Machine machine = bench.start();
      assertEquals(StopReason.Kind.POWER_OFF, reason(machine).kind());
      assertTrue(machine.log().stream().anyMatch(line -> line.contains("A20")));
    }
  }

  @Test
  void theGuestsResetLoadsItAgain() throws Exception {
    AtomicInteger run = new AtomicInteger();
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      if (run.incrementAndGet() > 2) {
        return false;
      }
      exit.access(ExitReason.PORT_WRITE, 0x102, 1, 0);
      return true;
    })) {
      Machine machine = bench.start();
      await("it was loaded three times", () -> bench.loads == 3 && run.get() > 3);
      assertEquals(2, bench.factory.last.resets);
      assertEquals(MachineState.RUNNING, machine.state());
      assertEquals(0x7c00, machine.cpuState(0).rip());
      machine.reset();
      assertEquals(4, bench.loads);
    }
  }

  @Test
  void aResetStopsTheMachineThatIsToldSo() throws Exception {
    try (TestMachines bench = new TestMachines(script(out(0x102, 1, 0), FakeCpu.IDLE))) {
      Machine machine = bench.start(Map.of("reset", "stop"));
      assertEquals(StopReason.Kind.RESET, reason(machine).kind());
    }
  }

  @Test
  void aTripleFaultStartsTheGuestAgainOrStops() throws Exception {
    AtomicInteger run = new AtomicInteger();
    FakeCpu.Program faultsOnce = (cpu, exit) -> {
      exit.plain(ExitReason.TRIPLE_FAULT);
      return run.getAndIncrement() == 0;
    };
    try (TestMachines bench = new TestMachines(faultsOnce)) {
      Machine machine = bench.start();
      await("it goes on", () -> run.get() > 2);
      assertEquals(2, bench.loads);
      assertTrue(
          machine.log().stream().anyMatch(line -> line.contains("triple fault on cpu0 at f000:00007c00, real mode")),
          machine.log().toString());
    }
    run.set(0);
    try (TestMachines bench = new TestMachines(faultsOnce)) {
      StopReason reason = reason(bench.start(Map.of("reset", "stop")));
      assertEquals(StopReason.Kind.TRIPLE_FAULT, reason.kind());
    }
  }

  @Test
  void aGuestThatFaultsForEverIsStopped() throws Exception {
    try (TestMachines bench = new TestMachines(plain(ExitReason.TRIPLE_FAULT))) {
      StopReason reason = reason(bench.start());
      assertEquals(StopReason.Kind.TRIPLE_FAULT, reason.kind());
      assertTrue(reason.message().contains("does not get further"), reason.message());
      assertEquals(11, bench.loads);
    }
  }

  @Test
  void anInternalErrorSaysWhere() throws Exception {
    try (TestMachines bench = new TestMachines((cpu, exit) -> {
      exit.plain(ExitReason.INTERNAL_ERROR);
      exit.message = "VPERMI2PS is not implemented";
      return true;
    })) {
      bench.plugins.add((org.sallyport.api.cpu.Disassembler) (code, address, mode, count) -> List
          .of(new org.sallyport.api.cpu.Disassembler.Line(address, 1, "nop")));
      Machine machine = bench.create(Map.of("memory", "1M"));
      machine.start();
      StopReason reason = reason(machine);
      assertEquals(StopReason.Kind.FAILED, reason.kind());
      // CS is F000 with base FFFF0000 after power-on: there is no memory at FFFF7C00.
      assertEquals("cpu0: VPERMI2PS is not implemented; at f000:00007c00, real mode, no code there", reason.message());
    }
  }

  @Test
  void aDeviceThatThrowsEndsItsMachineAndNoOther() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine good = bench.start(Map.of("name", "good"));
      FakeCpu goodCpu = bench.cpu(0);
      bench.backend.programs.set(0, in(0x103, 1));
      Machine bad = bench.start(Map.of("name", "bad"));
      StopReason reason = reason(bad);
      assertEquals(StopReason.Kind.FAILED, reason.kind());
      assertTrue(
          reason.message()
              .startsWith("device 'dev': java.lang.IllegalStateException: this port throws at a read of port 0x103"),
          reason.message());
      long before = goodCpu.instructions();
      await("the other one runs", () -> goodCpu.instructions() > before);
      assertEquals(MachineState.RUNNING, good.state());
    }
  }

  @Test
  void aTimerThatThrowsEndsTheMachine() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = bench.start();
      machine.locked(() -> bench.factory.last.context.clock().timer("bad", () -> {
        throw new IllegalStateException("no");
      }).at(0));
      assertEquals("timer 'dev: bad': java.lang.IllegalStateException: no", reason(machine).message());
    }
  }

  // --- life ---

  @Test
  void startUndoesEverythingWhenTheBackendRefuses() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      bench.backend.refuses = new CpuException("no room");
      Machine machine = bench.create(Map.of());
      assertEquals("CPU backend 'fake': no room", assertThrows(MachineException.class, machine::start).getMessage());
      assertEquals(MachineState.CREATED, machine.state());
      assertEquals(1, bench.factory.closed.get());
      assertEquals(List.of(), TestMachines.threads());
      bench.backend.refuses = null;
      machine.start();
      assertEquals(MachineState.RUNNING, machine.state());
      assertEquals("fake", machine.backend().orElseThrow());
      assertEquals(1, bench.backend.mapped.size());
    }
  }

  @Test
  void problemsNameWhatIsMissing() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      Plugins none = new Plugins();
      LocalMachineManager manager = new LocalMachineManager(none);
      Machine machine = manager
          .create(manager.describe(Map.of("boot", Map.of("kernel", "nowhere"), "cpu", "vmx"), bench.directory()));
      String problems = String.join("\n", machine.problems());
      assertTrue(problems.contains("no CPU backend is there"), problems);
      assertTrue(problems.contains(bench.directory().resolve("nowhere") + " does not exist"), problems);
      assertTrue(problems.contains("no guest loader is there"), problems);
      assertTrue(problems.contains("no PIC is there"), problems);
      assertTrue(problems.contains("no local APIC is there"), problems);
      assertTrue(problems.contains("device 'com1': no device type 'uart16550' is there. There are none"), problems);
      String message = assertThrows(MachineException.class, machine::start).getMessage();
      assertTrue(message.contains("cannot start: no CPU backend"), message);
      none.add(new FakeBackend("kvm"), bench.factory);
      assertTrue(machine.problems().getFirst().contains("no CPU backend is named 'vmx'; there are: auto, kvm"));
      manager.close();
    }
  }

  @Test
  void autoTakesHardwareFirstAndWhatCanBeUsed() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.remove(bench.backend);
      FakeBackend vmx = new FakeBackend("vmx");
      FakeBackend kvm = new FakeBackend("kvm");
      bench.plugins.add(vmx, kvm);
      assertEquals("kvm", bench.start(Map.of("name", "a")).backend().orElseThrow());
      kvm.availability = Availability.no("no /dev/kvm");
      assertEquals("vmx", bench.start(Map.of("name", "b")).backend().orElseThrow());
      vmx.availability = Availability.no("broken");
      Machine machine = bench.create(Map.of("name", "c"));
      assertEquals(List.of("no CPU backend can be used: kvm: no /dev/kvm; vmx: broken"), machine.problems());
    }
  }

  @Test
  void twoDevicesOnOnePortAreNamed() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      Machine machine = bench.create(Map.of("devices",
          List.of(Map.of("type", "fake", "name", "a"), Map.of("type", "fake", "name", "b", "port", 0x104))));
      assertEquals("devices 'a' and 'b' both want port 0x104; move or leave out one of them",
          assertThrows(MachineException.class, machine::start).getMessage());
      assertEquals(2, bench.factory.closed.get());
    }
  }

  @Test
  void badPropertiesOfADeviceAreNamed() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      String message = assertThrows(MachineException.class,
          () -> bench.create(Map.of("devices", List.of(Map.of("type", "fake", "prot", 1))))).getMessage();
      assertEquals(
          "device 'fake' (fake) has no property 'prot'; did you mean 'port'? Allowed: irq, keepsState, label, numbers, port",
          message);
      Machine refused = bench.create(Map.of("devices", List.of(Map.of("type", "fake", "label", "refused"))));
      assertEquals("device 'fake' (fake): label 'refused' is refused; choose another one",
          assertThrows(MachineException.class, refused::start).getMessage());
      refused.close();
      Machine cascade = bench.create(Map.of("devices", List.of(Map.of("type", "fake", "irq", 2))));
      assertTrue(assertThrows(MachineException.class, cascade::start).getMessage()
          .contains("interrupt line 2 does not exist"));
    }
  }

  @Test
  void theGuestIsToldTheFacts() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      bench.start(
          Map.of("cpus", 3, "devices", List.of(Map.of("type", "fake", "name", "com1", "port", 0x3f8, "irq", 4))));
      Platform platform = bench.platform;
      assertEquals(3, platform.cpus());
      assertEquals(3, platform.ioApicId());
      assertEquals(List.of(new Platform.LegacyDevice("PNP0501", 0x3f8, 8, 4)), platform.legacyDevices());
      assertEquals(new Platform.MemoryRegion(0x100000, 0x300000, 1), platform.memoryMap().getLast());
    }
  }

  @Test
  void anotherProcessorsStateCanBeReadWhileItRunsHaltsAndStands() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = bench.start();
      for (int i = 0; i < 100; i++) {
        assertEquals(0x7c00, machine.cpuState(0).rip());
      }
      machine.pause();
      assertEquals(0x7c00, machine.cpuState(0).rip());
      assertEquals(0x1234, machine.translate(0, 0x1234));
      machine.resume();
      bench.cpu(0).program = plain(ExitReason.HALT);
      await("it halts", () -> {
        try {
          return machine.cpuState(0).activity() == Activity.HALTED;
        } catch (MachineException e) {
          throw new AssertionError(e);
        }
      });
      assertThrows(MachineException.class, () -> machine.cpuState(1));
    }
  }

  @Test
  void nobodyRunsWhileTheMachineIsPaused() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = bench.start();
      for (int i = 0; i < 300; i++) {
        machine.pause();
        long before = bench.cpu(0).instructions();
        for (int spin = 0; spin < 200; spin++) {
          Thread.onSpinWait();
        }
        assertEquals(before, bench.cpu(0).instructions());
        machine.resume();
        if (i % 10 == 0) {
          await("it runs", () -> bench.cpu(0).instructions() > before);
        }
      }
    }
  }

  @Test
  void stormsFromManyThreadsEndWell() throws Exception {
    long seed = System.nanoTime();
    try (TestMachines bench = new TestMachines(out(0x100, 1, 0), plain(ExitReason.HALT))) {
      Machine machine = bench.start(Map.of("cpus", 2));
      List<Thread> threads = new ArrayList<>();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(seed + t);
        threads.add(Thread.ofPlatform().name("storm-" + t).start(() -> {
          try {
            for (int i = 0; i < 150; i++) {
              try {
                switch (random.nextInt(7)) {
                  case 0 -> machine.pause();
                  case 1, 2 -> machine.resume();
                  case 3 -> machine.cpuState(random.nextInt(2));
                  case 4 -> machine.reset();
                  case 5 -> machine.locked(() -> bench.lapics.get(0).accept(fixed(0, 0x50)));
                  default -> machine.serial("dev").orElseThrow().send(new byte[]{1});
                }
              } catch (MachineException e) {
                // not in the right state just now
              }
            }
          } catch (Throwable e) {
            failure.set(e);
          }
        }));
      }
      for (Thread thread : threads) {
        thread.join(20_000);
        assertFalse(thread.isAlive(), "a thread hangs, seed " + seed);
      }
      assertEquals(null, failure.get(), "seed " + seed);
      assertTrue(machine.state() == MachineState.RUNNING || machine.state() == MachineState.PAUSED,
          machine.log().toString());
      Thread first = Thread.ofPlatform().start(machine::stop);
      Thread second = Thread.ofPlatform().start(machine::close);
      first.join(10_000);
      second.join(10_000);
      assertEquals(StopReason.Kind.STOPPED, reason(machine).kind());
      assertEquals(1, bench.backend.closed);
    }
  }

  @Test
  void theMachinesOwnThreadsMayAskForAnything() throws Exception {
    AtomicReference<Machine> machine = new AtomicReference<>();
    List<String> failures = new ArrayList<>();
    try (TestMachines bench = new TestMachines(script(out(0x104, 1, 'x'), FakeCpu.IDLE))) {
      machine.set(bench.create(Map.of()));
      machine.get().serial("dev").orElseThrow().listen(0, (bytes, length) -> {
        try {
          machine.get().cpuState(0);
          machine.get().pause(); // on the processor's thread, under the device lock
        } catch (MachineException e) {
          failures.add(e.getMessage());
        }
      });
      machine.get().start();
      await("it stands", () -> machine.get().state() == MachineState.PAUSED);
      assertEquals(List.of(), failures);
      assertEquals(1, machine.get().statistics().instructions());
      machine.get().resume();
      machine.get().locked(machine.get()::close);
      assertEquals(StopReason.Kind.STOPPED, reason(machine.get()).kind());
    }
  }

  @Test
  void serialLinesAreHeardAndSpokenTo() throws Exception {
    AtomicInteger go = new AtomicInteger();
    List<Long> answers = new ArrayList<>();
    try (TestMachines bench = new TestMachines(script(out(0x104, 1, 'o'), out(0x104, 1, 'k'), (cpu, exit) -> {
      go.set(1);
      return false;
    }))) {
      Machine machine = bench.create(Map.of());
      machine.serial("dev").orElseThrow().send(new byte[]{'h', 'i'});
      machine.start();
      await("it is said", () -> go.get() == 1);
      assertEquals("ok", new String(machine.serial("dev").orElseThrow().transcript(0)));
      assertEquals(2, machine.serial("dev").orElseThrow().pending());
      assertTrue(machine.irqs().stream().anyMatch(irq -> irq.gsi() == 5 && irq.asserted()),
          "the device was told that bytes wait");
      assertTrue(machine.serial("nobody").isEmpty());
      assertEquals(0, answers.size());
    }
  }

  @Test
  void capabilitiesAreCalledUnderTheDeviceLock() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = bench.start();
      PowerButton button = machine.capability("dev", PowerButton.class).orElseThrow();
      button.press();
      assertEquals(1, bench.factory.last.presses);
      assertTrue(machine.capability("pic", PowerButton.class).isEmpty());
      assertSame(machine, bench.manager.machine(machine.name()).orElseThrow());
    }
  }

  @Test
  void writesByDevicesReachTheProcessorsCaches() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Machine machine = bench.start();
      bench.backend.written.clear();
      machine.memory().write(0x5000, 4, 1);
      machine.memory().write(0x6000, new byte[10]);
      assertEquals(List.of("5000+4", "6000+10"), bench.backend.written);
    }
  }

  private static ApicMessage fixed(int destination, int vector) {
    return new ApicMessage(destination, false, DeliveryMode.FIXED, vector, false, true);
  }
}
