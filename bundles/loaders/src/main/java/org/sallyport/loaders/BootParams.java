package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.loader.Platform.MemoryRegion;

/**
 * struct boot_params, the "zero page" (Linux, Documentation/arch/x86/zero-page.rst): the kernel's setup header and what
 * it is told.
 */
final class BootParams {
  static final int SIZE = 4096;

  // @formatter:off
  static final int ACPI_RSDP_ADDR    = 0x070;
  static final int EXT_RAMDISK_IMAGE = 0x0c0;
  static final int EXT_RAMDISK_SIZE  = 0x0c4;
  static final int E820_ENTRIES      = 0x1e8;
  static final int E820_TABLE        = 0x2d0;

  static final int E820_ENTRY_SIZE   = 20;
  static final int E820_MAX          = 128;
  private static final int LOADER_UNDEFINED = 0xff;
  private static final int VIDEO_NORMAL     = 0xffff;
  // @formatter:on

  private final ByteBuffer page = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final LinuxHeader header;

  BootParams(ByteBuffer image, LinuxHeader header) {
    this.header = header;
    // The header ends where the jump in front of it leads.
    int end = Math.min(LinuxHeader.HEADER + Byte.toUnsignedInt(image.get(LinuxHeader.JUMP_LENGTH)), E820_TABLE);
    page.put(LinuxHeader.SETUP_SECTS, image, LinuxHeader.SETUP_SECTS, end - LinuxHeader.SETUP_SECTS);
    page.put(LinuxHeader.TYPE_OF_LOADER, (byte) LOADER_UNDEFINED);
    page.putShort(LinuxHeader.VID_MODE, (short) VIDEO_NORMAL);
  }

  void kernel(long address) {
    page.putInt(LinuxHeader.CODE32_START, (int) address);
  }

  void commandLine(long address) {
    page.putInt(LinuxHeader.CMD_LINE_PTR, (int) address);
  }

  void initrd(long address, long size) {
    page.putInt(LinuxHeader.RAMDISK_IMAGE, (int) address);
    page.putInt(EXT_RAMDISK_IMAGE, (int) (address >>> 32));
    page.putInt(LinuxHeader.RAMDISK_SIZE, (int) size);
    page.putInt(EXT_RAMDISK_SIZE, (int) (size >>> 32));
  }

  void memoryMap(List<MemoryRegion> regions) throws LoadException {
    if (regions.size() > E820_MAX) {
      throw new LoadException("the memory map has " + regions.size() + " regions, Linux takes " + E820_MAX);
    }
    page.put(E820_ENTRIES, (byte) regions.size());
    int at = E820_TABLE;
    for (MemoryRegion region : regions) {
      page.putLong(at, region.first()).putLong(at + 8, region.length()).putInt(at + 16, region.type());
      at += E820_ENTRY_SIZE;
    }
  }

  void acpi(OptionalLong rsdp) {
    if (rsdp.isPresent() && header.protocol() >= LinuxHeader.PROTOCOL_RSDP) {
      page.putLong(ACPI_RSDP_ADDR, rsdp.getAsLong());
    }
  }

  byte[] bytes() {
    return page.array().clone();
  }
}
