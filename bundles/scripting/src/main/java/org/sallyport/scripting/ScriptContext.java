package org.sallyport.scripting;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.sallyport.api.machine.MachineException;

/**
 * A GraalJS context with its event loop and the machines that its script made. Everything happens on the thread that
 * {@link #boot}s it, {@link #cancel} and {@link #interrupt} excepted.
 */
final class ScriptContext implements AutoCloseable {
  private static final String IMPORT = "(module, done, failed) => { import(module).then(done, failed); }";

  /** What a context belongs to: a script that ends, or a console that goes on. */
  interface Owner {
    /** For messages. */
    String name();

    /** The script's {@code name=value} arguments, in order; {@code --help} has no value. */
    List<Argument> arguments();

    /** Ends the script; the first call counts. */
    void end(Failure failure);

    /** Ends the script with a status. In a console it fails. */
    void exit(int status);

    /** Sets how long the script may take from its start, in milliseconds. */
    void limit(long millis);
  }

  /** An argument; {@code value} is null where none was given. */
  record Argument(String name, String value) {}

  private final EventLoop loop = new EventLoop();
  private final List<HostMachine> machines = new CopyOnWriteArrayList<>();
  private final Owner owner;
  private final ScriptingEnvironment environment;
  private final PrintStream out;
  private final PrintStream err;
  private final Context context;
  private final Value importer;
  private Value errors;
  private Value tools;
  private volatile boolean closed;

  private ScriptContext(Owner owner, ScriptingEnvironment environment, PrintStream out, PrintStream err,
      Context context) {
    this.owner = owner;
    this.environment = environment;
    this.out = out;
    this.err = err;
    this.context = context;
    this.importer = context.eval("js", IMPORT);
  }

  /**
   * Makes a context and loads the built-in modules.
   *
   * @param folders real paths of the folders that the script may import from
   */
  static ScriptContext boot(Engine engine, Owner owner, ScriptingEnvironment environment, List<Path> folders,
      PrintStream out,
      PrintStream err) {
    Context context = Context.newBuilder("js").engine(engine)
        .allowHostAccess(HostAccess.newBuilder(HostAccess.EXPLICIT).allowBufferAccess(true).build())
        .allowIO(IOAccess.newBuilder().fileSystem(new ModuleFileSystem(folders, environment.scripts())).build())
        .allowExperimentalOptions(true)
        .option("js.load", "false")
        .option("js.print", "false")
        .option("js.polyglot-builtin", "false")
        .option("js.java-package-globals", "false")
        .option("js.unhandled-rejections", "handler")
        .option("js.stack-trace-limit", "50")
        .in(InputStream.nullInputStream()).out(out).err(err).build();
    ScriptContext result = new ScriptContext(owner, environment, out, err, context);
    context.getBindings("js").putMember("__host", new Host(result));
    result.load(ModuleFileSystem.BUILT_IN.resolve("boot.js"), boot -> {
      result.errors = boot.getMember("makeError");
      result.tools = boot;
    }, reason -> {
      throw reason.throwException();
    });
    if (result.tools == null) {
      throw new IllegalStateException("the built-in modules did not load");
    }
    return result;
  }

  /** Takes a value that the script hands over. */
  @FunctionalInterface
  interface Receiver {
    void receive(Value value);
  }

  /** Imports a module; one of the receivers is called when it has run, now or later. */
  void load(Path module, Receiver done, Receiver failed) {
    importer.executeVoid(module.toString(), receiver(done), receiver(failed));
  }

  /** Makes a function of a receiver that a script can call. */
  static ProxyExecutable receiver(Receiver receiver) {
    return arguments -> {
      receiver.receive(arguments.length == 0 ? null : arguments[0]);
      return null;
    };
  }

  Value evaluate(Source source) {
    return context.eval(source);
  }

  /** A function that the built-in module {@code boot.js} exports. */
  Value tool(String name) {
    return tools.getMember(name);
  }

  EventLoop loop() {
    return loop;
  }

  Owner owner() {
    return owner;
  }

  String name() {
    return owner.name();
  }

  ScriptingEnvironment environment() {
    return environment;
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  List<HostMachine> machines() {
    return machines;
  }

  /** Waits for and runs the loop's next task; false when nothing can come any more. */
  boolean runNext() throws InterruptedException {
    return loop.runNext(() -> machines.stream().anyMatch(HostMachine::isAlive));
  }

  /** Throws an error of one of the script interface's classes, at the place in the script that called. */
  RuntimeException error(String type, String message) {
    return errors.execute(type, message).throwException();
  }

  /**
   * Does something that may take long on another thread, then settles a promise on the loop.
   *
   * @param resolve called with the result
   * @param reject called with the class of the error and its message
   */
  void background(Callable<?> work, Value resolve, Value reject) {
    background(work, resolve, reject, result -> {});
  }

  /**
   * The same, with a look at the result.
   *
   * @param late what to do with a result that comes when the context is closed
   */
  void background(Callable<?> work, Value resolve, Value reject, java.util.function.Consumer<Object> late) {
    loop.begun();
    Thread.ofVirtual().name(name() + "-work").start(() -> {
      Runnable then;
      try {
        Object result = work.call();
        then = () -> resolve.executeVoid(result);
        if (closed) {
          late.accept(result);
        }
      } catch (MachineException | java.io.IOException | IllegalArgumentException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        then = () -> reject.executeVoid("MachineError", message);
      } catch (Exception e) { // A fault of ours: the script gets it as an error, so that nothing is left running.
        then = () -> reject.executeVoid("MachineError", "internal error: " + e);
      }
      Runnable settle = then;
      loop.post(() -> {
        loop.ended();
        settle.run();
      });
    });
  }

  /** Stops what the script executes at this moment; it can go on with other things. From any thread. */
  void interrupt() throws TimeoutException {
    context.interrupt(Duration.ofSeconds(2));
  }

  /** Ends what the script executes at this moment for good: nothing of it runs after this call, no handler either. */
  void leave() {
    context.close(true);
  }

  /** Ends all execution in the context for good. From any thread. */
  void cancel() {
    try {
      context.close(true);
    } catch (PolyglotException | IllegalStateException e) {
      // It ends anyway.
    }
  }

  /** Lets go of the machines' output and closes the context; closes the machines, too, if told so. */
  void close(boolean withMachines) {
    closed = true;
    for (HostMachine machine : machines) {
      machine.release(withMachines);
    }
    cancel();
    out.flush();
    err.flush();
  }

  @Override
  public void close() {
    close(true);
  }
}
