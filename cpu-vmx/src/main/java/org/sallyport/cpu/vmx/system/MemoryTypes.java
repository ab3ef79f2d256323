package org.sallyport.cpu.vmx.system;

import java.util.Arrays;
import java.util.SortedMap;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;

/**
 * The memory-type range registers and the page attribute table (SDM volume 3, chapter "Memory Cache Control"). They
 * are kept as the guest writes them; there are no caches whose behaviour they could change.
 */
final class MemoryTypes {
  private static final int RANGES = 8;

  /** UC, WC, WT, WP and WB; in the PAT also UC-. */
  private static final int MTRR_TYPES = 1 << 0 | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6;

  private static final int PAT_TYPES = MTRR_TYPES | 1 << 7;
  private static final long PAT_POWER_ON = 0x0007040600070406L;
  private static final long RANGE_VALID = 1 << 11;

  private static final int FIXED_RANGES = 11;

  private final Cpu cpu;
  private long pat = PAT_POWER_ON;
  private long defaultType;
  private final long[] fixed = new long[FIXED_RANGES];
  private final long[] variable = new long[2 * RANGES];

  MemoryTypes(Cpu cpu) {
    this.cpu = cpu;
  }

  boolean has(int index) {
    if (index == Msr.PAT) {
      return cpu.has(CpuFeature.PAT);
    }
    return (index == Msr.MTRRCAP || index == Msr.MTRR_DEF_TYPE || isVariable(index) || fixedNumber(index) >= 0)
        && cpu.has(CpuFeature.MTRR);
  }

  private static boolean isVariable(int index) {
    return index >= Msr.MTRR_PHYSBASE0 && index < Msr.MTRR_PHYSBASE0 + 2 * RANGES;
  }

  private static int fixedNumber(int index) {
    return switch (index) {
      case Msr.MTRR_FIX64K_00000 -> 0;
      case Msr.MTRR_FIX16K_80000 -> 1;
      case Msr.MTRR_FIX16K_A0000 -> 2;
      default ->
        index >= Msr.MTRR_FIX4K_C0000 && index < Msr.MTRR_FIX4K_C0000 + 8 ? 3 + index - Msr.MTRR_FIX4K_C0000 : -1;
    };
  }

  long read(int index) {
    return switch (index) {
      case Msr.PAT -> pat;
      case Msr.MTRRCAP -> RANGES | Msr.MTRR_FIXED | Msr.MTRR_WC;
      case Msr.MTRR_DEF_TYPE -> defaultType;
      default -> isVariable(index) ? variable[index - Msr.MTRR_PHYSBASE0] : fixed[fixedNumber(index)];
    };
  }

  void write(int index, long value) {
    if (!accepts(index, value)) {
      throw cpu.gp();
    }
    set(index, value);
  }

  /** Like a write, but what cannot be written is left alone. */
  void restore(int index, long value) {
    if (index != Msr.MTRRCAP) {
      write(index, value);
    }
  }

  private boolean accepts(int index, long value) {
    return switch (index) {
      case Msr.PAT -> allTypes(value, PAT_TYPES);
      case Msr.MTRRCAP -> false;
      case Msr.MTRR_DEF_TYPE ->
        (value & ~(0xff | Msr.MTRR_FIXED_ENABLE | Msr.MTRR_ENABLE)) == 0 && isType((int) value & 0xff, MTRR_TYPES);
      default -> isVariable(index) ? acceptsVariable(index, value) : allTypes(value, MTRR_TYPES);
    };
  }

  private boolean acceptsVariable(int index, long value) {
    if (value >>> cpu.physicalBits != 0) {
      return false;
    }
    boolean mask = (index & 1) != 0;
    return mask ? (value & 0xfff & ~RANGE_VALID) == 0 : (value & 0xf00) == 0 && isType((int) value & 0xff, MTRR_TYPES);
  }

  private static boolean allTypes(long value, int types) {
    for (int shift = 0; shift < 64; shift += 8) {
      if (!isType((int) (value >>> shift) & 0xff, types)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isType(int type, int types) {
    return type < 8 && (types & 1 << type) != 0;
  }

  private void set(int index, long value) {
    switch (index) {
      case Msr.PAT -> pat = value;
      case Msr.MTRR_DEF_TYPE -> defaultType = value;
      default -> {
        if (isVariable(index)) {
          variable[index - Msr.MTRR_PHYSBASE0] = value;
        } else {
          fixed[fixedNumber(index)] = value;
        }
      }
    }
  }

  void save(SortedMap<Integer, Long> to) {
    put(to, Msr.PAT);
    put(to, Msr.MTRR_DEF_TYPE);
    for (int i = 0; i < 2 * RANGES; i++) {
      put(to, Msr.MTRR_PHYSBASE0 + i);
    }
    put(to, Msr.MTRR_FIX64K_00000);
    put(to, Msr.MTRR_FIX16K_80000);
    put(to, Msr.MTRR_FIX16K_A0000);
    for (int i = 0; i < 8; i++) {
      put(to, Msr.MTRR_FIX4K_C0000 + i);
    }
  }

  private void put(SortedMap<Integer, Long> to, int index) {
    if (has(index)) {
      to.put(index, read(index));
    }
  }

  void powerOn() {
    pat = PAT_POWER_ON;
    defaultType = 0;
    Arrays.fill(fixed, 0);
    Arrays.fill(variable, 0);
  }
}
