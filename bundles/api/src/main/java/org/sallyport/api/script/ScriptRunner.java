package org.sallyport.api.script;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** Runs scripts. A service; all methods from any thread. */
public interface ScriptRunner {
  /** The exit statuses of a script. */
  int SUCCESS = 0;

  int FAILED = 1;
  int USAGE = 2;
  int TIMEOUT = 3;
  int INTERRUPTED = 130;

  /**
   * Runs a module to its end, machines it made included, and prints a failure as one line with file and line number.
   *
   * @param arguments {@code name=value} each
   * @param debug print stack traces too
   * @return the status
   */
  int run(Path file, List<String> arguments, OutputStream out, OutputStream err, boolean debug);

  /** Stops the script that this thread or another runs by {@link #run}; its status is {@link #INTERRUPTED}. */
  void interrupt();

  /** Opens a context that keeps its variables between evaluations, for a console. */
  Session open(OutputStream out, OutputStream err);

  /** An interactive context. */
  interface Session extends AutoCloseable {
    /**
     * Evaluates; a promise is waited for.
     *
     * @return the result as text, or null when it is undefined
     * @throws ScriptException with the script's own message, file and line
     */
    String evaluate(String source) throws ScriptException;

    /** Names that could follow: members of the object before the last dot, or globals. */
    List<String> complete(String prefix);

    /** Stops what is being evaluated. */
    void interrupt();

    @Override
    void close();
  }
}
