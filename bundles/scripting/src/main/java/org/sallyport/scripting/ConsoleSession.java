package org.sallyport.scripting;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.sallyport.api.script.ScriptException;
import org.sallyport.api.script.ScriptRunner;

/**
 * A console's context. Its variables stay from one evaluation to the next, and so do the machines that it made; all
 * that {@code 'sallyport'} and {@code 'sallyport/images'} export is there without an import.
 */
final class ConsoleSession implements ScriptRunner.Session, ScriptContext.Owner {
  /** The name that sources have which were typed. */
  static final String SOURCE = "console";

  private static final long STACK_BYTES = 16 << 20;
  private static final long COMPLETION_MILLIS = 2000;
  private static final Pattern AWAITING = Pattern.compile("\\bawait\\b");
  private static final Pattern DECLARATION =
      Pattern.compile("\\A\\s*(?:const|let|var)\\s+([\\w$]+|\\{[^=]*?\\}|\\[[^=]*?\\])\\s*=(?!=)(.*?);?\\s*\\z",
          Pattern.DOTALL);

  private final Consumer<ConsoleSession> onClose;
  private final PrintStream err;
  private final Thread thread;
  private final CompletableFuture<ScriptContext> booted = new CompletableFuture<>();
  private volatile boolean closed;
  private volatile CompletableFuture<String> evaluating;

  ConsoleSession(Engine engine, ScriptingEnvironment environment, PrintStream out, PrintStream err,
      Consumer<ConsoleSession> onClose) {
    this.onClose = onClose;
    this.err = err;
    this.thread = new Thread(null, () -> execute(engine, environment, out), "script-console", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
  }

  private void execute(Engine engine, ScriptingEnvironment environment, PrintStream out) {
    try {
      List<Path> folders = new ArrayList<>();
      for (Path folder : List.of(environment.currentDirectory(), environment.scripts())) {
        if (java.nio.file.Files.isDirectory(folder)) {
          folders.add(folder.toRealPath());
        }
      }
      ScriptContext script = ScriptContext.boot(engine, this, environment, folders, out, err);
      script.tool("makeGlobal").executeVoid();
      booted.complete(script);
      while (!closed) {
        try {
          script.loop().runNext(() -> true);
        } catch (PolyglotException e) {
          if (!closed) {
            report(Failure.of(e, script));
          }
        }
      }
      script.close(false);
    } catch (RuntimeException | IOException | Error e) {
      booted.completeExceptionally(e);
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but to end it.
    }
  }

  private void report(Failure failure) {
    err.println(failure.message());
  }

  @Override
  public String evaluate(String source) throws ScriptException {
    CompletableFuture<String> result = new CompletableFuture<>();
    try {
      ScriptContext script = booted.get();
      evaluating = result;
      script.loop().post(() -> evaluate(script, source, result));
      return result.get();
    } catch (InterruptedException e) {
      interrupt();
      throw new ScriptException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ScriptException failure) {
        throw failure;
      }
      throw new ScriptException("internal error: " + e.getCause(), e.getCause());
    } finally {
      evaluating = null;
    }
  }

  /** On the loop. */
  private void evaluate(ScriptContext script, String source, CompletableFuture<String> result) {
    ProxyResult proxies = new ProxyResult(script, result);
    try {
      Value value;
      try {
        value = script.evaluate(source(source));
      } catch (PolyglotException e) {
        if (!e.isSyntaxError() || !AWAITING.matcher(source).find()) {
          throw e;
        }
        value = script.evaluate(source(awaiting(source)));
      }
      script.tool("settle").executeVoid(value, ScriptContext.receiver(proxies::done),
          ScriptContext.receiver(proxies::failed));
    } catch (PolyglotException e) {
      result.completeExceptionally(e.isInterrupted() || e.isCancelled()
          ? new ScriptException("interrupted", e)
          : proxies.exception(Failure.of(e, script)));
    } catch (RuntimeException e) { // A fault of ours: the one who waits has to learn of it.
      result.completeExceptionally(e);
    }
  }

  /** Completes an evaluation. */
  private record ProxyResult(ScriptContext script, CompletableFuture<String> result) {
    void done(Value value) {
      result.complete(value.isNull() ? null : value.asString());
    }

    void failed(Value reason) {
      result.completeExceptionally(exception(Failure.of(reason, script)));
    }

    ScriptException exception(Failure failure) {
      return new ScriptException(failure.message(), null);
    }
  }

  private static Source source(String text) {
    return Source.newBuilder("js", text, SOURCE).cached(false).buildLiteral();
  }

  /**
   * A script cannot await at its top, a module keeps no variables: wraps what awaits in a function, and its declaration
   * around it.
   */
  private static String awaiting(String source) {
    Matcher declaration = DECLARATION.matcher(source);
    if (declaration.matches()) {
      String target = declaration.group(1);
      String names = target.matches("[\\w$]+")
          ? target
          : String.join(", ",
              Pattern.compile("[\\w$]+(?=\\s*(?:[,}\\]=]|$))").matcher(target).results().map(name -> name.group())
                  .toList());
      return "var " + names + "; (async () => { (" + target + " = " + declaration.group(2) + "); })()";
    }
    String expression = source.strip().replaceFirst(";\\s*\\z", "");
    String wrapped = "(async () => (" + expression + "\n))()";
    return expression.contains(";") || expression.matches("(?s)(for|if|while|try|do|switch)\\b.*")
        ? "(async () => { " + source + "\n})()"
        : wrapped;
  }

  @Override
  public List<String> complete(String prefix) {
    if (evaluating != null) {
      return List.of();
    }
    return onLoop(script -> {
      Value names = script.tool("complete").execute(prefix);
      List<String> result = new ArrayList<>();
      for (long i = 0; i < names.getArraySize(); i++) {
        result.add(names.getArrayElement(i).asString());
      }
      return result;
    });
  }

  private List<String> onLoop(java.util.function.Function<ScriptContext, List<String>> work) {
    CompletableFuture<List<String>> result = new CompletableFuture<>();
    Callable<List<String>> ask = () -> {
      ScriptContext script = booted.get();
      script.loop().post(() -> {
        try {
          result.complete(work.apply(script));
        } catch (PolyglotException e) {
          result.complete(List.of());
        }
      });
      return result.get(COMPLETION_MILLIS, TimeUnit.MILLISECONDS);
    };
    try {
      return ask.call();
    } catch (Exception e) { // Completion that fails completes nothing.
      return List.of();
    }
  }

  @Override
  public void interrupt() {
    CompletableFuture<String> current = evaluating;
    if (current == null) {
      return;
    }
    try {
      booted.join().interrupt();
    } catch (TimeoutException e) {
      err.println("the evaluation does not let itself be interrupted");
    }
    current.completeExceptionally(new ScriptException("interrupted", null));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      onClose.accept(this);
      booted.thenAccept(script -> {
        script.loop().post(() -> {});
        if (evaluating != null) {
          script.cancel();
        }
      });
    }
  }

  @Override
  public String name() {
    return SOURCE;
  }

  @Override
  public List<ScriptContext.Argument> arguments() {
    return List.of();
  }

  @Override
  public void end(Failure failure) {
    report(failure);
  }

  @Override
  public void exit(int status) {
    throw new UnsupportedOperationException("exit() ends scripts, not the console");
  }

  @Override
  public void limit(long millis) {
    // A console has all the time of the world.
  }
}
