package org.sallyport.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.machine.bench.TestMachines.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.device.FirmwareChannel;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.PlatformTables;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.machine.bench.FakeCpu;
import org.sallyport.machine.bench.TestMachines;

/** Machines that start from a firmware image: where it is, how RAM is put in its place, what it is told. */
class FirmwareTest {
  private static final String AT_RESET = "0-bffff, e0000-fffff ro, 100000-3fffff, fffe0000-ffffffff ro";

  @TempDir Path directory;

  private byte[] image;
  private Path rom;

  @BeforeEach
  void write() throws Exception {
    image = new byte[128 << 10];
    new Random(1).nextBytes(image);
    rom = directory.resolve("bios.bin");
    Files.write(rom, image);
  }

  /** A device that puts RAM in the firmware's place as a host bridge does, and takes the tables. */
  record Bridge(DeviceContext context, List<String> told) implements Device, PortIo, FirmwareChannel {
    /** Its properties. */
    record Configuration() {}

    @Override
    public Optional<PortIo> portIo() {
      return Optional.of(this);
    }

    @Override
    public List<PortRange> portRanges() {
      return List.of(new PortRange(0x200, 4));
    }

    @Override
    public int readPort(int port, int size) {
      return 0;
    }

    /** The upper 16 KiB of the area: bit 0 reads, bit 1 writes. */
    @Override
    public void writePort(int port, int size, int value) {
      context.control().shadow(0xfc000, 0x4000, (value & 1) != 0, (value & 2) != 0);
    }

    @Override
    public void tables(long base, byte[] bytes, long rsdp) {
      told.add(String.format("%x %x %x", base, bytes.length, rsdp) + " " + bytes[0x123]);
    }

    @Override
    public void reset(ResetKind kind) {
      context.control().shadow(0xfc000, 0x4000, false, false);
    }
  }

  private static final class Bridges implements DeviceFactory<Bridge.Configuration> {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public String type() {
      return "bridge";
    }

    @Override
    public Bridge.Configuration defaults() {
      return new Bridge.Configuration();
    }

    @Override
    public Device create(Bridge.Configuration configuration, DeviceContext context) {
      return new Bridge(context, told);
    }
  }

  private Map<String, Object> description() {
    return Map.of("boot", Map.of("rom", rom.toString()), "devices", List.of("bridge"));
  }

