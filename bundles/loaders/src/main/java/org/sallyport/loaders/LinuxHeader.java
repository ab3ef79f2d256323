package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.sallyport.api.loader.LoadException;

/**
 * The setup header of a bzImage (Linux, Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"). Sizes and
 * addresses in bytes, unsigned.
 *
 * @param protocol boot protocol version, major in the high byte
 * @param setupSize bytes of the real-mode part; the protected-mode part follows in the file
 * @param payloadSize bytes of the protected-mode part
 * @param relocatable whether it runs at any multiple of {@code alignment}
 * @param initrdMax highest address that the initrd may use
 * @param commandLineMax longest command line, without its NUL
 * @param preferred address at which it likes to run
 * @param initSize bytes that it needs there before it reads the memory map
 */
record LinuxHeader(int protocol, int setupSize, long payloadSize, boolean relocatable, long alignment, long initrdMax,
    long commandLineMax, long preferred, long initSize) {

  // @formatter:off
  static final int SETUP_SECTS        = 0x1f1;
  static final int SYSSIZE            = 0x1f4;
  static final int VID_MODE           = 0x1fa;
  static final int BOOT_FLAG          = 0x1fe;
  static final int JUMP_LENGTH        = 0x201;
  static final int HEADER             = 0x202;
  static final int VERSION            = 0x206;
  static final int TYPE_OF_LOADER     = 0x210;
  static final int LOADFLAGS          = 0x211;
  static final int CODE32_START       = 0x214;
  static final int RAMDISK_IMAGE      = 0x218;
  static final int RAMDISK_SIZE       = 0x21c;
  static final int CMD_LINE_PTR       = 0x228;
  static final int INITRD_ADDR_MAX    = 0x22c;
  static final int KERNEL_ALIGNMENT   = 0x230;
  static final int RELOCATABLE_KERNEL = 0x234;
  static final int CMDLINE_SIZE       = 0x238;
  static final int PREF_ADDRESS       = 0x258;
  static final int INIT_SIZE          = 0x260;
  static final int SMALLEST           = 0x264;

  static final int LOADED_HIGH        = 1;
  static final int BOOT_SIGNATURE     = 0xaa55;
  static final int SECTOR             = 512;
  /** pref_address and init_size came with 2.10 (Linux 2.6.31); without them nobody knows what the kernel needs. */
  static final int OLDEST_PROTOCOL    = 0x20a;
  /** acpi_rsdp_addr came with 2.14. */
  static final int PROTOCOL_RSDP      = 0x20e;
  // @formatter:on

  private static final byte[] MAGIC = "HdrS".getBytes(StandardCharsets.US_ASCII);

  static boolean isLinux(ByteBuffer head) {
    return ImageKind.hasBytes(head, HEADER, MAGIC)
        && ImageKind.hasBytes(head, BOOT_FLAG, new byte[]{0x55, (byte) 0xaa});
  }

  /** Reads and checks the header; {@code image} is the whole file, little-endian. */
  static LinuxHeader parse(ByteBuffer image, ImageFile file) throws LoadException {
    if (!isLinux(image)) {
      throw file.problem("is no Linux kernel but looks like " + ImageKind.describe(image)
          + "; give a bzImage (Debian: /boot/vmlinuz-*, elsewhere arch/x86/boot/bzImage)");
    }
    if (image.limit() < VERSION + 2) {
      throw file.problem("is cut short: it ends in the setup header; copy it again");
    }
    int protocol = Short.toUnsignedInt(image.getShort(VERSION));
    if (protocol < OLDEST_PROTOCOL) {
      throw file
          .problem(String.format("speaks boot protocol %d.%02d; 2.10 is needed: give a kernel from Linux 2.6.31 on",
              protocol >> 8, protocol & 0xff));
    }
    if (image.limit() < SMALLEST) {
      throw file.problem("is cut short: it ends in the setup header; copy it again");
    }
    if ((image.get(LOADFLAGS) & LOADED_HIGH) == 0) {
      throw file.problem("is a zImage, which loads below 640 KiB; build a bzImage (make bzImage)");
    }
    int setupSectors = Byte.toUnsignedInt(image.get(SETUP_SECTS));
    int setupSize = ((setupSectors == 0 ? 4 : setupSectors) + 1) * SECTOR;
    long promised = Integer.toUnsignedLong(image.getInt(SYSSIZE)) * 16;
    // The last paragraph need not be full, and a signature may follow what the header counts.
    long payloadSize = image.limit() - (long) setupSize;
    if (payloadSize <= 0 || payloadSize + 15 < promised) {
      throw file.problem(
          "is cut short: the header promises " + (setupSize + promised) + " bytes, the file has " + image.limit()
              + "; copy it again");
    }
    return new LinuxHeader(protocol, setupSize, payloadSize, image.get(RELOCATABLE_KERNEL) != 0,
        u32(image, KERNEL_ALIGNMENT),
        u32(image, INITRD_ADDR_MAX), u32(image, CMDLINE_SIZE), image.getLong(PREF_ADDRESS), u32(image, INIT_SIZE));
  }

  private static long u32(ByteBuffer image, int at) {
    return Integer.toUnsignedLong(image.getInt(at));
  }
}
