package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.memory.Host;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * MOVS, STOS, LODS, CMPS, SCAS with their repeat prefixes. Registers are brought up to date after each iteration, so that a fault or an
 * interrupt finds the instruction restartable. Repeated moves and stores inside a page are done in bulk.
 */
final class Strings {
  private Strings() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case MOVS -> new Move(in, cpu);
      case STOS -> new Store(in, cpu);
      case LODS -> new Load(in, cpu);
      case CMPS -> new Compare(in, cpu);
      case SCAS -> new Scan(in, cpu);
      default -> null;
    };
  }

  /** The frame of a string instruction: repetition, counter, index registers. */
  abstract static class StringOp extends MemOp {
    protected final int size;
    protected final int addressSize;
    protected final int source;
    private final boolean repeated;
    private final boolean flat;

    StringOp(Instruction in, Cpu cpu) {
      super(in, cpu);
      size = in.size[0];
      addressSize = in.addressSize;
      source = in.segmentOverride >= 0 ? in.segmentOverride : Segment.DS;
      repeated = in.rep || in.repne;
      flat = addressSize == 8 && source < Segment.FS || addressSize == 4 && cpu.flatSegments() && source <= Segment.DS
          && source != Segment.CS;
    }

    /** One element; returns whether to go on (the repeat condition). */
    protected abstract boolean element(Cpu c, long step);

    /** Does up to {@code count} elements in bulk and returns how many; 0 when it cannot. */
    protected long bulk(Cpu c, long count) {
      return 0;
    }

    @Override
    public final Op execute(Cpu c) {
      long step = (c.flags & Flag.DF) != 0 ? -size : size;
      if (!repeated) {
        element(c, step);
        return next;
      }
      while (true) {
        long count = c.reg(Cpu.RCX, addressSize);
        if (count == 0) {
          return next;
        }
        long done = 0;
        if (flat && step > 0 && count > 1 && !c.stepping) {
          done = bulk(c, count);
        }
        boolean more = true;
        if (done == 0) {
          more = element(c, step);
          done = 1;
        }
        c.setReg(Cpu.RCX, addressSize, count - done);
        c.io.clear();
        if (!more || count == done) {
          return next;
        }
        if (c.attention || c.stepping) {
          c.instructions += index;
          c.rip = rip;
          return null;
        }
      }
    }

    protected final long from(Cpu c, int bytes) {
      return c.linear(source, c.reg(Cpu.RSI, addressSize), bytes, false);
    }

    protected final long to(Cpu c, int bytes, boolean write) {
      return c.linear(Segment.ES, c.reg(Cpu.RDI, addressSize), bytes, write);
    }

    protected final void advance(Cpu c, int register, long distance) {
      c.setReg(register, addressSize, c.r[register] + distance);
    }

    /** Bytes from an address to the end of its page. */
    protected static long room(long address) {
      return 4096 - (address & 0xfff);
    }
  }

  private static final class Move extends StringOp {
    Move(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    protected boolean element(Cpu c, long step) {
      long v = c.read(from(c, size), size);
      c.write(to(c, size, true), size, v);
      advance(c, Cpu.RSI, step);
      advance(c, Cpu.RDI, step);
      return true;
    }

    @Override
    protected long bulk(Cpu c, long count) {
      long from = c.reg(Cpu.RSI, addressSize);
      long to = c.reg(Cpu.RDI, addressSize);
      long bytes = Math.min(Math.min(room(from), room(to)), Math.min(count, 4096) * size) & -size;
      long hostFrom = c.hostIfCached(from, false);
      long hostTo = c.hostIfCached(to, true);
      if (bytes == 0 || hostFrom == 0 || hostTo == 0) {
        return 0;
      }
      long distance = hostTo - hostFrom;
      if (distance > 0 && distance < bytes) { // what is stored is read again later
        if (distance < size) {
          return 0;
        }
        for (long i = 0; i < bytes; i += size) {
          Host.put(hostTo + i, size, Host.get(hostFrom + i, size));
        }
      } else {
        Host.copy(hostFrom, hostTo, bytes);
      }
      advance(c, Cpu.RSI, bytes);
      advance(c, Cpu.RDI, bytes);
      return bytes / size;
    }
  }

  private static final class Store extends StringOp {
    Store(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    protected boolean element(Cpu c, long step) {
      c.write(to(c, size, true), size, c.r[Cpu.RAX]);
      advance(c, Cpu.RDI, step);
      return true;
    }

    @Override
    protected long bulk(Cpu c, long count) {
      long to = c.reg(Cpu.RDI, addressSize);
      long bytes = Math.min(room(to), Math.min(count, 4096) * size) & -size;
      long host = c.hostIfCached(to, true);
      if (bytes == 0 || host == 0) {
        return 0;
      }
      long v = c.r[Cpu.RAX];
      if (GenericOp.truncate(v, size) == GenericOp.truncate((v & 0xff) * 0x0101010101010101L, size)) {
        Host.fill(host, bytes, (byte) v);
      } else {
        for (long i = 0; i < bytes; i += size) {
          Host.put(host + i, size, v);
        }
      }
      advance(c, Cpu.RDI, bytes);
      return bytes / size;
    }
  }

  private static final class Load extends StringOp {
    Load(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    protected boolean element(Cpu c, long step) {
      c.setReg(Cpu.RAX, size, c.read(from(c, size), size));
      advance(c, Cpu.RSI, step);
      return true;
    }
  }

  private static final class Compare extends StringOp {
    private final boolean whileEqual;

    Compare(Instruction in, Cpu cpu) {
      super(in, cpu);
      whileEqual = !in.repne;
    }

    @Override
    protected boolean element(Cpu c, long step) {
      long a = c.read(from(c, size), size);
      long b = c.read(to(c, size, false), size);
      c.flagsSub(a, b, a - b, size);
      advance(c, Cpu.RSI, step);
      advance(c, Cpu.RDI, step);
      return a == b == whileEqual;
    }
  }

  private static final class Scan extends StringOp {
    private final boolean whileEqual;

    Scan(Instruction in, Cpu cpu) {
      super(in, cpu);
      whileEqual = !in.repne;
    }

    @Override
    protected boolean element(Cpu c, long step) {
      long a = c.reg(Cpu.RAX, size);
      long b = c.read(to(c, size, false), size);
      c.flagsSub(a, b, a - b, size);
      advance(c, Cpu.RDI, step);
      return a == b == whileEqual;
    }
  }
}
