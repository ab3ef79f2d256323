package org.sallyport.api.device;

/** A saved state that the device could never be in; the message names the field. */
public class InvalidState extends Exception {
  private static final long serialVersionUID = 1;

  public InvalidState(String message) {
    super(message);
  }

  /** Throws unless {@code valid}. */
  public static void unless(boolean valid, String message) throws InvalidState {
    if (!valid) {
      throw new InvalidState(message);
    }
  }
}
