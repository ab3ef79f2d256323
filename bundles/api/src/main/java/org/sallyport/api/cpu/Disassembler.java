package org.sallyport.api.cpu;

import java.util.List;

/**
 * Turns machine code into text, in Intel syntax as GNU objdump writes it ({@code -M intel}). Registered as a service.
 */
public interface Disassembler {
  /**
   * Disassembles instruction after instruction.
   *
   * @param code the bytes; an instruction cut off at the end is left out
   * @param address linear address of the first byte
   * @param mode how the bytes are to be read
   * @param count how many instructions at the most
   */
  List<Line> disassemble(byte[] code, long address, CodeMode mode, int count);

  /**
   * One instruction.
   *
   * @param address linear address of its first byte
   * @param length 1 to 15 bytes
   * @param text mnemonic and operands; {@code (bad)} for what is no instruction
   */
  record Line(long address, int length, String text) {}
}
