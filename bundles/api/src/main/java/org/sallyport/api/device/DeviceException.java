package org.sallyport.api.device;

/** A device cannot be made as described; the message names the property and the remedy. */
public class DeviceException extends Exception {
  private static final long serialVersionUID = 1;

  public DeviceException(String message) {
    super(message);
  }
}
