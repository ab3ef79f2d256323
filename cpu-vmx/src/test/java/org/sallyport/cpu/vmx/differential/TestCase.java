package org.sallyport.cpu.vmx.differential;

import java.util.Arrays;
import java.util.HexFormat;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Decoder;
import org.sallyport.cpu.vmx.decode.Instruction;

/** One instruction and the state it starts from. */
final class TestCase {
  final CodeMode mode;
  final MachineState before = new MachineState();

  /** The instruction; up to 16 bytes. */
  byte[] code = {};

  /** Where it begins in the page of code. */
  int codeOffset;

  /** Case data over the background: offset in the two pages, a multiple of 8. */
  int overlayOffset;

  /** Its bytes; the length is a multiple of 8. */
  byte[] overlay = {};

  /** The software processor is to step (TF set); otherwise the instruction runs as part of a block. */
  boolean stepped;

  private record Decoded(byte[] code, long rip, Instruction in) {}

  /** What {@link #decoded()} found last. */
  private Decoded decoded;

  TestCase(CodeMode mode) {
    this.mode = mode;
  }

  TestCase copy() {
    TestCase c = new TestCase(mode);
    c.before.set(before);
    c.code = code.clone();
    c.codeOffset = codeOffset;
    c.overlayOffset = overlayOffset;
    c.overlay = overlay.clone();
    c.stepped = stepped;
    return c;
  }

  boolean is64() {
    return mode == CodeMode.BITS64;
  }

  /** Base of the code segment: 0, or the page of code. */
  long codeBase() {
    return before.selectors[MachineState.CS] == Layout.CODE64 || before.selectors[MachineState.CS] == Layout.CODE32
        ? 0
        : Layout.CODE;
  }

  /** Puts the instruction pointer to where the code is. */
  void place(int offset) {
    codeOffset = offset;
    before.rip = Layout.CODE - codeBase() + offset;
  }

  /** The instruction decoded, which is not to be changed; what is too long has the mnemonic null. */
  Instruction decoded() {
    Decoded known = decoded;
    if (known == null || known.rip != before.rip || !Arrays.equals(known.code, code)) {
      known = new Decoded(code.clone(), before.rip, decode());
      decoded = known;
    }
    return known.in;
  }

  private Instruction decode() {
    Instruction in = new Instruction();
    in.address = before.rip;
    try {
      new Decoder().decode(at -> at < code.length ? code[at] & 0xff : Layout.FILLER, mode, in);
    } catch (RuntimeException tooLong) {
      in.mnemonic = null;
      in.length = code.length;
    }
    return in;
  }

  /** An instruction that the oracle has to resume until all iterations are done. */
  boolean repeats() {
    Instruction in = decoded();
    return in.mnemonic != null && (in.rep || in.repne) && switch (in.mnemonic) {
      case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> true;
      default -> false;
    };
  }

  @Override
  public String toString() {
    return mode + " " + HexFormat.ofDelimiter(" ").formatHex(code);
  }
}
