package org.sallyport.irqchip.ioapic;

import static org.sallyport.irqchip.ioapic.IoApicRegisters.*;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.IoApic;

/**
 * The 82093AA.
 *
 * <p>Where the datasheet leaves room:
 *
 * <ul>
 *   <li>An edge on a masked pin is lost ("Interrupt Mask": neither delivered nor held pending), and so is one for which
 *       the entry's delivery mode is reserved. Unmasking a pin that is high is no edge.
 *   <li>Messages travel on the system bus, which has no retry: an edge that no local APIC accepts is lost. A
 *       level-triggered interrupt that none accepts keeps its entry's delivery status at "send pending", and is sent
 *       again with the next change of the entry or the pin and with the next EOI.
 *   <li>NMI, SMI, INIT and ExtINT are edges, whatever the trigger mode says ("Delivery Mode").
 *   <li>Remote IRR is cleared by an EOI with the entry's vector, masked or not, and by making the entry edge-triggered.
 *   <li>A write to IOWIN of fewer than 4 bytes changes these bytes alone; reads give the bytes that they cover.
 *       Reserved registers read 0.
 *   <li>The extended destination of later chips means nothing but in a machine that remaps interrupts.
 * </ul>
 */
final class IoApic82093 implements IoApic, MemoryIo, Persistent<IoApicState> {
  private final long base;
  private final int initialId;
  private final ApicBus bus;
  private final List<MemoryRange> ranges;

  private int select;
  private int id;
  private int arbitration;
  private final long[] table = new long[PINS];
  private int levels;

  /**
   * The message of each entry, made when the entry is written, so that sending allocates nothing; null for reserved
   * modes.
   */
  private final ApicMessage[] messages = new ApicMessage[PINS];

  IoApic82093(long base, int id, ApicBus bus) {
    if ((id & ~ID_MASK) != 0) {
      throw new IllegalArgumentException("IO APIC identifier " + id + " is not between 0 and 15");
    }
    this.base = base;
    this.initialId = id;
    this.bus = bus;
    ranges = List.of(new MemoryRange(base, WINDOW));
    reset(ResetKind.POWER_ON);
  }

  static boolean isLevel(long entry) {
    DeliveryMode mode = mode(entry);
    return (entry & LEVEL) != 0 && (mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY);
  }

  private static DeliveryMode mode(long entry) {
    return DeliveryMode.of((int) (entry >>> DELIVERY_MODE));
  }

  @Override
  public int pins() {
    return PINS;
  }

  @Override
  public void pin(int pin, boolean asserted) {
    int bit = 1 << pin;
    if (asserted == ((levels & bit) != 0)) {
      return;
    }
    levels ^= bit;
    long entry = table[pin];
    if (isLevel(entry)) {
      service(pin);
    } else if (asserted && (entry & MASKED) == 0 && messages[pin] != null) {
      send(pin, entry);
    }
  }

  /** On the system bus an entry is a write of this data to this address (ICH datasheets, "Redirection Table"). */
  private boolean send(int pin, long entry) {
    int data = (int) (entry & (VECTOR | 7L << DELIVERY_MODE)) | (isLevel(entry) ? DATA_LEVEL | DATA_ASSERT : 0);
    long logical = (entry & LOGICAL) != 0 ? ADDRESS_LOGICAL : 0;
    return bus.send(messages[pin], ADDRESS | entry >>> EXTENDED_DESTINATION << ADDRESS_EXTENDED | logical, data);
  }

  @Override
  public void endOfInterrupt(int vector) {
    for (int pin = 0; pin < PINS; pin++) {
      long entry = table[pin];
      if ((entry & REMOTE_IRR) != 0 && (entry & VECTOR) == vector) {
        table[pin] = entry & ~REMOTE_IRR;
        service(pin);
      } else if ((entry & DELIVERY_STATUS) != 0) {
        service(pin);
      }
    }
  }

  /** Sends what a level-triggered entry has to send now. */
  private void service(int pin) {
    long entry = table[pin];
    if ((entry & (MASKED | REMOTE_IRR)) != 0 || (levels >> pin & 1) == 0 || !isLevel(entry)) {
      table[pin] = entry & ~DELIVERY_STATUS;
      return;
    }
    // Set beforehand: the EOI may come back before send returns.
    table[pin] = entry & ~DELIVERY_STATUS | REMOTE_IRR;
    if (!send(pin, entry)) {
      table[pin] = entry & ~REMOTE_IRR | DELIVERY_STATUS;
    }
  }

