package org.sallyport.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.startlevel.BundleStartLevel;

/**
 * Starts the framework with the bundles of the distribution and waits for its end.
 *
 * <p>The bundles stand in {@code bundles/N/}, where N is their start level; one is a jar or an unpacked directory. With
 * arguments the framework starts up to {@link #SCRIPT_LEVEL}, and a bundle runs what they say. For that bundle there
 * are two services: a {@code Supplier<String[]>} (property {@code sallyport.args}), registered once the framework runs,
 * and an {@code IntConsumer} (property {@code sallyport.exit}), which takes the status to exit with. The bundle stops
 * the framework when it is done. Without arguments the framework starts up to {@link #SHELL_LEVEL}.
 */
public final class Main {
  /** Enough to run a script; less starts quicker. */
  static final int SCRIPT_LEVEL = 5;

  /** The interactive shell and all that it can show. */
  static final int SHELL_LEVEL = 9;

  private static final long PATIENCE_MILLIS = 10_000;

  private final AtomicInteger status = new AtomicInteger();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Path home;
  private final boolean debug;
  private final String[] args;

  /** One for each process, so that many can run at a time, and what one installs is gone with it. */
  private Path storage;

  private volatile boolean stopping;

  /** The bundle that takes the command expects {@code --debug} behind it. */
  private static String[] debugLast(String[] args) {
    String[] command = Arrays.copyOfRange(args, 1, args.length + 1);
    command[args.length - 1] = "--debug";
    return command;
  }

  private Main(Path home, boolean debug, String[] args) {
    this.home = home;
    this.debug = debug;
    this.args = args;
  }

  public static void main(String[] args) {
    boolean debug = args.length > 0 && args[0].equals("--debug");
    Path home = Path.of(System.getProperty("sallyport.home", ".")).toAbsolutePath().normalize();
    Main main = new Main(home, debug, debug && args.length > 1 ? debugLast(args) : debug ? new String[0] : args);
    int status = 1;
    try {
      status = main.run();
    } catch (Throwable t) { // Whatever it is, threads of the framework may still run: the exit below ends them.
      main.complain(t);
    }
    System.exit(status);
  }

  private int run() throws Exception {
    storage = Files.createTempDirectory("sallyport-");
    Framework framework = ServiceLoader.load(FrameworkFactory.class).findFirst()
        .orElseThrow(() -> new IllegalStateException("no OSGi framework in " + home.resolve("lib")))
        .newFramework(configuration());
    // Ctrl-C and kill come here too: the bundles stop their machines, then the process ends with the signal's status.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(framework), "sallyport-stop"));
    // JLine looks for its terminals with the context class loader; the launcher's does not see them.
    Thread.currentThread().setContextClassLoader(null);
    framework.init(event -> note(event));
    BundleContext context = framework.getBundleContext();
    context.addFrameworkListener(event -> note(event));
    context.registerService(IntConsumer.class, status::set, new Hashtable<>(Map.of("sallyport.exit", true)));
    for (Bundle bundle : install(context)) {
      if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) {
        bundle.start(Bundle.START_ACTIVATION_POLICY);
      }
    }
    framework.start();
    if (!failures.isEmpty()) {
      List<String> missing = Missing.of(context.getBundles());
      missing.forEach(line -> System.err.println("sallyport: " + line));
      if (missing.isEmpty() || debug) { // Otherwise they only say the same in the framework's own words.
        failures.forEach(this::complain);
      }
    }
    if (args.length > 0) {
      if (!failures.isEmpty()) {
        return 1;
      }
      AtomicBoolean taken = new AtomicBoolean();
      Supplier<String[]> arguments = () -> {
        taken.set(true);
        return args;
      };
      context.registerService(Supplier.class, arguments, new Hashtable<>(Map.of("sallyport.args", true)));
      FrameworkEvent end = framework.waitForStop(PATIENCE_MILLIS);
      if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT && !taken.get()) {
        List<String> missing = Missing.of(context.getBundles());
        throw new IllegalStateException(missing.isEmpty()
            ? "no bundle here runs scripts; org.sallyport.console does"
            : String.join("; ", missing));
      }
    }
    framework.waitForStop(0);
    return status.get();
  }

  private Map<String, String> configuration() throws IOException {
    Properties file = new Properties();
    try (var reader = Files.newBufferedReader(home.resolve("conf/framework.properties"))) {
      file.load(reader);
    }
    Map<String, String> result = new TreeMap<>();
    file.forEach(
        (key, value) -> result.put((String) key, ((String) value).replace("${sallyport.home}", home.toString())));
    System.getProperties().forEach((key, value) -> result.replace((String) key, (String) value));
    result.put(Constants.FRAMEWORK_STORAGE, storage.toString());
    result.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
        String.valueOf(args.length > 0 ? SCRIPT_LEVEL : SHELL_LEVEL));
    return result;
  }

  private List<Bundle> install(BundleContext context) throws IOException, BundleException {
    Path root = home.resolve("bundles");
    List<Path> locations;
    try (var files = Files.walk(root, 2)) {
      locations = files.filter(file -> root.relativize(file).getNameCount() == 2).sorted().toList();
    }
    List<Bundle> result = new ArrayList<>();
    for (Path location : locations) {
      Bundle bundle = context.installBundle("reference:" + location.toUri());
      String level = location.getParent().getFileName().toString();
      bundle.adapt(BundleStartLevel.class).setStartLevel(Integer.parseInt(level));
      result.add(bundle);
    }
    return result;
  }

  private void stop(Framework framework) {
    stopping = true;
    try {
      framework.stop();
      framework.waitForStop(PATIENCE_MILLIS);
    } catch (BundleException | InterruptedException e) {
      // The process ends anyway.
    }
    try (var files = Files.walk(storage)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // Interrupted in its start, the framework may write yet: a few small files stay for the system to remove.
    }
  }

  private void note(FrameworkEvent event) {
    if (event.getType() == FrameworkEvent.ERROR) {
      failures.add(event.getThrowable());
    }
  }

  private void complain(Throwable t) {
    if (stopping) { // What was interrupted half-way is no news.
      return;
    }
    if (debug) {
      t.printStackTrace();
    } else {
      // The message of an IOException is often no more than a path.
      boolean speaks = t.getMessage() != null && !(t instanceof IOException);
      System.err.println("sallyport: " + (speaks ? t.getMessage() : t.toString()));
    }
  }
}
