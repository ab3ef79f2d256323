package org.sallyport.api.irq;

import org.sallyport.api.device.Device;

/**
 * A local APIC (SDM volume 3, chapter "Advanced Programmable Interrupt Controller"): one per virtual CPU. Its {@link
 * Device#memoryIo()} window is not on the machine's bus: each virtual CPU sees its own local APIC at {@link #base()}.
 */
public interface LocalApic extends Device {
  /** Service property for {@link LocalApicFactory}; the value names the implementation. */
  String PROPERTY = "irqchip.lapic";

  /** Guest-physical address of the registers after a reset. */
  long DEFAULT_BASE = 0xfee00000L;

  /** The APIC identifier: 8 bits in xAPIC mode, 32 bits in x2APIC mode. */
  int id();

  /** Guest-physical address of the register page, or -1 while it is disabled or in x2APIC mode. */
  long base();

  /** Whether a message with this destination is meant for this APIC. */
  boolean matches(int destination, boolean logical);

  /** For lowest-priority delivery: the arbitration priority, the lower the better; -1 when it cannot take part. */
  int arbitrationPriority();

  /**
   * Takes a message that {@linkplain #matches is meant for it}; {@link DeliveryMode#LOWEST_PRIORITY} has been
   * arbitrated.
   *
   * @return false when it was not accepted (APIC software-disabled, for instance)
   */
  boolean accept(ApicMessage message);

  /** A local interrupt pin changes its level: 0 is LINT0 (wired to the PIC), 1 is LINT1 (NMI). */
  void localInterrupt(int pin, boolean asserted);

  /**
   * Whether an interrupt waits that the processor should take: an IRR vector above the PPR, or an ExtINT. Read without
   * the lock.
   */
  boolean interruptPending();

  /** The highest IRR vector above the PPR, or -1. */
  int pendingVector();

  /**
   * Takes the {@link #pendingVector()} from IRR to ISR: the processor accepts it now.
   *
   * @return the vector, or the spurious vector when none waits any more
   */
  int acknowledge();

  /**
   * Whether LINT0 is programmed and asserted as ExtINT (or the APIC is off), so that the PIC's vector is to be taken.
   */
  boolean externalInterruptPending();

  /** The whole TPR, 0 to 255. CR8 is its upper half. */
  int taskPriority();

  /**
   * Sets the TPR.
   *
   * @param value 0 to 255
   */
  void taskPriority(int value);

  /** Whether it answers this MSR now: IA32_APIC_BASE, IA32_TSC_DEADLINE, and 0x800 to 0x8FF in x2APIC mode. */
  boolean ownsMsr(int index);

  /**
   * @throws MsrFault when the processor has to raise #GP(0)
   */
  long readMsr(int index) throws MsrFault;

  /**
   * @throws MsrFault when the processor has to raise #GP(0); nothing has changed then
   */
  void writeMsr(int index, long value) throws MsrFault;

  /** An INIT reached the processor: everything but the APIC identifier and the APIC base goes to its reset state. */
  void init();
}
