package org.sallyport.machine.model;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.api.cpu.CpuidLeaf;
import org.sallyport.api.machine.CpuDescription;
import org.sallyport.api.machine.MachineException;

/**
 * The processor that a guest sees.
 *
 * @param features what it can do
 * @param cpuid the answers of CPUID
 */
public record CpuModel(Set<CpuFeature> features, List<CpuidLeaf> cpuid) {
  /** Frequency of the time-stamp counter: one tick per nanosecond of the machine's time. */
  public static final long TSC_HZ = 1_000_000_000L;

  /**
   * Family 6, model 0x7F, stepping 0: no processor of that model was ever sold, so that no guest works around errata it
   * does not have.
   */
  public static final int SIGNATURE = 0x706f0;

  /** What a feature (first) cannot do without (the others). */
  private static final CpuFeature[][] NEEDS = {
    // @formatter:off
    {CpuFeature.SSE         , CpuFeature.FXSR},
    {CpuFeature.SSE2        , CpuFeature.SSE},
    {CpuFeature.SSE3        , CpuFeature.SSE2},
    {CpuFeature.SSSE3       , CpuFeature.SSE3},
    {CpuFeature.SSE4_1      , CpuFeature.SSSE3},
    {CpuFeature.SSE4_2      , CpuFeature.SSE4_1},
    {CpuFeature.AES         , CpuFeature.SSE2},
    {CpuFeature.PCLMULQDQ   , CpuFeature.SSE2},
    {CpuFeature.SHA         , CpuFeature.SSE2},
    {CpuFeature.AVX         , CpuFeature.XSAVE, CpuFeature.SSE4_2},
    {CpuFeature.AVX2        , CpuFeature.AVX},
    {CpuFeature.FMA         , CpuFeature.AVX},
    {CpuFeature.F16C        , CpuFeature.AVX},
    {CpuFeature.XSAVEOPT    , CpuFeature.XSAVE},
    {CpuFeature.XSAVEC      , CpuFeature.XSAVE},
    {CpuFeature.XGETBV1     , CpuFeature.XSAVE},
    {CpuFeature.XSAVES      , CpuFeature.XSAVEC},
    {CpuFeature.PKU         , CpuFeature.XSAVE},
    {CpuFeature.X2APIC      , CpuFeature.APIC},
    {CpuFeature.TSC_DEADLINE, CpuFeature.APIC, CpuFeature.TSC},
    {CpuFeature.LM          , CpuFeature.PAE},
    {CpuFeature.NX          , CpuFeature.PAE},
    {CpuFeature.PDPE1GB     , CpuFeature.LM},
    {CpuFeature.PCID        , CpuFeature.LM},
    {CpuFeature.LA57        , CpuFeature.LM},
    {CpuFeature.LAM         , CpuFeature.LM},
    {CpuFeature.PKS         , CpuFeature.LM},
    {CpuFeature.SYSCALL     , CpuFeature.LM},
    {CpuFeature.CX16        , CpuFeature.CX8},
    // @formatter:on
  };

  public CpuModel {
    features = Set.copyOf(features);
    cpuid = List.copyOf(cpuid);
  }

  /**
   * Makes the model of a machine's processors.
   *
   * @param backend name of the backend, for messages
   * @param available what the backend can do
   * @throws MachineException on a name that no model or feature has, or a wanted feature that the backend does not have
   */
  public static CpuModel of(String backend, Set<CpuFeature> available, CpuDescription wish, int cpus)
      throws MachineException {
    EnumSet<CpuFeature> wanted = EnumSet.noneOf(CpuFeature.class);
    EnumSet<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    if (CpuModels.isOpen(wish.model())) {
      features.addAll(available);
      if (wish.model().equals(CpuDescription.STANDARD)) {
        features.removeAll(CpuModels.onDemand());
      }
    } else {
      wanted.addAll(CpuModels.demands(wish.model()).orElseThrow(() -> unknownModel(wish.model())));
      features.addAll(wanted);
      CpuModels.common().stream().filter(available::contains).forEach(features::add);
    }
    for (String change : wish.features()) {
      CpuFeature feature = parse(change);
      if (change.startsWith("-")) {
        features.remove(feature);
        wanted.remove(feature);
      } else {
        features.add(feature);
        wanted.add(feature);
      }
    }
    for (CpuFeature feature : wanted) {
      if (!available.contains(feature)) {
        throw new MachineException(
            "the CPU backend '" + backend + "' has no feature '" + feature.label() + "'; it has: "
                + available.stream().map(CpuFeature::label).collect(Collectors.toCollection(TreeSet::new)));
      }
    }
    dropDependents(features);
    for (CpuFeature feature : wanted) {
      if (!features.contains(feature)) {
        throw new MachineException("features: '" + feature.label() + "' needs another feature that was taken away");
      }
    }
    return new CpuModel(features, new CpuidLeaves(features, wish, cpus).leaves());
  }

  /**
   * Checks what can be checked without a backend.
   *
   * @throws MachineException on what no backend could show a guest
   */
  public static void check(CpuDescription wish) throws MachineException {
    if (!CpuModels.isOpen(wish.model()) && CpuModels.demands(wish.model()).isEmpty()) {
      throw unknownModel(wish.model());
    }
    for (String change : wish.features()) {
      parse(change);
    }
    if (wish.vendor().isPresent() && !wish.vendor().get().matches("[ -~]{12}")) {
      throw new MachineException(
          "cpu.vendor must be 12 characters as in 'GenuineIntel', not '" + wish.vendor().get() + "'");
    }
    if (wish.physicalBits() < 32 || wish.physicalBits() > 52) {
      throw new MachineException("cpu.physicalBits must be 32 to 52, not " + wish.physicalBits());
    }
  }

  private static MachineException unknownModel(String name) {
    return new MachineException(
        "no CPU model is named '" + name + "'; there are: standard, max, " + String.join(", ", CpuModels.names()));
  }

  /**
   * The feature in {@code +name}, {@code -name} or {@code name}.
   *
   * @throws MachineException when there is none of this name
   */
  public static CpuFeature parse(String change) throws MachineException {
    String name = change.startsWith("+") || change.startsWith("-") ? change.substring(1) : change;
    return CpuFeature.named(name).orElseThrow(() -> new MachineException("features: no CPU feature is named '" + name
        + "'; write +name or -name with one of "
        + java.util.Arrays.stream(CpuFeature.values()).map(CpuFeature::label).sorted().toList()));
  }

  private static void dropDependents(Set<CpuFeature> features) {
    boolean again = true;
    while (again) {
      again = false;
      for (CpuFeature[] row : NEEDS) {
        for (int i = 1; i < row.length; i++) {
          again |= !features.contains(row[i]) && features.remove(row[0]);
        }
      }
    }
  }
}
