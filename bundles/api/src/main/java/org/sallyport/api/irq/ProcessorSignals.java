package org.sallyport.api.irq;

/** What a local APIC tells its processor. Called under the device lock. */
public interface ProcessorSignals {
  /** {@link LocalApic#interruptPending()} may have become true: have a look soon. */
  void interruptsChanged();

  /** An NMI was delivered. */
  void nmi();

  /** An SMI was delivered. */
  void smi();

  /** An INIT was delivered. */
  void init();

  /** A start-up IPI was delivered: if waiting for one, begin at {@code vector << 12} in real mode. */
  void startup(int vector);

  /** The processor's time-stamp counter now; may be called from any thread. */
  long tsc();

  /** The clock time in nanoseconds at which the time-stamp counter will have this value (or has had it). */
  long nanosAtTsc(long tsc);
}
