package org.sallyport.irqchip.lapic;

import static org.sallyport.irqchip.lapic.ApicRegisters.*;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.LocalApicFactory.Features;
import org.sallyport.api.irq.MsrFault;
import org.sallyport.api.irq.ProcessorSignals;

/**
 * A local APIC in xAPIC or x2APIC mode.
 *
 * <p>Where the SDM leaves room:
 *
 * <ul>
 *   <li>Clearing IA32_APIC_BASE.EN resets the registers, but for the TPR: CR8 stays what it is. The identifier becomes
 *       the initial one.
 *   <li>In xAPIC mode the identifier can be written, as in the first processors with an APIC.
 *   <li>Registers answer aligned 4-byte writes; other writes are ignored. Reads give the bytes that they cover; bytes 4
 *       to 15 of a register read 0.
 *   <li>An IPI with an illegal vector is sent, so that both ends report it; it is never accepted.
 *   <li>Lowest-priority IPIs and shorthands in all delivery modes work.
 *   <li>A new error raises the error interrupt if there was none since the last write to the ESR, which arms it again.
 *   <li>A message in ExtINT mode asks for the PIC's vector until INTR falls.
 * </ul>
 */
final class XApic implements LocalApic, MemoryIo, Persistent<LocalApicState> {
  private final int initialId;
  private final Features features;
  private final long baseReserved;
  private final ApicBus bus;
  private final ProcessorSignals processor;
  private final X2ApicMsrs x2apicMsrs;
  /** Asked for with every access of the processor. */
  private final Optional<MemoryIo> registerPage = Optional.of(this);

  // IA32_APIC_BASE, and what follows from it
  private long apicBase;
  private boolean enabled;
  private boolean x2apic;

  // Registers
  private int xapicId;
  private int tpr;
  private int ldr;
  private int dfr;
  private int svr;
  private int esr;
  private final VectorSet isr = new VectorSet();
  private final VectorSet tmr = new VectorSet();
  private final VectorSet irr = new VectorSet();
  private final InterruptCommand command = new InterruptCommand();
  private final LocalVectors lvt;
  private final ApicTimer timer;

  // Behind the registers
  private int newErrors;
  private boolean lint0;
  private boolean lint1;
  private boolean externalMessage;

  /**
   * Kept equal to what the registers and pins say at the end of each change, for those who read it without the lock.
   */
  private volatile boolean pending;

  XApic(int id, Features features, VmClock clock, ApicBus bus, ProcessorSignals processor) {
    initialId = id;
    this.features = features;
    this.bus = bus;
    this.processor = processor;
    baseReserved =
        BASE_RESERVED | (features.x2apic() ? 0 : BASE_EXTD) | -1L << features.physicalAddressBits();
    x2apicMsrs = new X2ApicMsrs(features.tscDeadline());
    lvt = new LocalVectors(features.tscDeadline());
    timer = new ApicTimer("lapic" + id + ".timer", clock, processor, features.tscHz(), this::timerExpired);
    reset(ResetKind.POWER_ON);
  }

  // ---- Identity and destinations

  @Override
  public int id() {
    return x2apic ? initialId : xapicId;
  }

  @Override
  public long base() {
    return enabled && !x2apic ? apicBase & -PAGE : -1;
  }

  /** SDM, "Determining IPI Destination" and "Interrupt Destination Modes in x2APIC Mode". */
  @Override
  public boolean matches(int destination, boolean logical) {
    if (!enabled) {
      return false;
    }
    if (destination == ApicMessage.BROADCAST) {
      return true;
    }
    if (x2apic) {
      return logical ? inGroup(destination, x2apicLogicalId(), 16) : destination == initialId;
    }
    if (destination == 0xff) {
      return true;
    }
    if (!logical) {
      return destination == xapicId;
    }
    int logicalId = ldr >>> 24;
    return switch (dfr >>> 28) {
      case DFR_FLAT -> (destination & logicalId) != 0 && destination >>> 8 == 0;
      case DFR_CLUSTER -> inGroup(destination, logicalId, 4);
      default -> false;
    };
  }

