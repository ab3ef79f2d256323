package org.sallyport.cpu.vmx.interpret;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.memory.Host;

/** XCHG, XADD, CMPXCHG, CMPXCHG8B, CMPXCHG16B. */
final class Exchange {
  private Exchange() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case XCHG -> new Xchg(in, cpu);
      case XADD -> new Xadd(in, cpu);
      case CMPXCHG -> new Cmpxchg(in, cpu);
      case CMPXCHG8B -> cpu.has(CpuFeature.CX8) ? new CmpxchgPair(in, cpu, 4) : null;
      case CMPXCHG16B -> cpu.has(CpuFeature.CX16) ? new CmpxchgPair(in, cpu, 8) : null;
      default -> null;
    };
  }

  private static final class Xchg extends GenericOp {
    Xchg(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      int m = isMemory(0) ? 0 : 1;
      if (!isMemory(m)) {
        long a = get(c, 0);
        set(c, 0, get(c, 1));
        set(c, 1, a);
        return next;
      }
      int bytes = size[0];
      long v = get(c, 1 - m);
      long address = writeAddress(c, bytes);
      long host = c.smp ? c.hostForLocked(address, bytes) : c.hostForUpdate(address, bytes); // with memory it is always locked
      long old;
      if (host == 0) {
        synchronized (Atomics.SPLIT_LOCK) {
          old = c.read(address, bytes);
          c.write(address, bytes, v);
        }
      } else if (c.smp) {
        old = Atomics.exchange(host, bytes, v);
        c.lockedDone(bytes);
      } else {
        old = Host.get(host, bytes);
        Host.put(host, bytes, v);
      }
      set(c, 1 - m, old);
      return next;
    }
  }

  private static final class Xadd extends GenericOp {
    private final boolean lock;

    Xadd(Instruction in, Cpu cpu) {
      super(in, cpu);
      lock = in.lock;
    }

    @Override
    public Op execute(Cpu c) {
      int bytes = size[0];
      long b = get(c, 1);
      long a;
      if (isMemory(0)) {
        long address = writeAddress(c, bytes);
        boolean locked = lock && c.smp;
        long host = locked ? c.hostForLocked(address, bytes) : c.hostForUpdate(address, bytes);
        if (host == 0) {
          synchronized (Atomics.SPLIT_LOCK) {
            a = c.read(address, bytes);
            c.write(address, bytes, a + b);
          }
        } else if (locked) {
          do {
            a = Host.get(host, bytes);
          } while (!Atomics.compareAndSet(host, bytes, a, a + b));
          c.lockedDone(bytes);
        } else {
          a = Host.get(host, bytes);
          Host.put(host, bytes, a + b);
        }
        set(c, 1, a);
      } else {
        a = get(c, 0);
        set(c, 1, a);
        set(c, 0, a + b);
      }
      c.flagsAdd(a, b, a + b, bytes);
      return next;
    }
  }

  private static final class Cmpxchg extends GenericOp {
    private final boolean lock;

    Cmpxchg(Instruction in, Cpu cpu) {
      super(in, cpu);
      lock = in.lock;
    }

    @Override
    public Op execute(Cpu c) {
      int bytes = size[0];
      long v = get(c, 1);
      long expected = c.reg(Cpu.RAX, bytes);
      long old;
      if (isMemory(0)) {
        long address = writeAddress(c, bytes);
        boolean locked = lock && c.smp;
        long host = locked ? c.hostForLocked(address, bytes) : c.hostForUpdate(address, bytes);
        if (host == 0) {
          synchronized (Atomics.SPLIT_LOCK) {
            old = c.read(address, bytes);
            c.write(address, bytes, old == expected ? v : old);
          }
        } else if (locked) {
          do {
            old = Host.get(host, bytes);
          } while (old == expected && !Atomics.compareAndSet(host, bytes, expected, v));
          c.lockedDone(bytes);
        } else {
          old = Host.get(host, bytes);
          if (old == expected) {
            Host.put(host, bytes, v);
          }
        }
      } else {
        old = get(c, 0);
        if (old == expected) {
          set(c, 0, v);
        }
      }
      if (old != expected) {
        c.setReg(Cpu.RAX, bytes, old);
      }
      c.flagsSub(expected, old, expected - old, bytes);
      return next;
    }
  }

  /** CMPXCHG8B and CMPXCHG16B: EDX:EAX (RDX:RAX) against memory, ECX:EBX (RCX:RBX) in. */
  private static final class CmpxchgPair extends GenericOp {
    private final int half;
    private final boolean lock;

    CmpxchgPair(Instruction in, Cpu cpu, int half) {
      super(in, cpu);
      this.half = half;
      lock = in.lock;
    }

    @Override
    public Op execute(Cpu c) {
      long address = writeAddress(c, 2 * half);
      if (half == 8 && (address & 15) != 0) {
        throw c.gp();
      }
      c.checkWrite(address, 2 * half);
      long host = lock && c.smp ? c.hostForLocked(address, 2 * half) : 0;
      if (host == 0) {
        exchange(c, address);
      } else if (half == 4) {
        locked8(c, host);
      } else {
        locked16(c, host);
      }
      return next;
    }

    private void exchange(Cpu c, long address) {
      synchronized (Atomics.SPLIT_LOCK) {
        long low = c.read(address, half);
        long high = c.read(address + half, half);
        boolean equal = low == c.reg(Cpu.RAX, half) && high == c.reg(Cpu.RDX, half);
        c.write(address, half, equal ? c.reg(Cpu.RBX, half) : low);
        c.write(address + half, half, equal ? c.reg(Cpu.RCX, half) : high);
        finish(c, equal, low, high);
      }
    }

    private void locked8(Cpu c, long host) {
      long expected = c.reg(Cpu.RDX, 4) << 32 | c.reg(Cpu.RAX, 4);
      long v = c.reg(Cpu.RCX, 4) << 32 | c.reg(Cpu.RBX, 4);
      long old;
      do {
        old = Host.get(host, 8);
      } while (old == expected && !Atomics.compareAndSet(host, 8, expected, v));
      c.lockedDone(8);
      finish(c, old == expected, old & 0xffffffffL, old >>> 32);
    }

    private void locked16(Cpu c, long host) {
      long low;
      long high;
      boolean equal;
      do {
        low = Host.get64(host);
        high = Host.get64(host + 8);
        equal = low == c.r[Cpu.RAX] && high == c.r[Cpu.RDX];
      } while (equal && !Atomics.compareAndSetPair(host, low, high, c.r[Cpu.RBX], c.r[Cpu.RCX]));
      c.lockedDone(16);
      finish(c, equal, low, high);
    }

    private void finish(Cpu c, boolean equal, long low, long high) {
      c.setZf(equal);
      if (!equal) {
        c.setReg(Cpu.RAX, half, low);
        c.setReg(Cpu.RDX, half, high);
      }
    }
  }
}
