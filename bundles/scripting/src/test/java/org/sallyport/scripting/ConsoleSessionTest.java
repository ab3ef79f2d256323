package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.api.script.ScriptException;
import org.sallyport.api.script.ScriptRunner;

/** The console's context. */
@Timeout(60)
class ConsoleSessionTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private ScriptBench bench;
  private ScriptRunner.Session session;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    bench = new ScriptBench(folder);
    session = bench.scripts.open(out, err);
  }

  @AfterEach
  void close() {
    session.close();
    bench.close();
  }

  @Test
  void keepsVariables() throws Exception {
    assertNull(session.evaluate("const a = 20"));
    assertNull(session.evaluate("let b = a + 1; function twice(n) { return 2 * n; }"));
    assertEquals("42", session.evaluate("twice(b)"));
    assertEquals("{ a: 20, b: 21 }", session.evaluate("({ a, b })"));
    assertEquals("'text'", session.evaluate("'text'"));
    assertEquals("null", session.evaluate("null"));
    assertNull(session.evaluate("undefined"));
    assertNull(session.evaluate("console.log('printed')"));
    assertEquals("printed\n", out.toString());
  }

  @Test
  void waitsForPromises() throws Exception {
    assertEquals("7", session.evaluate("sleep(20).then(() => 7)"));
    assertEquals("8", session.evaluate("await sleep(5), 8"));
    assertNull(session.evaluate("const vm = await Machine.create({ name: 'demo' });"));
    assertEquals("Machine demo (created)", session.evaluate("vm"));
    assertNull(session.evaluate("await vm.start()"));
    assertEquals("'running'", session.evaluate("vm.state"));
    assertNull(session.evaluate("const { kind, status } = await vm.stop()"));
    assertEquals("'stopped'", session.evaluate("kind"));
    assertNull(session.evaluate("for (let i = 0; i < 3; i++) { await sleep(1); console.log(i); }"));
    assertEquals("0\n1\n2\n", out.toString());
  }

  @Test
  void keepsMachinesWhenItCloses() throws Exception {
    session.evaluate("await Machine.create({ name: 'stays' })");
    session.close();
    assertTrue(bench.machines.machine("stays").isPresent());
  }

  @Test
  void tellsErrorsOnOneLine() throws Exception {
    ScriptException error = assertThrows(ScriptException.class, () -> session.evaluate("\n  nothing"));
    assertEquals("console:2:3: ReferenceError: nothing is not defined", error.getMessage());
    error = assertThrows(ScriptException.class, () -> session.evaluate("1 +"));
    assertTrue(error.getMessage().startsWith("console:1:"), error.getMessage());
    assertEquals(1, error.getMessage().lines().count());
    error = assertThrows(ScriptException.class, () -> session.evaluate("await Machine.create({ memry: 1 })"));
    assertTrue(error.getMessage().endsWith("unknown key 'memry' in a machine's description"), error.getMessage());
    error = assertThrows(ScriptException.class, () -> session.evaluate("exit(1)"));
    assertTrue(error.getMessage().endsWith("exit() ends scripts, not the console"), error.getMessage());
    assertEquals("3", session.evaluate("1 + 2"));
  }

  @Test
  void letsItselfBeInterrupted() throws Exception {
    for (String endless : new String[]{"for (;;) {}", "await new Promise(() => {})"}) {
      CompletableFuture<String> result = CompletableFuture.supplyAsync(() -> {
        try {
          return session.evaluate("console.log('on'); " + endless);
        } catch (ScriptException e) {
          return e.getMessage();
        }
      });
      ScriptsTest.await(() -> out.toString().contains("on"));
      Thread.sleep(100);
      session.interrupt();
      assertEquals("interrupted", result.get(20, TimeUnit.SECONDS));
      assertEquals("2", session.evaluate("1 + 1"));
      out.reset();
    }
  }

  @Test
  void completesNames() throws Exception {
    session.evaluate("const machinery = { start: 1, stop: 2, 'a-b': 3 }");
    assertTrue(session.complete("Mach").contains("Machine"));
    assertEquals(List.of("machinery.start", "machinery.stop"), session.complete("machinery.st"));
    assertEquals(List.of("machinery.start", "machinery.stop"), session.complete("x = 1 + machinery.st"));
    assertEquals(List.of("Machine.create"), session.complete("await Machine.cr"));
    assertEquals(List.of(), session.complete("nothing.x"));
    assertEquals(List.of(), session.complete("f().x"));
  }

  @Test
  void reportsWhatFailsLater() throws Exception {
    session.evaluate("setTimeout(() => { throw new Error('late'); }, 1)");
    ScriptsTest.await(() -> !err.toString().isEmpty());
    assertEquals("console:1:26: late\n", err.toString());
    assertEquals("1", session.evaluate("1"));
  }

  @Test
  void cannotBeUsedFromTwoThreadsAtOnceWrongly() throws InterruptedException, ExecutionException {
    var results = java.util.stream.IntStream.range(0, 8).mapToObj(n -> CompletableFuture.supplyAsync(() -> {
      try {
        return session.evaluate("sleep(5).then(() => " + n + ")");
      } catch (ScriptException e) {
        return e.getMessage();
      }
    })).toList();
    for (int n = 0; n < results.size(); n++) {
      assertEquals(String.valueOf(n), results.get(n).get());
    }
  }
}
