package org.sallyport.api.machine;

/** The far end of a character device: what a terminal on a serial line would be. All methods from any thread. */
public interface SerialConsole {
  /** Sends bytes to the guest; they wait until the device takes them. */
  void send(byte[] bytes);

  /** Bytes sent that the device has not taken yet. */
  int pending();

  /**
   * Listens to what the guest sends. The listener gets, first, what the transcript holds from {@code position} on, then
   * everything as it comes; one call at a time, in order, on the machine's threads: it must not block.
   *
   * @param position transcript position to begin at: 0 for everything, {@link #position()} for what comes from now on
   * @return closing it ends the listening
   */
  Subscription listen(long position, Listener listener);

  /** How many bytes the guest has sent. */
  long position();

  /** What the guest sent, from a position on; the oldest part may be gone when it sent more than 16 MiB. */
  byte[] transcript(long position);

  /** Gets the guest's bytes. */
  @FunctionalInterface
  interface Listener {
    /**
     * Takes the first {@code length} of the bytes; the array stays the machine's: neither to be changed nor to be kept.
     */
    void received(byte[] bytes, int length);
  }

  /** Ends a subscription when closed. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
