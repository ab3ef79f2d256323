package org.sallyport.device.rtc;

import static org.sallyport.device.rtc.RtcRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of an {@link Rtc}.
 *
 * @param cmos its 128 bytes; the clock's registers as of {@code broughtUpTo}, without the bits UIP and IRQF
 * @param index what was written to port 0x70: the address, and in bit 7 the mask of the NMI
 * @param origin clock time in nanoseconds at which a second of the divider chain began
 * @param broughtUpTo clock time in nanoseconds up to which the registers are true
 */
public record RtcState(byte[] cmos, int index, long origin, long broughtUpTo) {
  /** Throws unless the clock can be in this state at clock time {@code now}. */
  void check(long now) throws InvalidState {
    InvalidState.unless(cmos.length == SIZE, "cmos: " + cmos.length + " bytes: there are " + SIZE);
    InvalidState.unless((cmos[A] & A_UIP) == 0, "cmos: UIP in register A is not kept");
    InvalidState.unless((cmos[B] & (B_SET | B_UIE)) != (B_SET | B_UIE), "cmos: register B: SET clears UIE");
    InvalidState.unless((cmos[C] & ~C_FLAGS) == 0, "cmos: register C has three flags that are kept");
    InvalidState.unless((cmos[D] & 0xff) == D_VRT, "cmos: register D has one bit, and it is set");
    InvalidState.unless((index & ~0xff) == 0, "index: not a byte");
    InvalidState.unless(broughtUpTo >= 0 && broughtUpTo <= now, "broughtUpTo: it must be 0 to " + now);
    InvalidState.unless(origin >= -Divider.SECOND && origin <= broughtUpTo, "origin: out of range");
  }
}
