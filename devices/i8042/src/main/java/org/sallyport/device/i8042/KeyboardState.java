package org.sallyport.device.i8042;

import static org.sallyport.device.i8042.Keyboard.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of a keyboard.
 *
 * @param scanCodes what was typed and not sent
 * @param answers what is to be sent before that
 * @param lastSent the byte that RESEND sends again
 * @param command the command that waits for its parameter, or 0
 * @param leds bit 0 scroll lock, bit 1 num lock, bit 2 caps lock
 * @param typematic rate and delay as they were set
 * @param scanCodeSet 1 or 2
 * @param scanning keys that are typed count
 * @param breaks the last byte typed, in set 1, was the prefix of a key that is let go
 */
public record KeyboardState(byte[] scanCodes, byte[] answers, int lastSent, int command, int leds, int typematic,
    int scanCodeSet, boolean scanning, boolean breaks) {
  void check() throws InvalidState {
    InvalidState.unless(scanCodes.length <= ByteQueue.CAPACITY, "scanCodes: more than " + ByteQueue.CAPACITY);
    InvalidState.unless(answers.length <= ByteQueue.CAPACITY, "answers: more than " + ByteQueue.CAPACITY);
    InvalidState.unless((lastSent & ~0xff) == 0, "lastSent: not a byte");
    InvalidState.unless(command == 0 || command == SET_LEDS || command == SCAN_CODE_SET || command == SET_TYPEMATIC,
        "command: none that takes a parameter");
    InvalidState.unless((leds & ~LEDS) == 0, "leds: there are three");
    InvalidState.unless((typematic & ~TYPEMATIC) == 0, "typematic: more than 7 bits");
    InvalidState.unless(scanCodeSet == 1 || scanCodeSet == 2, "scanCodeSet: it must be 1 or 2");
    InvalidState.unless(!breaks || scanCodeSet == 1, "breaks: only set 1 keeps it");
  }
}
