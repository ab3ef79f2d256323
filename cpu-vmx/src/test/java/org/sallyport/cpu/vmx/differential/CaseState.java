package org.sallyport.cpu.vmx.differential;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** Registers, flags, memory and code of one instruction: {@code struct state} of oracle.c. */
final class CaseState {
  static final long DATA = 0x10001000L;
  static final long CODE = 0x30000000L;
  static final int DATA_SIZE = 256;
  private static final int RECORD = 128 + 8 + 8 + 256 + 8 + 8 + 16 + 8 + DATA_SIZE;

  final long[] gpr = new long[16];
  long flags;

  /** 0, or the Linux signal that the instruction ended in. */
  long signal;

  final long[] xmm = new long[32];
  long mxcsr = 0x1f80;
  byte[] code = {};
  final byte[] data = new byte[DATA_SIZE];

  void write(OutputStream out) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : gpr) {
      b.putLong(v);
    }
    b.putLong(flags).putLong(signal);
    for (long v : xmm) {
      b.putLong(v);
    }
    b.putLong(mxcsr).putLong(0).put(Arrays.copyOf(code, 16)).putLong(code.length).put(data);
    out.write(b.array());
  }

  static CaseState read(DataInputStream in) throws IOException {
    byte[] bytes = new byte[RECORD];
    in.readFully(bytes);
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    CaseState s = new CaseState();
    for (int i = 0; i < 16; i++) {
      s.gpr[i] = b.getLong();
    }
    s.flags = b.getLong();
    s.signal = b.getLong();
    for (int i = 0; i < 32; i++) {
      s.xmm[i] = b.getLong();
    }
    s.mxcsr = b.getLong();
    b.getLong();
    byte[] code = new byte[16];
    b.get(code);
    s.code = Arrays.copyOf(code, (int) b.getLong());
    b.get(s.data);
    return s;
  }

  CaseState copy() {
    CaseState s = new CaseState();
    System.arraycopy(gpr, 0, s.gpr, 0, 16);
    System.arraycopy(xmm, 0, s.xmm, 0, 32);
    System.arraycopy(data, 0, s.data, 0, DATA_SIZE);
    s.flags = flags;
    s.mxcsr = mxcsr;
    s.code = code;
    return s;
  }

  /** What differs from the oracle's answer, or the empty string. */
  String difference(CaseState expected, long undefinedFlags) {
    StringBuilder text = new StringBuilder();
    if (signal != expected.signal) {
      return "signal " + signal + " instead of " + expected.signal;
    }
    for (int i = 0; i < 16; i++) {
      if (gpr[i] != expected.gpr[i]) {
        text.append(String.format(" r%d=%x instead of %x;", i, gpr[i], expected.gpr[i]));
      }
    }
    long flagsMask = 0xcd5 & ~undefinedFlags;
    if (((flags ^ expected.flags) & flagsMask) != 0) {
      text.append(String.format(" flags=%x instead of %x;", flags & flagsMask, expected.flags & flagsMask));
    }
    for (int i = 0; i < 32; i++) {
      if (xmm[i] != expected.xmm[i]) {
        text.append(
            String.format(" xmm%d.%s=%x instead of %x;", i / 2, i % 2 == 0 ? "low" : "high", xmm[i], expected.xmm[i]));
      }
    }
    if (mxcsr != expected.mxcsr) {
      text.append(String.format(" mxcsr=%x instead of %x;", mxcsr, expected.mxcsr));
    }
    int at = Arrays.mismatch(data, expected.data);
    if (at >= 0) {
      text.append(" memory differs at +" + at + ": " + HexFormat.of().formatHex(data, at, Math.min(DATA_SIZE, at + 16))
          + " instead of "
          + HexFormat.of().formatHex(expected.data, at, Math.min(DATA_SIZE, at + 16)));
    }
    return text.toString();
  }
}
