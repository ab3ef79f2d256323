package org.sallyport.cpu.vmx.translate;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.sallyport.cpu.vmx.translate.Code.A;
import static org.sallyport.cpu.vmx.translate.Code.ADDRESS;
import static org.sallyport.cpu.vmx.translate.Code.B;
import static org.sallyport.cpu.vmx.translate.Code.FIRST;
import static org.sallyport.cpu.vmx.translate.Code.OPERAND;
import static org.sallyport.cpu.vmx.translate.Code.RESULT;
import static org.sallyport.cpu.vmx.translate.Code.V;
import static org.sallyport.cpu.vmx.translate.Code.XMM;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Locale;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;

/**
 * SSE instructions (SDM volume 2) but for the packed integers, which {@link PackedCode} does: moves, floating point, conversions. A region
 * that has any of them is entered only where SSE instructions may be executed.
 */
final class SseCode {
  static final ClassDesc SSE = Code.describe(Sse.class);

  private static final MethodTypeDesc LOAD =
      MethodTypeDesc.of(CD_void, Code.CPU_CLASS, Code.LONGS, Code.LONGS, CD_int, CD_long);
  private static final MethodTypeDesc STORE =
      MethodTypeDesc.of(CD_boolean, Code.CPU_CLASS, Code.LONGS, Code.LONGS, CD_int, CD_long);
  private static final MethodTypeDesc SCALAR =
      MethodTypeDesc.of(CD_void, Code.CPU_CLASS, Code.LONGS, CD_int, CD_long);
  private static final MethodTypeDesc PACKED =
      MethodTypeDesc.of(CD_void, Code.CPU_CLASS, Code.LONGS, CD_int, CD_long, CD_long);
  private static final MethodTypeDesc SCALAR_MASK =
      MethodTypeDesc.of(CD_void, Code.CPU_CLASS, Code.LONGS, CD_int, CD_long, CD_int);
  private static final MethodTypeDesc PACKED_MASK =
      MethodTypeDesc.of(CD_void, Code.CPU_CLASS, Code.LONGS, CD_int, CD_long, CD_long, CD_int);
  private static final MethodTypeDesc COMPARISON = MethodTypeDesc.of(CD_int, Code.CPU_CLASS, CD_long, CD_long);
  private static final MethodTypeDesc OF_ORDER = MethodTypeDesc.of(CD_long, CD_int);
  private static final MethodTypeDesc CONVERSION = MethodTypeDesc.of(CD_long, Code.CPU_CLASS, CD_long);
  static final MethodTypeDesc FUNCTION = MethodTypeDesc.of(CD_long, CD_long);

  private SseCode() {}

  /** Whether an instruction has XMM registers for operands. */
  static boolean uses(Instruction in) {
    for (int i = 0; i < in.operands; i++) {
      if (in.kind[i] == OperandKind.XMM) {
        return true;
      }
    }
    return false;
  }

  /** Whether it may raise a floating-point exception. */
  static boolean mayRaise(Instruction in) {
    return uses(in)
        && switch (in.mnemonic) {
          case ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, MINSD, MAXSD, CMPSD, ADDSS, SUBSS, MULSS, DIVSS, SQRTSS, MINSS,
              MAXSS,
              CMPSS, ADDPD, SUBPD, MULPD, DIVPD, SQRTPD, MINPD, MAXPD, CMPPD, ADDPS, SUBPS, MULPS, DIVPS, SQRTPS, MINPS,
              MAXPS, CMPPS, COMISD, UCOMISD, COMISS, UCOMISS, CVTSI2SD, CVTSI2SS, CVTTSD2SI, CVTSS2SD, CVTSD2SS ->
            true;
          default -> false;
        };
  }

  static boolean translate(Code c, Instruction in) {
    return uses(in) && simple(c, in)
        && (move(c, in) || part(c, in) || arithmetic(c, in) || convert(c, in) || PackedCode.translate(c, in));
  }

  private static boolean simple(Code c, Instruction in) {
    for (int i = 0; i < in.operands; i++) {
      boolean good = in.kind[i] == OperandKind.XMM || c.simple(in, i);
      if (!good) {
        return false;
      }
    }
    return true;
  }

  // ---- operands ----------------------------------------------------------------------------------------------------------------------

  /** A register number of {@code x}: where the lower half of an operand is. */
  static int at(Instruction in, int operand) {
    return 2 * in.reg[operand];
  }

  /** Half of a register. */
  static void half(Code c, int index) {
    c.b.aload(XMM).bipush(index).laload();
  }

  /** Begins to write half of a register; the value and {@code lastore} follow. */
  static void setHalf(Code c, int index) {
    c.b.aload(XMM).bipush(index);
  }

  /** Where the 16 bytes of an operand are: a local variable with an array, and the index in it. */
  record Place(int array, int index) {
    void low(Code c) {
      c.b.aload(array).bipush(index).laload();
    }

    void high(Code c) {
      c.b.aload(array).bipush(index + 1).laload();
    }
  }

