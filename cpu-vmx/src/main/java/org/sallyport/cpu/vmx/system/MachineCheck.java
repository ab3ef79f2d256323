package org.sallyport.cpu.vmx.system;

import java.util.Arrays;
import java.util.SortedMap;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;

/**
 * The machine-check banks (SDM volume 3, chapter "Machine-Check Architecture"): errors never happen, so that only
 * the controls hold anything.
 */
final class MachineCheck {
  private static final int BANKS = 4;

  private final Cpu cpu;
  private final long[] control = new long[BANKS];

  MachineCheck(Cpu cpu) {
    this.cpu = cpu;
  }

  boolean has(int index) {
    boolean known =
        index == Msr.MCG_CAP || index == Msr.MCG_STATUS || index >= Msr.MC0_CTL && index < Msr.MC0_CTL + 4 * BANKS;
    return known && cpu.has(CpuFeature.MCA);
  }

  private static boolean isControl(int index) {
    return index >= Msr.MC0_CTL && (index & 3) == 0;
  }

  long read(int index) {
    if (index == Msr.MCG_CAP) {
      return BANKS;
    }
    return isControl(index) ? control[index - Msr.MC0_CTL >> 2] : 0;
  }

  /** MCG_STATUS and a bank's STATUS, ADDR and MISC can only be cleared. */
  void write(int index, long value) {
    if (isControl(index)) {
      control[index - Msr.MC0_CTL >> 2] = value;
    } else if (index == Msr.MCG_CAP || value != 0) {
      throw cpu.gp();
    }
  }

  /** Like a write, but what cannot be written is left alone. */
  void restore(int index, long value) {
    if (index != Msr.MCG_CAP) {
      write(index, value);
    }
  }

  void save(SortedMap<Integer, Long> to) {
    if (cpu.has(CpuFeature.MCA)) {
      for (int i = 0; i < BANKS; i++) {
        to.put(Msr.MC0_CTL + 4 * i, control[i]);
      }
    }
  }

  void powerOn() {
    Arrays.fill(control, 0);
  }
}
