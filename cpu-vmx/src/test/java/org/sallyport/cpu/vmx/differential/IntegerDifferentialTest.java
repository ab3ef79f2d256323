package org.sallyport.cpu.vmx.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Decoder;
import org.sallyport.cpu.vmx.decode.Instruction;

/**
 * Random integer instructions of 64-bit user mode against the host's own processor. {@code -Dseed=N} repeats a run, {@code -Dcases=N} sets
 * its length.
 */
class IntegerDifferentialTest {
  private static final int BATCH = 2000;

  @Test
  void agreesWithTheHost(@TempDir Path directory) throws Exception {
    Path oracle = build(directory);
    long seed = Long.getLong("seed", System.nanoTime());
    int cases = Integer.getInteger("cases", 40_000);
    System.out.println("seed " + seed);
    Generator generator = new Generator(seed);
    Map<String, String> failures = new TreeMap<>();
    Process process = new ProcessBuilder(oracle.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (SoftwareCpu ours = new SoftwareCpu();
        OutputStream questions = new BufferedOutputStream(process.getOutputStream());
        DataInputStream answers = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
      for (int done = 0; done < cases; done += BATCH) {
        List<CaseState> batch = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          batch.add(generator.next());
        }
        Thread writer = Thread.ofVirtual().start(() -> ask(batch, questions));
        for (CaseState question : batch) {
          compare(ours, question, answer(answers, question), failures);
        }
        writer.join();
      }
    } finally {
      process.destroy();
    }
    assertEquals(Map.of(), failures, "seed " + seed);
  }

  private static CaseState answer(DataInputStream answers, CaseState question) throws IOException {
    try {
      return CaseState.read(answers);
    } catch (EOFException e) {
      throw new AssertionError("the oracle died of " + HexFormat.of().formatHex(question.code), e);
    }
  }

  private static void ask(List<CaseState> batch, OutputStream questions) {
    try {
      for (CaseState s : batch) {
        s.write(questions);
      }
      questions.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void compare(SoftwareCpu ours, CaseState question, CaseState expected, Map<String, String> failures) {
    CaseState s = question.copy();
    ours.execute(s);
    Instruction in = decode(s.code);
    if (s.signal != 0 && s.signal == expected.signal || UndefinedFlags.undefinedResult(in, question)) {
      return;
    }
    String difference = s.difference(expected, UndefinedFlags.of(in, question));
    if (!difference.isEmpty()) {
      failures.putIfAbsent(in.mnemonic + "/" + in.size[0],
          HexFormat.of().formatHex(s.code) + ":" + difference
              + String.format(" (rax=%x rcx=%x rdx=%x flags=%x)", question.gpr[0],
                  question.gpr[1], question.gpr[2], question.flags));
    }
  }

  private static Instruction decode(byte[] code) {
    Instruction in = new Instruction();
    new Decoder().decode(offset -> offset < code.length ? code[offset] & 0xff : 0, CodeMode.BITS64, in);
    return in;
  }

  private static Path build(Path directory) throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the oracle is an x86-64 processor");
    Path oracle = directory.resolve("oracle");
    try {
      Process gcc = new ProcessBuilder("gcc", "-O1", "-no-pie", "-o", oracle.toString(), "src/test/c/oracle.c")
          .inheritIO().start();
      assertEquals(0, gcc.waitFor(), "gcc src/test/c/oracle.c");
    } catch (IOException e) {
      Assumptions.abort("gcc is not installed: " + e.getMessage());
    }
    Assumptions.assumeTrue(Files.isExecutable(oracle), "the oracle cannot be executed");
    return oracle;
  }

}
