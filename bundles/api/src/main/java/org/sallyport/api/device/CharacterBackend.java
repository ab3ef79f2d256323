package org.sallyport.api.device;

/**
 * The far end of a character device: what is attached to a serial port. Used under the device lock.
 *
 * <p>Bytes towards the device wait here until the device takes them, so that nothing is lost when its buffer is full.
 */
public interface CharacterBackend {
  /** A byte (0 to 255) from the device. Does not block. */
  void write(int value);

  /** The next byte for the device, 0 to 255, or -1 when none waits. */
  int read();

  /** Registers what to call, under the device lock, when bytes begin to wait; replaces what was registered before. */
  void onReadable(Runnable action);
}
