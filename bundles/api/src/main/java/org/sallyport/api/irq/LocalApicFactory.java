package org.sallyport.api.irq;

import org.sallyport.api.clock.VmClock;

/** Makes {@link LocalApic}s; registered as a service with the property {@link LocalApic#PROPERTY}. */
public interface LocalApicFactory {
  /**
   * @param id APIC identifier, which is also the processor's index; 0 is the bootstrap processor
   * @param features what the machine's CPU model announces
   * @param clock time for the APIC timer
   * @param bus where its inter-processor interrupts and EOI broadcasts go
   * @param processor the processor it belongs to
   */
  LocalApic create(int id, Features features, VmClock clock, ApicBus bus, ProcessorSignals processor);

  /**
   * @param x2apic x2APIC mode can be switched on
   * @param tscDeadline the timer has TSC-deadline mode
   * @param tscHz frequency of the time-stamp counter in Hz
   * @param physicalAddressBits limits IA32_APIC_BASE
   */
  record Features(boolean x2apic, boolean tscDeadline, long tscHz, int physicalAddressBits) {}
}
