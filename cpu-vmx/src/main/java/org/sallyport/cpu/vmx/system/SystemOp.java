package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.EndOp;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * A system instruction after which the processor has to look around: it ends its block. What it does is an {@link
 * Action}.
 */
class SystemOp extends EndOp {
  /** What an instruction does. Everything that faults comes before anything that is changed. */
  @FunctionalInterface
  interface Action {
    void execute(Cpu cpu, SystemOp op);
  }

  private final Action action;
  private final OperandKind[] kind;
  private final int[] reg;
  private final int[] size;
  final int operandSize;
  final long immediate;
  final long immediate2;
  private boolean stack;

  SystemOp(Instruction in, Cpu cpu, Action action) {
    super(in, cpu);
    this.action = action;
    kind = in.kind.clone();
    reg = in.reg.clone();
    size = in.size.clone();
    operandSize = in.operandSize;
    immediate = in.immediate;
    immediate2 = in.immediate2;
  }

  /** Memory faults of the instruction concern the stack. */
  final SystemOp onStack() {
    stack = true;
    return this;
  }

  @Override
  public boolean usesStack() {
    return stack || super.usesStack();
  }

  @Override
  public Op execute(Cpu cpu) {
    action.execute(cpu, this);
    return leave(cpu);
  }

  final void act(Cpu cpu) {
    action.execute(cpu, this);
  }

  // ---- operands ---------------------------------------------------------------------------------------------------

  final boolean isMemory(int operand) {
    return kind[operand] == OperandKind.MEMORY;
  }

  final boolean isFarPointer() {
    return kind[0] == OperandKind.FAR_POINTER;
  }

  final int register(int operand) {
    return reg[operand];
  }

  final int size(int operand) {
    return size[operand];
  }

  /** A register or memory operand, {@code bytes} of it, zero-extended. */
  final long get(Cpu cpu, int operand, int bytes) {
    return kind[operand] == OperandKind.MEMORY
        ? cpu.read(readAddress(cpu, bytes), bytes)
        : cpu.reg(reg[operand], bytes);
  }

  final void set(Cpu cpu, int operand, long value) {
    if (kind[operand] == OperandKind.MEMORY) {
      cpu.write(writeAddress(cpu, size[operand]), size[operand], value);
    } else {
      cpu.setReg(reg[operand], size[operand], value);
    }
  }

  /** Reads {@code bytes} of the memory operand from {@code distance} on. */
  final long memory(Cpu cpu, int distance, int bytes) {
    return cpu.read(address(cpu, distance, bytes, false), bytes);
  }

  /** The memory operand's linear address, without any check (INVLPG). */
  final long uncheckedAddress(Cpu cpu) {
    if (cpu.mode64()) {
      return offset(cpu) + (segment >= Segment.FS ? cpu.seg[segment].base : 0);
    }
    return cpu.seg[segment].base + offset(cpu) & 0xffffffffL;
  }

  /** Instruction pointer of the next instruction. */
  final long returnRip(Cpu cpu) {
    return nextRip() & cpu.ripMask;
  }
}
