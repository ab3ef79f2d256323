package org.sallyport.console;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sallyport.api.script.ScriptRunner;

/** What Sallyport does when it is started with arguments: {@code run FILE.js [name=value ...] [--debug]}. */
final class CommandLine {
  private static final String USAGE = "run FILE.js [name=value ...] [--debug]";

  private final ScriptRunner runner;
  private final OutputStream out;
  private final OutputStream err;

  CommandLine(ScriptRunner runner, OutputStream out, OutputStream err) {
    this.runner = runner;
    this.out = out;
    this.err = err;
  }

  /** Does what the arguments say; returns the exit status. */
  int execute(String... words) {
    PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);
    List<String> arguments = new ArrayList<>(Arrays.asList(words));
    boolean debug = arguments.remove("--debug");
    if (arguments.isEmpty() || !arguments.removeFirst().equals("run")) {
      messages.println("sallyport: unknown command '" + String.join(" ", words) + "'; write " + USAGE);
      return ScriptRunner.USAGE;
    }
    if (arguments.isEmpty()) {
      messages.println("sallyport: which script? " + USAGE);
      return ScriptRunner.USAGE;
    }
    return runner.run(Path.of(arguments.removeFirst()), arguments, out, err, debug);
  }
}
