package org.sallyport.device.debugexit;

import org.sallyport.api.device.DeviceException;

/**
 * Where the two ports are.
 *
 * @param port the first of the 4 ports that end the run
 * @param console the port that prints
 */
public record DebugExitConfiguration(int port, int console) {
  /** Where programs expect them. */
  public static final DebugExitConfiguration USUAL = new DebugExitConfiguration(0xf4, 0xe9);

  void check() throws DeviceException {
    if (port < 0 || port > 0x10000 - DebugExit.EXIT_PORTS) {
      throw new DeviceException(String.format("debugexit: port 0x%x: it must be 0 to 0xfffc", port));
    }
    if (console < 0 || console > 0xffff) {
      throw new DeviceException(String.format("debugexit: console 0x%x: it must be 0 to 0xffff", console));
    }
    if (console >= port && console < port + DebugExit.EXIT_PORTS) {
      throw new DeviceException(
          String.format("debugexit: console 0x%x: the ports that end the run are there", console));
    }
  }
}
