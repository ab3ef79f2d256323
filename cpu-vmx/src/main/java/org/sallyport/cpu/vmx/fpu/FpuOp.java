package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.MemOp;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** An x87 instruction: the checks that all have in common. What it does is an {@link Action}. */
class FpuOp extends MemOp {
  /** What an instruction does. Everything that faults comes before anything that is changed. */
  @FunctionalInterface
  interface Action {
    void execute(Cpu cpu, FpuOp op);
  }

  private final Action action;
  private final boolean waits;
  private final boolean recorded;
  private final boolean memory;

  /** Size of the memory operand in bytes. */
  final int size;

  /** Register number of the i of ST(i): of the last operand that is one. */
  final int st;

  final int operandSize;

  /** The 11 bits of the opcode that FOP keeps. */
  final int fop;

  /** A control instruction: the instruction and data pointers stay as they are. */
  static FpuOp control(Instruction in, Cpu cpu, boolean waits, Action action) {
    return new FpuOp(in, cpu, waits, false, action);
  }

  /** Any other instruction. */
  static FpuOp of(Instruction in, Cpu cpu, Action action) {
    return new FpuOp(in, cpu, true, true, action);
  }

  private FpuOp(Instruction in, Cpu cpu, boolean waits, boolean recorded, Action action) {
    super(in, cpu);
    this.recorded = recorded;
    this.action = action;
    this.waits = waits;
    memory = in.hasMemory();
    size = in.operands > 0 ? in.size[0] : 0;
    int register = 0;
    for (int i = 0; i < in.operands; i++) {
      register = in.reg[i] != 0 ? in.reg[i] : register;
    }
    st = register;
    operandSize = in.operandSize;
    fop = (in.opcode & 7) << 8 | Math.max(0, in.modrm) & 0xff;
  }

  @Override
  public final Op execute(Cpu cpu) {
    if ((cpu.cr0 & (Flag.CR0_EM | Flag.CR0_TS)) != 0) {
      throw cpu.fault(Vector.NM);
    }
    if (waits) {
      checkPending(cpu);
    }
    action.execute(cpu, this);
    if (recorded) {
      record(cpu);
    }
    return next;
  }

  /** The pointers to the last instruction that is no control instruction, and to its operand. */
  private void record(Cpu cpu) {
    Fpu f = cpu.fpu;
    f.lastInstruction = rip;
    f.lastInstructionSelector = cpu.seg[Segment.CS].selector;
    f.lastOpcode = fop;
    if (memory) {
      f.lastData = offset(cpu);
      f.lastDataSelector = cpu.seg[segment].selector;
    }
  }

  /**
   * #MF for an exception that an earlier instruction left; without CR0.NE the outside would have to interrupt, and does
   * not.
   */
  static void checkPending(Cpu cpu) {
    if (cpu.fpu.exceptionPending() && (cpu.cr0 & Flag.CR0_NE) != 0) {
      throw cpu.fault(Vector.MF);
    }
  }

  final boolean isMemory() {
    return memory;
  }

  /** Linear address of the operand, checked for a read. */
  final long source(Cpu cpu, int bytes) {
    return readAddress(cpu, bytes);
  }

  /** Linear address of the operand, checked for a write of all its bytes. */
  final long target(Cpu cpu, int bytes) {
    long address = writeAddress(cpu, bytes);
    if (bytes == 10) {
      cpu.checkWrite(address, 8); // it has to be aligned by 8 where alignment is checked, even if nothing is stored
    }
    cpu.checkWrite(address, bytes);
    return address;
  }

  /** Linear address of a part of the operand whose start has been checked. */
  final long part(Cpu cpu, int distance, int bytes) {
    return distance == 0 ? readAddress(cpu, bytes) : address(cpu, distance, bytes, false);
  }

  /** The integer operand of 2, 4 or 8 bytes, sign-extended. */
  final long readInteger(Cpu cpu) {
    return switch (size) {
      case 2 -> (short) cpu.read16(source(cpu, 2));
      case 4 -> cpu.read32(source(cpu, 4));
      default -> cpu.read64(source(cpu, 8));
    };
  }

  /** Reads the real operand of 4 or 8 bytes into {@link Fpu#conversion}. */
  final void readReal(Cpu cpu) {
    Conversion v = cpu.fpu.conversion;
    if (size == 4) {
      int value = cpu.read32(source(cpu, 4));
      v.begin(cpu.fpu.control, 0);
      v.fromFloat(value);
    } else {
      long value = cpu.read64(source(cpu, 8));
      v.begin(cpu.fpu.control, 0);
      v.fromDouble(value);
    }
  }
}
