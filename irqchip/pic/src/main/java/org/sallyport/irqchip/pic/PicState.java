package org.sallyport.irqchip.pic;

import org.sallyport.api.device.InvalidState;

/** What the pair of chips remembers. */
public record PicState(Chip master, Chip slave) {
  void validate() throws InvalidState {
    InvalidState.unless(master != null && slave != null, "master and slave must both be there");
    master.validate("master", PicRegisters.ELCR1_WRITABLE);
    slave.validate("slave", PicRegisters.ELCR2_WRITABLE);
  }

  /**
   * One chip; bit n of a mask belongs to input n.
   *
   * @param lines levels of the inputs
   * @param edges rising edges that no INTA has consumed
   * @param inService ISR
   * @param mask IMR
   * @param levels ELCR
   * @param icw1 with LTIM and SNGL
   * @param vectorBase bits 7:3 of ICW2
   * @param expecting the next initialisation word: 2 to 4, or 0 when initialised
   * @param lowest the input with the lowest priority
   * @param readInService OCW3 has selected the ISR for reading
   * @param poll the next read answers a poll command
   */
  public record Chip(int lines, int edges, int inService, int mask, int levels, int icw1, int vectorBase, int icw3,
      int icw4,
      int expecting, int lowest, boolean rotateOnAutoEoi, boolean specialMask, boolean readInService, boolean poll) {
    void validate(String chip, int elcrWritable) throws InvalidState {
      byteSized(chip, "lines", lines);
      byteSized(chip, "edges", edges);
      byteSized(chip, "inService", inService);
      byteSized(chip, "mask", mask);
      byteSized(chip, "icw1", icw1);
      byteSized(chip, "icw3", icw3);
      InvalidState.unless((levels & ~elcrWritable) == 0,
          chip + ".levels: an input that is always edge-triggered is set");
      InvalidState.unless((edges & ~lines) == 0, chip + ".edges: an edge is latched for an input that is low");
      InvalidState.unless((vectorBase & ~PicRegisters.ICW2_VECTOR) == 0, chip + ".vectorBase: " + vectorBase);
      InvalidState.unless((icw4 & ~PicRegisters.ICW4_WRITABLE) == 0, chip + ".icw4: " + icw4);
      InvalidState.unless(expecting == 0 || expecting >= 2 && expecting <= 4, chip + ".expecting: " + expecting);
      InvalidState.unless(lowest >= 0 && lowest <= 7, chip + ".lowest: " + lowest);
    }

    private static void byteSized(String chip, String field, int value) throws InvalidState {
      InvalidState.unless((value & ~0xff) == 0, chip + "." + field + ": " + value + " is no byte");
    }
  }
}
