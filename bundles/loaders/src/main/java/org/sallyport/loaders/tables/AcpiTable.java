package org.sallyport.loaders.tables;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A table with the common header (ACPI specification 6.4, section 5.2.6) while it is filled. Offsets count from the
 * header's start.
 */
final class AcpiTable {
  static final int HEADER = 36;
  static final String OEM_ID = "SALLYP";
  private static final String OEM_TABLE_ID = "SALLYPRT";
  private static final String CREATOR_ID = "SLYP";

  private final ByteBuffer bytes;

  AcpiTable(String signature, int revision, int length) {
    bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    text(0, signature);
    dword(4, length);
    octet(8, revision);
    text(10, OEM_ID);
    text(16, OEM_TABLE_ID);
    dword(24, 1);
    text(28, CREATOR_ID);
    dword(32, 1);
  }

  void octet(int offset, int value) {
    bytes.put(offset, (byte) value);
  }

  void word(int offset, int value) {
    bytes.putShort(offset, (short) value);
  }

  void dword(int offset, long value) {
    bytes.putInt(offset, (int) value);
  }

  void qword(int offset, long value) {
    bytes.putLong(offset, value);
  }

  void data(int offset, byte[] data) {
    bytes.put(offset, data);
  }

  /** Sets the checksum; the table is complete. */
  byte[] finish() {
    Checksum.set(bytes.array(), 0, bytes.capacity(), 9);
    return bytes.array();
  }

  private void text(int offset, String text) {
    bytes.put(offset, text.getBytes(StandardCharsets.US_ASCII));
  }
}
