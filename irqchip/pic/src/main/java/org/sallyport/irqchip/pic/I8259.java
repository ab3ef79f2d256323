package org.sallyport.irqchip.pic;

import static org.sallyport.irqchip.pic.PicRegisters.*;

/**
 * One 8259A (datasheet 231468).
 *
 * <p>An input requests service while it is high and, when it is edge-triggered, as long as no INTA has consumed its
 * rising edge: an input that goes low before the INTA takes its request back ("Edge and Level Triggered Modes"). Until
 * a request is resolved by an INTA the chip keeps no memory of it, so that {@link #acknowledge()} without a request
 * answers the default level 7.
 *
 * <p>The MCS-80 mode of ICW4 is stored; a PC's processor cannot run it, and vectors are those of the 8086 mode.
 */
final class I8259 {
  /** Answer of {@link #acknowledge()} when there was no request; its vector is that of input 7. */
  static final int SPURIOUS = -1;

  private final int elcrWritable;

  // Inputs
  private int lines;
  private int edges;
  private int levels;

  // Initialisation command words
  private int icw1;
  private int vectorBase;
  private int icw3;
  private int icw4;
  private int expecting;

  // Operation
  private int inService;
  private int mask;
  private int lowest;
  private boolean rotateOnAutoEoi;
  private boolean specialMask;
  private boolean readInService;
  private boolean poll;

  I8259(int elcrWritable) {
    this.elcrWritable = elcrWritable;
    reset();
  }

  /**
   * The datasheet leaves the state after power-on open; here everything is masked. The inputs' levels come from outside
   * and stay.
   */
  void reset() {
    edges = 0;
    levels = 0;
    icw1 = 0;
    vectorBase = 0;
    icw3 = 0;
    icw4 = 0;
    expecting = 0;
    inService = 0;
    mask = 0xff;
    lowest = 7;
    rotateOnAutoEoi = false;
    specialMask = false;
    readInService = false;
    poll = false;
  }

  void input(int level, boolean asserted) {
    int bit = 1 << level;
    if (asserted) {
      edges |= bit & ~lines;
      lines |= bit;
    } else {
      lines &= ~bit;
      edges &= ~bit;
    }
  }

  /** IRR. */
  int requests() {
    int levelTriggered = (icw1 & ICW1_LTIM) != 0 ? 0xff : levels;
    return lines & (edges | levelTriggered);
  }

  int inService() {
    return inService;
  }

  /** The INT output: a request is there that masks and interrupts in service let through. */
  boolean interrupt() {
    return resolve() >= 0;
  }

  /**
   * The INTA cycles, as far as this chip is concerned.
   *
   * @return the input that is in service now, or {@link #SPURIOUS}
   */
  int acknowledge() {
    int level = resolve();
    if (level < 0) {
      return SPURIOUS;
    }
    int bit = 1 << level;
    edges &= ~bit;
    inService |= bit;
    if ((icw4 & ICW4_AEOI) != 0) {
      inService &= ~bit;
      if (rotateOnAutoEoi) {
        lowest = level;
      }
    }
    return level;
  }

  /** The vector of an input, or of a spurious interrupt. */
  int vector(int level) {
    return vectorBase | (level == SPURIOUS ? DEFAULT_LEVEL : level);
  }

  /** As a master: whether it leaves the vector of this input to a slave. */
  boolean hasSlave(int level) {
    return (icw1 & ICW1_SNGL) == 0 && (icw3 >> level & 1) != 0;
  }

  /** As a slave: whether it answers when the master puts this number on the cascade lines. */
  boolean isSlave(int level) {
    return (icw1 & ICW1_SNGL) == 0 && (icw3 & ICW3_ID) == level;
  }

  /** Whether the next read answers a poll command. */
  boolean polled() {
    return poll;
  }

  /** A read with A0 = 0 or 1; the answer to a poll command acts as an INTA. */
  int read(int a0) {
    if (poll) {
      poll = false;
      int level = acknowledge();
      return level == SPURIOUS ? DEFAULT_LEVEL : POLL_REQUEST | level;
    }
    if (a0 != 0) {
      return mask;
    }
    return readInService ? inService : requests();
  }

