package org.sallyport.scripting;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.graalvm.polyglot.Engine;
import org.sallyport.api.script.ScriptRunner;

/** Runs scripts and consoles on one GraalJS engine, which is made when the first of them needs it. */
public final class Scripts implements ScriptRunner, AutoCloseable {
  private final ScriptingEnvironment environment;
  private final Set<ScriptRun> runs = ConcurrentHashMap.newKeySet();
  private final Set<ConsoleSession> sessions = ConcurrentHashMap.newKeySet();
  private Engine engine;

  public Scripts(ScriptingEnvironment environment) {
    this.environment = environment;
  }

  /** Reads one {@code name=value} argument; null when it is none. */
  private static ScriptContext.Argument argument(String text) {
    if (text.equals("--help")) {
      return new ScriptContext.Argument(text, null);
    }
    int equals = text.indexOf('=');
    return equals <= 0 ? null : new ScriptContext.Argument(text.substring(0, equals), text.substring(equals + 1));
  }

  @Override
  public int run(Path file, List<String> arguments, OutputStream out, OutputStream err, boolean debug) {
    PrintStream errors = print(err);
    if (file.toString().isEmpty()) {
      errors.println("sallyport: the script's name is empty");
      return USAGE;
    }
    Path script = find(file);
    if (script == null) {
      errors.println("sallyport: " + file + ": " + (Files.isDirectory(environment.currentDirectory().resolve(file))
          ? "this is a folder, not a script"
          : "no such file, or it cannot be read"));
      return USAGE;
    }
    List<ScriptContext.Argument> parsed = new ArrayList<>();
    for (String text : arguments) {
      ScriptContext.Argument argument = argument(text);
      if (argument == null) {
        errors.println(environment.display(script) + ": '" + text + "' is no argument: write name=value, or --help");
        return USAGE;
      }
      parsed.add(argument);
    }
    ScriptRun run = new ScriptRun(engine(), environment, script, parsed, print(out), errors, debug);
    runs.add(run);
    try {
      return run.run();
    } finally {
      runs.remove(run);
    }
  }

  /** A script named as seen from the current directory, or, failing that, as one of Sallyport's own. */
  private Path find(Path file) {
    for (Path folder : List.of(environment.currentDirectory(), environment.scripts())) {
      Path candidate = folder.resolve(file).toAbsolutePath().normalize();
      if (Files.isRegularFile(candidate) && Files.isReadable(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  @Override
  public void interrupt() {
    runs.forEach(ScriptRun::interrupt);
  }

  @Override
  public Session open(OutputStream out, OutputStream err) {
    ConsoleSession session = new ConsoleSession(engine(), environment, print(out), print(err), sessions::remove);
    sessions.add(session);
    return session;
  }

  private static PrintStream print(OutputStream stream) {
    return stream instanceof PrintStream print ? print : new PrintStream(stream, true, StandardCharsets.UTF_8);
  }

  private synchronized Engine engine() {
    if (engine == null) {
      // The engine looks for its languages with the context class loader; in a framework only its own bundle's sees them.
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      thread.setContextClassLoader(Engine.class.getClassLoader());
      try {
        engine = Engine.newBuilder("js").allowExperimentalOptions(true).option("engine.WarnInterpreterOnly", "false")
            .build();
      } finally {
        thread.setContextClassLoader(before);
      }
    }
    return engine;
  }

  /** Interrupts every script, closes every console and frees the engine. */
  @Override
  public void close() {
    for (ScriptRun run : runs) {
      run.interrupt();
      run.awaitEnd();
    }
    List.copyOf(sessions).forEach(ConsoleSession::close);
    synchronized (this) {
      if (engine != null) {
        engine.close(true);
        engine = null;
      }
    }
  }
}
