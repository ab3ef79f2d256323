package org.sallyport.device.debugexit;

import org.sallyport.api.device.InvalidState;

/**
 * The state of a {@link DebugExit}.
 *
 * @param spelled how many letters of the word that switches the machine off have come
 */
public record DebugExitState(int spelled) {
  void check() throws InvalidState {
    int most = DebugExit.SHUTDOWN.length() - 1;
    InvalidState.unless(spelled >= 0 && spelled <= most, "spelled: it must be 0 to " + most);
  }
}
