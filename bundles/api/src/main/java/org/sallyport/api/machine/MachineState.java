package org.sallyport.api.machine;

/** The life of a machine. */
public enum MachineState {
  /** Described; perhaps something it needs is missing ({@link Machine#problems()}). */
  CREATED,
  RUNNING,
  PAUSED,
  /** Over: switched off, exited, failed or stopped. What it was can still be looked at. */
  STOPPED
}
