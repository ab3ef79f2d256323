package org.sallyport.cpu.vmx.system;

import java.util.Arrays;
import java.util.SortedMap;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;

/**
 * The machine-check banks (SDM volume 3, chapter "Machine-Check Architecture"). Errors never happen: the registers hold
 * what the guest puts there.
 */
final class MachineCheck {
  private static final int BANKS = 4;

  // Registers of a bank.
  private static final int CTL = 0;
  private static final int STATUS = 1;

  private final Cpu cpu;

  /** CTL, STATUS, ADDR and MISC of each bank. */
  private final long[] banks = new long[4 * BANKS];

  MachineCheck(Cpu cpu) {
    this.cpu = cpu;
  }

  boolean has(int index) {
    boolean known =
        index == Msr.MCG_CAP || index == Msr.MCG_STATUS || index >= Msr.MC0_CTL && index < Msr.MC0_CTL + 4 * BANKS;
    return known && cpu.has(CpuFeature.MCA);
  }

  long read(int index) {
    return switch (index) {
      case Msr.MCG_CAP -> BANKS;
      case Msr.MCG_STATUS -> 0;
      default -> banks[index - Msr.MC0_CTL];
    };
  }

  /** CTL enables all kinds of errors or none; the status registers can only be cleared. */
  void write(int index, long value) {
    if (index >= Msr.MC0_CTL) {
      int register = index - Msr.MC0_CTL & 3;
      require(value == 0 || register != STATUS && (register != CTL || value == -1));
      banks[index - Msr.MC0_CTL] = value;
    } else {
      require(index == Msr.MCG_STATUS && value == 0);
    }
  }

  private void require(boolean allowed) {
    if (!allowed) {
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
      for (int i = 0; i < banks.length; i++) {
        if ((i & 3) == CTL || banks[i] != 0) {
          to.put(Msr.MC0_CTL + i, banks[i]);
        }
      }
    }
  }

  void powerOn() {
    Arrays.fill(banks, 0);
  }
}
