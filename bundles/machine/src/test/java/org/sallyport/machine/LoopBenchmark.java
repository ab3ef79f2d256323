package org.sallyport.machine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import org.sallyport.api.cpu.Availability;
import org.sallyport.api.cpu.CpuBackend;
import org.sallyport.api.cpu.CpuCluster;
import org.sallyport.api.cpu.CpuClusterSpec;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.cpu.VmExit;
import org.sallyport.api.machine.Machine;
import org.sallyport.machine.bench.FakeCpu;
import org.sallyport.machine.bench.TestMachines;

/**
 * What the run loop costs per exit, from the guest's access to its next instruction: entry checks, dispatch, device
 * lock, table, device. The processor is a fake that does nothing but exit; the device's write does nothing. In
 * processor time of the thread, so that other work on the machine does not count. Start {@link #main} with the test
 * class path.
 */
final class LoopBenchmark {
  private LoopBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    measure("loop alone", ExitReason.INTERRUPT_WINDOW);
    measure("port write", ExitReason.PORT_WRITE);
    measure("port read", ExitReason.PORT_READ);
  }

  private static void measure(String what, ExitReason reason) throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (TestMachines bench = new TestMachines()) {
      bench.plugins.add(new Backend(reason));
      Machine machine = bench.start(Map.of("cpu", "exits"));
      long id =
          Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().endsWith("-cpu0")).findFirst()
              .orElseThrow().threadId();
      for (int round = 0; round < 5; round++) {
        long exits = machine.statistics().exits()[reason.ordinal()];
        long start = threads.getThreadCpuTime(id);
        Thread.sleep(1000);
        long count = machine.statistics().exits()[reason.ordinal()] - exits;
        System.out.printf("%-20s %6.1f ns%n", what, (double) (threads.getThreadCpuTime(id) - start) / count);
      }
    }
  }

  private record Backend(ExitReason reason) implements CpuBackend {
    @Override
    public String name() {
      return "exits";
    }

    @Override
    public Availability probe() {
      return Availability.yes("always");
    }

    @Override
    public Set<CpuFeature> features() {
      return Set.of();
    }

    @Override
    public CpuCluster open(CpuClusterSpec spec) {
      Exits cpu = new Exits(reason);
      VirtualCpu whole = cpu;
      return (CpuCluster) Proxy.newProxyInstance(CpuCluster.class.getClassLoader(), new Class<?>[]{CpuCluster.class},
          (proxy, method, values) -> method.getName().equals("cpu") ? whole : null);
    }
  }

  /** Exits at once. */
  private static final class Exits implements VirtualCpu {
    private final ExitReason reason;
    private final FakeCpu rest = new FakeCpu(0);
    private volatile boolean kicked;

    Exits(ExitReason reason) {
      this.reason = reason;
    }

    @Override
    public void run(VmExit exit) {
      if (kicked) {
        kicked = false;
        exit.plain(ExitReason.KICKED);
      } else {
        exit.access(reason, 0x107, 1, 0);
      }
    }

    @Override
    public void step(VmExit exit) {
      run(exit);
    }

    @Override
    public void kick() {
      kicked = true;
    }

    @Override
    public int index() {
      return 0;
    }

    @Override
    public void finishInstruction(VmExit exit) {}

    @Override
    public boolean canInject() {
      return true;
    }

    @Override
    public void requestInterruptWindow(boolean wanted) {}

    @Override
    public void inject(org.sallyport.api.cpu.EventKind kind, int vector, int errorCode) {}

    @Override
    public int cr8() {
      return 0;
    }

    @Override
    public void cr8(int priority) {}

    @Override
    public void localApicEnabled(boolean enabled) {}

    @Override
    public long tscOffset() {
      return 0;
    }

    @Override
    public org.sallyport.api.cpu.VcpuState save() {
      return rest.save();
    }

    @Override
    public void restore(org.sallyport.api.cpu.VcpuState state) {}

    @Override
    public long instructions() {
      return -1;
    }

    @Override
    public java.util.Optional<org.sallyport.api.cpu.VmcsView> vmcs() {
      return java.util.Optional.empty();
    }

    @Override
    public long translate(long linear) {
      return linear;
    }
  }
}
