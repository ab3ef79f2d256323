package org.sallyport.irqchip.pic;

import org.sallyport.api.irq.IrqLine;

/** A pair of chips with a recorded INTR wire and the command words spelled out. */
final class PicBench {
  static final int ICW4_8086 = 0x01;
  static final int EOI = 0x20;

  final PicPair pic;
  boolean intr;
  int risings;
  /** What a device does when INTR falls: between the INTA cycles, that is. */
  Runnable onIntrFall = () -> {};

  PicBench() {
    pic = new PicPair(new IrqLine() {
      @Override
      public void set(boolean asserted) {
        boolean fell = intr && !asserted;
        if (!intr && asserted) {
          risings++;
        }
        intr = asserted;
        if (fell) {
          onIntrFall.run();
        }
      }

      @Override
      public boolean isSet() {
        return intr;
      }
    });
  }

  /** The set-up of a PC: vectors 0x20 and 0x28, cascade on input 2, nothing masked. */
  PicBench initialised() {
    return initialised(ICW4_8086, ICW4_8086);
  }

  PicBench initialised(int masterIcw4, int slaveIcw4) {
    init(0x20, 0x11, 0x20, 0x04, masterIcw4);
    init(0xa0, 0x11, 0x28, 0x02, slaveIcw4);
    return this;
  }

  void init(int port, int icw1, int... rest) {
    out(port, icw1);
    for (int word : rest) {
      out(port + 1, word);
    }
  }

  void out(int port, int value) {
    pic.writePort(port, 1, value);
  }

  int in(int port) {
    return pic.readPort(port, 1) & 0xff;
  }

  void raise(int... pins) {
    for (int pin : pins) {
      pic.pin(pin, true);
    }
  }

  void lower(int... pins) {
    for (int pin : pins) {
      pic.pin(pin, false);
    }
  }

  int isr(int port) {
    out(port, 0x0b);
    return in(port);
  }

  int irr(int port) {
    out(port, 0x0a);
    return in(port);
  }
}