  @Test
  void theProcessorStartsInTheImageBelowFourGigabytes() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Bridges());
      Machine machine = bench.start(description());
      VcpuState first = bench.cpu(0).state;
      assertEquals(0xfff0, first.rip());
      assertEquals(0xf000, first.cs().selector());
      assertEquals(0xffff0000L, first.cs().base());
      assertEquals(AT_RESET, layout(bench));
      assertArrayEquals(image, machine.memory().bytes(0xfffe0000L, image.length));
      assertArrayEquals(image, machine.memory().bytes(0xe0000, image.length));
      assertEquals(0, bench.loads, "no loader has anything to do with it");
    }
  }

  @Test
  void requestsOfPciFunctionsDoNotWriteIt() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      Machine machine = bench.start(Map.of("boot", Map.of("rom", rom.toString()), "devices",
          List.of(Map.of("type", "fake", "name", "card"))));
      machine.pause();
      machine.locked(() -> {
        GuestMemory memory = bench.factory.last.context.pci(0x18).memory();
        memory.write(0xe0000, 4, ~machine.memory().read(0xe0000, 4));
        memory.write(0xfffff000L, new byte[0x1000]);
        memory.write(0xffffe, 4, 0x12345678); // half of it is RAM
        memory.write(0xbf000, new byte[]{1, 2, 3});
        assertArrayEquals(image, machine.memory().bytes(0xe0000, image.length));
        assertArrayEquals(image, machine.memory().bytes(0xfffe0000L, image.length));
        assertEquals(0x1234, machine.memory().read(0x100000, 2));
        assertArrayEquals(new byte[]{1, 2, 3}, machine.memory().bytes(0xbf000, 3));
      });
    }
  }

  @Test
  void imagesOfOtherSizesAreRefused() throws Exception {
    for (int size : new int[]{0, 4096, (64 << 10) - 4096, (64 << 10) + 1, (16 << 20) + 4096}) {
      Files.write(rom, new byte[size]);
      try (TestMachines bench = new TestMachines()) {
        bench.plugins.add(new Bridges());
        Machine machine = bench.create(description());
        String message = assertThrows(MachineException.class, machine::start).getMessage();
        assertTrue(message.contains("boot.rom: " + rom + " has " + size + " bytes"), message);
        assertTrue(message.contains("64 KiB to 16 MiB"), message);
      }
    }
    Files.delete(rom);
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Bridges());
      Machine machine = bench.create(description());
      String message = assertThrows(MachineException.class, machine::start).getMessage();
      assertTrue(message.contains("boot.rom: " + rom + " does not exist"), message);
    }
  }

  @Test
  void aKernelBesidesIsRefused() throws Exception {
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Bridges());
      Machine machine = bench.create(Map.of("boot", Map.of("rom", rom.toString(), "kernel", "kernel")));
      String message = assertThrows(MachineException.class, machine::start).getMessage();
      assertTrue(message.contains("boot.kernel and boot.rom"), message);
    }
  }

  @Test
  void theNextInstructionSeesTheShadow() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Bridges());
      bench.backend.programs.add(script(bench, seen, 3, 1, 2, 0));
      Machine machine = bench.start(description());
      await("the program ends", () -> seen.size() == 5);
      assertEquals(List.of(AT_RESET,
          "0-bffff, e0000-fbfff ro, fc000-3fffff, fffe0000-ffffffff ro",
          "0-bffff, e0000-fbfff ro, fc000-fffff ro, 100000-3fffff, fffe0000-ffffffff ro",
          AT_RESET,
          AT_RESET), seen);
      assertEquals(List.of(), machine.problems());
    }
  }

  @Test
  void writesReachRamThatReadsDoNotSee() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Bridges());
      FakeCpu.Program write = (cpu, exit) -> {
        exit.access(ExitReason.MEMORY_WRITE, 0xfc010, 4, 0x12345678);
        return true;
      };
      bench.backend.programs.add(sequence(write, out(2), write, out(1), note(bench, seen)));
      Machine machine = bench.start(description());
      await("the program ends", () -> seen.size() == 1);
      assertEquals(0x12345678, machine.memory().read(0xfc010, 4));
      assertEquals(image[image.length - 0x4000 + 0x14] & 0xff, machine.memory().read(0xffffc014L, 1));
    }
  }

  @Test
  void withoutFirmwareThereIsRamWhateverTheBridgeSays() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Bridges());
      bench.backend.programs.add(script(bench, seen, 0, 1));
      bench.start(Map.of("devices", List.of("bridge")));
      await("the program ends", () -> seen.size() == 3);
      assertEquals(List.of("0-3fffff", "0-3fffff", "0-3fffff"), seen);
    }
  }

  @Test
  void aResetBringsTheImageBack() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Bridges());
      bench.backend.programs.add(script(bench, seen, 3));
      Machine machine = bench.start(description());
      await("the program ends", () -> seen.size() == 2);
      machine.memory().write(0xfffffff0L, 8, 0);
      bench.cpu(0).state = null;
      machine.reset();
      assertEquals(AT_RESET, layout(bench));
      assertEquals(0xffff0000L, bench.cpu(0).state.cs().base());
      assertArrayEquals(image, machine.memory().bytes(0xe0000, image.length));
      await("what the bridge said at the reset is done", () -> machine.problems().isEmpty());
      assertEquals(AT_RESET, layout(bench));
    }
  }

  @Test
  void firmwareIsToldTheTablesAtEachStart() throws Exception {
    Bridges bridges = new Bridges();
    PlatformTables tables = new PlatformTables() {
      @Override
      public long write(Platform platform, GuestMemory memory) {
        memory.write(0xe0123, 1, 0x55);
        return 0xe0040;
      }
    };
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(bridges, tables);
      Machine machine = bench.start(description());
      assertEquals(List.of("e0000 20000 e0040 85"), bridges.told);
      assertArrayEquals(image, machine.memory().bytes(0xe0000, image.length), "the tables are not written there");
      machine.reset();
      assertEquals(2, bridges.told.size());
    }
  }

  private static FakeCpu.Program out(int value) {
    return (cpu, exit) -> {
      exit.access(ExitReason.PORT_WRITE, 0x200, 1, value);
      return true;
    };
  }

  private static FakeCpu.Program note(TestMachines bench, List<String> seen) {
    return (cpu, exit) -> {
      seen.add(layout(bench));
      return false;
    };
  }

  /** Notes what is mapped, then after each of these values for the bridge. */
  private static FakeCpu.Program script(TestMachines bench, List<String> seen, int... values) {
    List<FakeCpu.Program> steps = new ArrayList<>(List.of(note(bench, seen)));
    for (int value : values) {
      steps.add(out(value));
      steps.add(note(bench, seen));
    }
    return sequence(steps.toArray(FakeCpu.Program[]::new));
  }

  private static FakeCpu.Program sequence(FakeCpu.Program... steps) {
    return new FakeCpu.Program() {
      private int next;

      @Override
      public boolean step(FakeCpu cpu, org.sallyport.api.cpu.VmExit exit) {
        return next < steps.length && steps[next++].step(cpu, exit);
      }
    };
  }

  /** What the processors have, in order. */
  private static String layout(TestMachines bench) {
    return bench.backend.mapped.stream().sorted((a, b) -> Long.compare(a.guestAddress(), b.guestAddress()))
        .map(slot -> String.format("%x-%x%s", slot.guestAddress(), slot.end() - 1, slot.readOnly() ? " ro" : ""))
        .collect(Collectors.joining(", "));
  }
}
