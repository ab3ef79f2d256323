package org.sallyport.machine.irq;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.irq.InterruptPins;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.Pic;
import org.sallyport.api.machine.Machine.IrqInfo;

/**
 * The interrupt lines of a PC and their ledger. Used under the device lock.
 *
 * <p>Lines 0 to 15 are the ISA interrupts, which reach the PIC's inputs of the same number; all 24 reach the IO APIC.
 * There the pin has the line's number, but for line 0: the timer is on pin 2, as the MADT's interrupt source override
 * says (ACPI specification 6.4, section 5.2.12.5). Line 2 is the PIC's cascade and leads nowhere.
 */
public final class IrqLines {
  public static final int COUNT = 24;

  /** Pin of the IO APIC that ISA interrupt 0 is wired to. */
  public static final int TIMER_PIN = 2;

  private static final int ISA = 16;
  private static final int CASCADE = 2;

  private final Line[] lines = new Line[COUNT];
  private Pic pic;
  private InterruptPins ioApic;
  private int driving = -1;
  /**
   * Which half of the PIC a block of eight vectors belongs to, as far as seen: 0 unknown, 1 the master's, 2 the
   * slave's.
   */
  private final byte[] half = new byte[32];

  private static final class Line {
    final List<Source> sources = new ArrayList<>();
    int asserted;
    long raised;
    long delivered;
    Runnable witness;
    /** Raised, and not acknowledged at the PIC since. */
    boolean picWaits;
    /** Raised while a controller was missing. */
    boolean missedByPic;

    boolean missedByIoApic;
  }

  /** One device's end of a line. Several on the same line are wired-or. */
  public final class Source implements IrqLine {
    private final int gsi;
    private final String owner;
    private boolean level;
    private boolean cut;

    Source(int gsi, String owner) {
      this.gsi = gsi;
      this.owner = owner;
    }

    @Override
    public void set(boolean asserted) {
      if (!cut && asserted != level) {
        level = asserted;
        change(gsi, asserted);
      }
    }

    @Override
    public boolean isSet() {
      return level;
    }

    /** Cuts the wire for a device that goes away; the level stays until {@link #release()}. */
    public void cut() {
      cut = true;
    }

    /** Takes the source off its line. */
    public void release() {
      cut = true;
      lines[gsi].sources.remove(this);
      if (level) {
        level = false;
        change(gsi, false);
      }
    }
  }

  public IrqLines() {
    for (int i = 0; i < COUNT; i++) {
      lines[i] = new Line();
    }
  }

  /**
   * Wires a device to a line.
   *
   * @throws IllegalArgumentException when there is no such line
   */
  public Source source(int gsi, String owner) {
    if (gsi < 0 || gsi >= COUNT || gsi == CASCADE) {
      throw new IllegalArgumentException(
          "interrupt line " + gsi + " does not exist; there are 0, 1 and 3 to " + (COUNT - 1));
    }
    Source source = new Source(gsi, owner);
    lines[gsi].sources.add(source);
    return source;
  }

  /**
   * Puts a PIC to the ends of the lines, or none; it gets their levels, and the edges that came while there was none.
   */
  public void pic(Pic newPic) {
    pic = newPic;
    for (int gsi = 0; pic != null && gsi < ISA; gsi++) {
      if (gsi != CASCADE) {
        Line line = lines[gsi];
        catchUp(pic, gsi, line.asserted > 0, line.missedByPic);
        line.missedByPic = false;
      }
    }
  }

  /**
   * Puts an IO APIC to the ends of the lines, or none; it gets their levels, and the edges that came while there was
   * none.
   */
  public void ioApic(InterruptPins newIoApic) {
    ioApic = newIoApic;
    for (int gsi = 0; ioApic != null && gsi < COUNT; gsi++) {
      if (gsi != CASCADE) {
        Line line = lines[gsi];
        driving = gsi;
        catchUp(ioApic, ioApicPin(gsi), line.asserted > 0, line.missedByIoApic);
        driving = -1;
        line.missedByIoApic = false;
      }
    }
  }

  /** Has something done whenever a line is raised; null ends that. */
  public void onRaise(int gsi, Runnable witness) {
    lines[gsi].witness = witness;
  }

  /** Pin of the IO APIC to which a line leads. */
  public static int ioApicPin(int gsi) {
    return gsi == 0 ? TIMER_PIN : gsi;
  }

  /** The line that is just being driven into the IO APIC, or -1. */
  int driving() {
    return driving;
  }

  /** The interrupt of a line entered a processor. */
  void delivered(int gsi) {
    lines[gsi].delivered++;
  }

  /**
   * The processor's INTA cycles: takes the PIC's highest request into service.
   *
   * @return its vector, or -1 when the PIC asks for nothing
   */
  public int acknowledgePic() {
    if (pic == null || !pic.interruptRequested()) {
      return -1;
    }
    int vector = pic.acknowledge();
    picDelivered(vector);
    return vector;
  }

  /**
   * The PIC's INTA cycles gave this vector: books it on its line. The PIC does not say which of its halves it was; the
   * low three bits are the input (8259A data sheet, ICW2), and the half is the one whose line waits.
   */
  private void picDelivered(int vector) {
    int input = vector & 7;
    int block = vector >>> 3;
    Line master = lines[input];
    Line slave = lines[input + 8];
    if (master.picWaits != slave.picWaits) {
      half[block] = (byte) (master.picWaits ? 1 : 2);
    }
    if (!master.picWaits && !slave.picWaits && half[block] == 0) {
      return; // spurious
    }
    Line line = half[block] == 2 ? slave : master;
    line.picWaits = false;
    line.delivered++;
  }

  /** Forgets what the guest had programmed, after a reset. */
  public void reset() {
    java.util.Arrays.fill(half, (byte) 0);
    for (Line line : lines) {
      line.picWaits = line.asserted > 0;
      line.missedByPic = false;
      line.missedByIoApic = false;
    }
  }

  /** The names of the devices on a line. */
  public List<String> owners(int gsi) {
    return lines[gsi].sources.stream().map(source -> source.owner).distinct().toList();
  }

  /** The ledger of the lines that are in use. */
  public List<IrqInfo> info() {
    List<IrqInfo> result = new ArrayList<>();
    for (int gsi = 0; gsi < COUNT; gsi++) {
      Line line = lines[gsi];
      if (!line.sources.isEmpty() || line.raised > 0) {
        result.add(new IrqInfo(gsi, owners(gsi), line.asserted > 0, line.raised, line.delivered));
      }
    }
    return result;
  }

  private void change(int gsi, boolean up) {
    Line line = lines[gsi];
    line.asserted += up ? 1 : -1;
    if (up ? line.asserted == 1 : line.asserted == 0) {
      drive(gsi, line, up);
    }
  }

  private void drive(int gsi, Line line, boolean asserted) {
    if (asserted) {
      line.raised++;
      line.picWaits = true;
      line.missedByPic |= pic == null;
      line.missedByIoApic |= ioApic == null;
    }
    if (gsi < ISA && pic != null) {
      pic.pin(gsi, asserted);
    }
    if (ioApic != null) {
      int outer = driving;
      driving = gsi;
      ioApic.pin(ioApicPin(gsi), asserted);
      driving = outer;
    }
    if (asserted && line.witness != null) {
      line.witness.run();
    }
  }

  private static void catchUp(InterruptPins chip, int pin, boolean asserted, boolean missedEdge) {
    if (missedEdge) {
      chip.pin(pin, false);
      chip.pin(pin, true);
    }
    chip.pin(pin, asserted);
  }
}
