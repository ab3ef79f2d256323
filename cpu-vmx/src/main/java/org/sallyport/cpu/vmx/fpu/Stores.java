package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/**
 * What stores ST(0): FST, FIST, FISTTP, FBSTP, with or without a pop. Memory is written before anything of the FPU
 * changes, because a write may fault or leave the processor.
 */
final class Stores {
  private Stores() {}

  private interface Converter {
    void convert(Conversion v, int signExponent, long mantissa, int size);
  }

  static Op bind(Instruction in, Cpu cpu) {
    boolean pops = in.mnemonic != Mnemonic.FST && in.mnemonic != Mnemonic.FIST;
    return switch (in.mnemonic) {
      case FST, FSTP -> {
        if (in.opcode == 0xd9 && !in.hasMemory()) {
          yield FpuOp.of(in, cpu, Stores::storeUnchecked);
        }
        if (!in.hasMemory()) {
          yield FpuOp.of(in, cpu,
              pops ? (c, op) -> storeRegister(c, op, true) : (c, op) -> storeRegister(c, op, false));
        }
        yield switch (in.size[0]) {
          case 4 -> store(in, cpu, pops, (v, se, m, size) -> v.toFloat(se, m));
          case 8 -> store(in, cpu, pops, (v, se, m, size) -> v.toDouble(se, m));
          default -> FpuOp.of(in, cpu, Stores::storeExtended);
        };
      }
      case FIST, FISTP -> store(in, cpu, pops, (v, se, m, size) -> v.toInteger(se, m, size, false));
      case FISTTP -> store(in, cpu, pops, (v, se, m, size) -> v.toInteger(se, m, size, true));
      case FBSTP -> store(in, cpu, pops, (v, se, m, size) -> v.toBcd(se, m));
      default -> null;
    };
  }

  private static Op store(Instruction in, Cpu cpu, boolean pops, Converter converter) {
    return FpuOp.of(in, cpu, (c, op) -> store(c, op, pops, converter));
  }

  private static void store(Cpu c, FpuOp op, boolean pops, Converter converter) {
    Fpu f = c.fpu;
    Conversion v = f.conversion;
    long address = op.target(c, op.size);
    v.begin(f.control, 0);
    boolean empty = f.stEmpty(0);
    if (empty) {
      // An unsupported operand is answered like an empty register, with the format's indefinite value.
      converter.convert(v, 1, 0, op.size);
    } else {
      int p = f.physical(0);
      converter.convert(v, f.signExponent[p], f.mantissa[p], op.size);
    }
    boolean stores = v.stores();
    if (stores) {
      if (op.size == 10) {
        c.write64(address, v.bits);
        c.write16(op.part(c, 8, 2), v.high);
      } else {
        c.write(address, op.size, v.bits);
      }
    }
    f.clearC1();
    if (empty) {
      f.stackFault(false);
    } else {
      f.commit(v.flags);
    }
    if (stores && pops) {
      f.pop();
    }
  }

  private static void storeExtended(Cpu c, FpuOp op) {
    Fpu f = c.fpu;
    long address = op.target(c, 10);
    boolean empty = f.stEmpty(0);
    if (empty && (f.control & Fpu.IE) == 0) {
      f.stackFault(false);
      return;
    }
    int p = f.physical(0);
    c.write64(address, empty ? Rounding.INDEFINITE_MANTISSA : f.mantissa[p]);
    c.write16(op.part(c, 8, 2), empty ? Rounding.INDEFINITE_EXPONENT : f.signExponent[p]);
    f.clearC1();
    if (empty) {
      f.stackFault(false);
    }
    f.pop();
  }

  private static void storeRegister(Cpu c, FpuOp op, boolean pops) {
    Fpu f = c.fpu;
    f.clearC1();
    if (f.stEmpty(0)) {
      if (!f.stackFault(false)) {
        return;
      }
      f.setIndefinite(op.st);
    } else {
      int p = f.physical(0);
      f.setSt(op.st, f.signExponent[p], f.mantissa[p]);
    }
    if (pops) {
      f.pop();
    }
  }

  /** The alias D9 D8+i of FSTP: an empty register is no stack fault. */
  private static void storeUnchecked(Cpu c, FpuOp op) {
    if (c.fpu.stEmpty(0)) {
      c.fpu.clearC1();
      c.fpu.pop();
    } else {
      storeRegister(c, op, true);
    }
  }
}
