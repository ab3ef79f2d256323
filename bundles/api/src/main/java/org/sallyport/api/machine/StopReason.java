package org.sallyport.api.machine;

/**
 * Why a machine stopped.
 *
 * @param message one line for people: what happened, and for a failure where (RIP, bytes, disassembly, mode)
 * @param status the guest's exit status for {@link Kind#EXIT}, else 0
 */
public record StopReason(Kind kind, String message, int status) {
  /** The ways to end. */
  public enum Kind {
    /** The guest switched the machine off. */
    POWER_OFF,
    /** The guest ended the run by a debug-exit device. */
    EXIT,
    /** Somebody called {@link Machine#stop()}. */
    STOPPED,
    /** The guest reset and the machine was told to stop then ({@code reset: 'stop'}). */
    RESET,
    /** A triple fault. */
    TRIPLE_FAULT,
    /** The processor cannot go on. */
    FAILED
  }
}
