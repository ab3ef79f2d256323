package org.sallyport.device.debugexit;

import org.sallyport.api.device.DeviceException;

/**
 * Where the ports are.
 *
 * @param port the first of the 4 ports that end the run
 * @param console the port that prints
 * @param shutdown the port that switches the machine off
 */
public record DebugExitConfiguration(int port, int console, int shutdown) {
  /** Where programs expect them. */
  public static final DebugExitConfiguration USUAL = new DebugExitConfiguration(0xf4, 0xe9, 0x8900);

  void check() throws DeviceException {
    if (port < 0 || port > 0x10000 - DebugExit.EXIT_PORTS) {
      throw new DeviceException(String.format("debugexit: port 0x%x: it must be 0 to 0xfffc", port));
    }
    check("console", console);
    check("shutdown", shutdown);
    if (shutdown == console) {
      throw new DeviceException(String.format("debugexit: shutdown 0x%x: the console is there", shutdown));
    }
  }

  private void check(String name, int value) throws DeviceException {
    if (value < 0 || value > 0xffff) {
      throw new DeviceException(String.format("debugexit: %s 0x%x: it must be 0 to 0xffff", name, value));
    }
    if (value >= port && value < port + DebugExit.EXIT_PORTS) {
      throw new DeviceException(
          String.format("debugexit: %s 0x%x: the ports that end the run are there", name, value));
    }
  }
}
