package org.sallyport.device.iommu;

import static org.sallyport.device.iommu.VtdRegisters.*;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.ApicMessage;

/**
 * A DMA and interrupt remapping unit in legacy mode.
 *
 * <p>Where the specification leaves room: registers are accessed as doublewords or, two of them, as quadwords, lower
 * one first; other accesses read 0 and change nothing. Commands are done when the write that gives them ends.
 * Register-based invalidation works with the queue on, too, and does what was asked for at the granularity asked for,
 * as nothing is cached.
 */
public final class IntelIommu implements Device, MemoryIo, Iommu, Persistent<IommuState> {
  private static final int EVENT_REGISTERS = 4;

  private final List<MemoryRange> windows;
  private final long base;
  private final long extended;
  private final boolean remapsInterrupts;
  private final boolean ioApicSourceCheck;
  private final EventRegisters faultEvent;
  private final EventRegisters queueEvent;
  private final FaultLog faults;
  private final InvalidationQueue queue;
  private final DmaTables tables;
  private final InterruptTable interrupts;

  private int status;
  private long rootRegister;
  private long root;
  private long interruptRegister;
  private long interruptTable;
  private long contextCommand;
  private long iotlb;

  public IntelIommu(IommuConfiguration configuration, DeviceContext context) {
    base = configuration.base();
    windows = List.of(new MemoryRange(base, PAGE));
    remapsInterrupts = configuration.interruptRemapping();
    ioApicSourceCheck = configuration.ioApicSourceCheck();
    long eim = configuration.extendedInterrupts() ? ECAP_EIM : 0;
    extended = EXTENDED | (remapsInterrupts ? ECAP_IR | eim : 0);
    faultEvent = new EventRegisters(context.messages());
    queueEvent = new EventRegisters(context.messages());
    faults = new FaultLog(faultEvent);
    queue = new InvalidationQueue(context.memory(), faults, queueEvent);
    tables = new DmaTables(context.memory(), faults);
    interrupts = new InterruptTable(context.memory(), faults);
  }

  // ---- what it does ------------------------------------------------------------------------------------------------

  @Override
  public long translate(int requester, long address, boolean write) {
    return (status & TE) == 0 ? address : tables.translate(root, requester, address, write);
  }

  @Override
  public ApicMessage remap(int requester, long address, int data) {
    if ((status & IRE) == 0) {
      return ApicMessage.ofMsi(address, data);
    }
    boolean verified = requester == Iommu.IO_APIC && !ioApicSourceCheck;
    return interrupts.remap(interruptTable, (status & CFI) != 0, requester, verified, address, data);
  }

  @Override
  public Facts facts() {
    return new Facts(base, LARGEST_WIDTH, remapsInterrupts);
  }

  // ---- registers ---------------------------------------------------------------------------------------------------

  @Override
  public Optional<MemoryIo> memoryIo() {
    return Optional.of(this);
  }

  @Override
  public List<MemoryRange> memoryRanges() {
    return windows;
  }

  @Override
  public long readMemory(long address, int size) {
    int register = (int) (address - base);
    if (size < 4 || (register & size - 1) != 0) {
      return 0;
    }
    long value = Integer.toUnsignedLong(read(register));
    return size == 8 ? value | (long) read(register + 4) << 32 : value;
  }

  @Override
  public void writeMemory(long address, int size, long value) {
    int register = (int) (address - base);
    if (size < 4 || (register & size - 1) != 0) {
      return;
    }
    write(register, (int) value);
    if (size == 8) {
      write(register + 4, (int) (value >>> 32));
    }
  }

  private int read(int register) {
    if (register >= FRCD && register < FRCD + 16 * FAULTS) {
      return faults.read((register - FRCD) / 4);
    }
    if (isOf(FECTL, register)) {
      return faultEvent.read((register - FECTL) / 4);
    }
    if (isOf(IECTL, register)) {
      return queueEvent.read((register - IECTL) / 4);
    }
    long value = switch (register & ~7) {
      case VER & ~7 -> VERSION;
      case CAP -> CAPABILITIES;
      case ECAP -> extended;
      case GCMD -> (long) status << 32; // GSTS is its upper half
      case RTADDR -> rootRegister;
      case CCMD -> contextCommand;
      case FSTS & ~7 -> (long) faults.status() << 32;
      case IQH -> queue.head();
      case IQT -> queue.tail();
      case IQA -> queue.base();
      case ICS & ~7 -> queue.isComplete() ? 1L << 32 : 0;
      case IRTA -> interruptRegister;
      case IOTLB -> iotlb;
      default -> 0;
    };
    return (int) (value >>> 8 * (register & 4));
  }

