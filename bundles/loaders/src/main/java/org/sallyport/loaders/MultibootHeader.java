package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The header by which a multiboot image is known (Multiboot Specification 0.6.96, section 3.1).
 *
 * @param offset where in the file it is
 * @param flags what the image asks for
 * @param address the address fields of an image that is no ELF file, or empty
 */
record MultibootHeader(int offset, int flags, Optional<AddressFields> address) {
  /** The address fields (section 3.1.3), physical; {@code loadEnd} and {@code bssEnd} may be 0. */
  record AddressFields(long header, long load, long loadEnd, long bssEnd, long entry) {}

  // @formatter:off
  static final int MAGIC            = 0x1badb002;
  static final int FLAG_PAGE_ALIGN  = 1;
  static final int FLAG_MEMORY_INFO = 1 << 1;
  static final int FLAG_VIDEO_MODE  = 1 << 2;
  static final int FLAG_ADDRESSES   = 1 << 16;
  /** Flags in this half are demands: an image with one that a loader does not know must not be loaded. */
  static final int FLAGS_REQUIRED   = 0xffff;
  /** The header lies, 4-byte aligned, in this many first bytes of the file. */
  static final int SEARCH           = 8192;
  // @formatter:on

  static Optional<MultibootHeader> find(ByteBuffer image) {
    int end = Math.min(image.limit(), SEARCH);
    for (int at = 0; at + 12 <= end; at += 4) {
      if (image.getInt(at) == MAGIC && MAGIC + image.getInt(at + 4) + image.getInt(at + 8) == 0) {
        return Optional.of(read(image, at));
      }
    }
    return Optional.empty();
  }

  private static MultibootHeader read(ByteBuffer image, int at) {
    int flags = image.getInt(at + 4);
    if ((flags & FLAG_ADDRESSES) == 0 || at + 32 > image.limit()) {
      return new MultibootHeader(at, flags, Optional.empty());
    }
    return new MultibootHeader(at, flags,
        Optional.of(new AddressFields(u32(image, at + 12), u32(image, at + 16), u32(image, at + 20),
            u32(image, at + 24), u32(image, at + 28))));
  }

  private static long u32(ByteBuffer image, int at) {
    return Integer.toUnsignedLong(image.getInt(at));
  }
}
