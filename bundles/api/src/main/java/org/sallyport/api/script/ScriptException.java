package org.sallyport.api.script;

/** A script failed; the message names file and line. */
public class ScriptException extends Exception {
  private static final long serialVersionUID = 1;

  public ScriptException(String message, Throwable cause) {
    super(message, cause);
  }
}
