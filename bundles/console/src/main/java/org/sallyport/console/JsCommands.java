package org.sallyport.console;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.sallyport.api.script.ScriptException;
import org.sallyport.api.script.ScriptRunner;

/** The commands of scope {@code js}. */
public class JsCommands implements AutoCloseable {
  private final ScriptRunner runner;
  private final Map<CommandSession, ScriptRunner.Session> sessions = new WeakHashMap<>();

  public JsCommands(ScriptRunner runner) {
    this.runner = runner;
  }

  @Descriptor("runs a script; Ctrl-C stops it")
  public void run(CommandSession session, @Descriptor("FILE.js [name=value ...] [--debug] [--help]") String... words) {
    List<String> arguments = new ArrayList<>(Arrays.asList(words));
    boolean debug = arguments.remove("--debug");
    if (arguments.isEmpty()) {
      System.err.println("js:run: which script? js:run FILE.js [name=value ...]");
      return;
    }
    Path file = inSession(session, arguments.removeFirst());
    IntSupplier run = () -> runner.run(file, arguments, session.getConsole(), session.getConsole(), debug);
    // Without a terminal, JLine need not be there.
    int status = session.get(Terminals.VARIABLE) == null ? run.getAsInt() : Terminals.interruptible(session, run);
    if (status != ScriptRunner.SUCCESS) {
      System.err.println("js:run: the script ended with status " + status);
    }
  }

  /**
   * A script's name as seen from the session's folder; one that is not there is left as it is: it may come with
   * Sallyport.
   */
  private static Path inSession(CommandSession session, String name) {
    Path file = Path.of(name);
    Path here = session.currentDir() == null ? file : session.currentDir().resolve(file);
    return java.nio.file.Files.exists(here) ? here : file;
  }

  @Descriptor("evaluates JavaScript and prints the result; variables stay. Without source it asks for lines until Ctrl-D")
  public String eval(CommandSession session,
      @Descriptor("source, best in single quotes: the shell takes the rest apart") Object... source) {
    ScriptRunner.Session script = session(session);
    if (source.length == 0) {
      JsPrompt.run(session, script);
      return null;
    }
    try {
      return script.evaluate(Arrays.stream(source).map(String::valueOf).collect(Collectors.joining(" ")));
    } catch (ScriptException e) {
      System.err.println(e.getMessage());
      return null;
    }
  }

  private synchronized ScriptRunner.Session session(CommandSession session) {
    return sessions.computeIfAbsent(session, key -> runner.open(session.getConsole(), session.getConsole()));
  }

  /** Closes the sessions' contexts. */
  @Override
  public synchronized void close() {
    sessions.values().forEach(ScriptRunner.Session::close);
    sessions.clear();
  }
}
