package org.sallyport.device.fwcfg;

import static org.sallyport.device.fwcfg.FwCfgRegisters.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is behind the keys: items with fixed numbers, and files, which the directory gives numbers in order of their
 * names.
 */
final class FwCfgItems {
  private static final String E820 = "etc/e820";
  private static final String BOOT_MENU_WAIT = "etc/boot-menu-wait";
  private static final String SERIAL_CONSOLE = "etc/sercon-port";

  /** Files that the device makes itself. */
  static final Set<String> OWN_FILES =
      Set.of(E820, BOOT_MENU_WAIT, SERIAL_CONSOLE, AcpiFiles.RSDP, AcpiFiles.TABLES, AcpiFiles.LOADER);

  private static final int E820_ENTRY = 20;
  private static final int USABLE = 1;
  private static final long FOUR_GIB = 1L << 32;
  private static final byte[] NOTHING = {};

  private final Map<Integer, byte[]> items = new HashMap<>();
  private final Map<String, byte[]> files = new TreeMap<>();

  FwCfgItems(FwCfgConfiguration configuration, Map<String, byte[]> acpi) {
    items.put(KEY_SIGNATURE, "QEMU".getBytes(StandardCharsets.US_ASCII));
    items.put(KEY_ID, number(4, ID_TRADITIONAL | ID_DMA));
    items.put(KEY_UUID, new byte[16]);
    items.put(KEY_RAM_SIZE, number(8, configuration.memoryBelow4G() + configuration.memoryAbove4G()));
    items.put(KEY_NOGRAPHIC, number(2, configuration.serialConsole() != 0 ? 1 : 0));
    items.put(KEY_NB_CPUS, number(2, configuration.cpus()));
    items.put(KEY_MAX_CPUS, number(2, configuration.cpus()));
    items.put(KEY_BOOT_MENU, number(2, configuration.bootMenu() ? 1 : 0));
    items.put(KEY_IRQ0, number(1, 1)); // as the MADT says, too

    files.put(E820, e820(configuration));
    files.put(BOOT_MENU_WAIT, number(2, configuration.bootMenuWait()));
    if (configuration.serialConsole() != 0) {
      files.put(SERIAL_CONSOLE, number(8, configuration.serialConsole()));
    }
    files.putAll(acpi);
    for (String file : configuration.files()) {
      int end = file.indexOf('=');
      files.put(file.substring(0, end), file.substring(end + 1).getBytes(StandardCharsets.UTF_8));
    }
    items.put(KEY_FILE_DIR, directory());
  }

  /** The bytes of an item; none where there is no such item, which then reads as zeros. */
  byte[] item(int key) {
    return items.getOrDefault(key & ~KEY_WRITE, NOTHING);
  }

  /** Enters the files under their numbers, too. */
  private byte[] directory() {
    ByteBuffer directory = ByteBuffer.allocate(4 + FILE_ENTRY_SIZE * files.size());
    directory.putInt(files.size());
    int key = KEY_FILE_FIRST;
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      items.put(key, file.getValue());
      int entry = directory.position();
      directory.putInt(file.getValue().length).putShort((short) key).putShort((short) 0);
      directory.put(file.getKey().getBytes(StandardCharsets.UTF_8));
      directory.position(entry + FILE_ENTRY_SIZE);
      key++;
    }
    return directory.array();
  }

  /** The RAM in the form of the E820 call; what firmware takes of it is the firmware's matter. */
  private static byte[] e820(FwCfgConfiguration configuration) {
    ByteBuffer map = ByteBuffer.allocate(2 * E820_ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    if (configuration.memoryBelow4G() > 0) {
      map.putLong(0).putLong(configuration.memoryBelow4G()).putInt(USABLE);
    }
    if (configuration.memoryAbove4G() > 0) {
      map.putLong(FOUR_GIB).putLong(configuration.memoryAbove4G()).putInt(USABLE);
    }
    return java.util.Arrays.copyOf(map.array(), map.position());
  }

  private static byte[] number(int size, long value) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    return bytes;
  }
}
