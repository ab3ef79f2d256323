package org.sallyport.api.loader;

/** A guest cannot be loaded; the message names the file and the remedy. */
public class LoadException extends Exception {
  private static final long serialVersionUID = 1;

  public LoadException(String message) {
    super(message);
  }

  public LoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
