package org.sallyport.device.pit8254;

import static org.sallyport.device.pit8254.PitRegisters.*;

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
 * The interval timer of a PC: an Intel 8254 at ports 0x40 to 0x43 with 1,193,182 Hz on its clock inputs, and port 0x61.
 * Counter 0 drives an interrupt line, counter 1 nothing, counter 2 the speaker; the gates of 0 and 1 are tied high,
 * that of 2 is bit 0 of port 0x61.
 *
 * <p>The interrupt line follows the output of counter 0, but for two things. Where the output goes low for one pulse
 * only (modes 2 and 4), the line falls and rises at the end of that pulse. And when the machine is so late that several
 * rising edges have passed, they become one, and the line stays high up to the next edge that is in time; the phase is
 * never lost.
 */
public final class Pit8254 implements Device, PortIo, Persistent<PitState> {
  private static final List<PortRange> RANGES = List.of(new PortRange(COUNTER_0, COUNTERS + 1),
      new PortRange(PORT_B, 1));

  private final VmClock clock;
  private final Timer timer;
  private final IrqLine irq;
  private final PitCounter[] counters = {new PitCounter(true), new PitCounter(true), new PitCounter(false)};
  private int portB;

  // What the timer waits for on the output of counter 0
  private long riseAt = NEVER;
  private long fallAt = NEVER;

  public Pit8254(PitConfiguration configuration, DeviceContext context) {
    clock = context.clock();
    irq = context.irq(configuration.irq());
    timer = clock.timer(context.name() + ".counter0", () -> outputChanges(now()));
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

  /**
   * The chip has no reset pin, and what it does after power-on is undefined: both kinds leave it waiting to be
   * programmed.
   */
  @Override
  public void reset(ResetKind kind) {
    portB = 0;
    for (int i = 0; i < COUNTERS; i++) {
      counters[i].powerOn(i != 2);
    }
    riseAt = NEVER;
    outputChanges(now());
  }

  @Override
  public void close() {
    timer.close();
  }

  @Override
  public int readPort(int port, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= read(port + i) << (8 * i);
    }
    return value;
  }

  @Override
  public void writePort(int port, int size, int value) {
    for (int i = 0; i < size; i++) {
      write(port + i, value >>> (8 * i) & 0xff);
    }
  }

  private int read(int port) {
    long now = now();
    return switch (port) {
      case COUNTER_0, COUNTER_0 + 1, COUNTER_0 + 2 -> counters[port - COUNTER_0].read(now);
      case PORT_B -> portB | ((now / REFRESH_COUNT & 1) != 0 ? B_REFRESH : 0) | (counters[2].out(now) ? B_OUT_2 : 0);
      default -> 0xff; // the control word cannot be read
    };
  }

  private void write(int port, int value) {
    long now = now();
    switch (port) {
      case COUNTER_0 -> {
        outputChanges(now); // an edge that is due comes before what is written
        counters[0].write(value, now);
        outputChanges(now);
      }
      case COUNTER_0 + 1, COUNTER_0 + 2 -> counters[port - COUNTER_0].write(value, now);
      case CONTROL_WORD -> writeControlWord(value, now);
      case PORT_B -> {
        portB = value & B_KEPT;
        counters[2].gate((value & B_GATE_2) != 0, now);
      }
      default -> {}
    }
  }

  private void writeControlWord(int value, long now) {
    int select = value >> SC;
    if (select == SC_READ_BACK) {
      readBack(value, now);
    } else if ((value >> RW & 3) == RW_LATCH) {
      counters[select].latchCount(now);
    } else if (select == 0) {
      outputChanges(now);
      counters[0].control(value, now);
      outputChanges(now);
    } else {
      counters[select].control(value, now);
    }
  }

  /** "Read-Back Command": latches counts, status or both of any of the counters. */
  private void readBack(int command, long now) {
    for (int i = 0; i < COUNTERS; i++) {
      if ((command & 2 << i) != 0) {
        if ((command & NOT_COUNT) == 0) {
          counters[i].latchCount(now);
        }
        if ((command & NOT_STATUS) == 0) {
          counters[i].latchStatus(now);
        }
      }
    }
  }

  /** Whether the speaker is driven: its data bit and the output of counter 2. */
  boolean speaker() {
    return (portB & B_SPEAKER_DATA) != 0 && counters[2].out(now());
  }

  /** Brings the interrupt line up to the output of counter 0 and sets the timer for the next change. */
  private void outputChanges(long now) {
    if (now >= riseAt) {
      irq.set(false);
      irq.set(true);
    } else {
      irq.set(counters[0].out(now));
    }
    riseAt = counters[0].nextRise(now);
    fallAt = counters[0].nextFall(now);
    arm();
  }

  private void arm() {
    long next = Math.min(riseAt, fallAt);
    if (next == NEVER) {
      timer.cancel();
    } else {
      timer.at(nanos(next));
    }
  }

  private long now() {
    return ticks(clock.nanos());
  }

  @Override
  public Class<PitState> type() {
    return PitState.class;
  }

  @Override
  public PitState save() {
    return new PitState(List.of(counters[0].save(), counters[1].save(), counters[2].save()), portB, irq.isSet(), riseAt,
        fallAt);
  }

  @Override
  public void restore(PitState state) throws InvalidState {
    state.check(now());
    for (int i = 0; i < COUNTERS; i++) {
      counters[i].restore(state.counters().get(i));
    }
    portB = state.portB();
    riseAt = state.riseAt();
    fallAt = state.fallAt();
    irq.set(state.irq());
    arm();
  }
}
