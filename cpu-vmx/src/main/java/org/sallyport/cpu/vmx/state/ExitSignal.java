package org.sallyport.cpu.vmx.state;

/**
 * A VM exit on its way from the operation that caused it to the run loop, when the instruction has not been executed (fault-like exits).
 * One preallocated object for each processor, filled by {@link Cpu#exit}.
 */
public final class ExitSignal extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Basic exit reason (SDM volume 3, appendix C). */
  public int reason;

  /** Exit qualification (SDM volume 3, "Exit Qualification"). */
  public long qualification;

  /** Of an exit because of an exception: in the format of the VM-exit interruption information, and its error code. */
  public int interruption;

  public int errorCode;

  /** Guest-physical address for an EPT violation. */
  public long physical;

  /** Size in bytes of the access of an EPT violation or I/O instruction. */
  public int size;

  /** Data written by the access of an EPT violation or I/O instruction. */
  public long data;

  ExitSignal() {
    super(null, null, false, false);
  }
}
