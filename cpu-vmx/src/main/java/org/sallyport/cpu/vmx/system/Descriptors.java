package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * Entries of the GDT and the LDT (SDM volume 3, "Segment Descriptors"), as the 8 bytes they are in memory. A null
 * descriptor is a long that is 0.
 */
final class Descriptors {
  // @formatter:off
  // System-segment types (SDM volume 3, table 3-2).
  static final int TSS16_AVAILABLE = 1;
  static final int LDT             = 2;
  static final int TSS16_BUSY      = 3;
  static final int CALL_GATE16     = 4;
  static final int TASK_GATE       = 5;
  static final int INTERRUPT_GATE16 = 6;
  static final int TRAP_GATE16     = 7;
  static final int TSS_AVAILABLE   = 9;
  static final int TSS_BUSY        = 11;
  static final int CALL_GATE       = 12;
  static final int INTERRUPT_GATE  = 14;
  static final int TRAP_GATE       = 15;

  /** The bit that tells a busy TSS from an available one. */
  static final int BUSY = 2;

  // Type bits of code and data segments.
  static final int ACCESSED   = 1;
  static final int READABLE   = 2;  // of code; of data: writable
  static final int CONFORMING = 4;  // of code; of data: expand-down
  static final int CODE       = 8;

  // Access rights of flat segments that SYSCALL and its like make up: accessed, present, 4 GiB; without the DPL.
  static final int FLAT_CODE64 = 0xa09b;
  static final int FLAT_CODE32 = 0xc09b;
  static final int FLAT_DATA   = 0xc093;

  /** A segment of real-address mode, read/write data also for CS, which may be written there. */
  static final int REAL_SEGMENT = 0x93;

  /** A segment of virtual-8086 mode. */
  static final int V86_SEGMENT = 0xf3;
  // @formatter:on

  private Descriptors() {}

  /** Whether a selector is null: index and table are 0, whatever its RPL is. */
  static boolean isNull(int selector) {
    return (selector & 0xfffc) == 0;
  }

  /** Linear address of a selector's descriptor of {@code bytes} bytes, or -1 when it lies beyond its table's limit. */
  static long address(Cpu cpu, int selector, int bytes) {
    int offset = selector & 0xfff8;
    long base = cpu.gdtBase;
    long limit = cpu.gdtLimit;
    if ((selector & 4) != 0) {
      Segment ldtr = cpu.seg[Segment.LDTR];
      if (!ldtr.usable()) {
        return -1;
      }
      base = ldtr.base;
      limit = ldtr.limit;
    }
    return offset + bytes - 1 > limit ? -1 : base + offset & mask(cpu);
  }

  /** What linear addresses of system structures are cut to. */
  static long mask(Cpu cpu) {
    return cpu.longMode() ? -1L : 0xffffffffL;
  }

  /**
   * Reads a descriptor; beyond its table's limit the exception {@code vector} with the selector as error code (and
   * EXT).
   */
  static long read(Cpu cpu, int selector, int vector, int ext) {
    long at = address(cpu, selector, 8);
    if (at == -1) {
      throw cpu.fault(vector, errorCode(selector, ext));
    }
    return cpu.readSystem(at, 8);
  }

  /** The upper half of a 16-byte descriptor of long mode. */
  static long readUpper(Cpu cpu, int selector, int vector, int ext) {
    long at = address(cpu, selector, 16);
    if (at == -1) {
      throw cpu.fault(vector, errorCode(selector, ext));
    }
    return cpu.readSystem(at + 8, 8);
  }

  /** The error code that names a selector. */
  static int errorCode(int selector, int ext) {
    return selector & 0xfffc | ext;
  }

  /** An exception whose error code names a selector. */
  static GuestFault fault(Cpu cpu, int vector, int selector) {
    return cpu.fault(vector, selector & 0xfffc);
  }

  // ---- what a descriptor says -------------------------------------------------------------------------------------

  /** Access rights in the format of {@link Segment#access}. */
  static int access(long descriptor) {
    return (int) (descriptor >>> 40) & 0xf0ff;
  }

  static long base(long descriptor) {
    return descriptor >>> 16 & 0xffffff | descriptor >>> 32 & 0xff000000L;
  }

