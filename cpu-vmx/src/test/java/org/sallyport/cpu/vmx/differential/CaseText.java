package org.sallyport.cpu.vmx.differential;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * A case as a line of text: mode, instruction, the state before it as far as it is not {@linkplain #initial the usual one}; then, behind
 * {@code =>}, the exception if there is one, and what the instruction changes.
 *
 * <pre>
 * 64 4801d8 rax=1 rbx=ffffffffffffffff => flags=257 rax=0
 * 32 8b00 rax=10003000 => #PF(4)@10003000
 * </pre>
 *
 * Numbers are hexadecimal. {@code +8} before the instruction is its offset in the page of code, {@code step} says that it is single-stepped,
 * {@code m1ff8} is a word of 8 bytes in the two pages of data (Layout.DATA), its value a number; {@code d1ff0} their bytes in order.
 */
final class CaseText {
  static final String[] GPR = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
      "r13", "r14", "r15"};
  static final String[] SELECTOR = {"cs", "ss", "ds", "es", "fs", "gs"};
  private static final int USUAL_OFFSET = 0x100;
  private static final HexFormat HEX = HexFormat.of();

  private CaseText() {}

  /** The state that a case does not mention. */
  static MachineState initial(CodeMode mode) {
    MachineState s = new MachineState();
    int data = mode == CodeMode.BITS16 ? Layout.LDT_DATA16 : mode == CodeMode.BITS32 ? Layout.DATA32 : 0;
    s.selectors[MachineState.CS] = switch (mode) {
      case BITS16 -> Layout.LDT_CODE16;
      case BITS32 -> Layout.CODE32;
      case BITS64 -> Layout.CODE64;
    };
    s.selectors[MachineState.SS] = mode == CodeMode.BITS16 ? Layout.LDT_DATA16 : Layout.DATA32;
    for (int i = MachineState.DS; i <= MachineState.GS; i++) {
      s.selectors[i] = data;
    }
    if (mode == CodeMode.BITS16) {
      s.fsBase = Layout.SEGMENT_BASE;
      s.gsBase = Layout.SEGMENT_BASE;
    }
    s.flags = 0x202;
    s.gpr[4] = mode == CodeMode.BITS16 ? 0x4800 : Layout.DATA + 0x800;
    s.fpu.putShort(MachineState.FCW, (short) 0x37f).putInt(MachineState.MXCSR, 0x1f80);
    return s;
  }

  static String trap(Outcome o) {
    return switch (o.trap) {
      case Outcome.COMPLETED -> "completed";
      case Vector.PF -> "#PF(%x)@%x".formatted(o.error, o.faultAddress);
      case Vector.TS, Vector.NP, Vector.SS, Vector.GP, Vector.AC -> "#%s(%x)".formatted(name(o.trap), o.error);
      default -> "#" + name(o.trap);
    };
  }

  /** The name of an exception. */
  static String exception(int vector) {
    return "#" + name(vector);
  }

  private static String name(int vector) {
    return switch (vector) {
      case Vector.BP -> "BP";
      case Vector.OF -> "OF";
      case Vector.DE -> "DE";
      case Vector.BR -> "BR";
      case Vector.UD -> "UD";
      case Vector.NM -> "NM";
      case Vector.TS -> "TS";
      case Vector.NP -> "NP";
      case Vector.SS -> "SS";
      case Vector.GP -> "GP";
      case Vector.PF -> "PF";
      case Vector.MF -> "MF";
      case Vector.AC -> "AC";
      case Vector.XM -> "XM";
      default -> Integer.toString(vector);
    };
  }

  private static int vector(String name) {
    for (int i = 0; i < 32; i++) {
      if (name(i).equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("exception " + name);
  }

  // ---- fields ------------------------------------------------------------------------------------------------------------------------

  private static Map<String, String> fields(MachineState s) {
    Map<String, String> f = new LinkedHashMap<>();
    for (int i = 0; i < 16; i++) {
      f.put(GPR[i], Long.toHexString(s.gpr[i]));
    }
    f.put("flags", Long.toHexString(s.flags));
    for (int i = 0; i < 6; i++) {
      f.put(SELECTOR[i], Integer.toHexString(s.selectors[i]));
    }
    f.put("fsbase", Long.toHexString(s.fsBase));
    f.put("gsbase", Long.toHexString(s.gsBase));
    f.put("fcw", Integer.toHexString(s.control()));
    f.put("fsw", Integer.toHexString(s.status()));
    f.put("ftw", Integer.toHexString(s.fx[MachineState.FTW] & 0xff));
    f.put("mxcsr", Integer.toHexString(s.mxcsr()));
    for (int i = 0; i < 8; i++) {
      f.put("st" + i, "%04x:%016x".formatted(s.signExponent(i), s.mantissa(i)));
    }
    for (int i = 0; i < 16; i++) {
      f.put("xmm" + i, "%016x:%016x".formatted(s.xmm(2 * i + 1), s.xmm(2 * i)));
    }
    return f;
  }

  private static void setField(MachineState s, String name, String value) {
    for (int i = 0; i < 16; i++) {
      if (GPR[i].equals(name)) {
        s.gpr[i] = Long.parseUnsignedLong(value, 16);
        return;
      }
    }
    for (int i = 0; i < 6; i++) {
      if (SELECTOR[i].equals(name)) {
        s.selectors[i] = Integer.parseInt(value, 16);
        return;
      }
    }
    int colon = value.indexOf(':');
    long high = colon < 0 ? 0 : Long.parseUnsignedLong(value.substring(0, colon), 16);
    long low = Long.parseUnsignedLong(value.substring(colon + 1), 16);
    switch (name) {
      case "rip" -> s.rip = low;
      case "flags" -> s.flags = low;
      case "fsbase" -> s.fsBase = low;
      case "gsbase" -> s.gsBase = low;
      case "fcw" -> s.fpu.putShort(MachineState.FCW, (short) low);
      case "fsw" -> s.fpu.putShort(MachineState.FSW, (short) low);
      case "ftw" -> s.fpu.put(MachineState.FTW, (byte) low);
      case "mxcsr" -> s.fpu.putInt(MachineState.MXCSR, (int) low);
      default -> {
        if (name.startsWith("st")) {
          s.st(Integer.parseInt(name.substring(2)), (int) high, low);
        } else if (name.startsWith("xmm")) {
          int n = 2 * Integer.parseInt(name.substring(3));
          s.xmm(n, low);
          s.xmm(n + 1, high);
        } else {
          throw new IllegalArgumentException("field " + name);
        }
      }
    }
  }

  private static void differences(StringBuilder text, MachineState s, MachineState usual) {
    Map<String, String> reference = fields(usual);
    fields(s).forEach((name, value) -> {
      if (!value.equals(reference.get(name))) {
        text.append(' ').append(name).append('=').append(value);
      }
    });
  }

  // ---- writing -----------------------------------------------------------------------------------------------------------------------

  static String format(TestCase c) {
    StringBuilder text = new StringBuilder(c.mode.name().substring(4));
    if (c.codeOffset != USUAL_OFFSET) {
      text.append(" +").append(Integer.toHexString(c.codeOffset));
    }
    text.append(' ').append(HEX.formatHex(c.code));
    if (c.stepped) {
      text.append(" step");
    }
    differences(text, c.before, initial(c.mode));
    if (c.overlay.length > 0) {
      text.append(" d").append(Integer.toHexString(c.overlayOffset)).append('=').append(HEX.formatHex(c.overlay));
    }
    return text.toString();
  }

  static String format(TestCase c, Outcome o) {
    StringBuilder text = new StringBuilder(format(c)).append(" =>");
    if (o.trap != Outcome.COMPLETED) {
      text.append(' ').append(trap(o));
    }
    MachineState after = o.after.copy();
    after.flags = after.flags & ~0x10302L | c.before.flags & 0x10302L; // RF, TF and IF belong to the way it was executed
    if (c.stepped && (o.after.flags & 0x100) == 0) {
      text.append(" tf=0");
    }
    long next = c.before.rip + (o.trap == Outcome.COMPLETED ? c.decoded().length : 0);
    if (after.rip != next) {
      text.append(" rip=").append(Long.toHexString(after.rip));
    }
    differences(text, after, c.before);
    o.changes.forEach((word, value) -> text.append(" m").append(Integer.toHexString(8 * word)).append('=')
        .append(Long.toHexString(value)));
    return text.toString();
  }

  // ---- reading -----------------------------------------------------------------------------------------------------------------------

  /** A case and what it has to come to. */
  record Recorded(TestCase before, Outcome after) {}

  static Recorded parse(String line) {
    int arrow = line.indexOf("=>");
    TestCase c = parseCase(List.of(line.substring(0, arrow).strip().split("\\s+")));
    Outcome o = new Outcome();
    o.after.set(c.before);
    o.trap = Outcome.COMPLETED;
    o.after.flags |= 0x100;
    List<String> rest = new ArrayList<>(List.of(line.substring(arrow + 2).strip().split("\\s+")));
    rest.remove("");
    if (!rest.isEmpty() && rest.getFirst().startsWith("#")) {
      parseTrap(rest.removeFirst(), o);
    }
    o.after.rip = c.before.rip + (o.trap == Outcome.COMPLETED ? c.decoded().length : 0);
    boolean trapFlag = !rest.remove("tf=0");
    for (String field : rest) {
      int equals = field.indexOf('=');
      String name = field.substring(0, equals);
      String value = field.substring(equals + 1);
      if (name.matches("m[0-9a-f]+")) {
        o.changes.put(Integer.parseInt(name.substring(1), 16) / 8, Long.parseUnsignedLong(value, 16));
      } else {
        setField(o.after, name, value);
      }
    }
    o.after.flags = o.after.flags & ~0x100 | (trapFlag ? 0x100 : 0);
    return new Recorded(c, o);
  }

  private static TestCase parseCase(List<String> words) {
    TestCase c = new TestCase(CodeMode.valueOf("BITS" + words.getFirst()));
    c.before.set(initial(c.mode));
    int offset = USUAL_OFFSET;
    for (String word : words.subList(1, words.size())) {
      int equals = word.indexOf('=');
      if (word.startsWith("+")) {
        offset = Integer.parseInt(word.substring(1), 16);
      } else if (word.equals("step")) {
        c.stepped = true;
      } else if (equals < 0) {
        c.code = HEX.parseHex(word);
      } else if (word.matches("d[0-9a-f]*[0-9][0-9a-f]*=.*|d0=.*") && !word.startsWith("ds=")) {
        c.overlayOffset = Integer.parseInt(word.substring(1, equals), 16);
        c.overlay = HEX.parseHex(word.substring(equals + 1));
      } else {
        setField(c.before, word.substring(0, equals), word.substring(equals + 1));
      }
    }
    c.place(offset);
    return c;
  }

  private static void parseTrap(String text, Outcome o) {
    String name = text.substring(1);
    int at = name.indexOf('@');
    if (at >= 0) {
      o.faultAddress = Long.parseUnsignedLong(name.substring(at + 1), 16);
      name = name.substring(0, at);
    }
    int open = name.indexOf('(');
    if (open >= 0) {
      o.error = Integer.parseInt(name.substring(open + 1, name.length() - 1), 16);
      name = name.substring(0, open);
    }
    o.trap = vector(name);
  }
}
