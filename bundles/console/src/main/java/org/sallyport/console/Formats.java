package org.sallyport.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.SegmentState;
import org.sallyport.api.cpu.TableState;
import org.sallyport.api.cpu.VcpuState;

/** Registers and memory as text. */
final class Formats {
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final int ROW = 16;

  // RFLAGS by bit (SDM volume 1, section 3.4.3)
  private static final String[] FLAGS =
      {"CF", "", "PF", "", "AF", "", "ZF", "SF", "TF", "IF", "DF", "OF", "", "", "NT", "", "RF", "VM", "AC", "VIF",
          "VIP", "ID"};

  private Formats() {}

  static String registers(VcpuState state) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < Numbers.GPR.size(); i++) {
      out.append(String.format("%-3s %016x%s", Numbers.GPR.get(i), state.gpr().get(i), i % 4 == 3 ? "\n" : "  "));
    }
    out.append(String.format("rip %016x  rflags %08x %s  %s, %s%n", state.rip(), state.rflags(), flags(state.rflags()),
        mode(state), state.activity().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
    for (int i = 0; i < SEGMENTS.length; i++) {
      out.append(segment(SEGMENTS[i], state.segments().get(i)));
    }
    out.append(segment("ldt", state.ldtr())).append(segment("tr", state.tr()));
    out.append(table("gdt", state.gdtr())).append(table("idt", state.idtr()));
    out.append(String.format("cr0 %08x  cr2 %016x  cr3 %016x  cr4 %08x  cr8 %x%n", state.cr0(), state.cr2(),
        state.cr3(), state.cr4(),
        state.cr8()));
    out.append(
        String.format("efer %x  xcr0 %x  dr6 %x  dr7 %x  tsc %d", state.efer(), state.xcr0(), state.debug().get(4),
            state.debug().get(5), state.tsc()));
    return out.toString();
  }

  private static String flags(long rflags) {
    List<String> set = new ArrayList<>();
    for (int bit = 0; bit < FLAGS.length; bit++) {
      if ((rflags >> bit & 1) != 0 && !FLAGS[bit].isEmpty()) {
        set.add(FLAGS[bit]);
      }
    }
    long iopl = rflags >> 12 & 3;
    if (iopl != 0) {
      set.add("IOPL=" + iopl);
    }
    return "[" + String.join(" ", set) + "]";
  }

  private static String mode(VcpuState state) {
    String bits = CodeMode.of(state).name().substring("BITS".length()) + "-bit";
    if ((state.cr0() & 1) == 0) {
      return "real mode";
    }
    if ((state.efer() & 0x400) != 0) {
      return CodeMode.of(state) == CodeMode.BITS64 ? "long mode" : "compatibility mode, " + bits;
    }
    return (state.rflags() & 0x20000) != 0 ? "virtual-8086 mode" : "protected mode, " + bits;
  }

  private static String segment(String name, SegmentState segment) {
    return String.format("%-3s %04x  base %016x  limit %08x  access %04x%s%n", name, segment.selector(), segment.base(),
        segment.limit(),
        segment.access() & 0xffff, segment.isUnusable() ? "  unusable" : "");
  }

  private static String table(String name, TableState table) {
    return String.format("%-3s       base %016x  limit %08x%n", name, table.base(), table.limit());
  }

  /** A dump: address, bytes, and what they are as ASCII. */
  static String dump(long address, byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (int row = 0; row < bytes.length; row += ROW) {
      StringBuilder text = new StringBuilder();
      out.append(row == 0 ? "" : "\n").append(String.format("%016x ", address + row));
      for (int i = row; i < row + ROW; i++) {
        out.append(i % (ROW / 2) == 0 ? " " : "").append(i < bytes.length ? String.format("%02x ", bytes[i]) : "   ");
        text.append(
            i >= bytes.length ? "" : bytes[i] >= ' ' && bytes[i] < 0x7f ? String.valueOf((char) bytes[i]) : ".");
      }
      out.append(" |").append(text).append('|');
    }
    return out.toString();
  }
}
