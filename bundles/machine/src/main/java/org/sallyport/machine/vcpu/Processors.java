package org.sallyport.machine.vcpu;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.machine.MachineException;
import org.sallyport.machine.bus.Vacancy;

/** All processors of a machine: made to run, to stand and to stop together. */
public final class Processors {
  private final Vcpu[] vcpus;
  private final Surroundings surroundings;
  private volatile boolean attached;

  public Processors(int cpus, Surroundings surroundings, Host host) {
    this.surroundings = surroundings;
    vcpus = new Vcpu[cpus];
    boolean yields = cpus > Runtime.getRuntime().availableProcessors();
    for (int i = 0; i < cpus; i++) {
      vcpus[i] = new Vcpu(i, surroundings, host, yields);
    }
  }

  public int count() {
    return vcpus.length;
  }

  public Vcpu cpu(int index) {
    return vcpus[index];
  }

  /** Puts a processor's local APIC in, or takes it out (null). */
  public void localApic(int cpu, LocalApic apic, Vacancy vacancy) {
    vcpus[cpu].localApic(apic, vacancy);
  }

  /** Gives the processors those of a backend. None runs. */
  public void attach(CpuCluster cluster) {
    for (Vcpu vcpu : vcpus) {
      vcpu.attach(cluster.cpu(vcpu.index()));
    }
    attached = true;
  }

  /**
   * Takes the processors of a backend away, which is about to be closed. None runs, and none will again unless others
   * come.
   */
  public void detach() {
    if (attached) {
      attached = false;
      for (Vcpu vcpu : vcpus) {
        vcpu.detach();
      }
    }
  }

  /** Puts states in, by processor. None runs. */
  public void reset(IntFunction<VcpuState> states) throws CpuException {
    for (Vcpu vcpu : vcpus) {
      vcpu.reset(states.apply(vcpu.index()));
    }
  }

  /** Starts the threads. */
  public void start(String prefix) {
    for (Vcpu vcpu : vcpus) {
      vcpu.start(prefix + vcpu.index());
    }
  }

  /**
   * Makes all stand at an instruction boundary and returns when they do. Not on a thread of the machine nor under the
   * device lock.
   */
  public void hold() {
    holdSoon();
    for (Vcpu vcpu : vcpus) {
      vcpu.awaitStanding();
    }
  }

  /** Makes all stand, without waiting for it. */
  public void holdSoon() {
    for (Vcpu vcpu : vcpus) {
      vcpu.hold(true);
    }
  }

  /** Lets them run again. */
  public void release() {
    for (Vcpu vcpu : vcpus) {
      vcpu.hold(false);
    }
  }

  /** Ends the threads and returns when they have ended. */
  public void stop() {
    for (Vcpu vcpu : vcpus) {
      vcpu.stop();
    }
    for (Vcpu vcpu : vcpus) {
      vcpu.join();
    }
  }

  /** Whether the calling thread is one of theirs. */
  public boolean isMine() {
    for (Vcpu vcpu : vcpus) {
      if (vcpu.isMine()) {
        return true;
      }
    }
    return false;
  }

  /** The architectural state of a processor, which stands still for a moment if it runs. */
  public VcpuState state(int index) throws MachineException {
    Vcpu vcpu = vcpus[index];
    return call(index, vcpu::state);
  }

  /** Does something with a processor at an instruction boundary, on its thread if it has one. */
  public <T> T with(int index, Function<VirtualCpu, T> work) throws MachineException {
    Vcpu vcpu = vcpus[index];
    return call(index, () -> work.apply(vcpu.cpu()));
  }

  /**
   * Executes instructions on one processor while all stand.
   *
   * @throws MachineException when the processor is halted or waits to be started
   */
  public void step(int index, int instructions) throws MachineException {
    int done = call(index, () -> {
      int n = 0;
      while (n < instructions && vcpus[index].step()) {
        n++;
      }
      return n;
    });
    if (done < instructions) {
      throw new MachineException(
          "cpu" + index + " does not execute instructions now: after " + done + " it is halted or waits to be started");
    }
  }

  private <T> T call(int index, Callable<T> work) throws MachineException {
    Vcpu vcpu = vcpus[index];
    FutureTask<T> task = new FutureTask<>(work);
    if (vcpu.isMine()) {
      task.run();
    } else if (surroundings.lock().isMine() && vcpu.isRunning()) {
      throw new MachineException(
          "cpu" + index + " cannot be looked at under the device lock, which it may be waiting for");
    } else if (vcpu.isRunning()) {
      vcpu.tasks().add(task);
      vcpu.taskAdded();
    }
    boolean interrupted = false;
    try {
      while (true) {
        if (!vcpu.isRunning()) {
          synchronized (vcpu) {
            if (vcpu.cpu() == null) {
              throw new MachineException("the machine has no processors before it is started and after it is closed");
            }
            task.run(); // does nothing when it was done already
          }
        }
        try {
          return task.get(10, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          continue;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new MachineException("cpu" + index + ": " + e.getCause(), e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Exits by reason, of all processors. */
  public long[] exits() {
    long[] sum = new long[ExitReason.count()];
    for (Vcpu vcpu : vcpus) {
      vcpu.addExits(sum);
    }
    return sum;
  }

  /** Interrupts injected by vector, of all processors. */
  public long[] interrupts() {
    long[] sum = new long[256];
    for (Vcpu vcpu : vcpus) {
      vcpu.addInterrupts(sum);
    }
    return sum;
  }

  /** Instructions of all processors, or -1 where the backend does not count. */
  public long instructions() {
    long sum = 0;
    for (Vcpu vcpu : vcpus) {
      long count = vcpu.instructions();
      if (count < 0) {
        return -1;
      }
      sum += count;
    }
    return sum;
  }
}
