package org.sallyport.irqchip.lapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.irq.IoApic;
import org.sallyport.irqchip.ioapic.IoApicComponent;

/**
 * IO APIC and local APICs together, under a random guest with random devices: a ledger beside them says at each step
 * which interrupts are owed, so that none is lost and none comes twice. The chips are swapped for restored copies now
 * and then.
 */
class LedgerTest {
  private static final int CPUS = 4;
  private static final int PINS = 24;
  private static final int STEPS = 200_000;
  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;
  private static final int REMOTE_IRR = 1 << 14;

  private final ApicBench bench = new ApicBench(CPUS, ApicBench.ALL).enabled();
  private IoApic ioApic = newIoApic();
  private Random random;
  private boolean directedEoi;

  // Configuration of the pins
  private final int[] vector = new int[PINS];
  private final int[] pinOf = new int[256];
  private final boolean[] level = new boolean[PINS];
  private final boolean[] lowestPriority = new boolean[PINS];
  private final int[] cpuOf = new int[PINS];

  // The world and the ledger
  private final boolean[] high = new boolean[PINS];
  private final boolean[] masked = new boolean[PINS];
  private final boolean[] owed = new boolean[PINS];
  private final boolean[] inFlight = new boolean[PINS];
  private final int[] raised = new int[PINS];
  private final int[] merged = new int[PINS];
  private final int[] served = new int[PINS];
  @SuppressWarnings({"unchecked", "rawtypes"}) private final Deque<Integer>[] handlers = new Deque[CPUS];

  private IoApic newIoApic() {
    return new IoApicComponent().create(IoApic.DEFAULT_BASE, 0, bench);
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void noInterruptIsLostOrDoubled(boolean x2apic, boolean directed) throws InvalidState {
    long seed = System.nanoTime();
    System.out.println("LedgerTest.noInterruptIsLostOrDoubled(" + x2apic + ", " + directed + "): seed " + seed);
    random = new Random(seed);
    directedEoi = directed;
    setUp(x2apic);
    for (int i = 0; i < STEPS; i++) {
      step();
      check();
    }
    drain();
    int interrupts = 0;
    for (int pin = 0; pin < PINS; pin++) {
      assertFalse(owed[pin] || inFlight[pin], "pin " + pin + " is still owed");
      assertEquals(0, entry(pin) & REMOTE_IRR);
      if (!level[pin]) {
        assertEquals(raised[pin], served[pin] + merged[pin], "edges of pin " + pin);
      }
      interrupts += served[pin];
    }
    assertTrue(interrupts > STEPS / 50, interrupts + " interrupts are no test");
  }

  private void setUp(boolean x2apic) {
    bench.ioApic = ioApic;
    if (x2apic) {
      bench.x2apic();
    }
    for (int cpu = 0; cpu < CPUS; cpu++) {
      handlers[cpu] = new ArrayDeque<>();
      bench.write(cpu, ApicRegisters.SVR, directedEoi ? 0x11ff : 0x1ff);
    }
    for (int pin = 0; pin < PINS; pin++) {
      do {
        vector[pin] = 0x20 + random.nextInt(0xd0);
      } while (pinOf[vector[pin]] != 0);
      pinOf[vector[pin]] = pin + 1;
      level[pin] = random.nextBoolean();
      lowestPriority[pin] = level[pin] && random.nextBoolean();
      cpuOf[pin] = random.nextInt(CPUS);
      setEntry(0x11 + 2 * pin, lowestPriority[pin] ? 0xff << 24 : cpuOf[pin] << 24);
      writeLow(pin);
    }
  }

  private void step() throws InvalidState {
    int pin = random.nextInt(PINS);
    int cpu = random.nextInt(CPUS);
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5 -> drive(pin, !high[pin]);
      case 6, 7, 8, 9, 10 -> take(cpu);
      case 11, 12, 13, 14, 15 -> finish(cpu);
      case 16 -> bench.apics[cpu].taskPriority(random.nextInt(4) == 0 ? random.nextInt(256) : 0);
      case 17 -> {
        masked[pin] = !masked[pin];
        writeLow(pin);
        expectLevel(pin);
      }
      case 18 -> { // a new destination for what comes
        if (!lowestPriority[pin] && !owed[pin]) {
          cpuOf[pin] = random.nextInt(CPUS);
          setEntry(0x11 + 2 * pin, cpuOf[pin] << 24);
        }
      }
      default -> {
        if (random.nextInt(50) == 0) {
          swap(cpu);
        }
      }
    }
  }

  private void drive(int pin, boolean up) {
    if (high[pin] == up) {
      return;
    }
    high[pin] = up;
    ioApic.pin(pin, up);
    if (level[pin]) {
      expectLevel(pin);
    } else if (up && !masked[pin]) {
      raised[pin]++;
      merged[pin] += owed[pin] ? 1 : 0;
      owed[pin] = true;
    }
  }

