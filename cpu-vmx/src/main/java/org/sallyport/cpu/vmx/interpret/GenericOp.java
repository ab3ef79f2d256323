package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;

/**
 * An operation whose operands are looked at when it runs: for what is too rare to have a form of its own. Values are zero-extended from
 * the operand's size.
 */
public abstract class GenericOp extends MemOp {
  private final OperandKind[] kind;
  private final int[] reg;
  protected final int[] size;
  protected final long immediate;
  protected final long immediate2;
  protected final int operandSize;

  protected GenericOp(Instruction in, Cpu cpu) {
    super(in, cpu);
    kind = in.kind.clone();
    reg = in.reg.clone();
    size = in.size.clone();
    immediate = in.immediate;
    immediate2 = in.immediate2;
    operandSize = in.operandSize;
  }

  public final boolean isMemory(int operand) {
    return kind[operand] == OperandKind.MEMORY;
  }

  public final int register(int operand) {
    return reg[operand];
  }

  /** Reads an operand of up to 8 bytes. */
  public final long get(Cpu cpu, int operand) {
    return switch (kind[operand]) {
      case GPR -> cpu.reg(reg[operand], size[operand]);
      case HIGH_BYTE -> cpu.highByte(reg[operand]);
      case MEMORY -> cpu.read(readAddress(cpu, size[operand]), size[operand]);
      case IMMEDIATE -> truncate(immediate, size[operand]);
      case IMMEDIATE2 -> immediate2;
      case SEGMENT -> cpu.seg[reg[operand]].selector;
      default -> throw new IllegalStateException("operand " + kind[operand]);
    };
  }

  /** Writes an operand of up to 8 bytes. A memory operand may fault: nothing may have been changed yet. */
  public final void set(Cpu cpu, int operand, long value) {
    switch (kind[operand]) {
      case GPR -> cpu.setReg(reg[operand], size[operand], value);
      case HIGH_BYTE -> cpu.setHighByte(reg[operand], value);
      case MEMORY -> cpu.write(writeAddress(cpu, size[operand]), size[operand], value);
      default -> throw new IllegalStateException("operand " + kind[operand]);
    }
  }

  /** Raises the fault that writing this operand would raise; to be called before an update reads it. */
  public final void checkWritable(Cpu cpu, int operand) {
    if (kind[operand] == OperandKind.MEMORY) {
      cpu.hostForUpdate(writeAddress(cpu, size[operand]), size[operand]);
    }
  }

  public static long truncate(long value, int size) {
    return switch (size) {
      case 1 -> value & 0xff;
      case 2 -> value & 0xffff;
      case 4 -> value & 0xffffffffL;
      default -> value;
    };
  }

  public static long signExtend(long value, int size) {
    return switch (size) {
      case 1 -> (byte) value;
      case 2 -> (short) value;
      case 4 -> (int) value;
      default -> value;
    };
  }
}
