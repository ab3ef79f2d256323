package org.sallyport.cpu.vmx.translate;

import java.lang.invoke.VarHandle;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.memory.Host;
import org.sallyport.cpu.vmx.memory.Tlb;

/**
 * Memory accesses of translated code: a hit of the software TLB inline, one call for everything else. Values are zero-extended. A write
 * returns whether it has changed code that is decoded.
 */
public final class Access {
  private static final long PAGE = ~0xfffL;
  private static final int INDEX = 2 * (Tlb.ENTRIES - 1);

  private Access() {}

  public static long load8(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a & PAGE) ? Host.get8(a + t[i + 1]) & 0xffL : c.readMiss(a, 1);
  }

  public static long load16(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a + 1 & PAGE) ? Host.get16(a + t[i + 1]) & 0xffffL : c.readMiss(a, 2);
  }

  public static long load32(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a + 3 & PAGE) ? Host.get32(a + t[i + 1]) & 0xffffffffL : c.readMiss(a, 4);
  }

  public static long load64(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a + 7 & PAGE) ? Host.get64(a + t[i + 1]) : c.readMiss(a, 8);
  }

  public static boolean store8(Cpu c, long[] t, long a, long v) {
    int i = (int) (a >>> 11) & INDEX;
    if (t[i] == (a & PAGE)) {
      Host.put8(a + t[i + 1], (byte) v);
      return false;
    }
    return c.writeMiss(a, 1, v & 0xff);
  }

  public static boolean store16(Cpu c, long[] t, long a, long v) {
    int i = (int) (a >>> 11) & INDEX;
    if (t[i] == (a + 1 & PAGE)) {
      Host.put16(a + t[i + 1], (short) v);
      return false;
    }
    return c.writeMiss(a, 2, v & 0xffff);
  }

  public static boolean store32(Cpu c, long[] t, long a, long v) {
    int i = (int) (a >>> 11) & INDEX;
    if (t[i] == (a + 3 & PAGE)) {
      Host.put32(a + t[i + 1], (int) v);
      return false;
    }
    return c.writeMiss(a, 4, v & 0xffffffffL);
  }

  public static boolean store64(Cpu c, long[] t, long a, long v) {
    int i = (int) (a >>> 11) & INDEX;
    if (t[i] == (a + 7 & PAGE)) {
      Host.put64(a + t[i + 1], v);
      return false;
    }
    return c.writeMiss(a, 8, v);
  }

  /** Reads what is going to be written by the same instruction: faults as the write would. {@code t} is the TLB for writes. */
  public static long fetch8(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a & PAGE) ? Host.get8(a + t[i + 1]) & 0xffL : updateMiss(c, a, 1);
  }

  public static long fetch16(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a + 1 & PAGE) ? Host.get16(a + t[i + 1]) & 0xffffL : updateMiss(c, a, 2);
  }

  public static long fetch32(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a + 3 & PAGE) ? Host.get32(a + t[i + 1]) & 0xffffffffL : updateMiss(c, a, 4);
  }

  public static long fetch64(Cpu c, long[] t, long a) {
    int i = (int) (a >>> 11) & INDEX;
    return t[i] == (a + 7 & PAGE) ? Host.get64(a + t[i + 1]) : updateMiss(c, a, 8);
  }

  private static long updateMiss(Cpu c, long a, int size) {
    c.checkWrite(a, size);
    return c.readMiss(a, size);
  }

  /** Keeps the compiler from moving the guest's accesses, where other processors look on; see {@link Cpu#run}. */
  public static void order() {
    VarHandle.acquireFence();
    VarHandle.releaseFence();
  }

  public static long segmentBase(Cpu c, int segment) {
    return c.seg[segment].base;
  }
}