  /** The second operand, of 16 bytes; loads it where it is in memory. */
  static Place source(Code c, Instruction in, boolean aligned) {
    if (in.kind[1] == OperandKind.XMM) {
      return new Place(XMM, at(in, 1));
    }
    load(c, in, OPERAND, 0, aligned);
    return new Place(OPERAND, 0);
  }

  private static void load(Code c, Instruction in, int array, int index, boolean aligned) {
    c.address(in).store(ADDRESS);
    c.b.aload(Code.CPU).aload(Code.READ_TLB).aload(array).bipush(index).lload(ADDRESS);
    c.b.invokestatic(SSE, aligned ? "loadAligned" : "load", LOAD);
    c.order();
  }

  /** Pushes the second operand, of 8 bytes or less: the lower half of a register (with more than the operand), or memory. */
  static void part(Code c, Instruction in, int size) {
    if (in.kind[1] == OperandKind.XMM) {
      half(c, at(in, 1));
    } else {
      c.address(in).store(ADDRESS);
      c.loadMemory(size);
    }
  }

  static void call(Code c, String name, MethodTypeDesc type) {
    c.b.invokestatic(SSE, name, type);
  }

  // ---- moves -------------------------------------------------------------------------------------------------------------------------

  private static boolean move(Code c, Instruction in) {
    switch (in.mnemonic) {
      case MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ, MOVNTDQA -> whole(c, in, true);
      case MOVUPS, MOVUPD, MOVDQU, LDDQU -> whole(c, in, false);
      case MOVSS -> single(c, in);
      case MOVSD -> {
        if (in.kind[0] == OperandKind.MEMORY) {
          storeHalf(c, in, at(in, 1), 8);
        } else {
          setHalf(c, at(in, 0));
          part(c, in, 8);
          c.b.lastore();
          if (in.kind[1] == OperandKind.MEMORY) {
            clear(c, at(in, 0) + 1);
          }
        }
      }
      case MOVLPS, MOVLPD -> halves(c, in, 0, 0);
      case MOVHPS, MOVHPD -> halves(c, in, 1, 1);
      case MOVHLPS -> halves(c, in, 0, 1);
      case MOVLHPS -> halves(c, in, 1, 0);
      case MOVDDUP -> {
        part(c, in, 8);
        c.store(V);
        setBoth(c, in, V, V);
      }
      case MOVD -> {
        transfer(c, in, 4);
      }
      case MOVQ -> {
        transfer(c, in, 8);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void whole(Code c, Instruction in, boolean aligned) {
    if (in.kind[0] == OperandKind.MEMORY) {
      c.address(in).store(ADDRESS);
      c.b.aload(Code.CPU).aload(Code.WRITE_TLB).aload(XMM).bipush(at(in, 1)).lload(ADDRESS);
      c.b.invokestatic(SSE, aligned ? "storeAligned" : "store", STORE).istore(Code.CHANGED);
      c.order();
    } else if (in.kind[1] == OperandKind.MEMORY) {
      load(c, in, XMM, at(in, 0), aligned);
    } else {
      setHalf(c, at(in, 0));
      half(c, at(in, 1));
      c.b.lastore();
      setHalf(c, at(in, 0) + 1);
      half(c, at(in, 1) + 1);
      c.b.lastore();
    }
  }

  private static void single(Code c, Instruction in) {
    if (in.kind[0] == OperandKind.MEMORY) {
      storeHalf(c, in, at(in, 1), 4);
    } else if (in.kind[1] == OperandKind.MEMORY) {
      setHalf(c, at(in, 0));
      part(c, in, 4);
      c.b.lastore();
      clear(c, at(in, 0) + 1);
    } else {
      half(c, at(in, 1));
      setLowSingle(c, at(in, 0));
    }
  }

  /** Writes the lower 32 bits of the value on the stack. */
  private static void setLowSingle(Code c, int index) {
    c.zeroExtend(4).store(V);
    setHalf(c, index);
    half(c, index);
    c.constant(~0xffffffffL).b.land();
    c.load(V).b.lor().lastore();
  }

  private static void clear(Code c, int index) {
    setHalf(c, index);
    c.b.lconst_0().lastore();
  }

  /** Writes two locals to both halves of the destination. */
  static void setBoth(Code c, Instruction in, int low, int high) {
    setHalf(c, at(in, 0));
    c.load(low).b.lastore();
    setHalf(c, at(in, 0) + 1);
    c.load(high).b.lastore();
  }

  private static void storeHalf(Code c, Instruction in, int index, int size) {
    half(c, index);
    c.store(V);
    c.address(in).store(ADDRESS);
    c.storeMemory(size, V);
  }

  /** {@code own} half of the destination (or of the register that is stored) and {@code other} half of a source register. */
  private static void halves(Code c, Instruction in, int own, int other) {
    if (in.kind[0] == OperandKind.MEMORY) {
      storeHalf(c, in, at(in, 1) + own, 8);
    } else if (in.kind[1] == OperandKind.MEMORY) {
      setHalf(c, at(in, 0) + own);
      part(c, in, 8);
      c.b.lastore();
    } else {
      setHalf(c, at(in, 0) + own);
      half(c, at(in, 1) + other);
      c.b.lastore();
    }
  }

  private static void transfer(Code c, Instruction in, int size) {
    if (in.kind[0] == OperandKind.MEMORY) {
      storeHalf(c, in, at(in, 1), size);
    } else if (in.kind[0] == OperandKind.GPR) {
      half(c, at(in, 1));
      c.zeroExtend(size).set(in.reg[0]);
    } else {
      setHalf(c, at(in, 0));
      if (in.kind[1] == OperandKind.GPR) {
        c.get(in.reg[1], size);
      } else {
        part(c, in, size);
      }
      c.b.lastore();
      clear(c, at(in, 0) + 1);
    }
  }

  // ---- floating point ----------------------------------------------------------------------------------------------------------------

  private static String name(Instruction in) {
    return in.mnemonic.name().toLowerCase(Locale.ROOT);
  }

  /** Arithmetic and comparisons of the lowest number. */
  private static boolean part(Code c, Instruction in) {
    switch (in.mnemonic) {
      case ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, MINSD, MAXSD -> scalar(c, in, 8);
      case ADDSS, SUBSS, MULSS, DIVSS, SQRTSS, MINSS, MAXSS -> scalar(c, in, 4);
      case CMPSD -> mask(c, in, 8);
      case CMPSS -> mask(c, in, 4);
      case COMISD, UCOMISD -> compare(c, in, 8);
      case COMISS, UCOMISS -> compare(c, in, 4);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void scalar(Code c, Instruction in, int size) {
    part(c, in, size);
    c.store(V);
    c.b.aload(Code.CPU).aload(XMM).bipush(at(in, 0)).lload(V);
    call(c, name(in), SCALAR);
  }

  private static void mask(Code c, Instruction in, int size) {
    part(c, in, size);
    c.store(V);
    c.b.aload(Code.CPU).aload(XMM).bipush(at(in, 0)).lload(V).loadConstant((int) in.immediate & 7);
    call(c, name(in), SCALAR_MASK);
  }

  private static void compare(Code c, Instruction in, int size) {
    part(c, in, size);
    c.store(V);
    c.b.aload(Code.CPU);
    half(c, at(in, 0));
    c.load(V);
    call(c, name(in), COMPARISON);
    c.b.dup();
    call(c, "result", OF_ORDER);
    c.store(RESULT);
    call(c, "carries", OF_ORDER);
    c.store(FIRST);
    c.setExplicit();
  }

  private static boolean arithmetic(Code c, Instruction in) {
    switch (in.mnemonic) {
      case ADDPD, SUBPD, MULPD, DIVPD, SQRTPD, MINPD, MAXPD, ADDPS, SUBPS, MULPS, DIVPS, SQRTPS, MINPS, MAXPS, CMPPD,
          CMPPS -> {
        Place s = source(c, in, true);
        c.b.aload(Code.CPU).aload(XMM).bipush(at(in, 0));
        s.low(c);
        s.high(c);
        if (in.operands == 3) {
          c.b.loadConstant((int) in.immediate & 7);
        }
        call(c, name(in), in.operands == 3 ? PACKED_MASK : PACKED);
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  // ---- conversions -------------------------------------------------------------------------------------------------------------------

  private static boolean convert(Code c, Instruction in) {
    switch (in.mnemonic) {
      case CVTSI2SD -> {
        c.operand(in, 1).store(V);
        setHalf(c, at(in, 0));
        if (in.size[1] == 8) {
          convert(c, "doubleOfLong");
        } else {
          c.load(V);
          call(c, "doubleOfInt", FUNCTION);
        }
        c.b.lastore();
      }
      case CVTSI2SS -> {
        c.operand(in, 1).signExtend(in.size[1]).store(V);
        convert(c, "singleOfLong");
        setLowSingle(c, at(in, 0));
      }
      case CVTTSD2SI -> {
        part(c, in, 8);
        c.store(V);
        convert(c, in.size[0] == 8 ? "cvttsd2siq" : "cvttsd2si");
        c.set(in.reg[0], in.size[0]);
      }
      case CVTSS2SD -> {
        part(c, in, 4);
        c.store(V);
        setHalf(c, at(in, 0));
        convert(c, "cvtss2sd");
        c.b.lastore();
      }
      case CVTSD2SS -> {
        part(c, in, 8);
        c.store(V);
        convert(c, "cvtsd2ss");
        setLowSingle(c, at(in, 0));
      }
      case CVTDQ2PD -> {
        part(c, in, 8);
        c.store(V);
        c.load(V);
        call(c, "doubleOfInt", FUNCTION);
        c.store(A);
        c.load(V).b.bipush(32).lushr();
        call(c, "doubleOfInt", FUNCTION);
        c.store(B);
        setBoth(c, in, A, B);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void convert(Code c, String name) {
    c.b.aload(Code.CPU).lload(V);
    call(c, name, CONVERSION);
  }
}
