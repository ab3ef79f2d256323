package org.sallyport.irqchip.lapic;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.irq.ProcessorSignals;

/** Records what its local APIC tells it; its time-stamp counter runs at 2.5 GHz and begins at {@link #tscOffset}. */
final class FakeProcessor implements ProcessorSignals {
  static final long TSC_HZ = 2_500_000_000L;

  private final FakeClock clock;
  final List<String> signals = new ArrayList<>();
  int interruptsChanged;
  long tscOffset = 77;
  /** An error of the conversion: {@link #nanosAtTsc} is too early by this. */
  long roundsDownBy;

  FakeProcessor(FakeClock clock) {
    this.clock = clock;
  }

  @Override
  public void interruptsChanged() {
    interruptsChanged++;
  }

  @Override
  public void nmi() {
    signals.add("nmi");
  }

  @Override
  public void smi() {
    signals.add("smi");
  }

  @Override
  public void init() {
    signals.add("init");
  }

  @Override
  public void startup(int vector) {
    signals.add("startup " + vector);
  }

  @Override
  public long tsc() {
    return clock.nanos() * 5 / 2 + tscOffset;
  }

  @Override
  public long nanosAtTsc(long tsc) {
    return Math.ceilDiv((tsc - tscOffset) * 2, 5) - roundsDownBy;
  }
}
