package org.sallyport.irqchip.lapic;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.IoApic;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.LocalApicFactory.Features;
import org.sallyport.api.irq.MsrFault;

/** Some local APICs on a bus with a clock to step, without processors. */
final class ApicBench implements ApicBus {
  static final Features ALL = new Features(true, true, FakeProcessor.TSC_HZ, 40);
  static final Features OLD = new Features(false, false, FakeProcessor.TSC_HZ, 36);

  final FakeClock clock = new FakeClock();
  final XApic[] apics;
  final FakeProcessor[] processors;
  final List<Integer> ended = new ArrayList<>();
  final List<ApicMessage> sent = new ArrayList<>();
  IoApic ioApic;
  private int lastChosen;

  ApicBench() {
    this(1, ALL);
  }

  ApicBench(int count, Features features) {
    apics = new XApic[count];
    processors = new FakeProcessor[count];
    for (int i = 0; i < count; i++) {
      processors[i] = new FakeProcessor(clock);
      apics[i] = new XApic(i, features, clock, this, processors[i]);
    }
  }

  /** All APICs software-enabled, spurious vector 0xFF. */
  ApicBench enabled() {
    for (int i = 0; i < apics.length; i++) {
      write(i, ApicRegisters.SVR, 0x1ff);
    }
    return this;
  }

  ApicBench x2apic() {
    for (XApic apic : apics) {
      msr(apic, 0x1b, msr(apic, 0x1b) | 1 << 10);
    }
    return this;
  }

  private boolean isX2apic(int cpu) {
    return apics[cpu].ownsMsr(0x802);
  }

  int read(int cpu, int offset) {
    if (isX2apic(cpu)) {
      return (int) msr(apics[cpu], 0x800 + offset / 16);
    }
    return (int) apics[cpu].readMemory(LocalApic.DEFAULT_BASE + offset, 4);
  }

  void write(int cpu, int offset, int value) {
    if (isX2apic(cpu)) {
      msr(apics[cpu], 0x800 + offset / 16, Integer.toUnsignedLong(value));
    } else {
      apics[cpu].writeMemory(LocalApic.DEFAULT_BASE + offset, 4, Integer.toUnsignedLong(value));
    }
  }

  int read(int offset) {
    return read(0, offset);
  }

  void write(int offset, int value) {
    write(0, offset, value);
  }

  void command(int cpu, int destination, int low) {
    if (isX2apic(cpu)) {
      msr(apics[cpu], 0x830, (long) destination << 32 | low);
    } else {
      write(cpu, ApicRegisters.ICR_HIGH, destination << 24);
      write(cpu, ApicRegisters.ICR_LOW, low);
    }
  }

  static long msr(LocalApic apic, int index) {
    try {
      return apic.readMsr(index);
    } catch (MsrFault fault) {
      throw new AssertionError(String.format("#GP when MSR 0x%x is read", index), fault);
    }
  }

  static void msr(LocalApic apic, int index, long value) {
    try {
      apic.writeMsr(index, value);
    } catch (MsrFault fault) {
      throw new AssertionError(String.format("#GP when 0x%x is written to MSR 0x%x", value, index), fault);
    }
  }

  long msr(int index) {
    return msr(apics[0], index);
  }

  void msr(int index, long value) {
    msr(apics[0], index, value);
  }

  void faults(int index) {
    assertThrows(MsrFault.class, () -> apics[0].readMsr(index), () -> String.format("read of MSR 0x%x", index));
  }

  void faults(int index, long value) {
    assertThrows(MsrFault.class, () -> apics[0].writeMsr(index, value),
        () -> String.format("write of 0x%x to MSR 0x%x", value, index));
  }

  static ApicMessage fixed(int vector) {
    return new ApicMessage(0, false, DeliveryMode.FIXED, vector, false, true);
  }

  static ApicMessage level(int vector) {
    return new ApicMessage(0, false, DeliveryMode.FIXED, vector, true, true);
  }

  @Override
  public boolean send(ApicMessage message) {
    sent.add(message);
    if (message.mode() == DeliveryMode.LOWEST_PRIORITY) {
      return arbitrate(message);
    }
    boolean accepted = false;
    for (XApic apic : apics) {
      if (apic.matches(message.destination(), message.logical())) {
        accepted |= apic.accept(message);
      }
    }
    return accepted;
  }

  private boolean arbitrate(ApicMessage message) {
    int best = -1;
    for (int i = 1; i <= apics.length; i++) {
      int cpu = (lastChosen + i) % apics.length;
      int priority = apics[cpu].arbitrationPriority();
      if (apics[cpu].matches(message.destination(), message.logical()) && priority >= 0
          && (best < 0 || priority < apics[best].arbitrationPriority())) {
        best = cpu;
      }
    }
    if (best < 0) {
      return false;
    }
    lastChosen = best;
    return apics[best].accept(message);
  }

  @Override
  public boolean broadcast(ApicMessage message, int sender, boolean includeSelf) {
    sent.add(message);
    boolean accepted = false;
    for (XApic apic : apics) {
      if (includeSelf || apic.id() != sender) {
        accepted |= apic.accept(message);
      }
    }
    return accepted;
  }

  @Override
  public void endOfInterrupt(int vector) {
    ended.add(vector);
    if (ioApic != null) {
      ioApic.endOfInterrupt(vector);
    }
  }
}
