package org.sallyport.machine.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.device.PciBus;
import org.sallyport.api.irq.IoApic;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.Platform.LegacyDevice;
import org.sallyport.api.loader.Platform.MemoryRegion;
import org.sallyport.api.memory.MemorySlot;
import org.sallyport.machine.board.Board;
import org.sallyport.machine.memory.PcMemory;

/** Collects what guests are told about a machine. */
final class PlatformFacts {
  private static final long EBDA = 0x9fc00;
  private static final long ADAPTERS = 0xa0000;
  private static final long ONE_MIB = 0x100000;
  /** Below the APICs: where PCI devices find room. */
  static final long PCI_LAST = 0xfebfffffL;

  /** Devices that a PC has at fixed ports, by their PNP identifiers; which chip answers there does not matter. */
  private static final Map<Integer, String> LEGACY = Map.of(
  // @formatter:off
      0x40 , "PNP0100",  // timer
      0x60 , "PNP0303",  // keyboard
      0x70 , "PNP0B00",  // real-time clock
      0x3f8, "PNP0501",  // 16550A serial ports
      0x2f8, "PNP0501",
      0x3e8, "PNP0501",
      0x2e8, "PNP0501");
      // @formatter:on

  private PlatformFacts() {}

  /** Under the device lock. */
  static Platform of(int cpus, PcMemory memory, Board board) {
    Optional<AcpiBlocks.Blocks> acpi = board.first(AcpiBlocks.class).map(AcpiBlocks::acpiBlocks);
    return new Platform(cpus, memoryMap(memory), Optional.of(LocalApic.DEFAULT_BASE), Optional.of(IoApic.DEFAULT_BASE),
        Board.ioApicId(cpus), acpi, board.first(PciBus.class).isPresent(), PcMemory.LOW_TOP, PCI_LAST,
        legacyDevices(board), board.first(Iommu.class).map(Iommu::facts));
  }

  /** The adapter area between 0xA0000 and the firmware's is left out of the map, as it is on every PC. */
  private static List<MemoryRegion> memoryMap(PcMemory memory) {
    List<MemoryRegion> map = new ArrayList<>();
    map.add(new MemoryRegion(0, EBDA, MemoryRegion.USABLE));
    map.add(new MemoryRegion(EBDA, ADAPTERS - EBDA, MemoryRegion.RESERVED));
    map.add(new MemoryRegion(Platform.FIRMWARE_AREA, ONE_MIB - Platform.FIRMWARE_AREA, MemoryRegion.RESERVED));
    if (memory.lowSize() > ONE_MIB) {
      map.add(new MemoryRegion(ONE_MIB, memory.lowSize() - ONE_MIB, MemoryRegion.USABLE));
    }
    for (MemorySlot slot : memory.slots()) {
      if (slot.guestAddress() >= PcMemory.LOW_TOP) {
        map.add(new MemoryRegion(slot.guestAddress(), slot.size(),
            slot.readOnly() ? MemoryRegion.RESERVED : MemoryRegion.USABLE));
      }
    }
    return map;
  }

  private static List<LegacyDevice> legacyDevices(Board board) {
    List<LegacyDevice> result = new ArrayList<>();
    for (Board.IsaDevice device : board.isaDevices()) {
      String hid = LEGACY.get(device.ports().first());
      if (hid != null) {
        result.add(new LegacyDevice(hid, device.ports().first(), device.ports().count(), device.irq()));
      }
    }
    return result;
  }
}
