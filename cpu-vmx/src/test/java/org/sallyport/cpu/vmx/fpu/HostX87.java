package org.sallyport.cpu.vmx.fpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The x87 of the processor that the tests run on, as an oracle: a small C program executes single instructions. */
final class HostX87 {
  private final Path program;

  /** Why there is no oracle, or null if there is one. */
  final String missing;

  HostX87(Path folder) {
    program = folder.resolve("host-x87");
    missing = build(folder);
  }

  private String build(Path folder) {
    String arch = System.getProperty("os.arch");
    if (!arch.equals("amd64") && !arch.equals("x86_64")) {
      return "the host has no x87: " + arch;
    }
    try (InputStream source = HostX87.class.getResourceAsStream("host-x87.c")) {
      Path c = folder.resolve("host-x87.c");
      Files.copy(source, c);
      Process gcc =
          new ProcessBuilder("gcc", "-O1", "-o", program.toString(), c.toString()).redirectErrorStream(true).start();
      String messages = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return gcc.waitFor() == 0 ? null : "gcc cannot build the program: " + messages;
    } catch (IOException e) {
      return "no gcc on this machine: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** What the host makes of the records. */
  List<X87Record> run(List<X87Record> records) {
    try {
      Path in = program.resolveSibling("in");
      Path out = program.resolveSibling("out");
      byte[] all = new byte[records.size() * X87Record.SIZE];
      for (int i = 0; i < records.size(); i++) {
        System.arraycopy(records.get(i).bytes, 0, all, i * X87Record.SIZE, X87Record.SIZE);
      }
      Files.write(in, all);
      Process process = new ProcessBuilder(program.toString()).redirectInput(in.toFile()).redirectOutput(out.toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT).start();
      int code = process.waitFor();
      byte[] result = Files.readAllBytes(out);
      if (code != 0 || result.length != all.length) {
        throw new IllegalStateException("the host program has failed: " + code);
      }
      List<X87Record> list = new ArrayList<>();
      for (int i = 0; i < records.size(); i++) {
        list.add(X87Record.of(result, i * X87Record.SIZE));
      }
      return list;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
