package org.sallyport.loaders.tables;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The resources of a device for its _CRS (ACPI specification 6.4, section 6.4, "Resource Data Types for ACPI"). Ranges
 * are inclusive.
 */
final class ResourceTemplate {
  // @formatter:off
  private static final int IRQ_NO_FLAGS       = 0x22;
  private static final int IO_PORT            = 0x47;
  private static final int END_TAG            = 0x79;
  private static final int DWORD_SPACE        = 0x87;
  private static final int WORD_SPACE         = 0x88;

  private static final int DECODE16           = 1;
  private static final int TYPE_MEMORY        = 0;
  private static final int TYPE_IO            = 1;
  private static final int TYPE_BUS_NUMBER    = 2;
  /** General flags: both ends are fixed; the device decodes positively and hands the range on to those behind it. */
  private static final int MIN_AND_MAX_FIXED  = 0b1100;
  private static final int MEMORY_READ_WRITE  = 1;
  private static final int IO_ENTIRE_RANGE    = 0b11;
  // @formatter:on

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Ports that the device itself decodes. */
  ResourceTemplate io(int first, int count) {
    return add(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).put((byte) IO_PORT).put((byte) DECODE16)
        .putShort((short) first)
        .putShort((short) first).put((byte) 1).put((byte) count));
  }

  /** An ISA interrupt: edge-triggered, active high. */
  ResourceTemplate irq(int irq) {
    return add(
        ByteBuffer.allocate(3).order(ByteOrder.LITTLE_ENDIAN).put((byte) IRQ_NO_FLAGS).putShort((short) (1 << irq)));
  }

  /** Bus numbers behind a bridge. */
  ResourceTemplate busNumbers(int first, int last) {
    return wordSpace(TYPE_BUS_NUMBER, 0, first, last);
  }

  /** Ports that a bridge hands on. */
  ResourceTemplate ioWindow(int first, int last) {
    return wordSpace(TYPE_IO, IO_ENTIRE_RANGE, first, last);
  }

  /** Memory below 4 GiB that a bridge hands on, uncached. */
  ResourceTemplate memoryWindow(long first, long last) {
    return add(ByteBuffer.allocate(26).order(ByteOrder.LITTLE_ENDIAN).put((byte) DWORD_SPACE).putShort((short) 23)
        .put((byte) TYPE_MEMORY).put((byte) MIN_AND_MAX_FIXED).put((byte) MEMORY_READ_WRITE).putInt(0)
        .putInt((int) first)
        .putInt((int) last).putInt(0).putInt((int) (last - first + 1)));
  }

  /** ASL's ResourceTemplate: a Buffer. */
  Aml aml() {
    byte[] descriptors = out.toByteArray();
    byte[] all = Arrays.copyOf(descriptors, descriptors.length + 2);
    // A checksum of 0 in the end tag says that there is none.
    all[descriptors.length] = END_TAG;
    return Aml.buffer(all);
  }

  private ResourceTemplate wordSpace(int type, int typeFlags, int first, int last) {
    return add(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).put((byte) WORD_SPACE).putShort((short) 13)
        .put((byte) type)
        .put((byte) MIN_AND_MAX_FIXED).put((byte) typeFlags).putShort((short) 0).putShort((short) first)
        .putShort((short) last)
        .putShort((short) 0).putShort((short) (last - first + 1)));
  }

  private ResourceTemplate add(ByteBuffer descriptor) {
    out.writeBytes(descriptor.array());
    return this;
  }
}
