package org.sallyport.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.api.script.ScriptRunner;

/**
 * Runs the {@link CommandLine} when the launcher hands arguments over, tells it the status and stops the framework.
 * When the framework stops before (Ctrl-C), the script is interrupted and its machines are stopped first.
 */
@Component(service = {}, immediate = true)
public final class CommandLineComponent {
  private static final long PATIENCE_SECONDS = 8;

  private final ScriptRunner runner;
  private final Thread thread;

  /**
   * @param arguments the launcher's arguments
   * @param exit takes the exit status
   */
  @Activate
  public CommandLineComponent(BundleContext context, @Reference ScriptRunner runner,
      @Reference(target = "(sallyport.args=true)") Supplier<?> arguments,
      @Reference(target = "(sallyport.exit=true)") IntConsumer exit) {
    this.runner = runner;
    // Gogo takes the place of System.out and System.err; a script writes to the process's own.
    CommandLine commandLine =
        new CommandLine(runner, new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
    this.thread = Thread.ofPlatform().name("sallyport-run").start(() -> {
      int status = ScriptRunner.FAILED;
      try {
        status = commandLine.execute((String[]) arguments.get());
      } finally {
        exit.accept(status);
        stop(context);
      }
    });
  }

  private static void stop(BundleContext context) {
    try {
      context.getBundle(0).stop();
    } catch (BundleException | IllegalStateException e) {
      // It stops already.
    }
  }

  @Deactivate
  void close() throws InterruptedException {
    if (thread != Thread.currentThread() && thread.isAlive()) {
      runner.interrupt();
      thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    }
  }
}
