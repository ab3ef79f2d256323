package org.sallyport.console;

/** A command cannot do what it is told; the message is one line. */
final class CommandException extends Exception {
  private static final long serialVersionUID = 1;

  CommandException(String message) {
    super(message);
  }
}
