package org.sallyport.cpu.vmx.decode;

/** What an operand of a decoded instruction is. */
public enum OperandKind {
  NONE,
  /** General register {@link Instruction#reg}, 0 to 15, of the operand's size; with size 1, the low byte (AL … R15B). */
  GPR,
  /** AH, CH, DH, BH: {@link Instruction#reg} is 0 to 3 for these. */
  HIGH_BYTE,
  /** The instruction's memory operand. */
  MEMORY,
  /** {@link Instruction#immediate}. */
  IMMEDIATE,
  /** {@link Instruction#immediate2}: second immediate (ENTER), selector of a far pointer. */
  IMMEDIATE2,
  /** Branch displacement in {@link Instruction#immediate}, relative to the next instruction. */
  RELATIVE,
  /** Far pointer: offset in {@link Instruction#immediate}, selector in {@link Instruction#immediate2}. */
  FAR_POINTER,
  /** Segment register, 0 to 5: ES, CS, SS, DS, FS, GS. */
  SEGMENT,
  CONTROL,
  DEBUG,
  /** x87 register ST(i). */
  ST,
  MMX,
  XMM
}
