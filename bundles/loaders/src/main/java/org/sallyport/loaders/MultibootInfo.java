package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform;
import org.sallyport.api.loader.Platform.MemoryRegion;
import org.sallyport.api.memory.GuestMemory;

/**
 * What a multiboot image is told (Multiboot Specification 0.6.96, section 3.3). Everything lies in one block below 640
 * KiB.
 */
record MultibootInfo(Platform platform, String commandLine, List<LoadedModule> modules) {
  /** A module in memory, from {@code first} up to and without {@code end}. */
  record LoadedModule(long first, long end, String commandLine) {}

  // @formatter:off
  static final int FLAG_MEMORY       = 1;
  static final int FLAG_CMDLINE      = 1 << 2;
  static final int FLAG_MODULES      = 1 << 3;
  static final int FLAG_MEMORY_MAP   = 1 << 6;
  static final int FLAG_LOADER_NAME  = 1 << 9;

  static final int FLAGS             = 0;
  static final int MEM_LOWER         = 4;
  static final int MEM_UPPER         = 8;
  static final int CMDLINE           = 16;
  static final int MODS_COUNT        = 20;
  static final int MODS_ADDR         = 24;
  static final int MMAP_LENGTH       = 44;
  static final int MMAP_ADDR         = 48;
  static final int BOOT_LOADER_NAME  = 64;
  static final int SIZE              = 116;

  static final int MODULE_SIZE       = 16;
  static final int MMAP_ENTRY_SIZE   = 24;
  // @formatter:on

  private static final long ONE_MIB = 1 << 20;
  private static final String LOADER_NAME = "Sallyport";

  /** Writes it all and returns the address for EBX. */
  long write(ImageFile file, Placement placement, GuestMemory memory) throws LoadException {
    int size = Math.toIntExact(Placement.alignUp(SIZE, 8) + (long) MMAP_ENTRY_SIZE * platform.memoryMap().size()
        + (long) MODULE_SIZE * modules.size() + ImageFile.cString(commandLine).length
        + ImageFile.cString(LOADER_NAME).length
        + modules.stream().mapToInt(module -> ImageFile.cString(module.commandLine).length).sum());
    long base = EntryState.low(placement, size, 16, "the multiboot information and the command line", file);
    ByteBuffer block = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    block.position((int) Placement.alignUp(SIZE, 8));

    block.putInt(FLAGS, FLAG_MEMORY | FLAG_CMDLINE | FLAG_MODULES | FLAG_MEMORY_MAP | FLAG_LOADER_NAME);
    block.putInt(MEM_LOWER, (int) (usableFrom(0, Placement.BASE_MEMORY_END) >> 10));
    block.putInt(MEM_UPPER, (int) (usableFrom(ONE_MIB, 1L << 32) >> 10));
    block.putInt(MMAP_LENGTH, MMAP_ENTRY_SIZE * platform.memoryMap().size());
    block.putInt(MMAP_ADDR, (int) base + block.position());
    for (MemoryRegion region : platform.memoryMap()) {
      block.putInt(MMAP_ENTRY_SIZE - 4).putLong(region.first()).putLong(region.length()).putInt(region.type());
    }
    block.putInt(MODS_COUNT, modules.size());
    block.putInt(MODS_ADDR, (int) base + block.position());
    int module = block.position();
    block.position(module + MODULE_SIZE * modules.size());
    for (LoadedModule loaded : modules) {
      block.putInt(module, (int) loaded.first).putInt(module + 4, (int) loaded.end);
      block.putInt(module + 8, string(loaded.commandLine, block, base));
      module += MODULE_SIZE;
    }
    block.putInt(CMDLINE, string(commandLine, block, base));
    block.putInt(BOOT_LOADER_NAME, string(LOADER_NAME, block, base));
    memory.write(base, block.array());
    return base;
  }

  private static int string(String text, ByteBuffer block, long base) {
    int address = (int) base + block.position();
    block.put(ImageFile.cString(text));
    return address;
  }

  /** Usable bytes from an address up to the first hole or the limit. */
  private long usableFrom(long address, long limit) {
    long end = new Placement(platform).endOfUsable(address);
    return Math.max(0, Math.min(end, limit) - address);
  }
}
