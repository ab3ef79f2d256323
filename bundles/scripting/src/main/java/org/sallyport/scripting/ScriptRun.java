package org.sallyport.scripting;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.sallyport.api.script.ScriptRunner;

/**
 * One run of a script. The script has a thread of its own; the thread that calls {@link #run} waits for it and watches
 * the time, so that a script that never comes back can be ended.
 */
final class ScriptRun implements ScriptContext.Owner {
  private static final long STACK_BYTES = 16 << 20;
  private static final long GRACE_MILLIS = 500;
  private static final Pattern HEADER =
      Pattern.compile("\\A(?:#![^\\n]*\\n)?\\s*(/\\*.*?\\*/|(?://[^\\n]*\\n)+)", Pattern.DOTALL);

  private final Engine engine;
  private final ScriptingEnvironment environment;
  private final Path file;
  private final List<ScriptContext.Argument> arguments;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean debug;
  private final long start = System.nanoTime();
  private final Thread thread;

  /** Guarded by this, as is all below. */
  private ScriptContext context;
  private Failure end;
  private long limitMillis = Long.MAX_VALUE;
  private boolean closing;

  ScriptRun(Engine engine, ScriptingEnvironment environment, Path file, List<ScriptContext.Argument> arguments,
      PrintStream out,
      PrintStream err, boolean debug) {
    this.engine = engine;
    this.environment = environment;
    this.file = file;
    this.arguments = List.copyOf(arguments);
    this.out = out;
    this.err = err;
    this.debug = debug;
    this.thread = new Thread(null, this::execute, "script-" + file.getFileName(), STACK_BYTES);
  }

  /** Runs the script to its end. */
  int run() {
    for (ScriptContext.Argument argument : arguments) {
      if (argument.name().equals("timeout")) {
        try {
          limitMillis = Quantities.millis(argument.value());
        } catch (IllegalArgumentException e) {
          err.println(name() + ": timeout=" + argument.value() + ": " + e.getMessage());
          return ScriptRunner.USAGE;
        }
      }
    }
    if (arguments.contains(new ScriptContext.Argument("--help", null)) && !source().contains("defineArgs")) {
      out.println(header().isEmpty() ? name() + " says nothing about itself" : header());
      return ScriptRunner.SUCCESS;
    }
    thread.start();
    watch();
    if (end.message() != null) {
      err.println(end.message());
      if (debug) {
        err.print(end.trace());
      }
    }
    out.flush();
    err.flush();
    return end.status();
  }

  private synchronized void watch() {
    while (thread.isAlive()) {
      try {
        long left =
            limitMillis == Long.MAX_VALUE ? 0 : limitMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        if (end != null) {
          settle();
        } else if (limitMillis != Long.MAX_VALUE && left <= 0) {
          timeUp();
        } else {
          wait(left);
        }
      } catch (InterruptedException e) {
        interrupt();
      }
    }
  }

  /** The end is decided: gives the script a moment to see it, then takes it away. */
  private void settle() throws InterruptedException {
    long patience = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS);
    while (!closing && thread.isAlive() && System.nanoTime() < patience) {
      wait(GRACE_MILLIS / 10);
    }
    if (!closing && context != null && thread.isAlive()) {
      ScriptContext stubborn = context;
      Thread.ofVirtual().start(stubborn::cancel);
    }
    while (thread.isAlive()) {
      wait(GRACE_MILLIS / 10);
    }
  }

  /** Says what the script waited for, if it waits; if it computes it is not asked. */
  private void timeUp() throws InterruptedException {
    String what = name() + ": time-out: the script did not end within " + Quantities.duration(limitMillis);
    ScriptContext asked = context;
    if (asked != null) {
      asked.loop().post(() -> {
        StringBuilder message = new StringBuilder(what);
        asked.machines().forEach(machine -> machine.waits().forEach(wait -> message.append("; ").append(wait)));
        end(new Failure(ScriptRunner.TIMEOUT, message.toString(), ""));
      });
      long patience = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS);
      while (end == null && System.nanoTime() < patience) {
        wait(GRACE_MILLIS / 10);
      }
    }
    end(new Failure(ScriptRunner.TIMEOUT, what, ""));
  }

  /** The script's thread. */
  private void execute() {
    try (ScriptContext script = ScriptContext.boot(engine, this, environment, folders(), out, err)) {
      synchronized (this) {
        context = script;
      }
      try {
        script.load(file, module -> exit(ScriptRunner.SUCCESS), reason -> end(Failure.of(reason, script)));
        while (!isEnded()) {
          if (!script.runNext()) {
            end(new Failure(ScriptRunner.FAILED, name() + ": the script waits for something that can never come", ""));
          }
        }
      } catch (PolyglotException e) {
        if (!e.isCancelled() && !e.isExit()) {
          end(Failure.of(e, script));
        }
      }
      synchronized (this) {
        closing = true;
      }
    } catch (InterruptedException e) {
      interrupt();
    } catch (RuntimeException | IOException | Error e) {
      end(internal(e));
    } finally {
      end(new Failure(ScriptRunner.FAILED, name() + ": the script was cancelled", "")); // Counts only if nothing else did.
      Thread.ofVirtual().start(() -> {
        awaitEnd();
        synchronized (this) {
          notifyAll();
        }
      });
    }
  }

  private Failure internal(Throwable e) {
    java.io.StringWriter trace = new java.io.StringWriter();
    e.printStackTrace(new java.io.PrintWriter(trace));
    return new Failure(ScriptRunner.FAILED, name() + ": internal error: " + e, trace.toString());
  }

  private List<Path> folders() throws IOException {
    List<Path> result = new ArrayList<>();
    result.add(file.toRealPath().getParent());
    if (Files.isDirectory(environment.scripts())) {
      result.add(environment.scripts().toRealPath());
    }
    return result;
  }

  /** Ends the script as Ctrl-C does. From any thread. */
  void interrupt() {
    end(new Failure(ScriptRunner.INTERRUPTED, name() + ": interrupted", ""));
  }

  /** Waits until nothing of the script runs any more. */
  void awaitEnd() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isEnded() {
    return end != null;
  }

  @Override
  public String name() {
    return environment.display(file);
  }

  @Override
  public List<ScriptContext.Argument> arguments() {
    return arguments;
  }

  @Override
  public synchronized void end(Failure failure) {
    if (end == null) {
      end = failure;
      if (context != null) {
        context.loop().post(() -> {}); // Wakes the loop.
      }
      notifyAll();
    }
  }

  @Override
  public void exit(int status) {
    end(new Failure(status, null, ""));
  }

  @Override
  public synchronized void limit(long millis) {
    limitMillis = millis;
    notifyAll();
  }

  private String source() {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // The import will say so.
    }
  }

  /** The first comment of the file without its signs. */
  String header() {
    Matcher matcher = HEADER.matcher(source());
    return !matcher.find()
        ? ""
        : matcher.group(1).replaceAll("(?m)^\\s*(?:/\\*+|\\*/|\\*|//) ?|\\s*\\*/\\s*$", "").strip();
  }
}
