package org.sallyport.device.fwcfg;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.sallyport.api.device.DeviceException;

/**
 * What is told.
 *
 * @param port the first of its 12 ports
 * @param cpus number of processors
 * @param memoryBelow4G RAM below 4 GiB in bytes
 * @param memoryAbove4G RAM from 4 GiB on in bytes
 * @param bootMenu the firmware offers its boot menu
 * @param bootMenuWait how long it waits for the menu's key, in milliseconds
 * @param serialConsole port of a serial line that the firmware uses as screen and keyboard, or 0 where it has a
 *     graphics card
 * @param files further files, each {@code name=text}, as in {@code opt/org.example/greeting=hello}
 */
public record FwCfgConfiguration(int port, int cpus, long memoryBelow4G, long memoryAbove4G, boolean bootMenu,
    int bootMenuWait, int serialConsole, List<String> files) {
  private static final int COM1 = 0x3f8;

  /** At the usual ports, for one processor and no memory; a boot menu on the first serial port, no further files. */
  public static final FwCfgConfiguration USUAL =
      new FwCfgConfiguration(0x510, 1, 0, 0, true, 2500, COM1, List.of());

  public FwCfgConfiguration {
    files = List.copyOf(files);
  }

  void check() throws DeviceException {
    unless(port >= 0 && port <= 0x10000 - FwCfgRegisters.PORTS,
        String.format("port 0x%x: it must be 0 to 0xfff4", port));
    unless(cpus >= 1 && cpus <= 0xffff, "cpus " + cpus + ": it must be 1 to 65535");
    unless(memoryBelow4G >= 0 && memoryBelow4G <= 1L << 32,
        "memoryBelow4G " + memoryBelow4G + ": it must be 0 to " + (1L << 32));
    unless(memoryAbove4G >= 0, "memoryAbove4G " + memoryAbove4G + ": it must not be negative");
    unless(bootMenuWait >= 0 && bootMenuWait <= 0xffff, "bootMenuWait " + bootMenuWait + ": it must be 0 to 65535");
    unless(serialConsole >= 0 && serialConsole <= 0xffff,
        String.format("serialConsole 0x%x: it must be a port, or 0 for none", serialConsole));
    Set<String> names = new HashSet<>();
    for (String file : files) {
      int end = file.indexOf('=');
      unless(end > 0, "files: '" + file + "': it must be name=text");
      String name = file.substring(0, end);
      unless(name.getBytes(StandardCharsets.UTF_8).length < FwCfgRegisters.FILE_NAME_SIZE,
          "files: the name '" + name + "' is longer than 55 bytes");
      unless(names.add(name) && !FwCfgItems.OWN_FILES.contains(name), "files: there is a file '" + name + "' already");
    }
  }

  private static void unless(boolean fine, String complaint) throws DeviceException {
    if (!fine) {
      throw new DeviceException("fwcfg: " + complaint);
    }
  }
}
