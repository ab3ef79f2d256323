package org.sallyport.machine.model;

import static org.sallyport.api.cpu.CpuFeature.*;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.machine.CpuDescription;

/**
 * CPU models by name: the micro-architecture levels of the x86-64 ABI (System V Application Binary Interface, AMD64
 * Architecture Processor Supplement, table 3.1). Each level has what the one below has.
 */
public final class CpuModels {
  /** What the levels take for granted: every 64-bit processor in a PC has it. Not demanded of a backend. */
  private static final Set<CpuFeature> COMMON = EnumSet.of(VME, DE, PSE, TSC, MSR, PAE, MCE, APIC, SEP, MTRR, PGE, MCA,
      PAT, PSE36, CLFLUSH, NX, LM, HYPERVISOR);

  /** What guests turn on and pay for: not part of the model {@link CpuDescription#STANDARD}. */
  private static final Set<CpuFeature> ON_DEMAND = EnumSet.of(PKU, PKS, SHSTK, IBT, LAM);

  private static final Map<String, Set<CpuFeature>> LEVELS = new LinkedHashMap<>();

  static {
    level("x86-64", CMOV, CX8, FPU, FXSR, MMX, SYSCALL, SSE, SSE2);
    level("x86-64-v2", CX16, LAHF_LM, POPCNT, SSE3, SSE4_1, SSE4_2, SSSE3);
    level("x86-64-v3", AVX, AVX2, BMI1, BMI2, F16C, FMA, ABM, MOVBE, XSAVE);
  }

  private CpuModels() {}

  private static void level(String name, CpuFeature first, CpuFeature... rest) {
    Set<CpuFeature> features = EnumSet.of(first, rest);
    LEVELS.values().forEach(features::addAll);
    LEVELS.put(name, features);
  }

  /** Whether a model has what the backend happens to have, and demands nothing. */
  static boolean isOpen(String name) {
    return name.equals(CpuDescription.STANDARD) || name.equals(CpuDescription.MAX);
  }

  static Set<CpuFeature> onDemand() {
    return ON_DEMAND;
  }

  /** The names, the smallest first. */
  public static Set<String> names() {
    return LEVELS.keySet();
  }

  /** The features that the model with this name demands. */
  static Optional<Set<CpuFeature>> demands(String name) {
    return Optional.ofNullable(LEVELS.get(name));
  }

  /** What such a model has beside what it demands, as far as the backend has it. */
  static Set<CpuFeature> common() {
    return COMMON;
  }
}
