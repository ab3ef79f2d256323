package org.sallyport.irqchip.lapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.irq.MsrFault;
import org.sallyport.irqchip.lapic.LocalApicState.TimerState;

/** Saving and restoring. */
class StateTest {
  private static final int[] WRITABLE =
      {ID, TPR, EOI, LDR, DFR, SVR, ESR, ICR_HIGH, ICR_LOW, LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE,
          LVT_LINT0, LVT_LINT1, LVT_ERROR, INITIAL_COUNT, DIVIDE};

  @Test
  void aRestoredApicGoesOnAsIfNothingHadHappened() throws InvalidState {
    long seed = System.nanoTime();
    System.out.println("StateTest.aRestoredApicGoesOnAsIfNothingHadHappened: seed " + seed);
    Random random = new Random(seed);
    ApicBench original = new ApicBench().enabled();
    for (int round = 0; round < 100; round++) {
      for (int i = 0; i < 100; i++) {
        step(original, random.nextLong());
      }
      ApicBench copy = new ApicBench();
      copy.clock.advance(original.clock.nanos() - copy.clock.nanos());
      copy.apics[0].restore(original.apics[0].save());
      assertEquals(describe(original), describe(copy));
      for (int i = 0; i < 100; i++) {
        long step = random.nextLong();
        assertEquals(step(original, step), step(copy, step));
      }
      assertEquals(describe(original), describe(copy));
    }
  }

  private static String describe(ApicBench bench) {
    XApic apic = bench.apics[0];
    LocalApicState state = apic.save();
    List<String> parts = new ArrayList<>();
    for (RecordComponent component : LocalApicState.class.getRecordComponents()) {
      try {
        Object value = component.getAccessor().invoke(state);
        parts.add(component.getName() + "="
            + (value instanceof long[] longs
                ? Arrays.toString(longs)
                : value instanceof int[] ints ? Arrays.toString(ints) : value));
      } catch (ReflectiveOperationException impossible) {
        throw new AssertionError(impossible);
      }
    }
    return parts + " pending " + apic.interruptPending() + " armed " + bench.clock.nextDeadline();
  }

  private static long step(ApicBench bench, long seed) {
    Random random = new Random(seed);
    XApic apic = bench.apics[0];
    switch (random.nextInt(9)) {
      case 0 -> bench.clock.advance(random.nextInt(30_000));
      case 1 -> apic.localInterrupt(random.nextInt(2), random.nextBoolean());
      case 2 ->
        apic.accept(random.nextBoolean() ? ApicBench.fixed(random.nextInt(256)) : ApicBench.level(random.nextInt(256)));
      case 3 -> {
        return apic.acknowledge();
      }
      case 4 -> {
        try {
          switch (random.nextInt(20)) {
            case 0 -> apic.writeMsr(IA32_APIC_BASE, 0xfee0_0000L | random.nextInt(16) << 8);
            case 1, 2, 3 -> apic.writeMsr(IA32_TSC_DEADLINE, bench.processors[0].tsc() + random.nextInt(100_000));
            default -> apic.writeMsr(0x800 + random.nextInt(0x40), random.nextInt(0x200));
          }
        } catch (MsrFault fault) {
          return -1;
        }
      }
      case 5 -> {
        return apic.readMemory(random.nextInt(0x40) << 4, 4);
      }
      default -> {
        int offset = WRITABLE[random.nextInt(WRITABLE.length)];
        int value = offset == SVR ? 0x1ff : random.nextInt() & 0xff06_80ff;
        apic.writeMemory(offset, 4, Integer.toUnsignedLong(value));
      }
    }
    return 0;
  }

