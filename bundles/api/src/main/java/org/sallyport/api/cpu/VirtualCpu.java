package org.sallyport.api.cpu;

import java.util.Optional;

/**
 * One virtual CPU: what the monitor needs for VM entry, VM exit and event injection.
 *
 * <p>Used by one thread at a time, {@link #kick} and {@link #instructions} excepted.
 */
public interface VirtualCpu {
  /** Its number in the cluster, from 0; also its initial APIC identifier. */
  int index();

  /**
   * VM entry; returns at the next VM exit, which it describes in {@code exit}. If the previous exit was a read ({@link
   * ExitReason#PORT_READ}, {@link ExitReason#MEMORY_READ}, {@link ExitReason#MSR_READ}), the instruction is completed
   * first with {@link VmExit#value}; if it was an MSR access and {@link VmExit#refused} is set, the guest gets #GP(0)
   * instead.
   *
   * <p>The same {@code exit} object has to be passed each time. Allocates nothing.
   */
  void run(VmExit exit);

  /**
   * VM entry for one instruction: as {@link #run}, but returns with {@link ExitReason#DEBUG} after the next instruction
   * (or the delivery of an event) unless another exit comes first.
   */
  void step(VmExit exit);

  /**
   * Makes the current {@link #run}, or the next one if none is active, return soon with {@link ExitReason#KICKED}. From
   * any thread. A kick is never lost; several may count as one.
   */
  void kick();

  /**
   * Completes an instruction whose exit has been answered but which has not been resumed, so that {@link #save} sees an
   * instruction boundary. Does nothing at an instruction boundary.
   */
  void finishInstruction(VmExit exit);

  /**
   * Whether an external interrupt could be injected at the next entry: RFLAGS.IF is set, no shadow, no event already
   * waiting.
   */
  boolean canInject();

  /**
   * Asks for an {@link ExitReason#INTERRUPT_WINDOW} exit as soon as {@link #canInject()} holds; stays on until taken
   * back.
   */
  void requestInterruptWindow(boolean wanted);

  /**
   * Puts an event into the VM-entry interruption-information field: it is delivered through the guest's IDT at the next
   * entry.
   *
   * @param vector 0 to 255; ignored for {@link EventKind#NMI}. An external interrupt needs {@link #canInject()}
   * @param errorCode 16-bit error code, or {@link EventKind#NO_ERROR_CODE}
   */
  void inject(EventKind kind, int vector, int errorCode);

  /** The task-priority class in CR8, 0 to 15. */
  int cr8();

  /** Sets CR8; the monitor does this when the local APIC's TPR was written by other means. */
  void cr8(int priority);

  /**
   * Says whether the local APIC is enabled (IA32_APIC_BASE.EN), which CPUID shows; it is after a reset. By the
   * processor's own thread or while it stands.
   */
  void localApicEnabled(boolean enabled);

  /**
   * By how many ticks the guest's time-stamp counter is ahead of the cluster's time. May lag when read by other
   * threads.
   */
  long tscOffset();

  /** The architectural state at an instruction boundary. */
  VcpuState save();

  /**
   * Replaces the whole architectural state.
   *
   * @throws CpuException when the state is one that no processor of this model can be in; nothing has changed then
   */
  void restore(VcpuState state) throws CpuException;

  /**
   * Guest instructions retired since the cluster was opened, or -1 where the backend does not count. From any thread;
   * may lag.
   */
  long instructions();

  /** The virtual-machine control structure, where the backend has one that can be read. */
  Optional<VmcsView> vmcs();

  /**
   * Translates a linear address as a supervisor data read would, without changing accessed or dirty bits.
   *
   * @return the guest-physical address, or -1 when nothing is mapped there
   */
  long translate(long linear);
}