  /** Same cluster, and a common bit below it. */
  private static boolean inGroup(int destination, int logicalId, int bits) {
    return destination >>> bits == logicalId >>> bits && (destination & logicalId & (1 << bits) - 1) != 0;
  }

  /** SDM, "Deriving Logical x2APIC ID from the Local x2APIC ID". */
  private int x2apicLogicalId() {
    return initialId >>> 4 << 16 | 1 << (initialId & 0xf);
  }

  @Override
  public int arbitrationPriority() {
    return enabled && isSoftwareEnabled() ? apr() : -1;
  }

  // ---- Priorities

  private boolean isSoftwareEnabled() {
    return (svr & SVR_ENABLED) != 0;
  }

  /** SDM, "Task and Processor Priorities". */
  private int ppr() {
    int inService = Math.max(isr.highest(), 0) & 0xf0;
    return (tpr & 0xf0) >= inService ? tpr : inService;
  }

  /** SDM, "Arbitration Priority Register (APR)". */
  private int apr() {
    int task = tpr & 0xf0;
    int inService = Math.max(isr.highest(), 0) & 0xf0;
    int requested = Math.max(irr.highest(), 0) & 0xf0;
    return task >= requested && task > inService ? tpr : Math.max(task & inService, requested);
  }

  @Override
  public int taskPriority() {
    return tpr;
  }

  @Override
  public void taskPriority(int value) {
    tpr = value & 0xff;
    refresh();
  }

  // ---- Towards the processor

  @Override
  public boolean interruptPending() {
    return pending;
  }

  @Override
  public int pendingVector() {
    int vector = irr.highest();
    return vector >= 0 && (vector & 0xf0) > (ppr() & 0xf0) ? vector : -1;
  }

  @Override
  public int acknowledge() {
    int vector = pendingVector();
    if (vector < 0) {
      return svr & 0xff; // SDM, "Spurious Interrupt": not in service, needs no EOI
    }
    irr.remove(vector);
    isr.add(vector);
    refresh();
    return vector;
  }

  @Override
  public boolean externalInterruptPending() {
    if (!enabled) {
      return lint0; // the pin is INTR: SDM, "Enabling or Disabling the Local APIC"
    }
    return lint0 && (externalMessage || lvt.isExternal(LINT0)) || lint1 && lvt.isExternal(LINT1);
  }

  private void refresh() {
    boolean now = pendingVector() >= 0 || externalInterruptPending();
    if (now != pending) {
      pending = now;
      if (now) {
        processor.interruptsChanged();
      }
    }
  }

  /** Takes an interrupt into the IRR. */
  private boolean request(int vector, boolean level) {
    if (vector < FIRST_LEGAL_VECTOR) {
      error(ESR_RECEIVED_ILLEGAL_VECTOR);
      return false;
    }
    if (level) {
      tmr.add(vector);
    } else {
      tmr.remove(vector);
    }
    irr.add(vector);
    refresh();
    return true;
  }

  /** SDM, "Signaling Interrupt Servicing Completion". */
  private void endOfInterrupt() {
    int vector = isr.highest();
    if (vector < 0) {
      return;
    }
    isr.remove(vector);
    refresh();
    if (tmr.contains(vector)) {
      if (lvt.remoteIrr() && lvt.vector(LINT0) == vector) {
        lvt.remoteIrr(false);
        levelPin();
      }
      if ((svr & SVR_NO_EOI_BROADCAST) == 0) {
        bus.endOfInterrupt(vector);
      }
    }
  }

  // ---- Messages

