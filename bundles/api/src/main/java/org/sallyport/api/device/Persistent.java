package org.sallyport.api.device;

/**
 * State that can be taken out of a device and put into another instance of it, perhaps of a later version.
 *
 * <p>Obligations: {@link #save} builds the record with its canonical constructor, so that a forgotten field does not
 * compile. {@link #restore} checks everything first and changes nothing when it throws. Timers are armed again from the
 * saved deadlines. Lines are set to what the restored state says.
 *
 * @param <S> the record; its components are primitives, strings, arrays of primitives, lists and records of such
 */
public interface Persistent<S extends Record> {
  /** The record's class. */
  Class<S> type();

  /** The state now. Shares nothing mutable with the device. */
  S save();

  /**
   * Puts the device into this state.
   *
   * @throws InvalidState when the device could never be in it; the message names the field, and nothing has changed
   */
  void restore(S state) throws InvalidState;
}
