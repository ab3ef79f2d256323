package org.sallyport.cpu.vmx.state;

/**
 * A fault of the guest on its way from the operation that met it to the run loop. One preallocated object for each processor, filled by
 * {@link Cpu#fault}: throwing it costs no allocation and no stack walk.
 */
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Exception vector, 0 to 31. */
  public int vector;

  /** Error code, or -1 when the exception pushes none. */
  public int errorCode;

  GuestFault() {
    super(null, null, false, false);
  }

  @Override
  public String toString() {
    return "guest fault " + vector + (errorCode < 0 ? "" : " error code 0x" + Integer.toHexString(errorCode));
  }
}
