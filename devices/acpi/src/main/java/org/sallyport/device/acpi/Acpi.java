package org.sallyport.device.acpi;

import static org.sallyport.device.acpi.AcpiRegisters.*;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.device.ClockAlarmInput;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MachineControl;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.PowerButton;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;

/**
 * The fixed hardware of ACPI (specification 6.4, section 4.8): PM1 event and control block, a power-management timer of
 * 32 bits, a block of 16 general-purpose events, SMI_CMD, a reset register, and the SCI that reports the events.
 *
 * <p>There is no firmware in system-management mode: SMI_CMD switches between ACPI and legacy mode by itself, and in
 * legacy mode, where events would raise an SMI, they only stand in the status registers. Of the fixed events, timer,
 * power button, real-time clock and wake happen; there is no sleep button, and no firmware ever wants the global lock.
 */
public final class Acpi
    implements
      Device,
      PortIo,
      AcpiBlocks,
      PowerButton,
      ClockAlarmInput,
      Persistent<AcpiState> {
  private final DeviceContext context;
  private final VmClock clock;
  private final MachineControl control;
  private final IrqLine sci;
  private final Timer timer;
  private final int base;
  private final int timerPort;
  private final List<PortRange> ranges;
  private final Blocks blocks;

  private int pm1Status;
  private int pm1Enable;
  private int pm1Control;
  private int gpe0Status;
  private int gpe0Enable;
  private int smiCommand;
  private boolean asleep;
  private long timerEvents;

  public Acpi(AcpiConfiguration configuration, DeviceContext context) {
    this.context = context;
    clock = context.clock();
    control = context.control();
    sci = context.irq(configuration.irq());
    timer = clock.timer(context.name() + ".timer", this::update);
    base = configuration.port();
    timerPort = base + PM_TMR;
    ranges = List.of(new PortRange(base, PORTS), new PortRange(SMI_CMD, 1));
    blocks = new Blocks(base + PM1_STS, base + PM1_CNT, timerPort, base + GPE0_STS, SMI_CMD, ACPI_ENABLE, ACPI_DISABLE,
        configuration.irq(), base + RESET_REG, RESET_VALUE, SLEEP_S5, configuration.suspend() ? SLEEP_S3 : -1);
    timerEvents = PmTimer.events(clock.nanos());
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
    return ranges;
  }

  @Override
  public Blocks acpiBlocks() {
    return blocks;
  }

  /**
   * A reset that ends S3 keeps what the guest has set up, as the resume well and the firmware of a PC do together, and
   * sets WAK_STS (section 16.3.1). Any other one leads back to legacy mode.
   */
  @Override
  public void reset(ResetKind kind) {
    if (asleep && kind == ResetKind.RESET) {
      asleep = false;
      pm1Status |= WAK;
    } else {
      pm1Status = 0;
      pm1Enable = 0;
      pm1Control = 0;
      gpe0Status = 0;
      gpe0Enable = 0;
      smiCommand = 0;
      asleep = false;
      timerEvents = PmTimer.events(clock.nanos());
    }
    update();
  }

  @Override
  public void close() {
    timer.close();
  }

  @Override
  public void press() {
    happens(PWRBTN, "the power button");
  }

  /** Section 4.8.2.3: the clock's alarm sets RTC_STS, and wakes where RTC_EN is set. */
  @Override
  public void clockInterrupt() {
    happens(RTC, "the real-time clock");
  }

  private void happens(int event, String name) {
    pm1Status |= event;
    if (asleep && (event == PWRBTN || (pm1Enable & event) != 0)) {
      control.wake(name);
    }
    update();
  }

  /**
   * A general-purpose event happens.
   *
   * @param number 0 to 15: its bit in GPE0_STS
   */
  public void generalPurposeEvent(int number) {
    gpe0Status |= 1 << (number & 15);
    update();
  }

  @Override
  public int readPort(int port, int size) {
    if (port == timerPort && size == 4) {
      return (int) PmTimer.ticks(clock.nanos());
    }
    if (port == SMI_CMD) {
      return smiCommand;
    }
    asleep = false;
    int offset = port - base;
    int value = register(offset & ~3) >>> (8 * (offset & 3));
    int rest = 4 - (offset & 3);
    return size <= rest ? value : value | register((offset & ~3) + 4) << (8 * rest);
  }

  /** Four bytes of the block at an offset that is a multiple of 4. */
  private int register(int offset) {
    return switch (offset) {
      case PM1_STS -> {
        takeTimerEvents();
        yield pm1Status | pm1Enable << 16;
      }
      case PM1_CNT -> pm1Control;
      case PM_TMR -> (int) PmTimer.ticks(clock.nanos());
      case GPE0_STS -> gpe0Status | gpe0Enable << 16;
      default -> 0;
    };
  }

  @Override
  public void writePort(int port, int size, int value) {
    asleep = false;
    if (port == SMI_CMD) {
      command(value & 0xff);
    } else {
      takeTimerEvents();
      for (int i = 0; i < size; i++) {
        write(port - base + i, value >>> (8 * i) & 0xff);
      }
    }
    update();
  }

  /** Section 4.8.3.2: in a PC the firmware does this when the write to SMI_CMD raises an SMI. */
  private void command(int value) {
    smiCommand = value;
    if (value == ACPI_ENABLE) {
      pm1Control |= SCI_EN;
    } else if (value == ACPI_DISABLE) {
      pm1Control &= ~SCI_EN;
    }
  }

  private void write(int offset, int octet) {
    int shift = 8 * (offset & 1);
    int bits = octet << shift;
    int others = 0xff00 >>> shift;
    switch (offset & ~1) {
      case PM1_STS -> pm1Status &= ~bits;
      case PM1_EN -> pm1Enable = (pm1Enable & others | bits) & EVENTS;
      case PM1_CNT -> {
        pm1Control = pm1Control & (others | SCI_EN) | bits & PM1_CNT_WRITABLE;
        if ((bits & SLP_EN) != 0) {
          sleep((pm1Control & SLP_TYP) >> SLP_TYP_SHIFT);
        }
      }
      case GPE0_STS -> gpe0Status &= ~bits;
      case GPE0_EN -> gpe0Enable = gpe0Enable & others | bits;
      case RESET_REG -> {
        if (offset == RESET_REG && octet == RESET_VALUE) {
          control.reset("ACPI reset register");
        }
      }
      default -> {} // the timer, and nothing
    }
  }

  private void sleep(int type) {
    switch (type) {
      case SLEEP_S0 -> {} // the working state
      case SLEEP_S3 -> {
        asleep = true;
        control.suspend();
      }
      case SLEEP_S5 -> control.powerOff("ACPI S5");
      default -> context.log("the guest asked for sleep type " + type + ", which is none of this machine's");
    }
  }

  private void takeTimerEvents() {
    long events = PmTimer.events(clock.nanos());
    if (events != timerEvents) {
      timerEvents = events;
      pm1Status |= TMR;
    }
  }

  private void update() {
    takeTimerEvents();
    show();
  }

  /** Sets the SCI to what the registers say, and the timer for the next timer event if that would change the SCI. */
  private void show() {
    boolean event = (pm1Status & pm1Enable & EVENTS) != 0 || (gpe0Status & gpe0Enable) != 0;
    sci.set(event && (pm1Control & SCI_EN) != 0);
    if ((pm1Enable & TMR) != 0 && (pm1Status & TMR) == 0) {
      timer.at(PmTimer.nanosOfEvent(timerEvents + 1));
    } else {
      timer.cancel();
    }
  }

  @Override
  public Class<AcpiState> type() {
    return AcpiState.class;
  }

  @Override
  public AcpiState save() {
    return new AcpiState(pm1Status, pm1Enable, pm1Control, gpe0Status, gpe0Enable, smiCommand, asleep, timerEvents);
  }

  @Override
  public void restore(AcpiState state) throws InvalidState {
    state.check(clock.nanos());
    pm1Status = state.pm1Status();
    pm1Enable = state.pm1Enable();
    pm1Control = state.pm1Control();
    gpe0Status = state.gpe0Status();
    gpe0Enable = state.gpe0Enable();
    smiCommand = state.smiCommand();
    asleep = state.asleep();
    timerEvents = state.timerEvents();
    show();
  }
}