  private void write(int register, int value) {
    if (register >= FRCD && register < FRCD + 16 * FAULTS) {
      faults.write((register - FRCD) / 4, value);
    } else if (isOf(FECTL, register)) {
      faultEvent.write((register - FECTL) / 4, value);
    } else if (isOf(IECTL, register)) {
      queueEvent.write((register - IECTL) / 4, value);
    } else {
      switch (register) {
        case GCMD -> command(value);
        case RTADDR, RTADDR + 4 -> rootRegister = merge(rootRegister, register, value) & TABLE;
        case CCMD, CCMD + 4 -> invalidateContexts(merge(contextCommand, register, value));
        case FSTS -> {
          faults.clearStatus(value);
          queue.process();
        }
        case IQT -> queue.tail(Integer.toUnsignedLong(value));
        case IQA, IQA + 4 -> queue.base(merge(queue.base(), register, value));
        case ICS -> {
          if ((value & 1) != 0) {
            queue.clearComplete();
          }
        }
        case IRTA, IRTA + 4 -> interruptRegister = merge(interruptRegister, register, value) & irtaBits();
        case IOTLB, IOTLB + 4 -> invalidateTranslations(merge(iotlb, register, value));
        default -> {
          // read-only, or there is nothing
        }
      }
    }
  }

  private static boolean isOf(int event, int register) {
    return register >= event && register < event + 4 * EVENT_REGISTERS;
  }

  private static long merge(long old, int register, int value) {
    return (register & 4) == 0
        ? old & ~0xffff_ffffL | Integer.toUnsignedLong(value)
        : old & 0xffff_ffffL | (long) value << 32;
  }

  private long irtaBits() {
    return (extended & ECAP_EIM) != 0 ? IRTA_BITS : IRTA_BITS & ~EIME;
  }

  private void command(int value) {
    if ((value & SRTP) != 0) {
      root = rootRegister;
      status |= SRTP;
    }
    int levels = TE | QIE;
    if (remapsInterrupts) {
      levels |= IRE | CFI;
      if ((value & SIRTP) != 0) {
        interruptTable = interruptRegister;
        status |= SIRTP;
      }
    }
    status = status & ~levels | value & levels;
    queue.enable((status & QIE) != 0);
  }

  private void invalidateContexts(long value) {
    contextCommand = value & CCMD_BITS;
    if ((value & ICC) != 0) {
      contextCommand |= (value & CIRG) >>> CIRG_TO_CAIG;
    }
  }

  private void invalidateTranslations(long value) {
    iotlb = value & IOTLB_BITS;
    if ((value & IVT) != 0) {
      iotlb |= (value & IIRG) >>> IIRG_TO_IAIG;
    }
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  @Override
  public void reset(ResetKind kind) {
    status = 0;
    rootRegister = 0;
    root = 0;
    interruptRegister = 0;
    interruptTable = 0;
    contextCommand = 0;
    iotlb = 0;
    faults.reset();
    faultEvent.reset();
    queue.reset();
    queueEvent.reset();
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<IommuState> type() {
    return IommuState.class;
  }

  @Override
  public IommuState save() {
    return new IommuState(status, rootRegister, root, interruptRegister, interruptTable, contextCommand, iotlb,
        faults.save(), faultEvent.save(), queue.save(), queueEvent.save());
  }

  @Override
  public void restore(IommuState state) throws InvalidState {
    state.check();
    status = state.status();
    rootRegister = state.rootRegister();
    root = state.root();
    interruptRegister = state.interruptRegister();
    interruptTable = state.interruptTable();
    contextCommand = state.contextCommand();
    iotlb = state.iotlb();
    faults.restore(state.faults());
    faultEvent.restore(state.faultEvent());
    queue.restore(state.queue(), (status & QIE) != 0);
    queueEvent.restore(state.queueEvent());
  }
}
