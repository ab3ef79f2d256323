package org.sallyport.cpu.vmx.translate;

import static org.sallyport.cpu.vmx.translate.Code.A;
import static org.sallyport.cpu.vmx.translate.Code.ADDRESS;
import static org.sallyport.cpu.vmx.translate.Code.B;
import static org.sallyport.cpu.vmx.translate.Code.FIRST;
import static org.sallyport.cpu.vmx.translate.Code.RESULT;
import static org.sallyport.cpu.vmx.translate.Code.V;

import java.lang.classfile.Label;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;

/** Shifts, rotates, and tests of a bit (SDM volume 2). */
final class ShiftCode {
  private ShiftCode() {}

  static boolean translate(Code c, Instruction in) {
    switch (in.mnemonic) {
      case SHL, SHR, SAR -> {
        return c.simple(in, 0)
            && (in.kind[1] == OperandKind.IMMEDIATE ? byConstant(c, in, Code.isMemory(in, 0)) : byRegister(c, in));
      }
      case ROL, ROR -> {
        return in.kind[0] == OperandKind.GPR && in.kind[1] == OperandKind.IMMEDIATE && rotate(c, in);
      }
      case BT, BTS, BTR, BTC -> {
        return in.kind[0] == OperandKind.GPR && in.kind[1] != OperandKind.MEMORY && bit(c, in);
      }
      default -> {
        return false;
      }
    }
  }

  private static int count(Instruction in) {
    return (int) in.immediate & (in.size[0] == 8 ? 63 : 31);
  }

  private static boolean byConstant(Code c, Instruction in, boolean memory) {
    int size = in.size[0];
    int count = count(in);
    if (count == 0) {
      return !memory && in.kind[0] == OperandKind.GPR && nothing(c, in);
    }
    if (memory) {
      c.address(in).store(ADDRESS);
      c.fetchMemory(size).store(A);
    } else {
      c.operand(in, 0).store(A);
    }
    c.constant(count).store(B);
    shift(c, in.mnemonic, size, () -> c.b.loadConstant(count));
    if (memory) {
      c.storeMemory(size, V);
    }
    c.flags(family(in.mnemonic), size, A, B, V);
    if (!memory) {
      c.load(V).setOperand(in, 0);
    }
    return true;
  }

  /** A count of zero: the upper half is cleared all the same. */
  private static boolean nothing(Code c, Instruction in) {
    if (in.size[0] == 4) {
      c.get(in.reg[0], 4).set(in.reg[0], 4);
    }
    return true;
  }

  private static void shift(Code c, Mnemonic mnemonic, int size, Runnable count) {
    c.load(A);
    if (mnemonic == Mnemonic.SAR) {
      c.signExtend(size);
    }
    count.run();
    switch (mnemonic) {
      case SHL -> c.b.lshl();
      case SHR -> c.b.lushr();
      default -> c.b.lshr();
    }
    c.zeroExtend(size).store(V);
  }

  private static int family(Mnemonic mnemonic) {
    return switch (mnemonic) {
      case SHL -> Lazy.SHL;
      case SHR -> Lazy.SHR;
      default -> Lazy.SAR;
    };
  }

  /** By CL; a count of zero changes no flags. */
  private static boolean byRegister(Code c, Instruction in) {
    if (in.kind[0] != OperandKind.GPR) {
      return false;
    }
    int size = in.size[0];
    c.operand(in, 0).store(A);
    c.get(Cpu.RCX).constant(size == 8 ? 63 : 31).b.land();
    c.store(B);
    shift(c, in.mnemonic, size, () -> c.load(B).b.l2i());
    c.load(V).set(in.reg[0], size);
    Label done = c.label();
    int before = c.kind;
    c.load(B).constant(0).b.lcmp().ifeq(done);
    c.flags(family(in.mnemonic), size, A, B, V);
    c.b.labelBinding(done);
    if (before != c.kind) {
      c.kind = Code.UNKNOWN;
    }
    return true;
  }

  private static boolean rotate(Code c, Instruction in) {
    int size = in.size[0];
    int count = count(in);
    if (count == 0) {
      return nothing(c, in);
    }
    boolean left = in.mnemonic == Mnemonic.ROL;
    c.operand(in, 0);
    c.b.loadConstant(count).loadConstant(Code.log(size));
    c.lazy(left ? "rol" : "ror", 1, 2).store(V);
    c.carries().load(V);
    c.b.loadConstant(Code.log(size));
    c.lazy(left ? "afterRol" : "afterRor", 2, 1).store(B);
    c.result().store(RESULT);
    c.load(B).store(FIRST);
    c.setExplicit();
    c.load(V).set(in.reg[0], size);
    return true;
  }

  /** The bit goes into CF; the other flags stay. */
  private static boolean bit(Code c, Instruction in) {
    int size = in.size[0];
    c.operand(in, 0).store(A);
    c.operand(in, 1).constant(8 * size - 1).b.land();
    c.store(B);
    c.carries();
    c.load(A).load(B).b.l2i().lushr();
    c.constant(1).b.land();
    c.lazy("withCarry", 2, 0).store(V);
    c.result().store(RESULT);
    c.load(V).store(FIRST);
    c.setExplicit();
    if (in.mnemonic != Mnemonic.BT) {
      c.load(A);
      c.constant(1).load(B).b.l2i().lshl();
      switch (in.mnemonic) {
        case BTS -> c.b.lor();
        case BTR -> c.constant(-1).b.lxor().land();
        default -> c.b.lxor();
      }
      c.set(in.reg[0], size);
    }
    return true;
  }
}
