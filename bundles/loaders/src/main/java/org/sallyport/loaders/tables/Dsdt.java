package org.sallyport.loaders.tables;

import static org.sallyport.loaders.tables.Aml.device;
import static org.sallyport.loaders.tables.Aml.eisaId;
import static org.sallyport.loaders.tables.Aml.integer;
import static org.sallyport.loaders.tables.Aml.join;
import static org.sallyport.loaders.tables.Aml.list;
import static org.sallyport.loaders.tables.Aml.name;
import static org.sallyport.loaders.tables.Aml.scope;
import static org.sallyport.loaders.tables.Aml.string;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.api.device.AcpiBlocks;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.Platform.LegacyDevice;

/**
 * Differentiated System Description Table (ACPI specification 6.4, section 5.2.11.1): the sleep states, the processors,
 * the PCI host bridge and the ISA devices. Revision 2, so that integers have 64 bits.
 */
final class Dsdt {
  private static final int REVISION = 2;
  private static final String KEYBOARD = "PNP0303";
  private static final int KEYBOARD_COMMAND = 4;
  private static final long VGA_FIRST = 0xa0000;
  private static final long VGA_LAST = 0xbffff;

  private Dsdt() {}

  static byte[] build(Platform platform, AcpiBlocks.Blocks acpi) {
    List<Aml> systemBus = new ArrayList<>();
    for (int cpu = 0; cpu < platform.cpus(); cpu++) {
      systemBus.add(device(String.format("C%03X", cpu), name("_HID", string("ACPI0007")), name("_UID", integer(cpu))));
    }
    if (platform.pci()) {
      systemBus.add(hostBridge(platform));
    }
    systemBus.addAll(isaDevices(platform.legacyDevices()));

    Aml sleepStates = name("_S5", sleepState(acpi.sleepTypeS5()));
    if (acpi.sleepTypeS3() >= 0) {
      sleepStates = join(name("_S3", sleepState(acpi.sleepTypeS3())), sleepStates);
    }
    byte[] code = join(sleepStates, scope("_SB", systemBus.toArray(Aml[]::new))).bytes();
    AcpiTable table = new AcpiTable("DSDT", REVISION, AcpiTable.HEADER + code.length);
    table.data(AcpiTable.HEADER, code);
    return table.finish();
  }

  /** Section 7.4.2: the values for SLP_TYP of PM1a and PM1b, two reserved ones. */
  private static Aml sleepState(int type) {
    return list(integer(type), integer(type), integer(0), integer(0));
  }

  private static Aml hostBridge(Platform platform) {
    ResourceTemplate resources =
        new ResourceTemplate().busNumbers(0, 0xff).io(0xcf8, 8).ioWindow(0, 0xcf7).ioWindow(0xd00, 0xffff)
            .memoryWindow(VGA_FIRST, VGA_LAST).memoryWindow(platform.pciWindowFirst(), platform.pciWindowLast());
    return device("PCI0", name("_HID", eisaId("PNP0A03")), name("_UID", integer(0)), name("_CRS", resources.aml()),
        name("_PRT", routing(platform)));
  }

  /** PCI routing table (section 6.2.13): for each slot and pin the global system interrupt, without link devices. */
  private static Aml routing(Platform platform) {
    List<Aml> entries = new ArrayList<>();
    for (int slot = 0; slot < IrqRouting.PCI_SLOTS; slot++) {
      for (int pin = 0; pin < IrqRouting.PCI_PINS; pin++) {
        entries.add(list(integer((long) slot << 16 | 0xffff), integer(pin), integer(0),
            integer(IrqRouting.pciGsi(platform, slot, pin))));
      }
    }
    return list(entries.toArray(Aml[]::new));
  }

  /** Each gets a name from its kind and its number among those of the kind, which is its _UID, too: UAR0, UAR1. */
  private static List<Aml> isaDevices(List<LegacyDevice> devices) {
    List<Aml> result = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    Map<String, Integer> names = new HashMap<>();
    for (LegacyDevice device : devices) {
      int uid = counts.merge(device.hid(), 1, Integer::sum) - 1;
      String prefix = prefix(device.hid());
      String name =
          String.format(prefix.length() == 3 ? "%s%X" : "%s%02X", prefix, names.merge(prefix, 1, Integer::sum) - 1);
      result.add(device(name, name("_HID", eisaId(device.hid())), name("_UID", integer(uid)),
          name("_CRS", resources(device))));
    }
    return result;
  }

  private static String prefix(String hid) {
    return switch (hid) {
      case "PNP0501" -> "UAR";
      case "PNP0B00" -> "RTC";
      case "PNP0100" -> "TMR";
      case KEYBOARD -> "KBD";
      case "PNP0F13" -> "MOU";
      default -> "DV";
    };
  }

  private static Aml resources(LegacyDevice device) {
    ResourceTemplate resources = new ResourceTemplate();
    if (device.hid().equals(KEYBOARD)) {
      // Data and command port with ports of others (61h) between them; drivers expect two descriptors of one port each.
      resources.io(device.firstPort(), 1).io(device.firstPort() + KEYBOARD_COMMAND, 1);
    } else if (device.ports() > 0) {
      resources.io(device.firstPort(), device.ports());
    }
    if (device.irq() >= 0) {
      resources.irq(device.irq());
    }
    return resources.aml();
  }
}