  @Override
  public boolean accept(ApicMessage message) {
    if (!enabled) {
      return false;
    }
    if (!message.asserted()) {
      return true; // de-assertions are messages without effect
    }
    DeliveryMode mode = message.mode();
    switch (mode) {
      case FIXED, LOWEST_PRIORITY -> {
        return isSoftwareEnabled() && request(message.vector(), message.levelTriggered());
      }
      case EXTINT -> {
        if (!isSoftwareEnabled()) {
          return false;
        }
        externalMessage = true;
        refresh();
      }
      case SMI -> processor.smi();
      case NMI -> processor.nmi();
      case INIT -> processor.init();
      case STARTUP -> processor.startup(message.vector());
      case RESERVED -> {
        return false;
      }
    }
    return true;
  }

  private void sendCommand() {
    DeliveryMode mode = command.mode();
    boolean hasVector = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
    if (hasVector && command.vector() < FIRST_LEGAL_VECTOR) {
      error(ESR_SEND_ILLEGAL_VECTOR);
    }
    if (mode == DeliveryMode.RESERVED || mode == DeliveryMode.EXTINT) {
      return;
    }
    ApicMessage message = command.message(x2apic);
    switch (command.shorthand()) {
      case InterruptCommand.SELF -> accept(message);
      case InterruptCommand.ALL -> bus.broadcast(message, id(), true);
      case InterruptCommand.ALL_BUT_SELF -> bus.broadcast(message, id(), false);
      default -> bus.send(message);
    }
  }

  private void selfIpi(int vector) {
    if (vector < FIRST_LEGAL_VECTOR) {
      error(ESR_SEND_ILLEGAL_VECTOR);
    }
    if (isSoftwareEnabled()) {
      request(vector, false);
    }
  }

  /** SDM, "Error Handling". */
  private void error(int bit) {
    boolean armed = newErrors == 0;
    newErrors |= bit;
    if (armed && !lvt.isMasked(ERROR)) {
      request(lvt.vector(ERROR), false);
    }
  }

  // ---- Local interrupts

  private void timerExpired() {
    if (!lvt.isMasked(TIMER)) {
      request(lvt.vector(TIMER), false);
    }
  }

  @Override
  public void localInterrupt(int pin, boolean asserted) {
    if (asserted == (pin == 0 ? lint0 : lint1)) {
      return;
    }
    if (pin == 0) {
      lint0 = asserted;
      externalMessage &= asserted;
    } else {
      lint1 = asserted;
    }
    if (asserted && !enabled && pin == 1) {
      processor.nmi(); // the pins are INTR and NMI
    } else if (asserted && enabled) {
      edge(pin == 0 ? LINT0 : LINT1);
    }
    levelPin();
    refresh();
  }

  private void edge(int index) {
    if (lvt.isMasked(index)) {
      return;
    }
    switch (lvt.mode(index)) {
      case FIXED -> {
        if (!lvt.isLevel(index)) {
          request(lvt.vector(index), false);
        }
      }
      case SMI -> processor.smi();
      case NMI -> processor.nmi();
      case INIT -> processor.init();
      default -> {
        // ExtINT is a level; the others are reserved
      }
    }
  }

  /** Requests what a level-triggered LINT0 has to request now. */
  private void levelPin() {
    if (lint0 && lvt.isLevel(LINT0) && !lvt.isMasked(LINT0) && !lvt.remoteIrr()) {
      lvt.remoteIrr(request(lvt.vector(LINT0), true));
    }
  }

  private void writeLvt(int index, int value) {
    if (index == TIMER) {
      timer.catchUp();
    }
    lvt.set(index, value, isSoftwareEnabled());
    if (index == TIMER) {
      timer.configure(lvt.timerMode(), lvt.isMasked(TIMER));
    }
    levelPin();
    refresh();
  }

  private void writeSvr(int value) {
    svr = value & SVR_WRITABLE;
    if (!isSoftwareEnabled()) {
      timer.catchUp();
      lvt.maskAll();
      timer.configure(lvt.timerMode(), true);
      externalMessage = false;
      refresh();
    }
  }

  // ---- Registers

