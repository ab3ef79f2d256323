package org.sallyport.device.pit8254;

import static org.sallyport.device.pit8254.PitRegisters.*;

/**
 * One of the three counters of an 8254 (datasheet, "Mode Definitions" and "Operation Common to All Modes").
 *
 * <p>Nothing is ticked: the counting element is a function of the CLK pulses since it was loaded. Every method is told
 * what pulse it is now; these numbers never go back. A count that was written or a gate that rose takes effect at the
 * next pulse, and in the periodic modes a count that is written while counting takes effect at the end of the cycle, or
 * of the half cycle in mode 3.
 */
final class PitCounter {
  private int control;
  private int mode;
  private int modulus;

  // Bytes on their way
  private int countRegister;
  private boolean written;
  private int firstByte;
  private boolean writeMsb;
  private boolean readMsb;
  private boolean latched;
  private int latch;
  private boolean statusLatched;
  private int status;

  // The counting element
  private boolean nullCount;
  private boolean gate;
  private long loadAt;
  private boolean loaded;
  private int residue;
  private long base;
  private int count;
  private boolean stopped;
  private long held;

  PitCounter(boolean gate) {
    powerOn(gate);
  }

  /** The datasheet calls the state after power-on undefined; this is mode 0, waiting for a count. */
  void powerOn(boolean gateLevel) {
    countRegister = 0;
    firstByte = 0;
    latch = 0;
    status = 0;
    gate = gateLevel;
    program(RW_BOTH << RW, 0);
  }

  /** The mode of a control word: bit 2 does not count in modes 2 and 3. */
  static int mode(int control) {
    int mode = control >> M & 7;
    return mode > 5 ? mode - 4 : mode;
  }

  /** A control word other than the latch commands. */
  void control(int word, long now) {
    advance(now);
    program(word & CONTROL_KEPT, countingElement(now));
  }

  private void program(int word, int shown) {
    control = word;
    mode = mode(word);
    modulus = (word & BCD) != 0 ? 10_000 : 0x10000;
    written = false;
    writeMsb = false;
    readMsb = false;
    latched = false;
    statusLatched = false;
    nullCount = true;
    residue = shown;
    unload();
  }

  private void unload() {
    loadAt = NEVER;
    loaded = false;
    base = 0;
    count = 0;
    stopped = false;
    held = 0;
  }

  /** Counter latch command: a count that is latched already stays. */
  void latchCount(long now) {
    if (!latched) {
      advance(now);
      latched = true;
      latch = countingElement(now);
    }
  }

  /** Read-back command for the status. */
  void latchStatus(long now) {
    if (!statusLatched) {
      advance(now);
      statusLatched = true;
      status = (out(now) ? STATUS_OUTPUT : 0) | (nullCount ? STATUS_NULL : 0) | control;
    }
  }

  int read(long now) {
    if (statusLatched) {
      statusLatched = false;
      return status;
    }
    advance(now);
    int value = latched ? latch : countingElement(now);
    int rw = control >> RW;
    boolean high = rw == RW_MSB || (rw == RW_BOTH && readMsb);
    if (rw == RW_BOTH) {
      readMsb = !readMsb;
    }
    if (!readMsb) {
      latched = false;
    }
    return high ? value >> 8 : value & 0xff;
  }

  void write(int value, long now) {
    advance(now);
    switch (control >> RW) {
      case RW_LSB -> countWritten(value, now);
      case RW_MSB -> countWritten(value << 8, now);
      default -> {
        if (writeMsb) {
          writeMsb = false;
          countWritten(value << 8 | firstByte, now);
        } else {
          writeMsb = true;
          firstByte = value;
          if (mode == 0) { // the first byte stops the counting, and the output goes low at once
            stop(now);
          }
        }
      }
    }
  }

  private void countWritten(int value, long now) {
    countRegister = value;
    written = true;
    nullCount = true;
    switch (mode) {
      case 0, 4 -> loadAt = now + 1;
      case 2 -> {
        if (!loaded) {
          loadAt = now + 1;
        } else if (!stopped && loadAt == NEVER) {
          loadAt = cycleEnd(now);
        }
      }
      case 3 -> {
        if (!loaded) {
          loadAt = now + 1;
        } else if (!stopped && loadAt == NEVER) {
          loadAt = halfEnd(now);
        }
      }
      default -> {} // modes 1 and 5 wait for the gate
    }
  }

  /** The GATE input ("Gate Pin Operations Summary"). */
  void gate(boolean high, long now) {
    advance(now);
    if (high == gate) {
      return;
    }
    gate = high;
    switch (mode) {
      case 0, 4 -> {
        if (!high) {
          stop(now);
        } else if (stopped && !(mode == 0 && writeMsb)) {
          base = now - held;
          stopped = false;
          held = 0;
        }
      }
      case 2, 3 -> {
        if (high) {
          trigger(now);
        } else if (loaded && !stopped) {
          loadAt = NEVER; // a new count waits for the gate now, not for the end of the cycle
          stop(now);
        }
      }
      default -> {
        if (high) {
          trigger(now);
        }
      }
    }
  }

  boolean gate() {
    return gate;
  }

  private void trigger(long now) {
    if (written) {
      loadAt = now + 1;
    }
  }

  private void stop(long now) {
    if (loaded && !stopped) {
      held = now - base;
      stopped = true;
    }
  }

