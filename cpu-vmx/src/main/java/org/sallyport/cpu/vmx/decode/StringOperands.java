package org.sallyport.cpu.vmx.decode;

/** The operands that string instructions imply, and that of XLAT. */
final class StringOperands {
  private StringOperands() {}

  static void append(Instruction in, StringBuilder text) {
    String source = memory(in, RegisterText.segment(in.segment), 6);
    String destination = memory(in, "es", 7);
    String accumulator = RegisterText.general(0, in.size[0]);
    switch (in.mnemonic) {
      case MOVS -> text.append(destination).append(',').append(source);
      case CMPS -> text.append(source).append(',').append(destination);
      case STOS -> text.append(destination).append(',').append(accumulator);
      case LODS -> text.append(accumulator).append(',').append(source);
      case SCAS -> text.append(accumulator).append(',').append(destination);
      case INS -> text.append(destination).append(",dx");
      case OUTS -> text.append("dx,").append(source);
      case XLAT -> text.append(memory(in, RegisterText.segment(in.segment), 3));
      default -> throw new IllegalArgumentException(in.mnemonic.name());
    }
  }

  private static String memory(Instruction in, String segment, int register) {
    return MnemonicText.pointer(in, in.size[0]) + segment + ":[" + RegisterText.address(register, in.addressSize) + ']';
  }
}
