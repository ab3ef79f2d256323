package org.sallyport.device.acpi;

import static org.sallyport.device.acpi.AcpiRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of an {@link Acpi}.
 *
 * @param pm1Status PM1_STS as of {@code timerEvents}
 * @param pm1Enable PM1_EN
 * @param pm1Control PM1_CNT without the bits that are write only
 * @param gpe0Status GPE0_STS
 * @param gpe0Enable GPE0_EN
 * @param smiCommand what was last written to SMI_CMD
 * @param asleep the guest has asked for S3 and has not accessed the hardware since
 * @param timerEvents how many changes of the timer's bit 31 have been taken into PM1_STS
 */
public record AcpiState(int pm1Status, int pm1Enable, int pm1Control, int gpe0Status, int gpe0Enable, int smiCommand,
    boolean asleep, long timerEvents) {
  /** Throws unless the hardware can be in this state at clock time {@code now}. */
  void check(long now) throws InvalidState {
    InvalidState.unless((pm1Status & ~(EVENTS | WAK)) == 0, "pm1Status: bits that are always 0");
    InvalidState.unless((pm1Enable & ~EVENTS) == 0, "pm1Enable: bits that are always 0");
    InvalidState.unless((pm1Control & ~PM1_CNT_READABLE) == 0, "pm1Control: bits that are always 0");
    InvalidState.unless((gpe0Status & ~0xffff) == 0, "gpe0Status: more than 16 bits");
    InvalidState.unless((gpe0Enable & ~0xffff) == 0, "gpe0Enable: more than 16 bits");
    InvalidState.unless((smiCommand & ~0xff) == 0, "smiCommand: not a byte");
    long most = PmTimer.events(now);
    InvalidState.unless(timerEvents >= 0 && timerEvents <= most, "timerEvents: it must be 0 to " + most);
  }
}
