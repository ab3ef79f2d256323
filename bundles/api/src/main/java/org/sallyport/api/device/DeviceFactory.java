package org.sallyport.api.device;

/**
 * Makes devices of one type. Each device bundle registers one as a service with the property {@value #PROPERTY}.
 *
 * @param <C> a record: the device's properties by the names that descriptions use
 */
public interface DeviceFactory<C extends Record> {
  /** Service property that holds {@link #type()}. */
  String PROPERTY = "device.type";

  /** Short name that descriptions use: {@code uart16550}. */
  String type();

  /**
   * The properties that a description may leave out. Components may be int, long, boolean, String, or lists of these; a
   * description's values replace those of the same name.
   */
  C defaults();

  /**
   * Makes a device in its power-on state.
   *
   * @throws DeviceException when the configuration makes no sense; the message names the property
   */
  Device create(C configuration, DeviceContext context) throws DeviceException;
}
