package org.sallyport.api.device;

import java.util.Optional;

/**
 * A chip or card of a machine.
 *
 * <p>Obligations: all its methods, and those of what it hands out, are called under the machine's device lock, one at a
 * time, and must not block. What it needs (lines, clock, memory) it was given when it was made; it looks nothing up.
 * After {@link #close()} it raises no line and arms no timer.
 */
public interface Device extends AutoCloseable {
  /** The ports it answers, if any. */
  default Optional<PortIo> portIo() {
    return Optional.empty();
  }

  /** The memory windows it answers, if any. */
  default Optional<MemoryIo> memoryIo() {
    return Optional.empty();
  }

  /** Its state, if it has any. */
  default Optional<Persistent<?>> persistent() {
    return Optional.empty();
  }

  /**
   * A further contract that some devices offer and that the machine's wiring asks for: {@link PciBus}, {@link
   * PciFunction}, {@link PowerButton}, {@link KeyboardInput}, {@link AcpiBlocks}, {@link ClockAlarmInput}, {@link
   * FirmwareChannel}, {@link Iommu}.
   */
  default <T> Optional<T> capability(Class<T> contract) {
    return contract.isInstance(this) ? Optional.of(contract.cast(this)) : Optional.empty();
  }

  /** Brings the device into its state after a reset of the given kind. */
  void reset(ResetKind kind);

  /** Lets go of timers and lines. The default does nothing. */
  @Override
  default void close() {}
}
