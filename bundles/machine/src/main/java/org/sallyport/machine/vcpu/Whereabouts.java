package org.sallyport.machine.vcpu;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.memory.GuestMemory;

/** Says in one line where a processor is. */
public final class Whereabouts {
  private static final int LONGEST_INSTRUCTION = 15;
  private static final int PAGE = 4096;

  private Whereabouts() {}

  /** Address, mode, bytes and, where somebody can read them, the instruction. Never throws. */
  public static String of(VirtualCpu cpu, GuestMemory memory, Optional<Disassembler> disassembler) {
    try {
      VcpuState state = cpu.save();
      CodeMode mode = CodeMode.of(state);
      long linear = mode == CodeMode.BITS64 ? state.rip() : state.cs().base() + state.rip() & 0xffffffffL;
      byte[] code = code(cpu, memory, linear);
      StringBuilder text = new StringBuilder();
      text.append(
          String.format("at %04x:%0" + (mode == CodeMode.BITS64 ? 16 : 8) + "x, %s", state.cs().selector(), state.rip(),
              modeName(state, mode)));
      text.append(code.length == 0 ? ", no code there" : ", bytes " + HexFormat.ofDelimiter(" ").formatHex(code));
      if (code.length > 0 && disassembler.isPresent()) {
        List<Disassembler.Line> lines = disassembler.get().disassemble(code, linear, mode, 1);
        if (!lines.isEmpty()) {
          text.append(" (").append(lines.getFirst().text()).append(')');
        }
      }
      return text.toString();
    } catch (RuntimeException e) {
      return "where it was cannot be said: " + e;
    }
  }

  private static String modeName(VcpuState state, CodeMode mode) {
    boolean protectedMode = (state.cr0() & 1) != 0;
    boolean virtual8086 = (state.rflags() & 1 << 17) != 0;
    String name = switch (mode) {
      case BITS64 -> "64-bit mode";
      case BITS32 -> "32-bit protected mode";
      case BITS16 -> protectedMode ? virtual8086 ? "virtual-8086 mode" : "16-bit protected mode" : "real mode";
    };
    return name + (protectedMode ? ", CPL " + (state.ss().access() >>> 5 & 3) : "");
  }

  private static byte[] code(VirtualCpu cpu, GuestMemory memory, long linear) {
    byte[] code = new byte[LONGEST_INSTRUCTION];
    int length = 0;
    while (length < code.length) {
      long at = linear + length;
      long physical = cpu.translate(at);
      int count = (int) Math.min(code.length - length, PAGE - (at & PAGE - 1));
      if (physical == -1 || !memory.isMapped(physical, count)) {
        break;
      }
      memory.read(physical, code, length, count);
      length += count;
    }
    return java.util.Arrays.copyOf(code, length);
  }
}
