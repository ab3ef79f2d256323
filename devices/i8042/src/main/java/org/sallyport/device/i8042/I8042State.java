package org.sallyport.device.i8042;

import static org.sallyport.device.i8042.I8042Registers.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of an {@link I8042}.
 *
 * @param ram its 32 bytes of RAM, of which the first is the command byte
 * @param output the output buffer: the byte last in it, and in bits 8 to 15 its bits of the status register
 * @param held likewise what goes there once it has been read, or 0
 * @param command the command that waits for its data, or 0
 * @param commandWritten the last write was to the command port
 * @param breaks the keyboard's last byte was the prefix of a key that is let go
 * @param a20 the gate of address line 20 is open
 * @param keyboard the keyboard
 */
public record I8042State(byte[] ram, int output, int held, int command, boolean commandWritten, boolean breaks,
    boolean a20, KeyboardState keyboard) {
  /** Throws unless the controller can be in this state. */
  void check() throws InvalidState {
    InvalidState.unless(ram.length == RAM_SIZE, "ram: " + ram.length + " bytes: there are " + RAM_SIZE);
    InvalidState.unless((ram[0] & ~COMMAND_BITS) == 0, "ram: bit 7 of the command byte is always 0");
    InvalidState.unless(output >>> 8 == 0 || isFull(output), "output: no such byte");
    InvalidState.unless(held == 0 || isFull(held) && isFull(output), "held: no such byte, or nothing that holds it up");
    InvalidState.unless(command == 0 || dataFollows(command), "command: none that takes data");
    keyboard.check();
  }

  private static boolean isFull(int buffer) {
    int status = buffer >>> 8;
    return status == OBF || status == (OBF | AUX_OBF) || status == (OBF | AUX_OBF | TO);
  }
}
