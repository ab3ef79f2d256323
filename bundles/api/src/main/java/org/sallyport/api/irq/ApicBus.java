package org.sallyport.api.irq;

/** What connects the APICs of a machine. Used under the device lock. */
public interface ApicBus {
  /**
   * Delivers a message to every local APIC that it is meant for; with {@link DeliveryMode#LOWEST_PRIORITY}, to one of
   * them.
   *
   * @return whether at least one accepted it
   */
  boolean send(ApicMessage message);

  /**
   * Delivers what an IO APIC sends: a write to the interrupt address range (FEExxxxxh). Where such writes are
   * remapped, address and data say what becomes of it.
   *
   * @param message what it means where nothing is remapped
   * @return whether at least one accepted it
   */
  default boolean send(ApicMessage message, long address, int data) {
    return send(message);
  }

  /**
   * Delivers an inter-processor interrupt with a destination shorthand.
   *
   * @param sender APIC identifier of the sender
   * @param includeSelf false for "all excluding self"
   */
  boolean broadcast(ApicMessage message, int sender, boolean includeSelf);

  /** EOI broadcast: a level-triggered interrupt with this vector has ended. */
  void endOfInterrupt(int vector);
}
