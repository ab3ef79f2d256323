package org.sallyport.cpu.vmx.translate;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.simd.XmmRegisters;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * The method of a region while it is written: its local variables, among them the guest's general registers and the state of its flags,
 * and short names for what is written most. A method here writes code; what it says it does, the code does.
 *
 * <p>Obligation of whoever translates an instruction: everything that can fault comes before a local variable of the guest's state is
 * changed, since the state in the local variables is what a fault finds.
 */
final class Code {
  // @formatter:off
  static final int THIS = 0, CPU = 1, READ_TLB = 2, WRITE_TLB = 3, AT = 4, EXIT = 5;

  /** State of the flags: see {@link Lazy}. */
  static final int KIND = 6, FIRST = 7, SECOND = 9, RESULT = 11;

  /** Instructions executed since the last time they were added to the processor's count. */
  static final int COUNT = 13;

  /** Where an indirect jump leads to. */
  static final int TARGET = 15;

  /** The 16 general registers. */
  static final int REGISTERS = 17;

  /** Temporary values of one instruction: long ones, then an int. */
  static final int A = 49, B = 51, V = 53, ADDRESS = 55, CHANGED = 57;

  /** The XMM registers, and an operand in memory, where the region has SSE instructions. */
  static final int XMM = 58, OPERAND = 59;

  /** An object that is used at once. */
  static final int SPARE = 60;
  // @formatter:on

