package org.sallyport.machine.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.MsrFault;
import org.sallyport.api.irq.ProcessorSignals;

/**
 * A local APIC that delivers the highest vector above its TPR and has no in-service register. LINT0 is always ExtINT.
 */
public final class FakeLapic implements LocalApic {
  public static final int MSR = 0x1b;
  public static final int FAULTING_MSR = 0x802;

  public final List<ApicMessage> accepted = new ArrayList<>();
  public final ApicBus bus;
  public final ProcessorSignals processor;
  public volatile int inits;
  public volatile boolean x2apic;
  public int arbitrationPriority;
  private final int id;
  private final TreeSet<Integer> requests = new TreeSet<>();
  private boolean lint0;
  private int taskPriority;
  private volatile boolean pending;
  private volatile long base = DEFAULT_BASE;

  public FakeLapic(int id, ApicBus bus, ProcessorSignals processor) {
    this.id = id;
    this.bus = bus;
    this.processor = processor;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public long base() {
    return base;
  }

  @Override
  public boolean matches(int destination, boolean logical) {
    return destination == ApicMessage.BROADCAST || (logical ? (destination >>> id & 1) != 0 : destination == id);
  }

  @Override
  public int arbitrationPriority() {
    return arbitrationPriority;
  }

  @Override
  public boolean accept(ApicMessage message) {
    accepted.add(message);
    switch (message.mode()) {
      case FIXED, LOWEST_PRIORITY -> requests.add(message.vector());
      case NMI -> processor.nmi();
      case INIT -> processor.init();
      case STARTUP -> processor.startup(message.vector());
      case SMI -> processor.smi();
      case EXTINT, RESERVED -> {}
    }
    changed();
    return true;
  }

  @Override
  public void localInterrupt(int pin, boolean asserted) {
    if (pin == 0) {
      lint0 = asserted;
      changed();
    }
  }

  @Override
  public boolean interruptPending() {
    return pending;
  }

  @Override
  public int pendingVector() {
    return requests.isEmpty() || requests.last() >>> 4 <= taskPriority >>> 4 ? -1 : requests.last();
  }

  @Override
  public int acknowledge() {
    int vector = requests.pollLast();
    changed();
    return vector;
  }

  @Override
  public boolean externalInterruptPending() {
    return lint0;
  }

  @Override
  public int taskPriority() {
    return taskPriority;
  }

  @Override
  public void taskPriority(int value) {
    taskPriority = value;
    changed();
  }

  @Override
  public boolean ownsMsr(int index) {
    return index == MSR || x2apic && index == FAULTING_MSR;
  }

  @Override
  public long readMsr(int index) throws MsrFault {
    if (index == FAULTING_MSR) {
      throw MsrFault.INSTANCE;
    }
    return base;
  }

  @Override
  public void writeMsr(int index, long value) throws MsrFault {
    if (index == FAULTING_MSR) {
      throw MsrFault.INSTANCE;
    }
    base = value;
  }

  @Override
  public void init() {
    inits++;
    requests.clear();
    taskPriority = 0;
    changed();
  }

  @Override
  public void reset(ResetKind kind) {
    init();
  }

  /** Offset 0 is the identifier, 0x80 the TPR. */
  @Override
  public Optional<MemoryIo> memoryIo() {
    return Optional.of(new MemoryIo() {
      @Override
      public List<MemoryRange> memoryRanges() {
        return List.of(new MemoryRange(base, 4096));
      }

      @Override
      public long readMemory(long address, int size) {
        return (address & 0xfff) == 0x80 ? taskPriority : id;
      }

      @Override
      public void writeMemory(long address, int size, long value) {
        if ((address & 0xfff) == 0x80) {
          taskPriority((int) value);
        }
      }
    });
  }

  private void changed() {
    boolean now = lint0 || pendingVector() >= 0;
    pending = now;
    if (now) {
      processor.interruptsChanged();
    }
  }
}
