package org.sallyport.device.rtc;

import static org.sallyport.device.rtc.Divider.SECOND;
import static org.sallyport.device.rtc.RtcRegisters.*;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;

/**
 * The real-time clock of a PC: a Motorola MC146818A with 128 bytes of CMOS memory at ports 0x70 and 0x71.
 *
 * <p>It begins with the machine's date and then counts the machine's time. Nothing happens between accesses but the
 * interrupts that are enabled: the registers are brought up to date when they are looked at. The century is in byte
 * 0x32 and counted along. Daylight saving (bit DSE) can be set and does nothing; its rules are those of 1984.
 */
public final class Rtc implements Device, PortIo, Persistent<RtcState> {
  private static final List<PortRange> RANGES = List.of(new PortRange(INDEX, 2));

  private final RtcConfiguration configuration;
  private final VmClock clock;
  private final Timer timer;
  private final IrqLine irq;

  private final byte[] cmos = new byte[SIZE];
  private final TimeOfDay time = new TimeOfDay(cmos);
  private int index;
  private long origin;
  private long broughtUpTo;

  public Rtc(RtcConfiguration configuration, DeviceContext context) {
    this.configuration = configuration;
    clock = context.clock();
    irq = context.irq(configuration.irq());
    timer = clock.timer(context.name() + ".interrupt", this::interruptMayBeDue);
    powerOn();
  }

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return RANGES;
  }

  /** "RESET": the pin disables the interrupts and the square wave; the battery keeps everything else. */
  @Override
  public void reset(ResetKind kind) {
    bringUp(clock.nanos());
    if (kind == ResetKind.POWER_ON) {
      powerOn();
    }
    index = 0;
    cmos[B] = (byte) (cmos[B] & ~(C_FLAGS | B_SQWE));
    cmos[C] = 0;
    updateIrq();
  }

  private void powerOn() {
    Arrays.fill(cmos, (byte) 0);
    cmos[A] = A_DV_32KHZ | 6; // 1024 Hz, as a PC's firmware leaves it
    cmos[B] = B_24;
    cmos[D] = (byte) D_VRT;
    CmosMemory.fill(cmos, configuration.memoryBelow4G(), configuration.memoryAbove4G());
    index = 0;
    origin = 0;
    broughtUpTo = clock.nanos();
    ZoneId zone = configuration.utc() ? ZoneOffset.UTC : ZoneId.systemDefault();
    time.set(LocalDateTime.ofInstant(Instant.ofEpochSecond(clock.epochSeconds() + broughtUpTo / SECOND), zone));
  }

  @Override
  public void close() {
    timer.close();
  }

  @Override
  public int readPort(int port, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      // The index cannot be read back.
      value |= (port + i == DATA ? read(index & ~INDEX_NMI_MASK) : 0xff) << (8 * i);
    }
    return value;
  }

  @Override
  public void writePort(int port, int size, int value) {
    for (int i = 0; i < size; i++) {
      int octet = value >>> (8 * i) & 0xff;
      if (port + i == INDEX) {
        index = octet;
      } else if (port + i == DATA) {
        write(index & ~INDEX_NMI_MASK, octet);
      }
    }
  }

  private int read(int address) {
    if (address > D && address != CENTURY) {
      return cmos[address] & 0xff;
    }
    long now = clock.nanos();
    bringUp(now);
    return switch (address) {
      case A -> cmos[A] & 0xff | (updateInProgress(now) ? A_UIP : 0);
      case C -> {
        int value = cmos[C] | (interruptRequested() ? C_IRQF : 0);
        cmos[C] = 0;
        updateIrq();
        yield value;
      }
      default -> cmos[address] & 0xff;
    };
  }

  private void write(int address, int value) {
    if (address > D) {
      if (address == CENTURY) {
        bringUp(clock.nanos());
      }
      cmos[address] = (byte) value;
      return;
    }
    long now = clock.nanos();
    bringUp(now);
    switch (address) {
      case A -> {
        if (!Divider.runs(cmos[A]) && Divider.runs(value)) {
          origin = now - SECOND + Divider.FIRST_UPDATE;
        }
        cmos[A] = (byte) (value & ~A_UIP);
      }
      case B -> cmos[B] = (byte) ((value & B_SET) != 0 ? value & ~B_UIE : value);
      case C, D -> {} // for reading only
      default -> cmos[address] = (byte) value;
    }
    updateIrq();
  }

  /** Brings time, flags and interrupt up to now. */
  private void bringUp(long now) {
    int flags = 0;
    if (Divider.runs(cmos[A])) {
      long updates = Math.floorDiv(now - origin, SECOND) - Math.floorDiv(broughtUpTo - origin, SECOND);
      if (updates > 0 && (cmos[B] & B_SET) == 0) {
        flags |= time.advance(updates) ? C_UF | C_AF : C_UF;
      }
      int period = Divider.period(cmos[A]);
      if (period > 0 && Divider.periods(now - origin, period) > Divider.periods(broughtUpTo - origin, period)) {
        flags |= C_PF;
      }
    }
    broughtUpTo = now;
    if ((flags & ~cmos[C]) != 0) {
      cmos[C] = (byte) (cmos[C] | flags);
      updateIrq();
    }
  }

  /** "UIP": from shortly before an update to its end; the time read meanwhile is the old one. */
  private boolean updateInProgress(long now) {
    return Divider.runs(cmos[A]) && (cmos[B] & B_SET) == 0
        && Math.floorMod(now - origin, SECOND) >= SECOND - Divider.updateWindow(cmos[A]);
  }

  private boolean interruptRequested() {
    return (cmos[B] & cmos[C] & C_FLAGS) != 0;
  }

  private void interruptMayBeDue() {
    bringUp(clock.nanos());
    updateIrq();
  }

  private void updateIrq() {
    irq.set(interruptRequested());
    arm();
  }

  /** Sets the timer for what may request an interrupt next; while one is requested nothing new can. */
  private void arm() {
    long next = Long.MAX_VALUE;
    if (Divider.runs(cmos[A]) && !interruptRequested()) {
      long now = broughtUpTo - origin;
      if ((cmos[B] & (C_AF | C_UF)) != 0 && (cmos[B] & B_SET) == 0) {
        next = (Math.floorDiv(now, SECOND) + 1) * SECOND;
      }
      int period = Divider.period(cmos[A]);
      if ((cmos[B] & C_PF) != 0 && period > 0) {
        next = Math.min(next, Divider.endOfPeriod(Divider.periods(now, period) + 1, period));
      }
    }
    if (next == Long.MAX_VALUE) {
      timer.cancel();
    } else {
      timer.at(origin + next);
    }
  }

  @Override
  public Class<RtcState> type() {
    return RtcState.class;
  }

  @Override
  public RtcState save() {
    return new RtcState(cmos.clone(), index, origin, broughtUpTo);
  }

  @Override
  public void restore(RtcState state) throws InvalidState {
    state.check(clock.nanos());
    System.arraycopy(state.cmos(), 0, cmos, 0, SIZE);
    index = state.index();
    origin = state.origin();
    broughtUpTo = state.broughtUpTo();
    updateIrq();
  }
}
