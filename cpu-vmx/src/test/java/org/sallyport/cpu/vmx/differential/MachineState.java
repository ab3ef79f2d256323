package org.sallyport.cpu.vmx.differential;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The registers that a program sees. */
final class MachineState {
  /** Places in {@link #selectors}. */
  static final int CS = 0;

  static final int SS = 1;
  static final int DS = 2;
  static final int ES = 3;
  static final int FS = 4;
  static final int GS = 5;

  /** Bytes of the area of FXSAVE that hold registers. */
  static final int FX_BYTES = 416;

  // Places in that area (SDM volume 1, "Legacy Region of an XSAVE Area").
  static final int FCW = 0;
  static final int FSW = 2;
  static final int FTW = 4;
  static final int FOP = 6;
  static final int FIP = 8;
  static final int FDP = 16;
  static final int MXCSR = 24;
  static final int ST = 32;
  static final int XMM = 160;

  final long[] gpr = new long[16];
  long rip;
  long flags;
  long fsBase;
  long gsBase;
  final int[] selectors = new int[6];

  /** The area of FXSAVE in its 64-bit format. */
  final byte[] fx = new byte[FX_BYTES];

  /** The same bytes. */
  final ByteBuffer fpu = ByteBuffer.wrap(fx).order(ByteOrder.LITTLE_ENDIAN);

  MachineState copy() {
    MachineState s = new MachineState();
    s.set(this);
    return s;
  }

  void set(MachineState other) {
    System.arraycopy(other.gpr, 0, gpr, 0, 16);
    System.arraycopy(other.selectors, 0, selectors, 0, 6);
    System.arraycopy(other.fx, 0, fx, 0, FX_BYTES);
    rip = other.rip;
    flags = other.flags;
    fsBase = other.fsBase;
    gsBase = other.gsBase;
  }

  int control() {
    return fpu.getShort(FCW) & 0xffff;
  }

  int status() {
    return fpu.getShort(FSW) & 0xffff;
  }

  /** Exponent and sign of ST(i). */
  int signExponent(int i) {
    return fpu.getShort(ST + 16 * i + 8) & 0xffff;
  }

  long mantissa(int i) {
    return fpu.getLong(ST + 16 * i);
  }

  void st(int i, int signExponent, long mantissa) {
    fpu.putLong(ST + 16 * i, mantissa).putShort(ST + 16 * i + 8, (short) signExponent);
  }

  /** Half of an XMM register: {@code 2 * n} is the lower half of register n. */
  long xmm(int half) {
    return fpu.getLong(XMM + 8 * half);
  }

  void xmm(int half, long value) {
    fpu.putLong(XMM + 8 * half, value);
  }

  int mxcsr() {
    return fpu.getInt(MXCSR);
  }
}
