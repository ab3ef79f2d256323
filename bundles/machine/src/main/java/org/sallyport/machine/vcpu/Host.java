package org.sallyport.machine.vcpu;

import org.sallyport.api.cpu.VirtualCpu;

/**
 * What a processor's thread tells its machine. None of these wait; the processor stands before its next instruction.
 */
public interface Host {
  /** The guest's processor shut down. */
  void tripleFault(int cpu, String where);

  /** The machine cannot go on. */
  void failed(String message, Throwable cause);

  /** Where a processor is, in words: address, mode, bytes, instruction. */
  String whereabouts(VirtualCpu cpu);
}
