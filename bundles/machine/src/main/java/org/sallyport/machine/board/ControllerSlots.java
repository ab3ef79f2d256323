package org.sallyport.machine.board;

import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.irq.IoApic;
import org.sallyport.api.irq.IoApicFactory;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.LocalApicFactory;
import org.sallyport.api.irq.Pic;
import org.sallyport.api.irq.PicFactory;
import org.sallyport.machine.Plugins;

/** The slots of the interrupt controllers, which every machine has. */
final class ControllerSlots {
  private ControllerSlots() {}

  private static String missing(String what, String property) {
    return "no " + what + " is there; install a bundle that has one (service property " + property + ")";
  }

  /** The 8259A pair. */
  static final class PicSlot extends Slot {
    private final Board board;

    PicSlot(Board board) {
      super("pic", "pic");
      this.board = board;
    }

    @Override
    Optional<?> maker(Plugins plugins) {
      return plugins.pic();
    }

    @Override
    String remedy(Plugins plugins) {
      return missing("PIC", Pic.PROPERTY);
    }

    @Override
    Device make(Object plugin) {
      return ((PicFactory) plugin).create(board.fabric().intr());
    }

    @Override
    void insert(Device chip) {
      board.lines().pic((Pic) chip);
    }

    @Override
    void remove() {
      board.lines().pic(null);
    }

    @Override
    void settle() {}
  }

  /** The IO APIC. */
  static final class IoApicSlot extends Slot {
    private final Board board;
    private final int id;

    IoApicSlot(Board board, int id) {
      super("ioapic", "ioapic");
      this.board = board;
      this.id = id;
    }

    @Override
    Optional<?> maker(Plugins plugins) {
      return plugins.ioApic();
    }

    @Override
    String remedy(Plugins plugins) {
      return missing("IO APIC", IoApic.PROPERTY);
    }

    @Override
    Device make(Object plugin) {
      return ((IoApicFactory) plugin).create(IoApic.DEFAULT_BASE, id, board.fabric().ioApicPort());
    }

    @Override
    void insert(Device chip) {
      board.fabric().ioApic((IoApic) chip);
      board.lines().ioApic((IoApic) chip);
    }

    @Override
    void remove() {
      board.fabric().ioApic(null);
      board.lines().ioApic(null);
    }

    @Override
    void settle() {}
  }

  /** The local APIC of one processor. */
  static final class LocalApicSlot extends Slot {
    private final Board board;
    private final int cpu;

    LocalApicSlot(Board board, int cpu) {
      super("lapic" + cpu, "lapic");
      this.board = board;
      this.cpu = cpu;
    }

    @Override
    Optional<?> maker(Plugins plugins) {
      return plugins.localApic();
    }

    @Override
    String remedy(Plugins plugins) {
      return missing("local APIC", LocalApic.PROPERTY);
    }

    @Override
    Device make(Object plugin) {
      return ((LocalApicFactory) plugin).create(cpu, board.localApicFeatures(), board.clock(),
          board.fabric().localPort(cpu),
          board.processors().cpu(cpu));
    }

    @Override
    void insert(Device chip) {
      board.fabric().localApic(cpu, (LocalApic) chip);
      board.processors().localApic(cpu, (LocalApic) chip, null);
    }

    @Override
    void remove() {
      board.fabric().localApic(cpu, null);
      board.processors().localApic(cpu, null, vacancy);
    }

    @Override
    void settle() {}

    @Override
    boolean isOnMemoryBus() {
      return false;
    }
  }
}
