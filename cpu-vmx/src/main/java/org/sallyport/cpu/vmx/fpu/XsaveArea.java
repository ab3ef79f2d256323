package org.sallyport.cpu.vmx.fpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.simd.XmmRegisters;

/**
 * x87 and SSE state, and PKRU where there are protection keys, as an area in the standard format of XSAVE (SDM volume 1, "XSAVE Area"), in which a processor's
 * state is kept outside it.
 */
public final class XsaveArea {
  private static final int SIZE = 576;
  private static final int SIZE_WITH_KEYS = StateOps.PKRU_OFFSET + 8;
  private static final int REGISTERS = 32;
  private static final int XMM = 160;
  private static final int XSTATE_BV = 512;

  private XsaveArea() {}

  /** The state, all of it marked as present. */
  public static byte[] save(Cpu cpu) {
    boolean keys = cpu.has(CpuFeature.PKU);
    ByteBuffer b = ByteBuffer.allocate(keys ? SIZE_WITH_KEYS : SIZE).order(ByteOrder.LITTLE_ENDIAN);
    Fpu f = cpu.fpu;
    b.putShort(0, (short) f.control).putShort(2, (short) f.statusWord()).put(4, (byte) ~f.empty).putShort(6,
        (short) f.lastOpcode);
    b.putLong(8, f.lastInstruction).putLong(16, f.lastData);
    b.putInt(24, cpu.xmm.mxcsr).putInt(28, StateOps.MXCSR_MASK);
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      b.putLong(REGISTERS + 16 * i, f.mantissa[p]).putShort(REGISTERS + 16 * i + 8, (short) f.signExponent[p]);
    }
    for (int i = 0; i < cpu.xmm.x.length; i++) {
      b.putLong(XMM + 8 * i, cpu.xmm.x[i]);
    }
    if (keys) {
      b.putInt(StateOps.PKRU_OFFSET, cpu.pkru());
    }
    b.putLong(XSTATE_BV, StateOps.X87 | StateOps.SSE | (keys ? StateOps.PKRU : 0));
    return b.array();
  }

  /** Whether all that XSTATE_BV says is present has room in an area. */
  public static boolean isComplete(byte[] area) {
    long present = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN).getLong(XSTATE_BV);
    return area.length >= SIZE && ((present & StateOps.PKRU) == 0 || area.length >= SIZE_WITH_KEYS);
  }

  /** Takes the state up; what XSTATE_BV says is not present gets its initial value. */
  public static void restore(Cpu cpu, byte[] area) {
    ByteBuffer b = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN);
    long present = b.getLong(XSTATE_BV);
    Fpu f = cpu.fpu;
    f.clear();
    if ((present & StateOps.X87) != 0) {
      f.loadControl(b.getShort(0));
      f.statusWord(b.getShort(2) & 0xffff);
      f.empty = ~b.get(4) & 0xff;
      f.lastOpcode = b.getShort(6) & 0x7ff;
      f.lastInstruction = b.getLong(8);
      f.lastData = b.getLong(16);
      for (int i = 0; i < 8; i++) {
        int p = f.physical(i);
        f.mantissa[p] = b.getLong(REGISTERS + 16 * i);
        f.signExponent[p] = b.getShort(REGISTERS + 16 * i + 8) & 0xffff;
      }
      f.updateSummary();
    }
    boolean sse = (present & StateOps.SSE) != 0;
    cpu.xmm.mxcsr = sse ? b.getInt(24) & StateOps.MXCSR_MASK : XmmRegisters.MXCSR_DEFAULT;
    for (int i = 0; i < cpu.xmm.x.length; i++) {
      cpu.xmm.x[i] = sse ? b.getLong(XMM + 8 * i) : 0;
    }
    cpu.setPkru((present & StateOps.PKRU) != 0 ? b.getInt(StateOps.PKRU_OFFSET) : 0);
  }
}