  /** In bytes. */
  static long limit(long descriptor) {
    long limit = descriptor & 0xffff | descriptor >>> 32 & 0xf0000;
    return (descriptor & 1L << 55) != 0 ? limit << 12 | 0xfff : limit;
  }

  static int dpl(long descriptor) {
    return (int) (descriptor >>> 45) & 3;
  }

  static int type(long descriptor) {
    return (int) (descriptor >>> 40) & 0xf;
  }

  static boolean present(long descriptor) {
    return (descriptor & 1L << 47) != 0;
  }

  static boolean isSystem(long descriptor) {
    return (descriptor & 1L << 44) == 0;
  }

  static boolean isCode(long descriptor) {
    return (descriptor >>> 40 & (Segment.S | CODE)) == (Segment.S | CODE);
  }

  static boolean isConformingCode(long descriptor) {
    return (descriptor >>> 40 & (Segment.S | CODE | CONFORMING)) == (Segment.S | CODE | CONFORMING);
  }

  static boolean isWritableData(long descriptor) {
    return (descriptor >>> 40 & (Segment.S | CODE | READABLE)) == (Segment.S | READABLE);
  }

  static boolean isReadable(long descriptor) {
    int type = access(descriptor) & (Segment.S | CODE | READABLE);
    return (type & Segment.S) != 0 && type != (Segment.S | CODE);
  }

  static boolean is64BitCode(long descriptor) {
    return (descriptor & 1L << 53) != 0;
  }

  static boolean isBig(long descriptor) {
    return (descriptor & 1L << 54) != 0;
  }

  /** Entry point of a call, interrupt or trap gate with a 32-bit offset. */
  static long gateOffset(long gate) {
    return gate & 0xffff | gate >>> 32 & 0xffff0000L;
  }

  static int gateSelector(long gate) {
    return (int) (gate >>> 16) & 0xffff;
  }

  // ---- bits that the processor sets -------------------------------------------------------------------------------

  /** Sets the accessed bit of a code or data descriptor. May fault: to be called before anything is changed. */
  static void setAccessed(Cpu cpu, int selector, long descriptor) {
    if ((descriptor & 1L << 40) == 0) {
      writeType(cpu, selector, (int) (descriptor >>> 40) | ACCESSED);
    }
  }

  static void setBusy(Cpu cpu, int selector, long descriptor) {
    writeType(cpu, selector, (int) (descriptor >>> 40) | BUSY);
  }

  static void clearBusy(Cpu cpu, int selector, long descriptor) {
    writeType(cpu, selector, (int) (descriptor >>> 40) & ~BUSY);
  }

  private static void writeType(Cpu cpu, int selector, int typeByte) {
    cpu.writeSystem(address(cpu, selector, 8) + 5, 1, typeByte & 0xff);
  }

  // ---- into a segment register ------------------------------------------------------------------------------------

  /** Loads a code or data segment register. */
  static void load(Cpu cpu, int segment, int selector, long descriptor) {
    cpu.seg[segment].set(selector, base(descriptor), limit(descriptor), access(descriptor) | ACCESSED);
  }

  /** Loads CS, with the CPL in the selector's RPL. To be followed by {@link Cpu#modeChanged}. */
  static void loadCs(Cpu cpu, int selector, long descriptor, int cpl) {
    load(cpu, Segment.CS, selector & ~3 | cpl, descriptor);
    cpu.cpl = cpl;
  }

  /** Makes SS null, as changes of the privilege level do in long mode; its DPL stays equal to the CPL. */
  static void loadNullSs(Cpu cpu, int selector, int cpl) {
    cpu.seg[Segment.SS].set(selector, 0, 0, Segment.UNUSABLE | cpl << 5);
  }

  /** Loads a segment register as real-address or virtual-8086 mode does. */
  static void loadReal(Cpu cpu, int segment, int selector) {
    Segment s = cpu.seg[segment];
    long base = (selector & 0xffffL) << 4;
    if (cpu.v86()) {
      s.set(selector, base, 0xffff, V86_SEGMENT);
    } else if (s.usable()) {
      // Limit and size survive from protected mode ("unreal mode").
      s.set(selector, base, s.limit, s.access & (Segment.G | Segment.DB) | REAL_SEGMENT);
    } else {
      s.set(selector, base, 0xffff, REAL_SEGMENT);
    }
  }
}
