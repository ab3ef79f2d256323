package org.sallyport.api.irq;

/** An MSR access that the processor answers by #GP(0). One preallocated object, without a stack trace. */
public final class MsrFault extends Exception {
  private static final long serialVersionUID = 1;

  public static final MsrFault INSTANCE = new MsrFault();

  private MsrFault() {
    super("#GP(0)", null, false, false);
  }
}
