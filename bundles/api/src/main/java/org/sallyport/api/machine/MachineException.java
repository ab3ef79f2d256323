package org.sallyport.api.machine;

/** A machine cannot be made, started or changed; the message names the thing and the remedy, on one line. */
public class MachineException extends Exception {
  private static final long serialVersionUID = 1;

  public MachineException(String message) {
    super(message);
  }

  public MachineException(String message, Throwable cause) {
    super(message, cause);
  }
}
