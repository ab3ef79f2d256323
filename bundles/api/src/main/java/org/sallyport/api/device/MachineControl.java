package org.sallyport.api.device;

/** What a device can ask of its machine. Takes effect after the current access. */
public interface MachineControl {
  /** Resets the whole machine as the reset line does. */
  void reset(String reason);

  /** Switches the machine off. */
  void powerOff(String reason);

  /** Ends the run with a status that the guest chose (debug exit). */
  void exit(int status);

  /** Whether address line 20 is passed on; off makes address bit 20 read as 0. */
  void a20(boolean enabled);

  /** Asks for suspend to RAM (S3). */
  void suspend();
}
