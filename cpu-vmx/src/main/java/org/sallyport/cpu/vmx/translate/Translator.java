package org.sallyport.cpu.vmx.translate;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.sallyport.cpu.vmx.interpret.Block;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Hotspots;

/**
 * Turns hot code into JVM bytecode. A region is chosen on the processor's thread, compiled on a thread of the translator, and put in its
 * place on the processor's thread again; the guest never waits for it.
 */
public final class Translator implements Hotspots, AutoCloseable {
  /** When code is translated. */
  public enum Mode {
    /** Never: everything is interpreted. */
    OFF,
    /** When it is executed often. */
    HOT,
    /** When it is executed a second time, before the guest goes on; for tests. */
    ALWAYS
  }

  private static final Logger LOGGER = System.getLogger(Translator.class.getName());
  private static final int INTERVAL = 64;
  private static final int THRESHOLD = 500;
  private static final int QUEUE = 128;
  private static final int BUDGET = 160;

  /** At least so many instructions, or it is not worth the while. */
  private static final int LEAST_BUDGET = 10;

  private record Job(Cpu cpu, RegionGraph graph, int budget) {}

  private final Mode mode;
  private final RegionClasses classes = new RegionClasses();
  private final BlockingQueue<Job> queue = new ArrayBlockingQueue<>(QUEUE);
  private Thread thread;
  private volatile boolean closed;

  public Translator(Mode mode) {
    this.mode = mode;
  }

  /** Has a processor tell this translator of its hot code. Before the processor runs. */
  public void serve(Cpu cpu) {
    if (mode != Mode.OFF) {
      cpu.hotspots(this);
    }
  }

  @Override
  public int interval() {
    return mode == Mode.ALWAYS ? 0 : INTERVAL;
  }

  @Override
  public int threshold() {
    return mode == Mode.ALWAYS ? 2 : THRESHOLD;
  }

  @Override
  public void hot(Cpu cpu, Block block) {
    if (cpu.translatable()) {
      choose(cpu, block, BUDGET);
    }
  }

  private void choose(Cpu cpu, Block block, int budget) {
    RegionGraph graph = new RegionGraph(cpu, block, budget);
    if (graph.isEmpty()) {
      return;
    }
    Job job = new Job(cpu, graph, budget);
    if (mode == Mode.ALWAYS) {
      translate(job);
    } else if (!queue.offer(job)) {
      block.restore();
    } else if (thread == null) {
      start();
    }
  }

  private synchronized void start() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().daemon().name("translator").start(this::work);
    }
  }

  private void work() {
    try {
      while (!closed) {
        translate(queue.take());
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  /** What cannot be translated stays interpreted; that it cannot is a mistake of the translator's, but none that the guest should feel. */
  private void translate(Job job) {
    try {
      Region region = compile(job.graph);
      onProcessor(job.cpu, region != null ? () -> region.install(job.cpu) : () -> chooseLess(job));
    } catch (RuntimeException | LinkageError e) {
      LOGGER.log(Level.WARNING, "code at 0x" + Long.toHexString(job.graph.head().block.rip()) + " cannot be translated",
          e);
    }
  }

  private void onProcessor(Cpu cpu, Runnable action) {
    if (mode == Mode.ALWAYS) {
      action.run();
    } else {
      cpu.request(action);
    }
  }

  /** The region was too large for HotSpot. */
  private void chooseLess(Job job) {
    Block head = job.graph.head().block;
    if (!head.isDead() && job.cpu.isInModeOf(head) && job.budget / 2 >= LEAST_BUDGET) {
      choose(job.cpu, head, job.budget / 2);
    }
  }

  private Region compile(RegionGraph graph) {
    RegionCompiler compiler = new RegionCompiler(graph);
    byte[] bytes = compiler.compile();
    if (bytes == null) {
      return null;
    }
    try {
      Class<?> type = classes.get(bytes);
      Region region = (Region) type.getDeclaredConstructor().newInstance();
      region.complete(graph, compiler.ops(), compiler.exits());
      return region;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a translated region cannot be loaded", e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
