package org.sallyport.api.cpu;

import java.util.List;
import org.sallyport.api.clock.TimeSource;

/**
 * What a backend needs to make a machine's processors.
 *
 * @param cpus how many, 1 to 255; processor {@code i} has the APIC identifier {@code i}
 * @param cpuid the CPUID leaves, the same on every backend. The backend itself fills in what depends on the processor
 *     or its current state: the APIC identifiers (leaves 1, 0xB), OSXSAVE, OSPKE, and the XSAVE area size for the
 *     current XCR0 (leaf 0xD)
 * @param physicalAddressBits width of guest-physical addresses, 32 to 52
 * @param tscHz frequency of the time-stamp counter in Hz
 * @param time the machine's time, from which the time-stamp counter is derived
 */
public record CpuClusterSpec(int cpus, List<CpuidLeaf> cpuid, int physicalAddressBits, long tscHz, TimeSource time) {
  /**
   * @throws IllegalArgumentException when a number is out of its range
   */
  public CpuClusterSpec {
    if (cpus < 1 || cpus > 255) {
      throw new IllegalArgumentException("cpus must be 1 to 255, not " + cpus);
    }
    if (tscHz <= 0) {
      throw new IllegalArgumentException("tscHz must be positive, not " + tscHz);
    }
    cpuid = List.copyOf(cpuid);
  }
}