  private int read(int offset) {
    return switch (offset) {
      case ID -> x2apic ? initialId : xapicId << 24;
      case VERSION -> VERSION_VALUE;
      case TPR -> tpr;
      case APR -> apr();
      case PPR -> ppr();
      case EOI, RRD -> 0;
      case LDR -> x2apic ? x2apicLogicalId() : ldr;
      case DFR -> dfr;
      case SVR -> svr;
      case ISR, ISR + 0x10, ISR + 0x20, ISR + 0x30, ISR + 0x40, ISR + 0x50, ISR + 0x60, ISR + 0x70 ->
        isr.register(offset - ISR >> 4);
      case TMR, TMR + 0x10, TMR + 0x20, TMR + 0x30, TMR + 0x40, TMR + 0x50, TMR + 0x60, TMR + 0x70 ->
        tmr.register(offset - TMR >> 4);
      case IRR, IRR + 0x10, IRR + 0x20, IRR + 0x30, IRR + 0x40, IRR + 0x50, IRR + 0x60, IRR + 0x70 ->
        irr.register(offset - IRR >> 4);
      case ESR -> esr;
      case ICR_LOW -> command.low();
      case ICR_HIGH -> command.high();
      case LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR -> lvt.get(offset - LVT_TIMER >> 4);
      case INITIAL_COUNT -> timer.initialCount();
      case CURRENT_COUNT -> timer.currentCount();
      case DIVIDE -> timer.divide();
      default -> {
        error(ESR_ILLEGAL_REGISTER);
        yield 0;
      }
    };
  }

  private void write(int offset, int value) {
    switch (offset) {
      case ID -> xapicId = value >>> 24;
      case TPR -> taskPriority(value);
      case EOI -> endOfInterrupt();
      case LDR -> ldr = value & 0xff00_0000;
      case DFR -> dfr = value | DFR_FIXED;
      case SVR -> writeSvr(value);
      case ESR -> {
        esr = newErrors;
        newErrors = 0;
      }
      case ICR_LOW -> {
        command.low(value);
        sendCommand();
      }
      case ICR_HIGH -> command.high(value);
      case LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR ->
        writeLvt(offset - LVT_TIMER >> 4, value);
      case INITIAL_COUNT -> timer.initialCount(value);
      case DIVIDE -> timer.divide(value);
      case VERSION, APR, PPR, RRD, CURRENT_COUNT -> {
        // read-only
      }
      default -> {
        if (offset < ISR || offset >= ESR) { // between them are read-only registers
          error(ESR_ILLEGAL_REGISTER);
        }
      }
    }
  }

  @Override
  public Optional<MemoryIo> memoryIo() {
    return registerPage;
  }

  /** The register page, or nothing while there is none. */
  @Override
  public List<MemoryRange> memoryRanges() {
    return base() < 0 ? List.of() : List.of(new MemoryRange(base(), PAGE));
  }

  @Override
  public long readMemory(long address, int size) {
    int lane = (int) address & 0xf;
    if (lane >= 4) {
      return 0;
    }
    long value = Integer.toUnsignedLong(read((int) address & 0xff0)) >>> 8 * lane;
    return size >= 4 ? value : value & (1L << 8 * size) - 1;
  }

  @Override
  public void writeMemory(long address, int size, long value) {
    if (size == 4 && (address & 0xf) == 0) {
      write((int) address & 0xff0, (int) value);
    }
  }

  // ---- MSRs

  @Override
  public boolean ownsMsr(int index) {
    return index == IA32_APIC_BASE || index == IA32_TSC_DEADLINE && features.tscDeadline()
        || x2apic && index >>> 8 == X2APIC_FIRST >>> 8;
  }

  @Override
  public long readMsr(int index) throws MsrFault {
    if (!ownsMsr(index)) {
      throw MsrFault.INSTANCE;
    }
    if (index == IA32_APIC_BASE) {
      return apicBase;
    }
    if (index == IA32_TSC_DEADLINE) {
      return timer.deadline();
    }
    int offset = x2apicMsrs.readable(index);
    return offset == ICR_LOW ? command.value() : Integer.toUnsignedLong(read(offset));
  }

