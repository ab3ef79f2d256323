package org.sallyport.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.felix.service.command.CommandSession;
import org.jline.reader.Candidate;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The terminal at a serial port, and completion. */
@Timeout(30)
class TerminalsTest {
  @Test
  void connectsTheTerminalUntilTheEscape() throws Exception {
    Fakes machines = new Fakes();
    machines.create(machines.describe(Map.of("name", "demo"), Path.of("")));
    machines.machines().getFirst().start();
    PipedOutputStream keyboard = new PipedOutputStream();
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    try (Terminal terminal =
        TerminalBuilder.builder().system(false).type("vt100").streams(new PipedInputStream(keyboard), screen)
            .encoding(StandardCharsets.UTF_8).build()) {
      Attributes before = terminal.getAttributes();
      CommandSession session = Fakes.answering(CommandSession.class, new Variables(Map.of(".terminal", terminal)));
      CompletableFuture<Object> attached = CompletableFuture.supplyAsync(
          () -> new VmCommands(machines, java.util.Optional::empty).serial(session, "demo", "com1"));
      while (!screen.toString(StandardCharsets.UTF_8).contains("comes back")) {
        Thread.sleep(10);
      }
      keyboard.write("hello\u0003".getBytes(StandardCharsets.UTF_8)); // Ctrl-C goes to the guest
      keyboard.flush();
      while (!screen.toString(StandardCharsets.UTF_8).contains("HELLO")) {
        Thread.sleep(10);
      }
      keyboard.write(Terminals.ESCAPE);
      keyboard.flush();
      assertNull(attached.get());
      terminal.flush();
      while (!screen.toString(StandardCharsets.UTF_8).contains("back in the console")) {
        Thread.sleep(10);
      }
      String shown = screen.toString(StandardCharsets.UTF_8);
      assertTrue(shown.contains("com1 of machine demo; Ctrl-] comes back"), shown);
      assertTrue(shown.contains("HELLO\u0003"), shown);
      assertTrue(shown.contains("what the guest said before"), shown);
      assertFalse(shown.contains("long ago"), "only the last lines");
      assertTrue(shown.contains("back in the console"), shown);
      assertEquals(before.getLocalFlag(Attributes.LocalFlag.ECHO),
          terminal.getAttributes().getLocalFlag(Attributes.LocalFlag.ECHO));
      assertEquals(0, Fakes.FakeMachine.PORT.listeners());
    }
  }

  @Test
  void completesMachinesDevicesKeysAndFiles(@TempDir Path folder) throws Exception {
    Files.createDirectories(folder.resolve("console-scripts"));
    Files.writeString(folder.resolve("console-scripts/hello.js"), "");
    Files.writeString(folder.resolve("own.js"), "");
    Files.writeString(folder.resolve("vmlinuz"), "");
    Fakes machines = new Fakes();
    machines.create(machines.describe(Map.of("name", "demo"), Path.of("")));
    Completion completion = new Completion(machines, folder.resolve("console-scripts"));

    assertEquals(List.of("demo"), values(completion.machines()));
    assertEquals(List.of("demo", "com1"), values(completion.devices(typed(folder, "vm:serial "))));
    assertEquals(List.of("com1"), values(completion.devices(typed(folder, "vm:serial demo "))));
    assertTrue(values(completion.settings(typed(folder, "vm:create "))).contains("kernel="));
    assertEquals(List.of("cpu=auto", "cpu=vmx", "cpu=kvm"),
        values(completion.settings(typed(folder, "vm:create cpu="))));
    List<Candidate> files = completion.settings(typed(folder, "vm:create kernel=vm"));
    assertTrue(values(files).contains("kernel=vmlinuz"), values(files).toString());
    assertTrue(values(files).contains("kernel=console-scripts/"));
    assertEquals(List.of("kernel=console-scripts/hello.js"),
        values(completion.settings(typed(folder, "vm:create kernel=console-scripts/"))));
    List<String> scripts = values(completion.scripts(typed(folder, "js:run ")));
    assertTrue(scripts.containsAll(List.of("own.js", "hello.js", "console-scripts/")), scripts.toString());
    assertTrue(!scripts.contains("vmlinuz"));
  }

  private static CommandSession typed(Path folder, String line) {
    return Fakes.answering(CommandSession.class,
        new Variables(
            Map.of(".commandLine",
                new DefaultParser().parse(line, line.length(), org.jline.reader.Parser.ParseContext.COMPLETE)),
            folder));
  }

  private static List<String> values(List<Candidate> candidates) {
    return candidates.stream().map(Candidate::value).toList();
  }

  /** A session that has variables and a folder. */
  public record Variables(Map<String, Object> variables, Path folder) {
    Variables(Map<String, Object> variables) {
      this(variables, null);
    }

    public Object get(String name) {
      return variables.get(name);
    }

    public Path currentDir() {
      return folder;
    }
  }
}
