package org.sallyport.device.testdev;

import static org.sallyport.device.testdev.TestDeviceRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of a {@link TestDevice}.
 *
 * @param latch the 32 bits behind the ports
 * @param lines the levels that it drives: bit n is interrupt line n
 * @param memory what is in its memory window, 64 KiB
 */
public record TestDeviceState(int latch, int lines, byte[] memory) {
  void check() throws InvalidState {
    InvalidState.unless((lines & ~ALL_LINES) == 0, "lines: there are 0, 1 and 3 to 23");
    InvalidState.unless(memory.length == MEMORY_BYTES,
        "memory: " + memory.length + " bytes: there are " + MEMORY_BYTES);
  }
}
