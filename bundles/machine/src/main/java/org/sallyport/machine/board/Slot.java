package org.sallyport.machine.board;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.MemoryIo;
import org.sallyport.api.device.MemoryRange;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.machine.MachineException;
import org.sallyport.machine.Plugins;
import org.sallyport.machine.bus.Vacancy;

/**
 * A place on the board. Which plug-in's chip is in it may change while the guest runs; what belongs to the place stays:
 * its name, its interrupt lines' levels, its serial line. Used under the device lock.
 */
abstract class Slot {
  final String name;
  final String type;
  /** The chip, or null while there is none. */
  Device device;

  /** The plug-in that made it. */
  Object maker;

  /** What the last chip left for its successor, or null. */
  Map<String, Object> saved;

  /** Answers while there is no chip; null before there was one. */
  Vacancy vacancy;

  /** Why there is no chip, for people. */
  String complaint = "";

  Slot(String name, String type) {
    this.name = name;
    this.type = type;
  }

  /** The plug-in that would make the chip now. */
  abstract Optional<?> maker(Plugins plugins);

  /** What to do when there is no plug-in. */
  abstract String remedy(Plugins plugins);

  /** Makes the chip; it is not wired to anything that would call it. */
  abstract Device make(Object plugin) throws DeviceException, MachineException;

  /** The chip is made and has its state: wires it. */
  abstract void insert(Device chip);

  /**
   * Takes the wires off; the chip's own lines keep their level until {@link #settle}, for a successor that comes soon.
   */
  abstract void remove();

  /** The old chip's lines let go, as the new one holds them now or nobody will. */
  abstract void settle();

  /** Whether its windows are on the memory bus. */
  boolean isOnMemoryBus() {
    return true;
  }

  List<PortRange> ports() {
    return device == null ? List.of() : device.portIo().map(PortIo::portRanges).orElse(List.of());
  }

  List<MemoryRange> windows() {
    return device == null ? List.of() : device.memoryIo().map(MemoryIo::memoryRanges).orElse(List.of());
  }
}
