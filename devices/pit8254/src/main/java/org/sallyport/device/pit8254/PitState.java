package org.sallyport.device.pit8254;

import static org.sallyport.device.pit8254.PitRegisters.*;

import java.util.List;
import org.sallyport.api.device.InvalidState;

/**
 * The state of a {@link Pit8254}.
 *
 * @param counters counters 0 to 2
 * @param portB the bits of port 0x61 that can be written
 * @param irq the level of the interrupt line
 * @param riseAt when the output of counter 0 rises next, in CLK pulses since clock time 0, or {@link Long#MAX_VALUE}
 * @param fallAt when it falls next in mode 3
 */
public record PitState(List<PitCounterState> counters, int portB, boolean irq, long riseAt, long fallAt) {
  public PitState {
    counters = List.copyOf(counters);
  }

  /** Throws unless the chip can be in this state at pulse {@code now}. */
  void check(long now) throws InvalidState {
    InvalidState.unless(counters.size() == COUNTERS, "counters: " + counters.size() + ": there are three");
    for (int i = 0; i < COUNTERS; i++) {
      counters.get(i).check("counters[" + i + "]", now);
    }
    InvalidState.unless((portB & ~B_KEPT) == 0, "portB: it has four bits");
    InvalidState.unless(counters.get(0).gate() && counters.get(1).gate(), "counters: the gates of 0 and 1 are high");
    InvalidState.unless(counters.get(2).gate() == ((portB & B_GATE_2) != 0), "portB: contradicts the gate of 2");
    time("riseAt", riseAt, now);
    time("fallAt", fallAt, now);
  }

  private static void time(String name, long at, long now) throws InvalidState {
    InvalidState.unless(at >= 0 && (at <= now + 2 * PitCounterState.LONGEST || at == NEVER), name + ": out of range");
  }
}
