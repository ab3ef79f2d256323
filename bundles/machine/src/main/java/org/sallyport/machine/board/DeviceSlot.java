package org.sallyport.machine.board;

import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.DeviceFactory;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;
import org.sallyport.machine.Plugins;
import org.sallyport.machine.description.DeviceConfiguration;
import org.sallyport.machine.description.Suggestion;
import org.sallyport.machine.serial.SerialLine;

/** A slot for a device that the description names. */
final class DeviceSlot extends Slot {
  private final DeviceDescription description;
  private final Board board;
  final SerialLine serial;
  /** Whether a device here ever asked for its serial line. */
  boolean hasSerial;

  private SlotContext context;
  private SlotContext old;

  DeviceSlot(DeviceDescription description, Board board) {
    super(description.name(), description.type());
    this.description = description;
    this.board = board;
    serial = new SerialLine(board.lock());
  }

  @Override
  Optional<?> maker(Plugins plugins) {
    return plugins.device(type);
  }

  @Override
  String remedy(Plugins plugins) {
    return "device '" + name + "': no device type '" + type + "' is there" + Suggestion.of(type, plugins.deviceTypes());
  }

  /**
   * Checks the description's properties against what the factory takes.
   *
   * @throws MachineException when they do not fit
   */
  void check(DeviceFactory<?> factory) throws MachineException {
    DeviceConfiguration.of(description, factory.defaults(), board.facts());
  }

  @Override
  Device make(Object plugin) throws DeviceException, MachineException {
    SlotContext fresh = new SlotContext(this, board);
    try {
      Device made = create((DeviceFactory<?>) plugin, fresh);
      context = fresh;
      return made;
    } catch (DeviceException | MachineException | RuntimeException | Error e) {
      fresh.cut();
      fresh.release();
      throw e;
    }
  }

  private <C extends Record> Device create(DeviceFactory<C> factory, SlotContext fresh)
      throws DeviceException, MachineException {
    return factory.create(DeviceConfiguration.of(description, factory.defaults(), board.facts()), fresh);
  }

  @Override
  void insert(Device chip) {
    serial.announce();
  }

  @Override
  void remove() {
    if (context != null) {
      context.cut();
      serial.detach();
      settle();
      old = context;
      context = null;
    }
  }

  @Override
  void settle() {
    if (old != null) {
      old.release();
      old = null;
    }
  }
}
