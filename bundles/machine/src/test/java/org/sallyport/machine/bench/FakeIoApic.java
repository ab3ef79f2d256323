package org.sallyport.machine.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.IoApic;

/**
 * An IO APIC whose pin n sends vector {@code 0x40 + n} to processor 0 on each rising edge, once it is {@link #enabled}.
 */
public final class FakeIoApic implements IoApic {
  /** What it keeps. */
  public record State(int levels, boolean enabled) {}

  public final List<Integer> ended = new ArrayList<>();
  public volatile boolean enabled;
  public final ApicBus bus;
  private int levels;

  public FakeIoApic(ApicBus bus) {
    this.bus = bus;
  }

  @Override
  public int pins() {
    return 24;
  }

  @Override
  public void pin(int pin, boolean asserted) {
    int bit = 1 << pin;
    boolean rises = asserted && (levels & bit) == 0;
    levels = asserted ? levels | bit : levels & ~bit;
    if (rises && enabled) {
      bus.send(new ApicMessage(0, false, DeliveryMode.FIXED, 0x40 + pin, false, true));
    }
  }

  public boolean level(int pin) {
    return (levels >>> pin & 1) != 0;
  }

  @Override
  public void endOfInterrupt(int vector) {
    ended.add(vector);
  }

  @Override
  public void reset(ResetKind kind) {
    enabled = false;
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(new Persistent<State>() {
      @Override
      public Class<State> type() {
        return State.class;
      }

      @Override
      public State save() {
        return new State(levels, enabled);
      }

      @Override
      public void restore(State state) {
        levels = state.levels();
        enabled = state.enabled();
      }
    });
  }
}
