package org.sallyport.cpu.vmx.simd;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.MemOp;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Vector;

/** What the SSE and MMX operations have in common: whether the operating system lets them run, and 16-byte operands in memory. */
abstract class SimdOp extends MemOp {
  /** {@link #source} of an operand in memory. */
  static final int MEMORY = -1;

  SimdOp(Instruction in, Cpu cpu) {
    super(in, cpu);
  }

  /** #UD or #NM unless SSE instructions may be executed (SDM volume 3, 2.5 and 15.2). */
  static void checkSse(Cpu c) {
    if ((c.cr0 & (Flag.CR0_EM | Flag.CR0_TS) | ~c.cr4 & Flag.CR4_OSFXSR) != 0) {
      throw unavailable(c, Flag.CR4_OSFXSR);
    }
  }

  /**
   * #UD or #NM unless MMX instructions may be executed, #MF for an exception that an x87 instruction left. What follows has to call
   * {@code fpu.enterMmx()} once nothing can fault any more.
   */
  static void checkMmx(Cpu c) {
    if ((c.cr0 & (Flag.CR0_EM | Flag.CR0_TS)) != 0) {
      throw unavailable(c, 0);
    }
    checkX87(c);
  }

  /** #MF for an exception that an x87 instruction left. */
  static void checkX87(Cpu c) {
    if (c.fpu.exceptionPending() && (c.cr0 & Flag.CR0_NE) != 0) {
      throw c.fault(Vector.MF);
    }
  }

  private static GuestFault unavailable(Cpu c, long requiredCr4) {
    boolean undefined = (c.cr0 & Flag.CR0_EM) != 0 || (~c.cr4 & requiredCr4) != 0;
    return c.fault(undefined ? Vector.UD : Vector.NM);
  }

  /** Index in {@link XmmRegisters#x} of a register operand, or {@link #MEMORY}. */
  static int xmmIndex(Instruction in, int operand) {
    return switch (in.kind[operand]) {
      case XMM -> 2 * in.reg[operand];
      case MEMORY -> MEMORY;
      default -> throw new IllegalArgumentException(in.mnemonic + " with operand " + in.kind[operand]);
    };
  }

  /** Register number of an MMX operand, or {@link #MEMORY}. */
  static int mmxIndex(Instruction in, int operand) {
    return switch (in.kind[operand]) {
      case MMX -> in.reg[operand];
      case MEMORY -> MEMORY;
      default -> throw new IllegalArgumentException(in.mnemonic + " with operand " + in.kind[operand]);
    };
  }

  /** Linear address of 16 bytes to read; #GP(0) when they are not aligned. */
  final long alignedRead(Cpu c) {
    long a = readAddress(c, 16);
    if ((a & 15) != 0) {
      throw c.gp();
    }
    return a;
  }

  /** Linear address of 16 bytes to write; #GP(0) when they are not aligned. */
  final long alignedWrite(Cpu c) {
    long a = writeAddress(c, 16);
    if ((a & 15) != 0) {
      throw c.gp();
    }
    return a;
  }
}
