package org.sallyport.cpu.vmx.translate;

import static org.sallyport.cpu.vmx.translate.Code.A;
import static org.sallyport.cpu.vmx.translate.Code.ADDRESS;
import static org.sallyport.cpu.vmx.translate.Code.B;
import static org.sallyport.cpu.vmx.translate.Code.V;

import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;

/** Moves, extensions, the stack (SDM volume 2). */
final class MoveCode {
  private MoveCode() {}

  static boolean translate(Code c, Instruction in) {
    switch (in.mnemonic) {
      case MOV -> {
        return c.simple(in, 0) && c.simple(in, 1) && move(c, in);
      }
      case MOVZX, MOVSX, MOVSXD -> {
        return c.simple(in, 1) && extend(c, in);
      }
      case LEA -> {
        c.offset(in).set(in.reg[0], in.size[0]);
        return true;
      }
      case XCHG -> {
        return in.kind[0] == OperandKind.GPR && in.kind[1] == OperandKind.GPR && exchange(c, in);
      }
      case CMOV -> {
        return c.simple(in, 1) && conditional(c, in);
      }
      case SET -> {
        return c.simple(in, 0) && set(c, in);
      }
      case CBW -> {
        c.get(Cpu.RAX).signExtend(in.operandSize / 2).set(Cpu.RAX, in.operandSize);
        return true;
      }
      case CWD -> {
        c.get(Cpu.RAX).signExtend(in.operandSize).b.bipush(63).lshr();
        c.set(Cpu.RDX, in.operandSize);
        return true;
      }
      case BSWAP -> {
        return in.size[0] >= 4 && swap(c, in);
      }
      case NOP, ENDBR, PREFETCH, PREFETCHW, PREFETCHNTA, PREFETCHT0, PREFETCHT1, PREFETCHT2, LFENCE, SFENCE -> {
        return true;
      }
      case PUSH -> {
        return in.operandSize == stackSlot(c) && in.kind[0] != OperandKind.MEMORY && c.simple(in, 0) && push(c, in);
      }
      case POP -> {
        return in.kind[0] == OperandKind.GPR && in.size[0] == stackSlot(c) && pop(c, in);
      }
      case LEAVE -> {
        return in.operandSize == stackSlot(c) && leave(c);
      }
      default -> {
        return false;
      }
    }
  }

  static int stackSlot(Code c) {
    return c.wide ? 8 : 4;
  }

  private static boolean move(Code c, Instruction in) {
    if (in.kind[0] == OperandKind.MEMORY) {
      c.operand(in, 1).store(V);
      c.address(in).store(ADDRESS);
      c.storeMemory(in.size[0], V);
    } else {
      c.operand(in, 1).setOperand(in, 0);
    }
    return true;
  }

  private static boolean extend(Code c, Instruction in) {
    c.operand(in, 1);
    if (in.mnemonic != org.sallyport.cpu.vmx.decode.Mnemonic.MOVZX) {
      c.signExtend(in.size[1]);
    }
    c.set(in.reg[0], in.size[0]);
    return true;
  }

  private static boolean exchange(Code c, Instruction in) {
    c.get(in.reg[0]).store(A);
    c.get(in.reg[1]).set(in.reg[0], in.size[0]);
    c.load(A).set(in.reg[1], in.size[0]);
    return true;
  }

  /** The source is read (and may fault) whatever the condition is. */
  private static boolean conditional(Code c, Instruction in) {
    c.operand(in, 1).store(B);
    c.operand(in, 0).store(A);
    var keep = c.label();
    Conditions.jump(c, in.condition ^ 1, keep);
    c.load(B).store(A);
    c.b.labelBinding(keep);
    c.load(A).set(in.reg[0], in.size[0]);
    return true;
  }

  private static boolean set(Code c, Instruction in) {
    var no = c.label();
    c.constant(0).store(V);
    Conditions.jump(c, in.condition ^ 1, no);
    c.constant(1).store(V);
    c.b.labelBinding(no);
    if (in.kind[0] == OperandKind.MEMORY) {
      c.address(in).store(ADDRESS);
      c.storeMemory(1, V);
    } else {
      c.load(V).setOperand(in, 0);
    }
    return true;
  }

  private static boolean swap(Code c, Instruction in) {
    c.get(in.reg[0]);
    c.b.invokestatic(Code.describe(Long.class), "reverseBytes",
        java.lang.invoke.MethodType.methodType(long.class, long.class).describeConstable().orElseThrow());
    if (in.size[0] == 4) {
      c.b.bipush(32).lushr();
    }
    c.set(in.reg[0], in.size[0]);
    return true;
  }

  // ---- the stack -------------------------------------------------------------------------------------------------------------------

  /** Puts the address below the top of the stack into {@link Code#ADDRESS}. */
  static void below(Code c) {
    int slot = stackSlot(c);
    c.get(Cpu.RSP).constant(slot).b.lsub();
    c.zeroExtend(slot).store(ADDRESS);
    checkLimit(c);
  }

  /** Outside 64-bit mode the stack ends at 4 GiB. */
  private static void checkLimit(Code c) {
    if (!c.wide) {
      c.b.aload(Code.CPU).lload(ADDRESS);
      c.callStatic("checkStack", MethodTypeDesc.of(ConstantDescs.CD_void, Code.CPU_CLASS, ConstantDescs.CD_long));
    }
  }

  private static boolean push(Code c, Instruction in) {
    c.operand(in, 0).store(V);
    below(c);
    c.storeMemory(stackSlot(c), V);
    c.load(ADDRESS).set(Cpu.RSP);
    return true;
  }

  /** Reads the top of the stack into {@link Code#V}. */
  static void top(Code c) {
    int slot = stackSlot(c);
    c.get(Cpu.RSP, slot).store(ADDRESS);
    checkLimit(c);
    c.loadMemory(slot).store(V);
  }

  /** Moves the stack pointer up. */
  static void release(Code c, long bytes) {
    c.load(ADDRESS).constant(bytes).b.ladd();
    c.zeroExtend(stackSlot(c)).set(Cpu.RSP);
  }

  private static boolean pop(Code c, Instruction in) {
    top(c);
    release(c, stackSlot(c));
    c.load(V).set(in.reg[0]);
    return true;
  }

  private static boolean leave(Code c) {
    int slot = stackSlot(c);
    c.get(Cpu.RBP, slot).store(ADDRESS);
    checkLimit(c);
    c.loadMemory(slot).store(V);
    release(c, slot);
    c.load(V).set(Cpu.RBP);
    return true;
  }
}