  /** Loads the counting element if the time for it has come. */
  private void advance(long now) {
    if (loadAt > now) {
      return;
    }
    boolean lowHalf = mode == 3 && loaded && !stopped && phase(loadAt) == highTicks(count);
    count = count(countRegister);
    base = lowHalf ? loadAt - highTicks(count) : loadAt;
    loaded = true;
    nullCount = false;
    loadAt = NEVER;
    stopped = (!gate && mode != 1 && mode != 5) || (mode == 0 && writeMsb);
    held = 0;
  }

  /** The OUT pin. */
  boolean out(long now) {
    advance(now);
    return switch (mode) {
      case 0 -> loaded && !nullCount && !writeMsb && elapsed(now) >= count;
      case 1 -> !loaded || elapsed(now) >= count;
      case 2 -> idle() || phase(now) != count - 1;
      case 3 -> idle() || phase(now) < highTicks(count);
      default -> !loaded || elapsed(now) != count;
    };
  }

  /** In modes 2 and 3 the output stays high; a count of 1 is illegal there and counts as not counting. */
  private boolean idle() {
    return !loaded || stopped || count == 1;
  }

  /**
   * When OUT rises next by itself, or {@link PitRegisters#NEVER}; for a counter whose gate stays high, so that modes 1
   * and 5 never begin.
   */
  long nextRise(long now) {
    advance(now);
    int next = count(countRegister);
    boolean pending = loadAt != NEVER;
    return switch (mode) {
      case 0 -> {
        if (pending) {
          yield loadAt + next;
        }
        yield !loaded || stopped || elapsed(now) >= count ? NEVER : base + count;
      }
      case 2 -> {
        if (idle()) {
          yield pending && next > 1 ? loadAt + next : NEVER;
        }
        yield cycleEnd(now);
      }
      case 3 -> {
        if (idle()) {
          yield pending && next > 1 ? loadAt + next : NEVER;
        }
        // A new count that is loaded at the end of the high half makes the low half as long as it says.
        yield pending && phase(loadAt) != 0 ? loadAt + lowTicks(next) : cycleEnd(now);
      }
      case 4 -> {
        if (pending) {
          yield !out(now) ? loadAt : loadAt + next + 1;
        }
        yield !loaded || stopped || elapsed(now) > count ? NEVER : base + count + 1;
      }
      default -> NEVER;
    };
  }

  /**
   * When OUT falls next by itself in mode 3, under the same condition; in other modes NEVER, for there it falls for one
   * pulse only, or when written.
   */
  long nextFall(long now) {
    advance(now);
    if (mode != 3) {
      return NEVER;
    }
    int next = count(countRegister);
    boolean pending = loadAt != NEVER;
    if (idle()) {
      return pending && next > 1 ? loadAt + highTicks(next) : NEVER;
    }
    if (phase(now) < highTicks(count)) {
      return now - phase(now) + highTicks(count);
    }
    return cycleEnd(now) + highTicks(pending ? next : count);
  }

  private long elapsed(long now) {
    return stopped ? held : now - base;
  }

  private long phase(long now) {
    return Math.floorMod(elapsed(now), count);
  }

  private long cycleEnd(long now) {
    return now - phase(now) + count;
  }

  private long halfEnd(long now) {
    long phase = phase(now);
    long high = highTicks(count);
    return now - phase + (phase < high ? high : count);
  }

  /** Pulses for which OUT is high in mode 3: one more than half of an odd count. */
  private static int highTicks(int count) {
    return (count + 1) / 2;
  }

  private static int lowTicks(int count) {
    return count / 2;
  }

  /** What the counting element shows, in binary or BCD as it counts. */
  private int countingElement(long now) {
    if (!loaded) {
      return residue;
    }
    long value = switch (mode) {
      case 2 -> count - phase(now);
      case 3 -> {
        long phase = phase(now);
        long high = highTicks(count);
        // Counts down by two from an even number in each half; from an odd count it begins one below.
        yield (count & ~1) - 2 * (phase < high ? phase : phase - high);
      }
      default -> count - elapsed(now);
    };
    int shown = (int) Math.floorMod(value, (long) modulus);
    return (control & BCD) != 0 ? toBcd(shown) : shown;
  }

  /** The pulses that a count register stands for; 0 is the largest count. */
  private int count(int register) {
    int value = register;
    if ((control & BCD) != 0) {
      value = (register >> 12) * 1000 + (register >> 8 & 15) * 100 + (register >> 4 & 15) * 10 + (register & 15);
    }
    return value == 0 ? modulus : value;
  }

  private static int toBcd(int value) {
    return value / 1000 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
  }

  PitCounterState save() {
    return new PitCounterState(control, countRegister, written, firstByte, writeMsb, readMsb, latched, latch,
        statusLatched, status, nullCount, gate, loadAt, loaded, residue, base, count, stopped, held);
  }

  /** The state was checked. */
  void restore(PitCounterState state) {
    program(state.control(), state.residue());
    countRegister = state.countRegister();
    written = state.written();
    firstByte = state.firstByte();
    writeMsb = state.writeMsb();
    readMsb = state.readMsb();
    latched = state.latched();
    latch = state.latch();
    statusLatched = state.statusLatched();
    status = state.status();
    nullCount = state.nullCount();
    gate = state.gate();
    loadAt = state.loadAt();
    loaded = state.loaded();
    base = state.base();
    count = state.count();
    stopped = state.stopped();
    held = state.held();
  }
}
