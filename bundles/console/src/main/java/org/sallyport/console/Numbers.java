package org.sallyport.console;

import java.util.List;
import java.util.Locale;
import org.sallyport.api.cpu.VcpuState;

/** Numbers and addresses as people type them. */
final class Numbers {
  /** The general registers in encoding order. */
  static final List<String> GPR =
      List.of("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
          "r15");

  private Numbers() {}

  static boolean isNumber(String word) {
    return word.matches("0[xX][0-9a-fA-F]{1,16}|\\d{1,19}");
  }

  static boolean isRegister(String word) {
    return word.equalsIgnoreCase("rip") || GPR.contains(word.toLowerCase(Locale.ROOT));
  }

  static long parse(String what, String word) throws CommandException {
    if (!isNumber(word)) {
      throw new CommandException("'" + word + "' is not " + what + ": write a number such as 16 or 0x10");
    }
    try {
      return word.length() > 2 && (word.charAt(1) | 0x20) == 'x'
          ? Long.parseUnsignedLong(word.substring(2), 16)
          : Long.parseUnsignedLong(word);
    } catch (NumberFormatException e) {
      throw new CommandException("'" + word + "' is too large for 64 bits");
    }
  }

  /** What a register holds; for RIP the linear address of the next instruction. */
  static long register(String name, VcpuState state) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.equals("rip") ? linearRip(state) : state.gpr().get(GPR.indexOf(lower));
  }

  /** Where the next instruction is: with CS's base outside 64-bit mode, where the base does not count. */
  static long linearRip(VcpuState state) {
    return switch (org.sallyport.api.cpu.CodeMode.of(state)) {
      case BITS64 -> state.rip();
      case BITS32, BITS16 -> state.rip() + state.cs().base();
    };
  }
}
