package org.sallyport.cpu.vmx.decode;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;

/** Disassembles with the {@link Decoder}, as text in Intel syntax. For any number of threads. */
public final class IntelDisassembler implements Disassembler {
  /** The code ends inside of an instruction. */
  private static final class EndOfCode extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final EndOfCode INSTANCE = new EndOfCode();

    private EndOfCode() {
      super("end of code", null, false, false);
    }
  }

  @Override
  public List<Line> disassemble(byte[] code, long address, CodeMode mode, int count) {
    List<Line> lines = new ArrayList<>();
    Decoder decoder = new Decoder();
    Instruction instruction = new Instruction();
    for (int offset = 0; lines.size() < count && offset < code.length;) {
      int start = offset;
      InstructionBytes bytes = at -> {
        if (start + at >= code.length) {
          throw EndOfCode.INSTANCE;
        }
        return code[start + at] & 0xFF;
      };
      String text;
      int length;
      try {
        decoder.decode(bytes, mode, instruction);
        boolean valid = instruction.mnemonic != Mnemonic.INVALID;
        text = valid ? InstructionText.of(instruction, bytes, address + offset) : InstructionText.BAD;
        // What is no instruction takes one byte, unless its length is known.
        length = valid || decoder.isVex() ? instruction.length : 1;
      } catch (TooLongException _) {
        text = InstructionText.BAD;
        length = 1;
      } catch (EndOfCode _) {
        break;
      }
      lines.add(new Line(address + offset, length, text));
      offset += length;
    }
    return lines;
  }
}
