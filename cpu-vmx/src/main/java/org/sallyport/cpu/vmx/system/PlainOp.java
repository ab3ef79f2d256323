package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.GenericOp;
import org.sallyport.cpu.vmx.interpret.Op;

/** A system instruction that changes no mode: its block goes on. */
final class PlainOp extends GenericOp {
  /** What an instruction does. Everything that faults comes before anything that is changed. */
  @FunctionalInterface
  interface Action {
    void execute(Cpu cpu, PlainOp op);
  }

  private final Action action;
  private final int addressSize;
  private boolean stack;

  PlainOp(Instruction in, Cpu cpu, Action action) {
    super(in, cpu);
    this.action = action;
    addressSize = in.addressSize;
  }

  /** Memory faults of the instruction concern the stack. */
  PlainOp onStack() {
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
    return next;
  }

  // ---- operands ---------------------------------------------------------------------------------------------------

  int operandSize() {
    return operandSize;
  }

  int operandBytes(int operand) {
    return size[operand];
  }

  int number(int operand) {
    return register(operand);
  }

  /** A register or memory operand, {@code bytes} of it, zero-extended. */
  long get(Cpu cpu, int operand, int bytes) {
    return isMemory(operand) ? cpu.read(readAddress(cpu, bytes), bytes) : cpu.reg(register(operand), bytes);
  }

  void put(Cpu cpu, int operand, long value) {
    set(cpu, operand, value);
  }

  /** Reads {@code bytes} of the memory operand from {@code distance} on. */
  long memory(Cpu cpu, int distance, int bytes) {
    return cpu.read(address(cpu, distance, bytes, false), bytes);
  }

  /** Linear address of {@code bytes} of the memory operand, checked for writing. */
  long writable(Cpu cpu, int distance, int bytes) {
    return address(cpu, distance, bytes, true);
  }

  void checkUpdate(Cpu cpu, int operand) {
    checkWritable(cpu, operand);
  }

  /** Checks that the first byte of the memory operand can be read. */
  void checkRead(Cpu cpu) {
    cpu.checkRead(readAddress(cpu, 1), 1);
  }

  /** Size in bytes of an implied memory operand's address. */
  int addressBytes() {
    return addressSize;
  }

  int segmentNumber() {
    return segment;
  }
}
