package org.sallyport.scripting;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.cpu.Disassembler;

/** Runs scripts in a folder of their own on fake machines, and keeps what they print. */
final class ScriptBench implements AutoCloseable {
  final Path folder;
  final FakeMachines machines = new FakeMachines();
  final Scripts scripts;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  Optional<Disassembler> disassembler = Optional.empty();

  ScriptBench(Path folder) throws IOException {
    this.folder = folder.toRealPath();
    scripts = new Scripts(
        new ScriptingEnvironment(machines, () -> disassembler, this.folder.resolve("console-scripts"), this.folder,
            this.folder.resolve("cache")));
  }

  Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** Runs a script given as text. */
  int run(String text, String... arguments) throws IOException {
    write("test.js", text);
    return runFile("test.js", arguments);
  }

  int runFile(String name, String... arguments) {
    return run(name, false, arguments);
  }

  int run(String name, boolean debug, String... arguments) {
    out.reset();
    err.reset();
    return scripts.run(Path.of(name), List.of(arguments), out, err, debug);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    scripts.close();
  }
}
