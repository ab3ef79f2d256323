package org.sallyport.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.inject.Inject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineException;
import org.sallyport.api.machine.MachineManager;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.machine.StopReason;

/** Device bundles go and come while machines are there; each test leaves the container as it found it. */
@ExtendWith(Container.class)
@ExamReactorStrategy(PerClass.class)
public class HotSwapIT {
  private static final String UART = "org.sallyport.device.uart16550";
  private static final String PIT = "org.sallyport.device.pit8254";
  private static final String DEBUG_EXIT = "org.sallyport.device.debugexit";
  private static final int MINUTES = 2;
  private static final int UPDATES = 10;

  @Inject BundleContext context;
  @Inject MachineManager machines;

  @Configuration
  public Option[] configuration() {
    return new Option[]{Distribution.withoutShell()};
  }

  @Test
  public void updatesTheSerialPortWhileTheGuestWaitsForInput() throws Exception {
    try (Machine machine = hello("update"); Terminal terminal = new Terminal(machine, "com1")) {
      machine.start();
      terminal.expect("lapic: 10 ticks");
      terminal.expect("type a line: ");
      assertNotEquals(List.of(), threads());
      bundle(UART).update();
      assertWasExchanged(machine);
      assertEquals(List.of(), machine.problems());
      assertEquals(MachineState.RUNNING, machine.state());
      terminal.type("abc\n");
      assertReversedAndOff(machine, terminal);
    }
    assertNoThreads();
  }

  @Test
  public void updatesTheSerialPortWhileTheGuestUsesIt() throws Exception {
    try (Machine machine = hello("busy"); Terminal terminal = new Terminal(machine, "com1")) {
      machine.start();
      terminal.expect("Hello");
      for (int i = 0; i < UPDATES; i++) {
        bundle(UART).update();
      }
      terminal.expect("lapic: 10 ticks");
      terminal.expect("type a line: ");
      for (String letter : List.of("a", "b", "c")) {
        terminal.type(letter);
        bundle(UART).update();
      }
      terminal.type("\n");
      assertReversedAndOff(machine, terminal);
      assertWasExchanged(machine);
    }
    assertNoThreads();
  }

  @Test
  public void takesTheInputThatCameWhileTheSerialPortWasAway() throws Exception {
    try (Machine machine = hello("away"); Terminal terminal = new Terminal(machine, "com1")) {
      machine.start();
      terminal.expect("type a line: ");
      Bundle uart = bundle(UART);
      uart.stop();
      try {
        assertNames("uart16550", machine.problems());
        terminal.type("abc\n");
      } finally {
        uart.start();
      }
      assertReversedAndOff(machine, terminal); // it may be off already
      assertWasExchanged(machine);
    }
    assertNoThreads();
  }

  @Test
  public void startsOnceTheTimerIsThere() throws Exception {
    try (Machine machine = hello("late")) {
      assertEquals(List.of(), machine.problems());
      Bundle pit = bundle(PIT);
      pit.stop();
      try {
        assertNames("pit8254", machine.problems());
        MachineException refused = assertThrows(MachineException.class, machine::start);
        assertTrue(refused.getMessage().contains("pit8254"), refused::getMessage);
        assertEquals(MachineState.CREATED, machine.state());
      } finally {
        pit.start();
      }
      assertEquals(List.of(), machine.problems());
      try (Terminal terminal = new Terminal(machine, "com1")) {
        machine.start();
        terminal.expect("pit: 10 ticks");
        terminal.expect("type a line: ");
        terminal.type("abc\n");
        assertReversedAndOff(machine, terminal);
      }
    }
    assertNoThreads();
  }

  @Test
  public void uninstallsAndInstallsADevice() throws Exception {
    Map<String, Object> description = helloDescription("again");
    description.put("devices", List.of(Map.of("type", "debugexit", "name", "exit")));
    try (Machine machine = machines.create(machines.describe(description, home()))) {
      Bundle old = bundle(DEBUG_EXIT);
      assertEquals(old, factory("debugexit").getBundle());
      assertEquals(List.of(), machine.problems());
      old.uninstall();
      Bundle fresh;
      try {
        assertNull(factory("debugexit"));
        assertNames("debugexit", machine.problems());
      } finally {
        fresh = context.installBundle(old.getLocation());
        fresh.start();
      }
      assertTrue(fresh.getBundleId() > old.getBundleId());
      assertNotNull(factory("debugexit"));
      assertEquals(fresh, factory("debugexit").getBundle());
      assertEquals(List.of(), machine.problems());
    }
    assertNoThreads();
  }

  private Machine hello(String name) throws MachineException {
    return machines.create(machines.describe(helloDescription(name), home()));
  }

  private static Map<String, Object> helloDescription(String name) {
    return new HashMap<>(Map.of("name", name, "memory", "32M", "cpu", "vmx", "boot",
        Map.of("kernel", "guests/hello/hello.elf")));
  }

  private static Path home() {
    return Path.of(System.getProperty("sallyport.home")).normalize();
  }

  private Bundle bundle(String name) {
    return Arrays.stream(context.getBundles()).filter(bundle -> name.equals(bundle.getSymbolicName())).findFirst()
        .orElseThrow();
  }

  /** The service that makes devices of a type, or null. */
  private ServiceReference<?> factory(String type) throws InvalidSyntaxException {
    ServiceReference<?>[] found = context.getServiceReferences(DeviceFactory.class.getName(),
        "(" + DeviceFactory.PROPERTY + "=" + type + ")");
    return found == null ? null : found[0];
  }

  private static void assertNames(String type, List<String> problems) {
    assertTrue(problems.stream().anyMatch(problem -> problem.contains("'" + type + "'")), problems::toString);
  }

  private static void assertWasExchanged(Machine machine) {
    assertTrue(machine.log().stream().anyMatch(line -> line.contains("com1") && line.contains("with its state")),
        () -> String.join("\n", machine.log()));
  }

  private static void assertReversedAndOff(Machine machine, Terminal terminal) throws Exception {
    terminal.expect("reversed: cba");
    StopReason reason = machine.stopped().get(MINUTES, TimeUnit.MINUTES);
    assertEquals(StopReason.Kind.POWER_OFF, reason.kind(), reason::message);
  }

  /** The thread that ended the machine may need a moment more for its own end. */
  private static void assertNoThreads() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
    while (!threads().isEmpty() && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertEquals(List.of(), threads());
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
        .filter(name -> name.startsWith("sallyport-")).sorted().toList();
  }
}
