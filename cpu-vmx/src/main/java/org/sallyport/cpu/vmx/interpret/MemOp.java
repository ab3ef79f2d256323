package org.sallyport.cpu.vmx.interpret;

import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.state.Segment;

/** An operation that may have a memory operand: the effective-address computation. */
public abstract class MemOp extends Op {
  private static final int PLAIN = 0;
  private static final int BASED = 1;
  private static final int CHECKED = 2;

  private final int baseRegister;
  private final int indexRegister;
  private final int scale;
  private final long displacement;
  private final long mask;
  private final int addressing;

  /** Effective segment, 0 to 5. */
  protected final int segment;

  protected MemOp(Instruction in, Cpu cpu) {
    segment = in.segment;
    if (in.base == Instruction.RIP) {
      baseRegister = Instruction.NO_REGISTER;
      displacement = in.displacement + in.address + in.length;
    } else {
      baseRegister = in.base;
      displacement = in.displacement;
    }
    indexRegister = in.index;
    scale = in.scale;
    mask = in.addressSize == 8 ? -1L : in.addressSize == 4 ? 0xffffffffL : 0xffffL;
    if (in.mode == CodeMode.BITS64) {
      addressing = segment >= Segment.FS ? BASED : PLAIN;
    } else {
      addressing = cpu.flatSegments() && segment < Segment.FS && segment != Segment.CS ? PLAIN : CHECKED;
    }
  }

  /** The effective address: the offset in the segment. */
  protected final long offset(Cpu cpu) {
    long[] r = cpu.r;
    return r[baseRegister] + (r[indexRegister] << scale) + displacement & mask;
  }

  /** Linear address for a read of {@code size} bytes, the segment checked. */
  protected final long readAddress(Cpu cpu, int size) {
    long offset = offset(cpu);
    return addressing == PLAIN ? offset : segmented(cpu, offset, size, false);
  }

  /** Linear address for a write (or an update) of {@code size} bytes, the segment checked. */
  protected final long writeAddress(Cpu cpu, int size) {
    long offset = offset(cpu);
    return addressing == PLAIN ? offset : segmented(cpu, offset, size, true);
  }

  /**
   * Linear address of a further part of an operand, {@code distance} bytes behind its start.
   */
  protected final long address(Cpu cpu, int distance, int size, boolean write) {
    long offset = offset(cpu) + distance & mask;
    return addressing == PLAIN ? offset : segmented(cpu, offset, size, write);
  }

  /**
   * For the operand of an operation that uses the stack too: where it is not on the stack itself, an address that is not canonical is #GP(0),
   * while one of the stack is #SS(0).
   */
  protected final long besidesStack(Cpu cpu, long address, int size) {
    if (segment != Segment.SS && cpu.mode64() && (!cpu.canonical(address) || !cpu.canonical(address + size - 1))) {
      throw cpu.gp();
    }
    return address;
  }

  private long segmented(Cpu cpu, long offset, int size, boolean write) {
    return addressing == BASED ? cpu.seg[segment].base + offset : cpu.linear(segment, offset, size, write);
  }

  @Override
  public boolean usesStack() {
    return segment == Segment.SS;
  }
}
