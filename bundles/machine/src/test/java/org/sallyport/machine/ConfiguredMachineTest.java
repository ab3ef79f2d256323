package org.sallyport.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineState;
import org.sallyport.machine.bench.FakeCpu;
import org.sallyport.machine.bench.TestMachines;

/** Machines from ConfigAdmin. */
class ConfiguredMachineTest {
  private static Map<String, Object> properties(TestMachines bench, Object port) {
    return Map.of("name", "configured", "memory", "2M", "boot.kernel", bench.directory().resolve("kernel").toString(),
        "devices",
        new String[]{"fake name=a", "fake  name=b port=" + port}, "autostart", "true", "service.pid", "x~1",
        "component.id", 7L,
        ":configurator:bundle-id", 3);
  }

  @Test
  void aConfigurationIsAMachine() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      ConfiguredMachineComponent component = new ConfiguredMachineComponent(bench.manager, properties(bench, "0x200"));
      Machine machine = bench.manager.machine("configured").orElseThrow();
      assertEquals(MachineState.RUNNING, machine.state());
      assertEquals(List.of("ports 0x200-0x207"), machine.devices().getLast().ranges());
      component.deactivate();
      assertTrue(bench.manager.machines().isEmpty());
    }
  }

  @Test
  void aMachineThatCannotStartIsNotThere() throws Exception {
    try (TestMachines bench = new TestMachines(FakeCpu.IDLE)) {
      Map<String, Object> properties = properties(bench, "0x100");
      assertThrows(MachineException.class, () -> new ConfiguredMachineComponent(bench.manager, properties));
      assertTrue(bench.manager.machines().isEmpty());
    }
  }
}
