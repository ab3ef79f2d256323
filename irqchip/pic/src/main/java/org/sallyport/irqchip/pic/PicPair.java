package org.sallyport.irqchip.pic;

import static org.sallyport.irqchip.pic.PicRegisters.*;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.Pic;

/**
 * Two 8259As as in a PC: the slave's INT drives the master's input 2. Inputs 0 to 7 are the master's, 8 to 15 the
 * slave's; {@link #pin} for input 2 has no wire and is ignored.
 *
 * <p>The INT outputs go low for the INTA cycles and come back when a request is left, so that an edge-triggered
 * receiver (the master's input 2, an IO APIC's pin) sees each interrupt.
 */
final class PicPair implements Pic, PortIo, Persistent<PicState> {
  private static final List<PortRange> PORTS =
      List.of(new PortRange(MASTER, 2), new PortRange(SLAVE, 2), new PortRange(ELCR1, 2));

  private final I8259 master = new I8259(ELCR1_WRITABLE);
  private final I8259 slave = new I8259(ELCR2_WRITABLE);
  private final IrqLine intr;

  PicPair(IrqLine intr) {
    this.intr = intr;
    update();
  }

  @Override
  public int pins() {
    return 16;
  }

  @Override
  public void pin(int pin, boolean asserted) {
    if (pin == CASCADE) {
      return;
    }
    if (pin < 8) {
      master.input(pin, asserted);
    } else {
      slave.input(pin - 8, asserted);
    }
    update();
  }

  @Override
  public boolean interruptRequested() {
    return master.interrupt();
  }

  @Override
  public int acknowledge() {
    int level = master.acknowledge();
    intr.set(false);
    int vector = level == CASCADE && master.hasSlave(CASCADE) ? acknowledgeSlave() : master.vector(level);
    update();
    return vector;
  }

  private int acknowledgeSlave() {
    if (!slave.isSlave(CASCADE)) {
      return NO_DRIVER;
    }
    int level = slave.acknowledge();
    master.input(CASCADE, false);
    return slave.vector(level);
  }

  private void update() {
    master.input(CASCADE, slave.interrupt());
    boolean requested = master.interrupt();
    if (intr.isSet() != requested) {
      intr.set(requested);
    }
  }

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return PORTS;
  }

  /** The chips have 8 data lines: the bus splits a wider access into bytes. */
  @Override
  public int readPort(int port, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= readByte(port + i) << 8 * i;
    }
    return value;
  }

  @Override
  public void writePort(int port, int size, int value) {
    for (int i = 0; i < size; i++) {
      writeByte(port + i, value >>> 8 * i & 0xff);
    }
  }

  private int readByte(int port) {
    return switch (port) {
      case MASTER, MASTER + 1 -> readChip(master, port & 1);
      case SLAVE, SLAVE + 1 -> readChip(slave, port & 1);
      case ELCR1 -> master.elcr();
      case ELCR2 -> slave.elcr();
      default -> NO_DRIVER;
    };
  }

  private int readChip(I8259 chip, int a0) {
    if (!chip.polled()) {
      return chip.read(a0);
    }
    int value = chip.read(a0);
    if (chip == slave) {
      master.input(CASCADE, false);
    } else {
      intr.set(false);
    }
    update();
    return value;
  }

  private void writeByte(int port, int value) {
    switch (port) {
      case MASTER, MASTER + 1 -> master.write(port & 1, value);
      case SLAVE, SLAVE + 1 -> slave.write(port & 1, value);
      case ELCR1 -> master.elcr(value);
      case ELCR2 -> slave.elcr(value);
      default -> {
        return;
      }
    }
    update();
  }

  @Override
  public void reset(ResetKind kind) {
    master.reset();
    slave.reset();
    update();
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<PicState> type() {
    return PicState.class;
  }

  @Override
  public PicState save() {
    return new PicState(master.save(), slave.save());
  }

  @Override
  public void restore(PicState state) throws InvalidState {
    state.validate();
    master.restore(state.master());
    slave.restore(state.slave());
    intr.set(master.interrupt());
  }
}