  private void expectLevel(int pin) {
    if (level[pin] && high[pin] && !masked[pin] && !inFlight[pin]) {
      assertFalse(owed[pin]);
      owed[pin] = true;
      inFlight[pin] = true;
    }
  }

  private void take(int cpu) {
    XApic apic = bench.apics[cpu];
    if (!apic.interruptPending()) {
      assertEquals(0xff, apic.acknowledge(), "spurious");
      return;
    }
    int taken = apic.acknowledge();
    int pin = pinOf[taken] - 1;
    assertTrue(pin >= 0, "vector " + taken + " belongs to nobody");
    assertTrue(owed[pin], "pin " + pin + " came twice");
    if (!lowestPriority[pin]) {
      assertEquals(cpuOf[pin], cpu);
    }
    owed[pin] = false;
    served[pin]++;
    handlers[cpu].push(pin);
    if (level[pin] && random.nextInt(3) != 0) {
      drive(pin, false); // the handler serves the device; otherwise it asks again
    }
  }

  private void finish(int cpu) {
    if (handlers[cpu].isEmpty()) {
      return;
    }
    int pin = handlers[cpu].pop();
    bench.ended.clear();
    bench.write(cpu, ApicRegisters.EOI, 0);
    assertEquals(level[pin] && !directedEoi, bench.ended.contains(vector[pin]));
    if (level[pin]) {
      if (directedEoi) {
        assertTrue((entry(pin) & REMOTE_IRR) != 0);
        ioApic.memoryIo().orElseThrow().writeMemory(IoApic.DEFAULT_BASE + 0x40, 4, vector[pin]);
      }
      inFlight[pin] = false;
      expectLevel(pin);
    }
  }

  private void swap(int cpu) throws InvalidState {
    XApic fresh = new XApic(cpu, ApicBench.ALL, bench.clock, bench, bench.processors[cpu]);
    fresh.restore(bench.apics[cpu].save());
    bench.apics[cpu].close();
    bench.apics[cpu] = fresh;
    IoApic freshIoApic = newIoApic();
    copy(ioApic.persistent().orElseThrow(), freshIoApic.persistent().orElseThrow());
    ioApic = freshIoApic;
    bench.ioApic = freshIoApic;
  }

  @SuppressWarnings("unchecked")
  private static <S extends Record> void copy(Persistent<S> from, Persistent<?> to) throws InvalidState {
    ((Persistent<S>) to).restore(from.save());
  }

  /** What the chips show is what the ledger says. */
  private void check() {
    for (XApic apic : bench.apics) {
      assertEquals(apic.pendingVector() >= 0, apic.interruptPending());
    }
    int pin = random.nextInt(PINS);
    assertEquals(inFlight[pin], (entry(pin) & REMOTE_IRR) != 0, "remote IRR of pin " + pin);
    int waiting = 0;
    for (int cpu = 0; cpu < CPUS; cpu++) {
      waiting += bench.read(cpu, ApicRegisters.IRR + (vector[pin] >> 5 << 4)) >>> (vector[pin] & 31) & 1;
    }
    assertEquals(owed[pin] ? 1 : 0, waiting, "requests of pin " + pin);
  }

  private void drain() {
    for (int pin = 0; pin < PINS; pin++) {
      masked[pin] = false;
      writeLow(pin);
      expectLevel(pin);
      if (!level[pin]) {
        drive(pin, false);
      }
    }
    for (int round = 0; round < 1000; round++) {
      for (int cpu = 0; cpu < CPUS; cpu++) {
        bench.apics[cpu].taskPriority(0);
        if (bench.apics[cpu].interruptPending()) {
          take(cpu);
        }
        finish(cpu);
      }
    }
  }

  private void writeLow(int pin) {
    setEntry(0x10 + 2 * pin,
        vector[pin] | (lowestPriority[pin] ? 0x100 : 0) | (level[pin] ? LEVEL : 0) | (masked[pin] ? MASKED : 0));
  }

  private int entry(int pin) {
    ioApic.memoryIo().orElseThrow().writeMemory(IoApic.DEFAULT_BASE, 4, 0x10 + 2 * pin);
    return (int) ioApic.memoryIo().orElseThrow().readMemory(IoApic.DEFAULT_BASE + 0x10, 4);
  }

  private void setEntry(int register, int value) {
    ioApic.memoryIo().orElseThrow().writeMemory(IoApic.DEFAULT_BASE, 4, register);
    ioApic.memoryIo().orElseThrow().writeMemory(IoApic.DEFAULT_BASE + 0x10, 4, Integer.toUnsignedLong(value));
  }
}
