package org.sallyport.loaders;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Small ELF executables with one segment, the code behind the headers. */
final class ElfFile {
  static final int CODE_OFFSET = 0x80;

  private ElfFile() {}

  static ByteBuffer elf32(long virtual, long physical, long entry, byte[] code, int memorySize) {
    ByteBuffer file = ByteBuffer.allocate(CODE_OFFSET + code.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put("\177ELF\1\1\1".getBytes(StandardCharsets.ISO_8859_1)).position(16);
    file.putShort((short) 2).putShort((short) 3).putInt(1).putInt((int) entry).putInt(52).putInt(0).putInt(0)
        .putShort((short) 52)
        .putShort((short) 32).putShort((short) 1).position(52);
    file.putInt(1).putInt(CODE_OFFSET).putInt((int) virtual).putInt((int) physical).putInt(code.length)
        .putInt(memorySize);
    return file.put(CODE_OFFSET, code).rewind();
  }

  static ByteBuffer elf64(long virtual, long physical, long entry, byte[] code, int memorySize) {
    ByteBuffer file = ByteBuffer.allocate(CODE_OFFSET + code.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put("\177ELF\2\1\1".getBytes(StandardCharsets.ISO_8859_1)).position(16);
    file.putShort((short) 2).putShort((short) 62).putInt(1).putLong(entry).putLong(64).putLong(0).putInt(0)
        .putShort((short) 64)
        .putShort((short) 56).putShort((short) 1).position(64);
    file.putInt(1).putInt(5).putLong(CODE_OFFSET).putLong(virtual).putLong(physical).putLong(code.length)
        .putLong(memorySize);
    return file.put(CODE_OFFSET, code).rewind();
  }
}