  @Override
  public Optional<MemoryIo> memoryIo() {
    return Optional.of(this);
  }

  @Override
  public List<MemoryRange> memoryRanges() {
    return ranges;
  }

  @Override
  public long readMemory(long address, int size) {
    int offset = (int) (address - base);
    int lane = offset & 0xf;
    if (lane >= 4) {
      return 0;
    }
    int register = switch (offset - lane) {
      case IOREGSEL -> select;
      case IOWIN -> read(select);
      default -> 0;
    };
    return Integer.toUnsignedLong(register) >>> 8 * lane & maskOf(size);
  }

  @Override
  public void writeMemory(long address, int size, long value) {
    int offset = (int) (address - base);
    int lane = offset & 0xf;
    if (lane >= 4) {
      return;
    }
    int changed = (int) (maskOf(size) << 8 * lane);
    int bits = (int) (value << 8 * lane) & changed;
    switch (offset - lane) {
      case IOREGSEL -> select = (select & ~changed | bits) & 0xff;
      case IOWIN -> write(select, read(select) & ~changed | bits);
      case IOEOIR -> {
        if (lane == 0) {
          endOfInterrupt(bits & 0xff);
        }
      }
      default -> {
        // reserved
      }
    }
  }

  /** The bits of an access: of the 32 that a register has, the upper half of an 8-byte access covers none. */
  private static long maskOf(int size) {
    return size >= 4 ? 0xffff_ffffL : (1L << 8 * size) - 1;
  }

  private int read(int register) {
    int index = register - IOREDTBL;
    if (index >= 0 && index < 2 * PINS) {
      long entry = table[index >> 1];
      return (int) ((index & 1) == 0 ? entry : entry >>> 32);
    }
    return switch (register) {
      case IOAPICID -> id << ID_SHIFT;
      case IOAPICVER -> VERSION;
      case IOAPICARB -> arbitration << ID_SHIFT;
      default -> 0;
    };
  }

  private void write(int register, int value) {
    int index = register - IOREDTBL;
    if (index >= 0 && index < 2 * PINS) {
      writeHalf(index >> 1, (index & 1) != 0, value);
    } else if (register == IOAPICID) {
      id = value >>> ID_SHIFT & ID_MASK;
      arbitration = id; // "I/O APIC Arbitration Register": loaded when the identification register is written
    }
  }

  private void writeHalf(int pin, boolean upper, int value) {
    long half = Integer.toUnsignedLong(value);
    long entry = table[pin];
    entry = upper ? entry & 0xffff_ffffL | half << 32 : entry & ~0xffff_ffffL | half;
    entry = entry & WRITABLE | table[pin] & READ_ONLY;
    if (!isLevel(entry)) {
      entry &= ~READ_ONLY;
    }
    table[pin] = entry;
    messages[pin] = message(entry);
    service(pin);
  }

  private static ApicMessage message(long entry) {
    DeliveryMode mode = mode(entry);
    if (mode == DeliveryMode.RESERVED || mode == DeliveryMode.STARTUP) {
      return null;
    }
    int destination = (int) (entry >>> DESTINATION);
    return new ApicMessage(destination == 0xff ? ApicMessage.BROADCAST : destination, (entry & LOGICAL) != 0, mode,
        (int) (entry & VECTOR), isLevel(entry), true);
  }

  /** The pins' levels come from outside and stay. */
  @Override
  public void reset(ResetKind kind) {
    select = 0;
    id = initialId;
    arbitration = initialId;
    for (int pin = 0; pin < PINS; pin++) {
      table[pin] = MASKED;
      messages[pin] = message(MASKED);
    }
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<IoApicState> type() {
    return IoApicState.class;
  }

  @Override
  public IoApicState save() {
    return new IoApicState(select, id, arbitration, table.clone(), levels);
  }

  /** Sends nothing: what was on its way is in the local APICs' states. */
  @Override
  public void restore(IoApicState state) throws InvalidState {
    state.validate();
    select = state.select();
    id = state.id();
    arbitration = state.arbitration();
    levels = state.levels();
    for (int pin = 0; pin < PINS; pin++) {
      table[pin] = state.table()[pin];
      messages[pin] = message(table[pin]);
    }
  }
}
