package org.sallyport.cpu.vmx.decode;

/**
 * An instruction goes on beyond 15 bytes: the processor raises #GP(0) (SDM volume 2, 2.3.11; volume 3, 7.15).
 * Preallocated, without a stack trace, since guests may cause it at will.
 */
public final class TooLongException extends RuntimeException {
  private static final long serialVersionUID = 1;

  static final TooLongException INSTANCE = new TooLongException();

  private TooLongException() {
    super("instruction longer than 15 bytes", null, false, false);
  }
}
