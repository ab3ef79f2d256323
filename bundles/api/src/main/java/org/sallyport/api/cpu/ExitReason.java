package org.sallyport.api.cpu;

/** Why a virtual CPU left guest mode, in the form that all backends share. */
public enum ExitReason {
  /** The guest reads a port: set {@link VmExit#value}, then run again. */
  PORT_READ,
  /** The guest wrote {@link VmExit#value} to a port. */
  PORT_WRITE,
  /** The guest reads memory that no slot maps: set {@link VmExit#value}, then run again. */
  MEMORY_READ,
  /** The guest wrote memory that no writable slot maps. */
  MEMORY_WRITE,
  /** HLT: the processor waits for an event. */
  HALT,
  /** The guest can take an external interrupt now, as asked for by {@link VirtualCpu#requestInterruptWindow}. */
  INTERRUPT_WINDOW,
  /** Somebody called {@link VirtualCpu#kick}. */
  KICKED,
  /**
   * RDMSR of a register that the monitor answers: set {@link VmExit#value} or {@link VmExit#refused}, then run again.
   */
  MSR_READ,
  /** WRMSR of a register that the monitor answers; {@link VmExit#refused} gives the guest #GP(0). */
  MSR_WRITE,
  /** The guest changed its task priority by CR8; {@link VirtualCpu#cr8()} has the new value. */
  TPR_CHANGED,
  /** VMCALL. The monitor answers in RAX by {@link VmExit#value}. */
  HYPERCALL,
  /** PAUSE in a spin loop: another virtual CPU should get the processor. */
  PAUSE,
  /** A fault while delivering a double fault: a PC resets here. */
  TRIPLE_FAULT,
  /** A breakpoint or single step that the monitor asked for. */
  DEBUG,
  /** The backend cannot go on; {@link VmExit#message} says where and why. */
  INTERNAL_ERROR;

  private static final ExitReason[] ALL = values();

  /** How many reasons there are; for counters indexed by {@link #ordinal()}. */
  public static int count() {
    return ALL.length;
  }
}
