package org.sallyport.cpu.vmx.simd;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** An instruction and what it works on: XMM0 to XMM2, MM0 to MM2, 16 bytes at RBX, RAX, RCX, RDX, MXCSR and the status flags. */
final class VectorState {
  /** Size of the record that {@link NativeProcessor} understands. */
  static final int BYTES = 160;

  final long[] xmm = new long[6];
  final long[] mmx = new long[3];
  final long[] memory = new long[2];
  final long[] general = new long[3];
  int mxcsr;
  int flags;

  /** Number of the signal that came, or 0. */
  int trap;

  byte[] code = {};

  VectorState copy() {
    VectorState c = new VectorState();
    System.arraycopy(xmm, 0, c.xmm, 0, xmm.length);
    System.arraycopy(mmx, 0, c.mmx, 0, mmx.length);
    System.arraycopy(memory, 0, c.memory, 0, memory.length);
    System.arraycopy(general, 0, c.general, 0, general.length);
    c.mxcsr = mxcsr;
    c.flags = flags;
    c.trap = trap;
    c.code = code;
    return c;
  }

  void write(ByteBuffer b) {
    put(b, xmm);
    put(b, mmx);
    b.putLong(0);
    put(b, memory);
    put(b, general);
    b.putInt(mxcsr).putInt(flags).putInt(trap).putInt(code.length).put(Arrays.copyOf(code, 16)).putLong(0);
  }

  void read(ByteBuffer b) {
    get(b, xmm);
    get(b, mmx);
    b.getLong();
    get(b, memory);
    get(b, general);
    mxcsr = b.getInt();
    flags = b.getInt();
    trap = b.getInt();
    b.position(b.position() + 28);
  }

  private static void put(ByteBuffer b, long[] values) {
    for (long v : values) {
      b.putLong(v);
    }
  }

  private static void get(ByteBuffer b, long[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = b.getLong();
    }
  }

  boolean same(VectorState o) {
    return Arrays.equals(xmm, o.xmm) && Arrays.equals(mmx, o.mmx) && Arrays.equals(memory, o.memory)
        && Arrays.equals(general, o.general) && mxcsr == o.mxcsr && flags == o.flags && trap == o.trap;
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      s.append(String.format("xmm%d %016x:%016x ", i, xmm[2 * i + 1], xmm[2 * i]));
    }
    s.append(String.format("mem %016x:%016x\n      ", memory[1], memory[0]));
    for (int i = 0; i < 3; i++) {
      s.append(String.format("mm%d %016x ", i, mmx[i]));
    }
    return s.append(String.format("rax %x rcx %x rdx %x mxcsr %04x flags %03x trap %d", general[0], general[1],
        general[2], mxcsr, flags, trap)).toString();
  }
}