  @Test
  void savedArraysAreCopies() throws InvalidState {
    ApicBench bench = new ApicBench().enabled();
    LocalApicState state = bench.apics[0].save();
    bench.apics[0].accept(ApicBench.fixed(0x45));
    assertEquals(0, state.requests()[1]);
    bench.apics[0].restore(state);
    assertFalse(bench.apics[0].interruptPending());
    state.requests()[1] = 1 << 5;
    assertFalse(bench.apics[0].interruptPending());
    bench.apics[0].restore(state);
    assertTrue(bench.apics[0].interruptPending());
    assertEquals(2, bench.processors[0].interruptsChanged, "the processor hears of it");
  }

  @Test
  void deadlinesThatHavePassedMeanwhileFireSoon() throws InvalidState {
    ApicBench bench = new ApicBench().enabled();
    bench.write(LVT_TIMER, 2 << 17 | 0xee);
    bench.msr(IA32_TSC_DEADLINE, bench.processors[0].tsc() + 2500);
    LocalApicState state = bench.apics[0].save();
    ApicBench later = new ApicBench();
    later.clock.advance(1_000_000);
    later.apics[0].restore(state);
    later.clock.advance(1);
    assertEquals(0xee, later.apics[0].acknowledge());
  }

  /** Every field has a value that it can never have. */
  @Test
  void impossibleStatesAreRefusedAndNothingChanges() {
    ApicBench bench = new ApicBench().enabled();
    bench.apics[0].accept(ApicBench.fixed(0x45));
    String before = describe(bench);
    LocalApicState s = bench.apics[0].save();
    long[] low = {1, 0, 0, 0};
    int[] unmasked = {0x30000, 0x10000, 0x10000, 0x10000, 0x10000, 0x1_2000};
    TimerState counting = new TimerState(0, 0, true, 5, 0);
    refuses(bench, "xapicId", with(s, 0, 256));
    refuses(bench, "apicBase", with(s, 1, 0xfee0_0901L));
    refuses(bench, "apicBase", with(s, 1, 1L << 40 | 0xfee0_0900L));
    refuses(bench, "apicBase", with(s, 1, 0xfee0_0500L));
    refuses(bench, "taskPriority", with(s, 2, -1));
    refuses(bench, "logicalDestination", with(s, 3, 1));
    refuses(bench, "destinationFormat", with(s, 4, 0));
    refuses(bench, "spuriousVector", with(s, 5, 0x400));
    refuses(bench, "inService", with(s, 6, low));
    refuses(bench, "triggerModes", with(s, 7, new long[3]));
    refuses(bench, "requests", with(s, 8, low));
    refuses(bench, "errorStatus", with(s, 9, 1));
    refuses(bench, "newErrors", with(s, 10, 0x100));
    refuses(bench, "localVectors[5]", with(s, 11, unmasked));
    refuses(bench, "localVectors", with(s, 11, new int[5]));
    refuses(bench, "localVectors[0]", with(with(s, 5, 0xff), 11, new int[6]));
    refuses(bench, "interruptCommand", with(s, 12, 0x1000L));
    refuses(bench, "timer", with(s, 13, null));
    refuses(bench, "timer.counting", with(s, 13, counting));
    refuses(bench, "timer.divide", with(s, 13, new TimerState(0, 4, false, 0, 0)));
    refuses(bench, "timer.zeroAt", with(s, 13, new TimerState(1, 0, true, -1, 0)));
    refuses(bench, "timer.deadline", with(s, 13, new TimerState(0, 0, false, 0, 1)));
    assertEquals(before, describe(bench));
  }

  private static void refuses(ApicBench bench, String field, LocalApicState state) {
    InvalidState refusal = assertThrows(InvalidState.class, () -> bench.apics[0].restore(state), field);
    assertTrue(refusal.getMessage().startsWith(field), refusal.getMessage());
  }

  /** The record with one component replaced. */
  private static LocalApicState with(LocalApicState state, int index, Object value) {
    try {
      RecordComponent[] components = LocalApicState.class.getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        values[i] = i == index ? value : components[i].getAccessor().invoke(state);
      }
      return LocalApicState.class.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
