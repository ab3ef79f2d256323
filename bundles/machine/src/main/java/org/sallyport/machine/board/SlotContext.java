package org.sallyport.machine.board;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.clock.Timer;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.device.CharacterBackend;
import org.sallyport.api.device.DeviceContext;
import org.sallyport.api.device.MachineControl;
import org.sallyport.api.device.PciConnection;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.MessageInterrupts;
import org.sallyport.api.memory.GuestMemory;
import org.sallyport.machine.irq.IrqLines;

/**
 * What one instance of a device is given. It remembers what it gave, so that nothing of a device that has gone acts on
 * the machine.
 */
final class SlotContext implements DeviceContext, VmClock {
  private final DeviceSlot slot;
  private final Board board;
  private final List<IrqLines.Source> sources = new ArrayList<>();
  private final List<Timer> timers = new ArrayList<>();
  private boolean cut;

  SlotContext(DeviceSlot slot, Board board) {
    this.slot = slot;
    this.board = board;
  }

  /**
   * The device goes: stops its timers and takes its hands off the lines, whose levels stay until {@link #release()}.
   */
  void cut() {
    cut = true;
    timers.forEach(Timer::close);
    sources.forEach(IrqLines.Source::cut);
  }

  /** Takes the device's ends off the lines. */
  void release() {
    sources.forEach(IrqLines.Source::release);
  }

  @Override
  public String name() {
    return slot.name;
  }

  @Override
  public IrqLine irq(int gsi) {
    IrqLines.Source source = board.lines().source(gsi, slot.name);
    sources.add(source);
    return source;
  }

  @Override
  public MessageInterrupts messages() {
    return board.messages();
  }

  @Override
  public VmClock clock() {
    return this;
  }

  @Override
  public GuestMemory memory() {
    return board.guestMemory();
  }

  @Override
  public PciConnection pci(int deviceFunction) {
    GuestMemory memory = new FunctionMemory(board, deviceFunction);
    return new PciConnection() {
      @Override
      public GuestMemory memory() {
        return memory;
      }

      @Override
      public MessageInterrupts messages() {
        return (address, data) -> board.fabric().send(deviceFunction, address, data);
      }

      @Override
      public IrqLine interrupt(int pin) {
        return irq(PciConnection.gsi(deviceFunction >> 3, pin));
      }
    };
  }

  @Override
  public CharacterBackend characters() {
    slot.hasSerial = true;
    return slot.serial;
  }

  @Override
  public MachineControl control() {
    return board.control();
  }

  @Override
  public void rangesChanged() {
    if (!cut && slot.device != null) {
      board.wireBuses();
    }
  }

  @Override
  public void log(String message) {
    board.log().add(slot.name, message);
  }

  @Override
  public long nanos() {
    return board.clock().nanos();
  }

  @Override
  public Timer timer(String name, Runnable action) {
    Timer timer = board.clock().timer(slot.name + ": " + name, action);
    timers.add(timer);
    return timer;
  }

  @Override
  public long epochSeconds() {
    return board.clock().epochSeconds();
  }
}
