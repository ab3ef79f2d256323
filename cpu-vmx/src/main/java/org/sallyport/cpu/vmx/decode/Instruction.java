package org.sallyport.cpu.vmx.decode;

import org.sallyport.api.cpu.CodeMode;

/**
 * A decoded instruction (SDM volume 2, chapter 2). Reusable: the decoder fills in the same object again. Implicit operands that an
 * encoding fixes are listed too (AL in {@code ADD AL, imm8}, CL in a shift), so that semantics and text need no opcode; those that only
 * the operation implies (RDX:RAX of MUL, RSI and RDI of MOVS) are not.
 */
public final class Instruction {
  /** Number of {@link #base} or {@link #index} that stands for "none". */
  public static final int NO_REGISTER = 16;

  /** Number of {@link #base} that stands for RIP: the address of the next instruction is added. */
  public static final int RIP = 17;

  /** {@link Mnemonic#INVALID} where the processor raises #UD. */
  public Mnemonic mnemonic;

  /** Instruction pointer of its first byte; set by whoever calls the decoder. */
  public long address;

  /** Length in bytes, 1 to 15. */
  public int length;

  public CodeMode mode;

  /** Effective operand size in bytes: 2, 4 or 8 (also for instructions with byte operands: what the prefixes say). */
  public int operandSize;

  /** Effective address size in bytes: 2, 4 or 8. */
  public int addressSize;

  /** For Jcc, SETcc, CMOVcc and FCMOVcc-like encodings: the condition, 0 (O) to 15 (NLE). */
  public int condition;

  /** How many operands, 0 to 4; the destination is first, as in Intel syntax. */
  public int operands;

  public final OperandKind[] kind = new OperandKind[4];

  /** Size of each operand in bytes: 1, 2, 4, 6, 8, 10, 16, 28, 108, 512…; 0 where it does not matter (LEA, INVLPG). */
  public final int[] size = new int[4];

  /** Register number of each operand where it is a register. */
  public final int[] reg = new int[4];

  /** Effective segment of the memory operand, 0 to 5: defaults and overrides applied. */
  public int segment;

  /** Segment override prefix 0 to 5 in force, or -1; for string instructions and the text. */
  public int segmentOverride;

  /** Base register of the memory operand: 0 to 15, {@link #NO_REGISTER} or {@link #RIP}. */
  public int base;

  /** Index register: 0 to 15 or {@link #NO_REGISTER}. */
  public int index;

  /** Scale as a shift count, 0 to 3. */
  public int scale;

  /** Displacement, sign-extended to 64 bits; for 16- and 32-bit addressing the sum is to be cut to the address size. */
  public long displacement;

  /** Immediate, extended to 64 bits as the instruction defines (sign-extended unless the SDM says otherwise). */
  public long immediate;

  public long immediate2;

  public boolean lock;

  /** Prefix 3E, which is the no-track prefix of a near indirect CALL or JMP, and no other segment override behind it. */
  public boolean noTrack;

  /** Prefix F3 (REP, REPE) where it is not part of the opcode. */
  public boolean rep;

  /** Prefix F2 (REPNE) where it is not part of the opcode. */
  public boolean repne;

  /** The last opcode byte. */
  public int opcode;

  /** The opcode map: 0 one-byte, 1 0F, 2 0F38, 3 0F3A. */
  public int map;

  /** The ModRM byte, or -1. */
  public int modrm;

  /** Whether the memory operand, if any, is really memory: mod is not 3. */
  public boolean hasMemory() {
    for (int i = 0; i < operands; i++) {
      if (kind[i] == OperandKind.MEMORY) {
        return true;
      }
    }
    return false;
  }
}
