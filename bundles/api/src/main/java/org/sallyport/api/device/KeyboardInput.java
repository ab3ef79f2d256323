package org.sallyport.api.device;

/** A keyboard that can be typed on. A capability of devices. */
public interface KeyboardInput {
  /**
   * A byte of scan-code set 2, as the keyboard sends it.
   *
   * @return false when the buffer is full and the byte was not taken
   */
  boolean scanCode(int code);
}
