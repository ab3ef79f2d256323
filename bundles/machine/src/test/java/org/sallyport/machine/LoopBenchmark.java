package org.sallyport.machine;

import java.util.Map;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.machine.Machine;
import org.sallyport.machine.bench.FakeCpu;
import org.sallyport.machine.bench.TestMachines;

/**
 * What the run loop costs per port exit, from the guest's access to its next instruction: entry checks, dispatch, device lock, table, device.
 * The processor is a fake that exits at each step. Start {@link #main} with the test class path; the budget is 30 ns.
 */
final class LoopBenchmark {
  private LoopBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    measure("port write, fake CPU", ExitReason.PORT_WRITE);
    measure("port read, fake CPU", ExitReason.PORT_READ);
    measure("pause, fake CPU (no device, no lock)", ExitReason.PAUSE);
  }

  private static void measure(String what, ExitReason reason) throws Exception {
    FakeCpu.Program program = (cpu, exit) -> {
      exit.access(reason, 0x107, 1, 0);
      return true;
    };
    try (TestMachines bench = new TestMachines(program)) {
      Machine machine = bench.start(Map.of());
      for (int round = 0; round < 6; round++) {
        long exits = machine.statistics().exits()[reason.ordinal()];
        long start = System.nanoTime();
        Thread.sleep(1000);
        long count = machine.statistics().exits()[reason.ordinal()] - exits;
        System.out.printf("%-40s %6.1f ns%n", what, (double) (System.nanoTime() - start) / count);
      }
    }
  }
}
