package org.sallyport.loaders.cpio;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the "newc" cpio format: 6 bytes of magic, 13 fields of 8 hexadecimal digits, name and content padded to 4
 * bytes.
 */
final class NewcWriter {
  private static final String MAGIC = "070701";
  private static final String TRAILER = "TRAILER!!!";
  private static final int HEADER = 6 + 13 * 8;
  private static final byte[] PADDING = new byte[3];

  private final OutputStream out;
  private int inode;

  NewcWriter(OutputStream out) {
    this.out = out;
  }

  void entry(String name, int mode, int major, int minor, byte[] content) throws IOException {
    inode++;
    header(name, inode, mode, 1, major, minor, content.length);
    out.write(content);
    pad(content.length);
  }

  void trailer() throws IOException {
    header(TRAILER, 0, 0, 1, 0, 0, 0);
  }

  private void header(String name, int number, int mode, int links, int major, int minor, int size) throws IOException {
    byte[] nameBytes = (name + '\0').getBytes(StandardCharsets.UTF_8);
    StringBuilder header = new StringBuilder(HEADER).append(MAGIC);
    // c_ino, c_mode, c_uid, c_gid, c_nlink, c_mtime, c_filesize, c_maj, c_min, c_rmaj, c_rmin, c_namesize, c_chksum
    for (int field : new int[]{number, mode, 0, 0, links, 0, size, 0, 0, major, minor, nameBytes.length, 0}) {
      header.append(String.format("%08x", field));
    }
    out.write(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.write(nameBytes);
    pad(HEADER + nameBytes.length);
  }

  private void pad(int length) throws IOException {
    out.write(PADDING, 0, -length & 3);
  }
}
