package org.sallyport.loaders;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.loader.LoadException;

/**
 * The guests that the project ships: their bytes belong to their sources, they load here, and they run under QEMU as on
 * our machines.
 */
class GuestImagesTest {
  private static final Path GUESTS = Path.of("../../guests");
  private static final long LIMIT_SECONDS = 120;

  @TempDir Path folder;

  private static void assumeInstalled(String program) {
    assumeTrue(Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(path -> Files.isExecutable(Path.of(path, program))), program + " is not installed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "bench"})
  void bytesBelongToTheSource(String guest) throws IOException, InterruptedException {
    assumeInstalled("nasm");
    Path assembled = folder.resolve(guest);
    Process process =
        new ProcessBuilder(GUESTS.resolve(guest).resolve("build.sh").toAbsolutePath().toString(), assembled.toString())
            .inheritIO().start();
    assertEquals(0, process.waitFor());
    assertArrayEquals(Files.readAllBytes(assembled), Files.readAllBytes(image(guest)),
        "guests/" + guest + "/" + guest + ".elf is not what its source gives: run build.sh");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "bench"})
  void loadsAsMultibootImage(String guest) throws LoadException {
    ArrayMemory memory = new ArrayMemory(8 * Bench.MIB);
    VcpuState state = new MultibootLoader().load(Bench.kernel(image(guest), "x=1"), Bench.pc(1, 8 * Bench.MIB), memory,
        Bench.POWER_ON);
    assertEquals(0xfc, memory.read(state.rip(), 1), "begins with CLD");
    assertEquals(guest + ".elf x=1", memory.string(memory.read(state.gpr().get(3) + 16, 4)));
  }

  @Test
  void helloMeetsEveryPartUnderQemu() throws IOException, InterruptedException {
    assumeInstalled("qemu-system-x86_64");
    Run run = qemu(image("hello"), "type a line: ", "stressed\n");
    assertEquals(0, run.status, run.output);
    String[] lines = run.output.split("\r\n");
    assertEquals("Hello from Sallyport", lines[0]);
    assertTrue(lines[1].matches("cpu: \\w{12}, .+"), lines[1]);
    assertTrue(lines[2].matches("memory: \\d{3} KiB below 640 KiB, \\d+ KiB above 1 MiB"), lines[2]);
    assertEquals(
        List.of("paging: write to an absent page (error code 2) and to a read-only one (3) handled at 0x8000000008",
            "pit: 10 ticks", "ioapic: 10 ticks", "lapic: 10 ticks", "type a line: stressed", "reversed: desserts",
            "power: off by ACPI S5"),
        List.of(lines).subList(3, lines.length));
  }

  /** With -icount, QEMU's time-stamp counter counts instructions: it checks what the benchmark says about itself. */
  @Test
  void benchCountsItsInstructionsRight() throws IOException, InterruptedException {
    assumeInstalled("qemu-system-x86_64");
    Run run = qemu(image("bench"), null, null, "-icount", "shift=0", "-append", "count=5000", "-device",
        "isa-debug-exit,iobase=0xf4");
    assertEquals(1, run.status, run.output);
    Matcher line =
        Pattern.compile("bench: loop=(\\w+) count=5000 instructions=(\\d+) ticks=(\\d+) check=0x[0-9a-f]+\r\n")
            .matcher(run.output);
    List<String> loops = new ArrayList<>();
    while (line.find()) {
      loops.add(line.group(1));
      long instructions = Long.parseLong(line.group(2));
      long executed = Long.parseLong(line.group(3));
      // QEMU counts each repetition of a string instruction.
      if (!line.group(1).equals("string")) {
        assertTrue(executed >= instructions && executed - instructions < 100, line.group());
      }
    }
    assertEquals(List.of("integer", "memory", "call", "branch", "string", "port"), loops);
    assertTrue(run.output.endsWith("bench: done\r\n"), run.output);
  }

  @Test
  void benchTakesItsChoiceFromTheCommandLine() throws IOException, InterruptedException {
    assumeInstalled("qemu-system-x86_64");
    Run one = qemu(image("bench"), null, null, "-append", "loop=call count=7", "-device", "isa-debug-exit,iobase=0xf4");
    assertTrue(one.output.matches(
        "(?s)bench: Sallyport\r\nbench: loop=call count=7 instructions=8008 [^\n]*\nbench: done\r\n"), one.output);
    Run none = qemu(image("bench"), null, null, "-append", "loop=calls", "-device", "isa-debug-exit,iobase=0xf4");
    assertEquals(3, none.status);
    assertTrue(none.output.contains("no such loop"), none.output);
  }

  private static Path image(String guest) {
    return GUESTS.resolve(guest).resolve(guest + ".elf");
  }

  private record Run(int status, String output) {}

  /** Runs an image with the serial port on standard input and output; answers a prompt once. */
  private static Run qemu(Path image, String prompt, String answer, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("qemu-system-x86_64", "-accel", "tcg", "-kernel", image.toString(), "-display", "none",
            "-monitor", "none", "-serial", "stdio", "-no-reboot", "-nic", "none"));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Thread watchdog = Thread.ofVirtual().start(() -> {
      try {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
      }
    });
    StringBuilder output = new StringBuilder();
    boolean answered = prompt == null;
    try (InputStream in = process.getInputStream(); OutputStream out = process.getOutputStream()) {
      for (int b = in.read(); b >= 0; b = in.read()) {
        output.append((char) b);
        if (!answered && output.toString().endsWith(prompt)) {
          answered = true;
          out.write(answer.getBytes(StandardCharsets.US_ASCII));
          out.flush();
        }
      }
    }
    watchdog.join();
    return new Run(process.exitValue(), output.toString());
  }
}
