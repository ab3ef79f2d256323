package org.sallyport.cpu.vmx.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Access to host memory by address. One segment that spans the whole address space: the software TLB has already decided that an
 * address is inside a memory slot, and C2 turns an access into a single machine instruction.
 */
public final class Host {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private Host() {}

  public static byte get8(long address) {
    return ALL.get(JAVA_BYTE, address);
  }

  public static short get16(long address) {
    return ALL.get(JAVA_SHORT_UNALIGNED, address);
  }

  public static int get32(long address) {
    return ALL.get(JAVA_INT_UNALIGNED, address);
  }

  public static long get64(long address) {
    return ALL.get(JAVA_LONG_UNALIGNED, address);
  }

  public static void put8(long address, byte value) {
    ALL.set(JAVA_BYTE, address, value);
  }

  public static void put16(long address, short value) {
    ALL.set(JAVA_SHORT_UNALIGNED, address, value);
  }

  public static void put32(long address, int value) {
    ALL.set(JAVA_INT_UNALIGNED, address, value);
  }

  public static void put64(long address, long value) {
    ALL.set(JAVA_LONG_UNALIGNED, address, value);
  }

  /** The low {@code size} bytes (1, 2, 4, 8) at an address, zero-extended. */
  public static long get(long address, int size) {
    return switch (size) {
      case 1 -> get8(address) & 0xffL;
      case 2 -> get16(address) & 0xffffL;
      case 4 -> get32(address) & 0xffffffffL;
      case 8 -> get64(address);
      default -> {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
          value = value << 8 | get8(address + i) & 0xffL;
        }
        yield value;
      }
    };
  }

  public static void put(long address, int size, long value) {
    switch (size) {
      case 1 -> put8(address, (byte) value);
      case 2 -> put16(address, (short) value);
      case 4 -> put32(address, (int) value);
      case 8 -> put64(address, value);
      default -> {
        for (int i = 0; i < size; i++) {
          put8(address + i, (byte) (value >>> 8 * i));
        }
      }
    }
  }

  /** Compare-and-swap of 1 to 8 bytes that lie within eight aligned bytes. */
  public static boolean compareAndSet(long address, int size, long expected, long value) {
    if (size == 8) {
      return LONG.compareAndSet(ALL, address, expected, value);
    }
    return size == 4 && (address & 3) == 0
        ? INT.compareAndSet(ALL, address, (int) expected, (int) value)
        : compareAndSetPart(address, size, expected, value);
  }

  // Java has no compare-and-set of fewer than four bytes in memory: it is done on the eight bytes around them.
  private static boolean compareAndSetPart(long address, int size, long expected, long value) {
    long word = address & ~7L;
    int shift = (int) (address & 7) * 8;
    long mask = (1L << 8 * size) - 1;
    while (true) {
      long old = (long) LONG.getVolatile(ALL, word);
      if (((old >>> shift ^ expected) & mask) != 0) {
        return false;
      }
      if (LONG.compareAndSet(ALL, word, old, old & ~(mask << shift) | (value & mask) << shift)) {
        return true;
      }
    }
  }

  public static byte getVolatile8(long address) {
    return (byte) BYTE.getVolatile(ALL, address);
  }

  /** Copies bytes; the ranges do not overlap. */
  public static void copy(long from, long to, long length) {
    MemorySegment.copy(ALL, from, ALL, to, length);
  }

  public static void fill(long address, long length, byte value) {
    ALL.asSlice(address, length).fill(value);
  }
}
