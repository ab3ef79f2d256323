package org.sallyport.api.machine;

import java.util.List;
import java.util.Optional;

/**
 * The processors of a machine as plain data.
 *
 * @param backend what runs them: {@code vmx}, {@code kvm} or {@code auto}
 * @param model what the guest sees before the changes: {@link #STANDARD}, {@link #MAX}, or {@code x86-64}, {@code
 *     x86-64-v2}, {@code x86-64-v3}, the micro-architecture levels of the System V ABI for AMD64
 * @param features changes to the model, in order: {@code +name} or {@code name}, {@code -name}
 * @param vendor the 12 characters of CPUID leaf 0, or empty for the model's own
 * @param physicalBits width of guest-physical addresses, 32 to 52
 */
public record CpuDescription(String backend, String model, List<String> features, Optional<String> vendor,
    int physicalBits) {
  /** The backend that can be used, hardware first. */
  public static final String AUTO = "auto";

  /**
   * The model of a machine that asks for none: what the backend can do but for protection keys, control-flow
   * enforcement and address masking, which guests turn on and pay for.
   */
  public static final String STANDARD = "standard";

  /** The model that has everything the backend can do. */
  public static final String MAX = "max";

  /** Width of guest-physical addresses where a description does not say it. */
  public static final int DEFAULT_PHYSICAL_BITS = 40;

  public CpuDescription {
    features = List.copyOf(features);
  }

  /** The model {@link #STANDARD} on this backend. */
  public static CpuDescription of(String backend) {
    return new CpuDescription(backend, STANDARD, List.of(), Optional.empty(), DEFAULT_PHYSICAL_BITS);
  }
}
