package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.memory.Host;

/** Locked operations between the processors of a machine. */
final class Atomics {
  /** Serialises operations on operands that are not aligned, which the host cannot do in one step. */
  private static final Object SPLIT_LOCK = new Object();

  private Atomics() {}

  /** Compare-and-swap of 1, 2, 4 or 8 bytes; for an operand that is not aligned, atomic only towards other such operations. */
  static boolean compareAndSet(long host, int size, long expected, long value) {
    if ((host & size - 1) == 0) {
      return Host.compareAndSet(host, size, expected, value);
    }
    synchronized (SPLIT_LOCK) {
      if (Host.get(host, size) != expected) {
        return false;
      }
      Host.put(host, size, value);
      return true;
    }
  }

  /** Replaces 1, 2, 4 or 8 bytes and returns what was there, zero-extended. */
  static long exchange(long host, int size, long value) {
    while (true) {
      long old = Host.get(host, size);
      if (compareAndSet(host, size, old, value)) {
        return old;
      }
    }
  }
}
