package org.sallyport.device.bench;

import org.sallyport.api.irq.IrqLine;

/** A line that counts its edges. */
public final class BenchLine implements IrqLine {
  private final int number;
  private boolean asserted;
  private int rises;
  private int falls;

  BenchLine(int number) {
    this.number = number;
  }

  @Override
  public void set(boolean asserted) {
    if (asserted == this.asserted) {
      return;
    }
    this.asserted = asserted;
    if (asserted) {
      rises++;
    } else {
      falls++;
    }
  }

  @Override
  public boolean isSet() {
    return asserted;
  }

  /** Gives the line a level without counting an edge. */
  public void preset(boolean asserted) {
    this.asserted = asserted;
  }

  /** How often it went from deasserted to asserted. */
  public int rises() {
    return rises;
  }

  /** How often it went from asserted to deasserted. */
  public int falls() {
    return falls;
  }

  @Override
  public String toString() {
    return "irq " + number + (asserted ? " asserted" : " deasserted");
  }
}
