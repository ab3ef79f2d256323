package org.sallyport.cpu.vmx.system;

import java.util.Arrays;
import java.util.SortedMap;
import org.sallyport.cpu.vmx.interpret.Cpu;

/**
 * The four performance counters that every processor of AMD's has, without any bit in CPUID (APM volume 2, chapter "Software
 * Debug and Performance Resources"): PERFEVTSEL and PERFCTR. They hold what is written; no event is counted.
 */
final class AmdCounters {
  private static final int REGISTERS = 8;

  private final Cpu cpu;
  private final long[] values = new long[REGISTERS];

  AmdCounters(Cpu cpu) {
    this.cpu = cpu;
  }

  boolean has(int index) {
    return cpu.amd && index >= Msr.PERFEVTSEL0 && index < Msr.PERFEVTSEL0 + REGISTERS;
  }

  long read(int index) {
    return values[index - Msr.PERFEVTSEL0];
  }

  void write(int index, long value) {
    values[index - Msr.PERFEVTSEL0] = value;
  }

  void save(SortedMap<Integer, Long> to) {
    for (int i = 0; i < REGISTERS && cpu.amd; i++) {
      to.put(Msr.PERFEVTSEL0 + i, values[i]);
    }
  }

  void powerOn() {
    Arrays.fill(values, 0);
  }
}
