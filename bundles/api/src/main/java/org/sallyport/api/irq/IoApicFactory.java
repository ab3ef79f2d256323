package org.sallyport.api.irq;

/** Makes {@link IoApic}s; registered as a service with the property {@link IoApic#PROPERTY}. */
public interface IoApicFactory {
  /**
   * @param base guest-physical address of the registers
   * @param id initial APIC identifier, 0 to 15
   * @param bus where its messages go
   */
  IoApic create(long base, int id, ApicBus bus);
}