  static final ClassDesc CPU_CLASS = describe(Cpu.class);
  static final ClassDesc OP = describe(Op.class);
  static final ClassDesc REGION = describe(Region.class);
  static final ClassDesc LONGS = CD_long.arrayType();
  private static final ClassDesc LAZY = describe(Lazy.class);
  private static final ClassDesc ACCESS = describe(Access.class);
  private static final MethodTypeDesc LOAD = MethodTypeDesc.of(CD_long, CPU_CLASS, LONGS, CD_long);
  private static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_boolean, CPU_CLASS, LONGS, CD_long, CD_long);

  final CodeBuilder b;

  /** 64-bit code, otherwise 32-bit code. */
  final boolean wide;

  private final boolean ordered;

  /** What is known of the state of the flags: its kind, or {@link #UNKNOWN}. */
  int kind = UNKNOWN;

  static final int UNKNOWN = -1;

  /** Registers whose values the processor does not have yet, a bit each. */
  int pending;

  boolean flagsWritten;

  Code(CodeBuilder builder, boolean wide, boolean ordered) {
    b = builder;
    this.wide = wide;
    this.ordered = ordered;
  }

  static ClassDesc describe(Class<?> c) {
    return c.describeConstable().orElseThrow();
  }

  // ---- registers -------------------------------------------------------------------------------------------------------------------

  static int register(int number) {
    return REGISTERS + 2 * number;
  }

  /** The whole register. */
  Code get(int number) {
    b.lload(register(number));
    return this;
  }

  void set(int number) {
    b.lstore(register(number));
    pending |= 1 << number;
  }

  /** A register, zero-extended from {@code size} bytes. */
  Code get(int number, int size) {
    get(number);
    return zeroExtend(size);
  }

  /** Writes a value whose upper bits do not matter as an instruction of this operand size does. */
  void set(int number, int size) {
    switch (size) {
      case 8 -> {}
      case 4 -> zeroExtend(4);
      default -> {
        long mask = size == 1 ? 0xff : 0xffff;
        constant(mask);
        b.land();
        get(number);
        constant(~mask);
        b.land().lor();
      }
    }
    set(number);
  }

  Code getHighByte(int number) {
    get(number);
    b.bipush(8).lushr();
    return zeroExtend(1);
  }

  void setHighByte(int number) {
    zeroExtend(1);
    b.bipush(8).lshl();
    get(number);
    constant(~0xff00L);
    b.land().lor();
    set(number);
  }

  Code zeroExtend(int size) {
    if (size < 8) {
      constant((1L << 8 * size) - 1);
      b.land();
    }
    return this;
  }

  Code signExtend(int size) {
    switch (size) {
      case 1 -> b.l2i().i2b().i2l();
      case 2 -> b.l2i().i2s().i2l();
      case 4 -> b.l2i().i2l();
      default -> {}
    }
    return this;
  }

  Code constant(long value) {
    b.loadConstant(value);
    return this;
  }

  Code load(int local) {
    b.lload(local);
    return this;
  }

  void store(int local) {
    b.lstore(local);
  }

  // ---- operands --------------------------------------------------------------------------------------------------------------------

  static int log(int size) {
    return Integer.numberOfTrailingZeros(size);
  }

  static boolean isMemory(Instruction in, int operand) {
    return in.kind[operand] == OperandKind.MEMORY;
  }

  /** Whether an operand can be read and written by this translator. */
  boolean simple(Instruction in, int operand) {
    return switch (in.kind[operand]) {
      case GPR, HIGH_BYTE, IMMEDIATE -> true;
      case MEMORY -> simpleAddress(in);
      default -> false;
    };
  }

  boolean simpleAddress(Instruction in) {
    return wide ? true : in.addressSize == 4 && in.segment < Segment.FS && in.segment != Segment.CS;
  }

  /** Reads an operand, zero-extended; memory by its address in {@link #ADDRESS} if that has been computed. */
  Code operand(Instruction in, int operand) {
    int size = in.size[operand];
    switch (in.kind[operand]) {
      case GPR -> get(in.reg[operand], size);
      case HIGH_BYTE -> getHighByte(in.reg[operand]);
      case IMMEDIATE -> constant(truncate(in.immediate, size));
      case MEMORY -> {
        address(in);
        store(ADDRESS);
        loadMemory(size);
      }
      default -> throw new IllegalStateException("operand " + in.kind[operand]);
    }
    return this;
  }

  /** Writes the value on the stack to a register operand. */
  void setOperand(Instruction in, int operand) {
    if (in.kind[operand] == OperandKind.GPR) {
      set(in.reg[operand], in.size[operand]);
    } else {
      setHighByte(in.reg[operand]);
    }
  }

  static long truncate(long value, int size) {
    return size == 8 ? value : value & (1L << 8 * size) - 1;
  }

  /** The effective address. */
  Code offset(Instruction in) {
    boolean any = false;
    long displacement = in.displacement;
    if (in.base == Instruction.RIP) {
      displacement += in.address + in.length;
    } else if (in.base < 16) {
      get(in.base);
      any = true;
    }
    if (in.index < 16) {
      get(in.index);
      if (in.scale > 0) {
        b.loadConstant(in.scale).lshl();
      }
      if (any) {
        b.ladd();
      }
      any = true;
    }
    if (!any) {
      return constant(truncate(displacement, in.addressSize));
    }
    if (displacement != 0) {
      constant(displacement);
      b.ladd();
    }
    return zeroExtend(in.addressSize);
  }

  /** The linear address of the memory operand. */
  Code address(Instruction in) {
    offset(in);
    if (wide && in.segment >= Segment.FS) {
      b.aload(CPU).loadConstant(in.segment);
      b.invokestatic(ACCESS, "segmentBase", MethodTypeDesc.of(CD_long, CPU_CLASS, CD_int)).ladd();
    }
    return this;
  }

  // ---- memory ----------------------------------------------------------------------------------------------------------------------

  /** Reads at the linear address in {@link #ADDRESS}, zero-extended. */
  Code loadMemory(int size) {
    b.aload(CPU).aload(READ_TLB).lload(ADDRESS);
    b.invokestatic(ACCESS, "load" + 8 * size, LOAD);
    return order();
  }

  /** Reads what is going to be written at the linear address in {@link #ADDRESS}. */
  Code fetchMemory(int size) {
    b.aload(CPU).aload(WRITE_TLB).lload(ADDRESS);
    b.invokestatic(ACCESS, "fetch" + 8 * size, LOAD);
    return order();
  }

  /** Writes local {@code value} at the linear address in {@link #ADDRESS}; whether that has changed code goes into {@link #CHANGED}. */
  void storeMemory(int size, int value) {
    b.aload(CPU).aload(WRITE_TLB).lload(ADDRESS).lload(value);
    b.invokestatic(ACCESS, "store" + 8 * size, STORE).istore(CHANGED);
    order();
  }

  Code order() {
    if (ordered) {
      b.invokestatic(ACCESS, "order", MethodTypeDesc.of(CD_void));
    }
    return this;
  }

  // ---- flags -----------------------------------------------------------------------------------------------------------------------

  /** The flags are those of an operation on locals; -1 for what the family does not use. */
  void flags(int family, int size, int first, int second, int result) {
    if (first >= 0) {
      load(first).store(FIRST);
    }
    if (second >= 0) {
      load(second).store(SECOND);
    }
    load(result).store(RESULT);
    setKind(family == Lazy.EXPLICIT ? Lazy.EXPLICIT : family + log(size));
  }

  /** {@link #FIRST} and {@link #RESULT} have been written: carries and result. */
  void setExplicit() {
    setKind(Lazy.EXPLICIT);
  }

  private void setKind(int newKind) {
    if (kind != newKind) {
      b.loadConstant(newKind).istore(KIND);
      kind = newKind;
    }
    flagsWritten = true;
  }

  private void loadKind() {
    if (kind == UNKNOWN) {
      b.iload(KIND);
    } else {
      b.loadConstant(kind);
    }
  }

  Code loadState() {
    loadKind();
    b.lload(FIRST).lload(SECOND).lload(RESULT);
    return this;
  }

  /** Carries of the present state. */
  Code carries() {
    loadState();
    b.invokestatic(LAZY, "carries", MethodTypeDesc.of(CD_long, CD_int, CD_long, CD_long, CD_long));
    return this;
  }

  /** The value whose sign is CF. */
  Code carry() {
    if (kind >= 0 && (kind == Lazy.EXPLICIT || kind >= Lazy.INC && kind < Lazy.SHL)) {
      return load(FIRST);
    }
    if (kind >= Lazy.LOGIC && kind < Lazy.ADD) {
      return constant(0);
    }
    loadState();
    b.invokestatic(LAZY, "carry", MethodTypeDesc.of(CD_long, CD_int, CD_long, CD_long, CD_long));
    return this;
  }

  /** CF as 0 or 1. */
  Code carryBit() {
    carry();
    b.bipush(63).lushr();
    return this;
  }

  /** The result of the present state, sign-extended. */
  Code result() {
    if (kind == Lazy.EXPLICIT) {
      return load(RESULT);
    }
    if (kind > 0) {
      load(RESULT);
      return signExtend(1 << (kind & 3));
    }
    b.iload(KIND).lload(RESULT);
    b.invokestatic(LAZY, "result", MethodTypeDesc.of(CD_long, CD_int, CD_long));
    return this;
  }

  /** Calls a function of {@link Lazy} that takes longs, then ints, and returns a long. */
  Code lazy(String name, int longs, int ints) {
    ClassDesc[] parameters = new ClassDesc[longs + ints];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = i < longs ? CD_long : CD_int;
    }
    b.invokestatic(LAZY, name, MethodTypeDesc.of(CD_long, parameters));
    return this;
  }

  void genericCondition(int code) {
    b.loadConstant(code);
    loadState();
    b.invokestatic(LAZY, "condition", MethodTypeDesc.of(CD_boolean, CD_int, CD_int, CD_long, CD_long, CD_long));
  }

  // ---- the processor's state ---------------------------------------------------------------------------------------------------------

  /** Copies registers from the processor to their locals. */
  void loadRegisters(int set) {
    for (int i = 0; i < 16; i++) {
      if ((set >> i & 1) != 0) {
        b.aload(CPU).getfield(CPU_CLASS, "r", LONGS).bipush(i).laload().lstore(register(i));
      }
    }
  }

  /**
   * Gives the processor the registers that have changed. This comes before whatever may leave the region, so that the ways out and the
   * handling of faults need no registers: the compiler of the JVM would have to carry all of them to each of these places.
   */
  void flush() {
    storeRegisters(pending);
    pending = 0;
  }

  void storeRegisters(int set) {
    for (int i = 0; i < 16; i++) {
      if ((set >> i & 1) != 0) {
        b.aload(CPU).getfield(CPU_CLASS, "r", LONGS).bipush(i).lload(register(i)).lastore();
      }
    }
  }

  void loadFlags() {
    b.aload(CPU).getfield(CPU_CLASS, "result", CD_long).lstore(RESULT);
    b.aload(CPU).getfield(CPU_CLASS, "carries", CD_long).lstore(FIRST);
    setExplicit();
  }

  void storeFlags() {
    b.aload(CPU);
    loadState();
    b.invokestatic(REGION, "flags", MethodTypeDesc.of(CD_void, CPU_CLASS, CD_int, CD_long, CD_long, CD_long));
  }

  void loadXmm() {
    ClassDesc registers = describe(XmmRegisters.class);
    b.aload(CPU).getfield(CPU_CLASS, "xmm", registers).dup();
    b.getfield(registers, "x", LONGS).astore(XMM);
    b.getfield(registers, "operand", LONGS).astore(OPERAND);
  }

  void loadTlb() {
    b.aload(CPU).invokevirtual(CPU_CLASS, "readTlb", MethodTypeDesc.of(LONGS)).astore(READ_TLB);
    b.aload(CPU).invokevirtual(CPU_CLASS, "writeTlb", MethodTypeDesc.of(LONGS)).astore(WRITE_TLB);
  }

  /** Adds the instructions executed to the processor's count. */
  void storeCount() {
    b.aload(CPU).dup().getfield(CPU_CLASS, "instructions", CD_long).lload(COUNT).ladd();
    b.putfield(CPU_CLASS, "instructions", CD_long);
  }

  void count(int instructions) {
    b.lload(COUNT).loadConstant((long) instructions).ladd().lstore(COUNT);
  }

  void operation(int number) {
    b.aload(THIS).getfield(REGION, "ops", OP.arrayType()).loadConstant(number).aaload();
  }

  void callRegion(String name, MethodTypeDesc type) {
    b.invokevirtual(REGION, name, type);
  }

  void callStatic(String name, MethodTypeDesc type) {
    b.invokestatic(REGION, name, type);
  }

  Label label() {
    return b.newLabel();
  }

  static final ClassDesc OBJECT = CD_Object;
}
