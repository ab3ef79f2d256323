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

  /**
   * Says what is in a part of the firmware area, 0xC0000 to 0xFFFFF, of a machine that was started from a firmware
   * image: the image (or nothing) or the RAM behind it. After a reset it is the image. Other machines have RAM there
   * always, and nothing happens.
   *
   * @param first guest-physical address, a multiple of 4096
   * @param length bytes, a multiple of 4096
   * @param ramReads reads come from the RAM; otherwise from the image, or they give all ones
   * @param ramWrites writes go to the RAM; otherwise they are lost
   */
  default void shadow(long first, long length, boolean ramReads, boolean ramWrites) {}

  /** Suspends the machine to RAM (ACPI S3): the processors stand, memory and clock go on. */
  void suspend();

  /**
   * Ends the suspension, if there is one: everything is reset but memory, and the guest goes on at its waking vector.
   */
  default void wake(String reason) {}
}
