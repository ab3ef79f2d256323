package org.sallyport.device.uart16550;

import static org.sallyport.device.uart16550.UartRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of a {@link Uart16550}.
 *
 * @param fcr what is kept of it: trigger level, DMA mode, FIFO enable
 * @param lsr the line status register as it reads
 * @param divisor the divisor latch, DLM and DLL
 * @param data the receiver FIFO, oldest character first
 * @param errors the line status bits of each of them
 * @param threInterrupt an interrupt for the empty transmitter is due, if it is enabled
 * @param timeout the character time-out has passed
 * @param timeoutAt clock time in nanoseconds at which it passes, or {@link Long#MAX_VALUE}
 */
public record UartState(int ier, int fcr, int lcr, int mcr, int lsr, int msr, int scr, int divisor, byte[] data,
    byte[] errors, boolean threInterrupt, boolean timeout, long timeoutAt) {

  void check() throws InvalidState {
    bits("ier", ier, IER_MASK);
    bits("fcr", fcr, FCR_KEPT);
    bits("lcr", lcr, 0xff);
    bits("mcr", mcr, MCR_MASK);
    bits("lsr", lsr, 0xff);
    bits("msr", msr, 0xff);
    bits("scr", scr, 0xff);
    bits("divisor", divisor, 0xffff);
    InvalidState.unless((fcr & FCR_ENABLE) != 0 || (fcr == 0 && (lsr & LSR_FIFO_ERR) == 0 && !timeout),
        "fcr, lsr, timeout: the FIFOs are off");
    int capacity = (fcr & FCR_ENABLE) != 0 ? FIFO_SIZE : 1;
    InvalidState.unless(data.length <= capacity, "data: " + data.length + " characters, the FIFO holds " + capacity);
    InvalidState.unless(errors.length == data.length, "errors: there must be as many as data");
    for (byte each : errors) {
      bits("errors", each & 0xff, LSR_CHARACTER);
      InvalidState.unless(each == 0 || (fcr & FCR_ENABLE) == 0 || (lsr & LSR_FIFO_ERR) != 0,
          "lsr: does not tell of the error in the FIFO");
    }
    InvalidState.unless(errors.length == 0 || (errors[0] & ~lsr) == 0, "lsr: hides an error of the oldest character");
    InvalidState.unless((lsr & LSR_IDLE) == LSR_IDLE, "lsr: the transmitter is never busy");
    InvalidState.unless((lsr & LSR_DR) != 0 == data.length > 0, "lsr: DR contradicts data");
    InvalidState.unless((mcr & MCR_LOOP) == 0 || (msr & MSR_LINES) == loopedLines(mcr), "msr: contradicts mcr");
    InvalidState.unless((mcr & MCR_LOOP) != 0 || (msr & MSR_LINES) == Uart16550.FAR_END_READY,
        "msr: the far end is always ready");
    InvalidState.unless(timeoutAt >= 0, "timeoutAt: negative");
    boolean waiting = (fcr & FCR_ENABLE) != 0 && data.length > 0 && data.length < trigger(fcr);
    boolean armed = timeoutAt != Long.MAX_VALUE;
    InvalidState.unless(waiting ? timeout != armed : !timeout && !armed, "timeout, timeoutAt: contradict data");
  }

  private static void bits(String name, int value, int mask) throws InvalidState {
    if ((value & ~mask) != 0) {
      throw new InvalidState(String.format("%s: 0x%x, it has the bits 0x%x", name, value, mask));
    }
  }
}
