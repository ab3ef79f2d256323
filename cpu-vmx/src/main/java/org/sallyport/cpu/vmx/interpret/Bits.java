package org.sallyport.cpu.vmx.interpret;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.memory.Host;

/** BT, BTS, BTR, BTC, BSF, BSR, TZCNT, LZCNT, POPCNT, CRC32, and the instructions on single flags. */
final class Bits {
  private Bits() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case BT, BTS, BTR, BTC -> in.kind[0] == OperandKind.MEMORY ? new MemoryBit(in, cpu) : new RegisterBit(in, cpu);
      case BSF, BSR -> new Scan(in, cpu);
      case TZCNT -> cpu.has(CpuFeature.BMI1) ? new Count(in, cpu) : new Scan(in, cpu);
      case LZCNT -> cpu.has(CpuFeature.ABM) ? new Count(in, cpu) : new Scan(in, cpu);
      case POPCNT -> cpu.has(CpuFeature.POPCNT) ? new Count(in, cpu) : null;
      case CRC32 -> cpu.has(CpuFeature.SSE4_2) ? new Crc32(in, cpu) : null;
      case CLC, STC, CMC, CLD, STD, LAHF, SAHF, SALC -> new FlagOp(in.mnemonic);
      default -> null;
    };
  }

  private static long changed(Mnemonic mnemonic, long value, long bit) {
    return switch (mnemonic) {
      case BTS -> value | bit;
      case BTR -> value & ~bit;
      case BTC -> value ^ bit;
      default -> value;
    };
  }

  private static final class RegisterBit extends GenericOp {
    private final Mnemonic mnemonic;

    RegisterBit(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
    }

    @Override
    public Op execute(Cpu c) {
      long bit = 1L << (get(c, 1) & size[0] * 8 - 1);
      long a = get(c, 0);
      c.setCf((a & bit) != 0);
      if (mnemonic != Mnemonic.BT) {
        set(c, 0, changed(mnemonic, a, bit));
      }
      return next;
    }
  }

  /** With a register as the bit number, the bit may lie outside the operand: the address moves by whole operands. */
  private static final class MemoryBit extends GenericOp {
    private final Mnemonic mnemonic;
    private final boolean lock;
    private final int bytes;
    private final long mask;
    private final boolean byRegister;

    MemoryBit(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
      lock = in.lock;
      bytes = in.size[0];
      byRegister = in.kind[1] == OperandKind.GPR;
      mask = in.addressSize == 8 ? -1L : in.addressSize == 4 ? 0xffffffffL : 0xffffL;
    }

    @Override
    public Op execute(Cpu c) {
      long number = get(c, 1);
      long offset = offset(c);
      if (byRegister) {
        offset = offset + (signExtend(number, bytes) >> (bytes == 8 ? 6 : bytes == 4 ? 5 : 4)) * bytes & mask;
      }
      long bit = 1L << (number & bytes * 8 - 1);
      boolean write = mnemonic != Mnemonic.BT;
      long address = c.linear(segment, offset, bytes, write);
      if (!write) {
        c.setCf((c.read(address, bytes) & bit) != 0);
        return next;
      }
      boolean locked = lock && c.smp;
      long host = locked ? c.hostForLocked(address, bytes) : c.hostForUpdate(address, bytes);
      long a;
      if (host == 0) {
        synchronized (Atomics.SPLIT_LOCK) {
          a = c.read(address, bytes);
          c.write(address, bytes, changed(mnemonic, a, bit));
        }
      } else if (locked) {
        do {
          a = Host.get(host, bytes);
        } while (!Atomics.compareAndSet(host, bytes, a, changed(mnemonic, a, bit)));
        c.lockedDone(bytes);
      } else {
        a = Host.get(host, bytes);
        Host.put(host, bytes, changed(mnemonic, a, bit));
      }
      c.setCf((a & bit) != 0);
      return next;
    }
  }

  /** BSF and BSR; the destination stays as it is when the source is zero. */
  private static final class Scan extends GenericOp {
    private final boolean forward;

    Scan(Instruction in, Cpu cpu) {
      super(in, cpu);
      forward = in.mnemonic == Mnemonic.BSF || in.mnemonic == Mnemonic.TZCNT;
    }

    @Override
    public Op execute(Cpu c) {
      long v = get(c, 1);
      if (v != 0) {
        set(c, 0, forward ? Long.numberOfTrailingZeros(v) : 63 - Long.numberOfLeadingZeros(v));
      }
      c.flagsLogic(v == 0 ? 0 : 1);
      return next;
    }
  }

  private static final class Count extends GenericOp {
    private final Mnemonic mnemonic;

    Count(Instruction in, Cpu cpu) {
      super(in, cpu);
      mnemonic = in.mnemonic;
    }

    @Override
    public Op execute(Cpu c) {
      long v = get(c, 1);
      int bits = size[0] * 8;
      long n =
          switch (mnemonic) {
            case POPCNT -> Long.bitCount(v);
            case TZCNT -> Math.min(bits, Long.numberOfTrailingZeros(v));
            default -> Long.numberOfLeadingZeros(v) - (64 - bits);
          };
      set(c, 0, n);
      if (mnemonic == Mnemonic.POPCNT) {
        c.setStatus(v == 0 ? 0x40 : 0);
      } else {
        c.setStatus((v == 0 ? 1 : 0) | (n == 0 ? 0x40 : 0));
      }
      return next;
    }
  }

  /** CRC32 with the Castagnoli polynomial, bit-reflected. */
  private static final class Crc32 extends GenericOp {
    private static final int[] TABLE = new int[256];

    static {
      for (int i = 0; i < 256; i++) {
        int v = i;
        for (int k = 0; k < 8; k++) {
          v = v >>> 1 ^ ((v & 1) != 0 ? 0x82f63b78 : 0);
        }
        TABLE[i] = v;
      }
    }

    Crc32(Instruction in, Cpu cpu) {
      super(in, cpu);
    }

    @Override
    public Op execute(Cpu c) {
      long v = get(c, 1);
      int crc = (int) c.r[register(0)];
      for (int i = 0; i < size[1]; i++) {
        crc = crc >>> 8 ^ TABLE[(crc ^ (int) (v >>> 8 * i)) & 0xff];
      }
      c.r[register(0)] = crc & 0xffffffffL;
      return next;
    }
  }

  private static final class FlagOp extends Op {
    private static final int LOADED_BY_SAHF = 0xd5;
    private final Mnemonic mnemonic;

    FlagOp(Mnemonic mnemonic) {
      this.mnemonic = mnemonic;
    }

    @Override
    public Op execute(Cpu c) {
      switch (mnemonic) {
        case CLC -> c.setCf(false);
        case STC -> c.setCf(true);
        case CMC -> c.setCf(!c.cf());
        case CLD -> c.flags &= ~0x400;
        case STD -> c.flags |= 0x400;
        case LAHF -> c.setHighByte(0, c.statusFlags() & LOADED_BY_SAHF | 2);
        case SAHF -> c.setStatus(c.statusFlags() & ~LOADED_BY_SAHF | (int) c.highByte(0) & LOADED_BY_SAHF);
        default -> c.setReg(Cpu.RAX, 1, c.cf() ? 0xff : 0);
      }
      return next;
    }
  }
}
