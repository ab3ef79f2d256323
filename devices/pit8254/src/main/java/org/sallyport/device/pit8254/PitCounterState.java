package org.sallyport.device.pit8254;

import static org.sallyport.device.pit8254.PitRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of a {@link PitCounter}; times are in CLK pulses since clock time 0.
 *
 * @param control the control word without the counter's number
 * @param countRegister CR as written
 * @param written a count was written since the control word
 * @param firstByte the low byte of a count whose high byte is to come
 * @param writeMsb the next byte written is the high one
 * @param readMsb the next byte read is the high one
 * @param latched a count is latched, {@code latch}
 * @param statusLatched a status byte is latched, {@code status}
 * @param nullCount CR was not loaded into the counting element yet
 * @param loadAt when it will be, or {@link Long#MAX_VALUE}
 * @param loaded the counting element has been loaded since the control word
 * @param residue what the counting element shows while it has not
 * @param base when it was loaded with {@code count}
 * @param stopped it does not count now and was {@code held} pulses past {@code base} when it stopped
 */
public record PitCounterState(int control, int countRegister, boolean written, int firstByte, boolean writeMsb,
    boolean readMsb, boolean latched, int latch, boolean statusLatched, int status, boolean nullCount, boolean gate,
    long loadAt, boolean loaded, int residue, long base, int count, boolean stopped, long held) {
  /** No count takes longer, with the pulse that loads it. */
  static final int LONGEST = 0x10000 + 1;

  private static final int WIDEST_BCD = 16_665;

  /** Throws unless the counter can be in this state at pulse {@code now}. */
  void check(String name, long now) throws InvalidState {
    range(name + ".control", control, 0, CONTROL_KEPT);
    int rw = control >> RW;
    InvalidState.unless(rw != RW_LATCH, name + ".control: no read/write mode");
    range(name + ".countRegister", countRegister, 0, 0xffff);
    range(name + ".firstByte", firstByte, 0, 0xff);
    range(name + ".latch", latch, 0, 0xffff);
    range(name + ".status", status, 0, 0xff);
    range(name + ".residue", residue, 0, 0xffff);
    InvalidState.unless(rw == RW_BOTH || (!writeMsb && !readMsb), name + ".writeMsb, readMsb: counts have one byte");
    InvalidState.unless(written || (!loaded && loadAt == NEVER), name + ".written: contradicts loaded or loadAt");
    InvalidState.unless(written || nullCount, name + ".nullCount: nothing was written");
    InvalidState.unless(loaded || nullCount, name + ".nullCount: nothing was loaded");
    InvalidState.unless(loadAt >= 0 && (loadAt <= now + LONGEST || loadAt == NEVER), name + ".loadAt: out of range");
    if (!loaded) {
      InvalidState.unless(!stopped && base == 0 && count == 0 && held == 0,
          name + ".stopped, base, count, held: not loaded");
      return;
    }
    range(name + ".base", base, -LONGEST, now);
    range(name + ".count", count, 1, (control & BCD) != 0 ? WIDEST_BCD : 0x10000);
    range(name + ".held", held, 0, stopped ? now + LONGEST : 0);
    int mode = PitCounter.mode(control);
    boolean mustStop = (mode != 1 && mode != 5 && !gate) || (mode == 0 && writeMsb);
    boolean restarts = (mode == 0 || mode == 2 || mode == 3) && loadAt != NEVER;
    InvalidState.unless(stopped ? mustStop || restarts : !mustStop, name + ".stopped: contradicts gate");
  }

  private static void range(String name, long value, long least, long most) throws InvalidState {
    InvalidState.unless(value >= least && value <= most, name + ": " + value + ": it must be " + least + " to " + most);
  }
}