  @Override
  public void writeMsr(int index, long value) throws MsrFault {
    if (!ownsMsr(index)) {
      throw MsrFault.INSTANCE;
    }
    if (index == IA32_APIC_BASE) {
      writeBase(value);
    } else if (index == IA32_TSC_DEADLINE) {
      timer.deadline(value);
    } else {
      int offset = x2apicMsrs.writable(index, value);
      switch (offset) {
        case ICR_LOW -> {
          command.value(value);
          sendCommand();
        }
        case SELF_IPI -> selfIpi((int) value);
        default -> write(offset, (int) value);
      }
    }
  }

  /** SDM, "x2APIC State Transitions". */
  private void writeBase(long value) throws MsrFault {
    boolean newEnabled = (value & BASE_EN) != 0;
    boolean newX2apic = (value & BASE_EXTD) != 0;
    if ((value & baseReserved) != 0
        || newX2apic && !newEnabled // invalid
        || newX2apic && !enabled // the way from off leads through xAPIC mode
        || x2apic && newEnabled && !newX2apic) { // and the way back through off
      throw MsrFault.INSTANCE;
    }
    if (enabled && !newEnabled) {
      xapicId = initialId & 0xff;
      resetRegisters();
    } else if (newX2apic && !x2apic) {
      xapicId = initialId & 0xff;
      command.high(0); // "not preserved"
    }
    takeBase(value);
    refresh();
  }

  private void takeBase(long value) {
    apicBase = value;
    enabled = (value & BASE_EN) != 0;
    x2apic = (value & BASE_EXTD) != 0;
  }

  // ---- Resets

  /** SDM, "Local APIC State After Power-Up or Reset". The pins' levels come from outside and stay. */
  @Override
  public void reset(ResetKind kind) {
    takeBase(DEFAULT_BASE | BASE_EN | (initialId == 0 ? BASE_BSP : 0));
    xapicId = initialId & 0xff;
    init();
  }

  /** SDM, "Local APIC State After an INIT Reset" and, for x2APIC mode, which stays, "x2APIC After Reset". */
  @Override
  public void init() {
    tpr = 0;
    resetRegisters();
    refresh();
  }

  private void resetRegisters() {
    ldr = 0;
    dfr = -1;
    svr = SVR_RESET;
    esr = 0;
    newErrors = 0;
    isr.clear();
    tmr.clear();
    irr.clear();
    command.value(0);
    lvt.reset();
    timer.reset();
    externalMessage = false;
  }

  @Override
  public void close() {
    timer.close();
  }

  // ---- State

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<LocalApicState> type() {
    return LocalApicState.class;
  }

  @Override
  public LocalApicState save() {
    return new LocalApicState(xapicId, apicBase, tpr, ldr, dfr, svr, isr.save(), tmr.save(), irr.save(), esr, newErrors,
        lvt.save(),
        command.value(), timer.save(), lint0, lint1, externalMessage);
  }

  @Override
  public void restore(LocalApicState state) throws InvalidState {
    state.validate(baseReserved, lvt);
    takeBase(state.apicBase());
    xapicId = state.xapicId();
    tpr = state.taskPriority();
    ldr = state.logicalDestination();
    dfr = state.destinationFormat();
    svr = state.spuriousVector();
    isr.restore(state.inService());
    tmr.restore(state.triggerModes());
    irr.restore(state.requests());
    esr = state.errorStatus();
    newErrors = state.newErrors();
    lvt.restore(state.localVectors());
    command.value(state.interruptCommand());
    lint0 = state.lint0();
    lint1 = state.lint1();
    externalMessage = state.externalMessage();
    timer.restore(state.timer(), lvt.timerMode(), lvt.isMasked(TIMER));
    refresh();
  }
}
