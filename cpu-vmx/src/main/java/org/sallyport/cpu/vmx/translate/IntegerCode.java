package org.sallyport.cpu.vmx.translate;

import static org.sallyport.cpu.vmx.translate.Code.A;
import static org.sallyport.cpu.vmx.translate.Code.ADDRESS;
import static org.sallyport.cpu.vmx.translate.Code.B;
import static org.sallyport.cpu.vmx.translate.Code.FIRST;
import static org.sallyport.cpu.vmx.translate.Code.RESULT;
import static org.sallyport.cpu.vmx.translate.Code.V;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.interpret.Cpu;

/** Integer arithmetic and logic (SDM volume 2). */
final class IntegerCode {
  private IntegerCode() {}

  /** Writes the code of an instruction, or nothing and returns false where it is none of these or not of a simple form. */
  static boolean translate(Code c, Instruction in) {
    switch (in.mnemonic) {
      case ADD, OR, ADC, SBB, AND, SUB, XOR, INC, DEC, NEG, NOT -> {
        return c.simple(in, 0) && (in.operands == 1 || c.simple(in, 1)) && update(c, in);
      }
      case CMP, TEST -> {
        return c.simple(in, 0) && c.simple(in, 1) && compare(c, in);
      }
      case IMUL -> {
        return in.operands > 1 && c.simple(in, 1) && in.size[0] > 1 && multiply(c, in)
            || in.operands == 1 && wide(c, in, true);
      }
      case MUL -> {
        return wide(c, in, false);
      }
      default -> {
        return false;
      }
    }
  }

  private static boolean update(Code c, Instruction in) {
    boolean memory = Code.isMemory(in, 0);
    if (in.operands > 1) {
      if (!memory && in.mnemonic == Mnemonic.XOR && in.kind[1] == in.kind[0] && in.reg[0] == in.reg[1]) {
        c.constant(0).store(V); // needs no operand
        c.flags(Lazy.LOGIC, in.size[0], -1, -1, V);
        c.constant(0).setOperand(in, 0);
        return true;
      }
      c.operand(in, 1).store(B);
    }
    int size = in.size[0];
    if (memory) {
      c.address(in).store(ADDRESS);
      c.fetchMemory(size).store(A);
    } else {
      c.operand(in, 0).store(A);
    }
    compute(c, in.mnemonic, size);
    if (memory) {
      c.storeMemory(size, V);
      setFlags(c, in.mnemonic, size);
    } else {
      setFlags(c, in.mnemonic, size);
      c.load(V).setOperand(in, 0);
    }
    return true;
  }

  /** From A and B to V, zero-extended. */
  private static void compute(Code c, Mnemonic mnemonic, int size) {
    switch (mnemonic) {
      case ADD -> c.load(A).load(B).b.ladd();
      case SUB -> c.load(A).load(B).b.lsub();
      case ADC -> c.load(A).load(B).carryBit().b.ladd().ladd();
      case SBB -> {
        c.load(A).load(B).b.lsub();
        c.carryBit().b.lsub();
      }
      case AND -> c.load(A).load(B).b.land();
      case OR -> c.load(A).load(B).b.lor();
      case XOR -> c.load(A).load(B).b.lxor();
      case INC -> c.load(A).constant(1).b.ladd();
      case DEC -> c.load(A).constant(1).b.lsub();
      case NEG -> c.load(A).b.lneg();
      default -> c.load(A).constant(-1).b.lxor();
    }
    c.zeroExtend(size).store(V);
  }

  private static void setFlags(Code c, Mnemonic mnemonic, int size) {
    switch (mnemonic) {
      case ADD -> c.flags(Lazy.ADD, size, A, B, V);
      case SUB -> c.flags(Lazy.SUB, size, A, B, V);
      case AND, OR, XOR -> c.flags(Lazy.LOGIC, size, -1, -1, V);
      case ADC, SBB -> {
        c.b.loadConstant(Code.log(size));
        c.load(A).load(B).load(V);
        c.b.invokestatic(Code.describe(Lazy.class), mnemonic == Mnemonic.ADC ? "ofAdd" : "ofSub", CARRIES_OF);
        c.store(FIRST);
        c.load(V).signExtend(size).store(RESULT);
        c.setExplicit();
      }
      case INC, DEC -> {
        c.carry().store(FIRST);
        c.flags(mnemonic == Mnemonic.INC ? Lazy.INC : Lazy.DEC, size, -1, -1, V);
      }
      case NEG -> {
        c.load(A).store(B);
        c.constant(0).store(A);
        c.flags(Lazy.SUB, size, A, B, V);
      }
      default -> {} // NOT changes no flag
    }
  }

  private static final java.lang.constant.MethodTypeDesc CARRIES_OF =
      java.lang.invoke.MethodType.methodType(long.class, int.class, long.class, long.class, long.class)
          .describeConstable()
          .orElseThrow();

  private static boolean compare(Code c, Instruction in) {
    int size = in.size[0];
    c.operand(in, 0).store(A);
    c.operand(in, 1).store(B);
    boolean test = in.mnemonic == Mnemonic.TEST;
    c.load(A).load(B);
    if (test) {
      c.b.land();
    } else {
      c.b.lsub();
    }
    c.zeroExtend(size).store(V);
    c.flags(test ? Lazy.LOGIC : Lazy.SUB, size, A, B, V);
    return true;
  }

  /** IMUL with two or three operands. */
  private static boolean multiply(Code c, Instruction in) {
    int size = in.size[0];
    c.operand(in, 1).store(B);
    if (in.operands == 3) {
      c.constant(Code.truncate(in.immediate, size)).store(A);
    } else {
      c.operand(in, 0).store(A);
    }
    c.load(A).load(B).b.lmul();
    c.zeroExtend(size).store(V);
    c.flags(Lazy.IMUL, size, A, B, V);
    c.load(V).setOperand(in, 0);
    return true;
  }

  /** MUL and IMUL with one operand, of 4 or 8 bytes: the product has twice the size. */
  private static boolean wide(Code c, Instruction in, boolean signed) {
    int size = in.size[0];
    if (size < 4 || !c.simple(in, 0)) {
      return false;
    }
    c.operand(in, 0);
    if (signed) {
      c.signExtend(size);
    }
    c.store(B);
    c.get(Cpu.RAX, size);
    if (signed) {
      c.signExtend(size);
    }
    c.store(A);
    c.load(A).load(B).b.lmul();
    c.store(V);
    if (size == 8) {
      c.load(A).load(B);
      c.b.invokestatic(Code.describe(Math.class), signed ? "multiplyHigh" : "unsignedMultiplyHigh",
          java.lang.invoke.MethodType.methodType(long.class, long.class, long.class).describeConstable().orElseThrow());
    } else {
      c.load(V).b.bipush(32).lushr();
    }
    c.store(A);
    c.load(V).set(Cpu.RAX, size);
    c.load(A).set(Cpu.RDX, size);
    // CF and OF: the upper half says more than the sign of the lower one (or than zero).
    c.load(A);
    if (signed) {
      c.signExtend(size).load(V).signExtend(size).b.bipush(63).lshr().lxor();
    }
    c.store(B);
    c.load(B).load(B).b.lneg().lor();
    c.constant(Long.MIN_VALUE).b.land();
    c.store(FIRST);
    c.load(V).signExtend(size).store(RESULT);
    c.setExplicit();
    return true;
  }
}
