package org.sallyport.api.cpu;

/** The kinds of event that a monitor injects (SDM volume 3, "VM-Entry Controls for Event Injection"). */
public enum EventKind {
  EXTERNAL_INTERRUPT,
  /** Held back by the backend while NMIs are blocked. */
  NMI,
  EXCEPTION;

  /** For events that push no error code. */
  public static final int NO_ERROR_CODE = -1;
}