  void write(int a0, int value) {
    if (a0 == 0) {
      if ((value & ICW1) != 0) {
        beginInitialisation(value);
      } else if ((value & OCW3) != 0) {
        modes(value);
      } else {
        endOfInterrupt(value >> 5, value & OCW2_LEVEL);
      }
    } else {
      switch (expecting) {
        case 2 -> {
          vectorBase = value & ICW2_VECTOR;
          expecting = (icw1 & ICW1_SNGL) == 0 ? 3 : afterIcw3();
        }
        case 3 -> {
          icw3 = value;
          expecting = afterIcw3();
        }
        case 4 -> {
          icw4 = value & ICW4_WRITABLE;
          expecting = 0;
        }
        default -> mask = value;
      }
    }
  }

  int elcr() {
    return levels;
  }

  void elcr(int value) {
    levels = value & elcrWritable;
  }

  private int afterIcw3() {
    return (icw1 & ICW1_IC4) != 0 ? 4 : 0;
  }

  /** Datasheet, "Initialization Command Words 1 and 2": what ICW1 clears. */
  private void beginInitialisation(int value) {
    icw1 = value;
    icw3 = 0;
    icw4 = 0;
    edges = 0;
    mask = 0;
    inService = 0;
    lowest = 7;
    rotateOnAutoEoi = false;
    specialMask = false;
    readInService = false;
    poll = false;
    expecting = 2;
  }

  private void modes(int value) {
    if ((value & OCW3_ESMM) != 0) {
      specialMask = (value & OCW3_SMM) != 0;
    }
    if ((value & OCW3_P) != 0) {
      poll = true;
    } else if ((value & OCW3_RR) != 0) {
      readInService = (value & OCW3_RIS) != 0;
    }
  }

  private void endOfInterrupt(int operation, int level) {
    switch (operation) {
      case NON_SPECIFIC_EOI -> inService &= ~(1 << endingLevel());
      case ROTATE_NON_SPECIFIC -> {
        int ending = endingLevel();
        if (ending < 8) {
          inService &= ~(1 << ending);
          lowest = ending;
        }
      }
      case SPECIFIC_EOI -> inService &= ~(1 << level);
      case ROTATE_SPECIFIC -> {
        inService &= ~(1 << level);
        lowest = level;
      }
      case SET_PRIORITY -> lowest = level;
      case ROTATE_AEOI_SET -> rotateOnAutoEoi = true;
      case ROTATE_AEOI_CLEAR -> rotateOnAutoEoi = false;
      default -> {
        // NO_OPERATION
      }
    }
  }

  /** What a non-specific EOI ends: in special mask mode, no masked input ("Special Mask Mode"); 8 when nothing. */
  private int endingLevel() {
    int rank = firstRank(blockers());
    return rank == 8 ? 8 : levelAt(rank);
  }

  private int blockers() {
    return specialMask ? inService & ~mask : inService;
  }

  /** The input to serve next, or -1. */
  private int resolve() {
    if (expecting != 0) {
      return -1;
    }
    int rank = firstRank(requests() & ~mask);
    if (rank == 8) {
      return -1;
    }
    int level = levelAt(rank);
    int blocked = firstRank(blockers());
    // Special fully nested mode: a slave may interrupt again while one of its interrupts is in service.
    boolean nested = rank == blocked && (icw4 & ICW4_SFNM) != 0 && hasSlave(level);
    return rank < blocked || nested ? level : -1;
  }

  /** Position of the bit that comes first in the present order of priorities, 0 to 7; 8 when there is none. */
  private int firstRank(int bits) {
    int shift = lowest + 1 & 7;
    int rotated = (bits >> shift | bits << 8 - shift) & 0xff;
    return rotated == 0 ? 8 : Integer.numberOfTrailingZeros(rotated);
  }

  private int levelAt(int rank) {
    return rank + lowest + 1 & 7;
  }

  PicState.Chip save() {
    return new PicState.Chip(lines, edges, inService, mask, levels, icw1, vectorBase, icw3, icw4, expecting, lowest,
        rotateOnAutoEoi,
        specialMask, readInService, poll);
  }

  /** Takes over a state that has been validated. */
  void restore(PicState.Chip state) {
    lines = state.lines();
    edges = state.edges();
    inService = state.inService();
    mask = state.mask();
    levels = state.levels();
    icw1 = state.icw1();
    vectorBase = state.vectorBase();
    icw3 = state.icw3();
    icw4 = state.icw4();
    expecting = state.expecting();
    lowest = state.lowest();
    rotateOnAutoEoi = state.rotateOnAutoEoi();
    specialMask = state.specialMask();
    readInService = state.readInService();
    poll = state.poll();
  }
}
