package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Says in a few words what a file that is no kernel looks like, by the first bytes of well-known formats. */
final class ImageKind {
  private record Magic(int offset, String bytes, String words) {}

  // @formatter:off
  private static final Magic[] MAGICS = {
    new Magic(0x202, "HdrS",                     "a Linux kernel"),
    new Magic(0,     "\177ELF",                  "an ELF file"),
    new Magic(0,     "\037\213",                 "a gzip file"),
    new Magic(0,     "\3757zXZ\0",               "an xz file"),
    new Magic(0,     "(\265/\375",               "a Zstandard file"),
    new Magic(0,     "BZh",                      "a bzip2 file"),
    new Magic(0,     "\004\"M\030",              "an LZ4 file"),
    new Magic(0,     "0707",                     "a cpio archive (an initrd?)"),
    new Magic(0,     "!<arch>\n",                "an ar archive or Debian package"),
    new Magic(0,     "PK\003\004",               "a zip or jar file"),
    new Magic(257,   "ustar",                    "a tar archive"),
    new Magic(0,     "QFI\373",                  "a qcow disk image"),
    new Magic(0,     "KDMV",                     "a VMDK disk image"),
    new Magic(0,     "\312\376\272\276",         "a Java class or Mach-O file"),
    new Magic(0,     "MZ",                       "a DOS, Windows or EFI executable"),
    new Magic(32769, "CD001",                    "an ISO 9660 image"),
    new Magic(0,     "#!",                       "a script"),
    new Magic(510,   "\125\252",                 "a disk image or boot sector"),
  };
  // @formatter:on

  private ImageKind() {}

  /** A noun phrase: {@code a gzip file}. */
  static String describe(ByteBuffer head) {
    if (head.limit() == 0) {
      return "an empty file";
    }
    for (Magic magic : MAGICS) {
      if (hasBytes(head, magic.offset, magic.bytes.getBytes(StandardCharsets.ISO_8859_1))) {
        return magic.words;
      }
    }
    return isText(head) ? "a text file" : "data of no known format";
  }

  static boolean hasBytes(ByteBuffer head, int offset, byte[] bytes) {
    if (head.limit() < offset + bytes.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (head.get(offset + i) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isText(ByteBuffer head) {
    for (int i = 0; i < Math.min(head.limit(), 512); i++) {
      byte b = head.get(i);
      if (b >= 0 && b < 32 && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }
}
