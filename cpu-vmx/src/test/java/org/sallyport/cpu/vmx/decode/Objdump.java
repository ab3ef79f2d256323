package org.sallyport.cpu.vmx.decode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.cpu.CodeMode;

/** GNU objdump as an oracle: disassembles raw bytes in Intel syntax, as Intel's processors read them. */
final class Objdump {
  /** An instruction as objdump saw it. */
  record Line(int offset, int length, String text) {}

  private Objdump() {}

  /** Why there is no oracle, or null if there is one. */
  static String missing() {
    try {
      return run("--info").contains("elf64-x86-64") ? null : "this objdump does not know x86";
    } catch (IOException e) {
      return "no objdump on this machine: " + e.getMessage();
    }
  }

  /** Whether it is the version whose quirks are listed in {@link ObjdumpQuirks}; others have some more, some less. */
  static boolean isKnownVersion() {
    try {
      return run("--version").lines().findFirst().orElse("").endsWith(" 2.40");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(String option) throws IOException {
    Process process = new ProcessBuilder("objdump", option).redirectErrorStream(true).start();
    try (InputStream output = process.getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Disassembles all the code; its address is 0. */
  static List<Line> disassemble(byte[] code, CodeMode mode) {
    String machine = switch (mode) {
      case BITS16 -> "i8086";
      case BITS32 -> "i386";
      case BITS64 -> "i386:x86-64";
    };
    try {
      Path file = Files.createTempFile("code", ".bin");
      try {
        Files.write(file, code);
        Process process =
            new ProcessBuilder("objdump", "-D", "-z", "-b", "binary", "-m", machine, "-M", "intel,intel64",
                "--no-show-raw-insn", file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
          return read(reader, code.length);
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Line> read(BufferedReader reader, int end) throws IOException {
    List<Line> lines = new ArrayList<>();
    int offset = -1;
    String text = null;
    for (String line; (line = reader.readLine()) != null;) {
      int colon = line.indexOf(":\t");
      if (colon >= 0) {
        int next = Integer.parseInt(line.substring(0, colon).strip(), 16);
        if (text != null) {
          lines.add(new Line(offset, next - offset, text));
        }
        offset = next;
        text = line.substring(colon + 2).stripTrailing();
      }
    }
    if (text != null) {
      lines.add(new Line(offset, end - offset, text));
    }
    return lines;
  }
}
