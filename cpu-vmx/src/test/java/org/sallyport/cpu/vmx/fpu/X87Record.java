package org.sallyport.cpu.vmx.fpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** An instruction with all that goes into it or comes out of it, in the layout that host-x87.c reads and writes. */
final class X87Record {
  static final int SIZE = 132;
  private static final int ENVIRONMENT = 28;
  private static final int MEMORY = 108;
  private static final int FLAGS = 124;
  private static final int INSTRUCTION = 128;

  final byte[] bytes = new byte[SIZE];
  private final ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

  static X87Record of(byte[] from, int at) {
    X87Record r = new X87Record();
    System.arraycopy(from, at, r.bytes, 0, SIZE);
    return r;
  }

  X87Record copy() {
    return of(bytes, 0);
  }

  int control() {
    return b.getShort(0) & 0xffff;
  }

  void control(int v) {
    b.putShort(0, (short) v);
  }

  int status() {
    return b.getShort(4) & 0xffff;
  }

  void status(int v) {
    b.putShort(4, (short) v);
  }

  /** Two bits for each physical register. */
  int tags() {
    return b.getShort(8) & 0xffff;
  }

  void tags(int v) {
    b.putShort(8, (short) v);
  }

  int signExponent(int st) {
    return b.getShort(ENVIRONMENT + 10 * st + 8) & 0xffff;
  }

  long mantissa(int st) {
    return b.getLong(ENVIRONMENT + 10 * st);
  }

  void st(int st, int signExponent, long mantissa) {
    b.putLong(ENVIRONMENT + 10 * st, mantissa).putShort(ENVIRONMENT + 10 * st + 8, (short) signExponent);
  }

  int flags() {
    return b.getInt(FLAGS);
  }

  void flags(int v) {
    b.putInt(FLAGS, v);
  }

  byte[] memory() {
    return Arrays.copyOfRange(bytes, MEMORY, MEMORY + 16);
  }

  void memory(int at, long v) {
    b.putLong(MEMORY + at, v);
  }

  void memory(byte[] v) {
    System.arraycopy(v, 0, bytes, MEMORY, 16);
  }

  int opcode() {
    return b.get(INSTRUCTION) & 0xff;
  }

  int modrm() {
    return b.get(INSTRUCTION + 1) & 0xff;
  }

  void instruction(int opcode, int modrm) {
    b.put(INSTRUCTION, (byte) opcode).put(INSTRUCTION + 1, (byte) modrm);
  }

  boolean hasMemory() {
    return modrm() < 0xc0;
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    s.append("%02X %02X cw=%03x sw=%04x tags=%04x flags=%04x memory=%s".formatted(opcode(), modrm(), control(),
        status(), tags(),
        flags(), HexFormat.of().formatHex(memory())));
    for (int i = 0; i < 8; i++) {
      s.append(i % 4 == 0 ? "\n  " : " ").append("%04x:%016x".formatted(signExponent(i), mantissa(i)));
    }
    return s.toString();
  }
}
