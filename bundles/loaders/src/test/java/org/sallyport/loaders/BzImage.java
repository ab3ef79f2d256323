package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A bzImage with a header like that of a 6.1 kernel and a recognisable protected-mode part; tests change what they are
 * about.
 */
final class BzImage {
  static final int SETUP_SECTORS = 2;
  static final int PAYLOAD = 0x5000;
  static final int PREFERRED = 2 * Bench.MIB;
  static final int INIT_SIZE = 4 * Bench.MIB;
  static final int COMMAND_LINE_MAX = 2047;

  final ByteBuffer bytes = ByteBuffer.allocate((SETUP_SECTORS + 1) * 512 + PAYLOAD).order(ByteOrder.LITTLE_ENDIAN);

  BzImage() {
    bytes.put(0x1f1, (byte) SETUP_SECTORS).putInt(0x1f4, PAYLOAD / 16).putShort(0x1fe, (short) 0xaa55);
    bytes.put(0x200, (byte) 0xeb).put(0x201, (byte) 0x6a).put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII));
    bytes.putShort(0x206, (short) 0x20f).put(0x211, (byte) 1).putInt(0x214, 0x100000).putInt(0x22c, 0x7fffffff);
    bytes.putInt(0x230, 0x200000).put(0x234, (byte) 1).putShort(0x236, (short) 1).putInt(0x238, COMMAND_LINE_MAX);
    bytes.putLong(0x258, PREFERRED).putInt(0x260, INIT_SIZE).putInt(0x264, 0x12345678);
    for (int i = 0; i < PAYLOAD; i++) {
      bytes.put((SETUP_SECTORS + 1) * 512 + i, payload(i));
    }
  }

  static byte payload(int i) {
    return (byte) (i * 7 + (i >> 8));
  }

  byte[] array() {
    return bytes.array();
  }
}
