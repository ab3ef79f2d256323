package org.sallyport.machine.bench;

import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.Pic;

/**
 * A PIC that latches edges, with the vector bases 0x30 and 0x38 and without masks, priorities or an in-service
 * register.
 */
public final class FakePic implements Pic {
  private final IrqLine intr;
  private int levels;
  private int requests;

  public FakePic(IrqLine intr) {
    this.intr = intr;
  }

  @Override
  public int pins() {
    return 16;
  }

  @Override
  public void pin(int pin, boolean asserted) {
    int bit = 1 << pin;
    if (asserted && (levels & bit) == 0) {
      requests |= bit;
    }
    levels = asserted ? levels | bit : levels & ~bit;
    intr.set(requests != 0);
  }

  @Override
  public int acknowledge() {
    int pin = Integer.numberOfTrailingZeros(requests);
    requests &= ~(1 << pin);
    intr.set(requests != 0);
    return 0x30 + pin;
  }

  @Override
  public boolean interruptRequested() {
    return requests != 0;
  }

  @Override
  public void reset(ResetKind kind) {
    requests = 0;
    intr.set(false);
  }
}
