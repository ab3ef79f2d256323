package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How scripts run and end: modules, errors, statuses, arguments. */
@Timeout(60)
class ScriptsTest {
  private ScriptBench bench;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    bench = new ScriptBench(folder);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void runsModulesWithTopLevelAwait() throws IOException {
    bench.write("lib/deep/value.js", "export const value = 41;");
    bench.write("lib/add.js", "import { value } from './deep/value.js'; export default (n) => value + n;");
    bench.write("console-scripts/shared.js", "export const shared = 'from the scripts folder';");
    int status = bench.run("""
        import add from './lib/add.js';
        import { sleep } from 'sallyport';
        import { shared } from 'console-scripts/shared.js';
        const before = Date.now();
        await sleep('50ms');
        const { value } = await import('./lib/deep/value.js');
        console.log(add(1), value, shared, Date.now() - before >= 49);
        """);
    assertEquals("", bench.err());
    assertEquals("42 41 from the scripts folder true\n", bench.out());
    assertEquals(0, status);
  }

  @Test
  void runsTimersInOrder() throws IOException {
    int status = bench.run("""
        const order = [];
        const cleared = setTimeout(() => order.push('never'), 5);
        clearTimeout(cleared);
        await new Promise((done) => {
          setTimeout(() => order.push('b'), 20);
          setTimeout((x) => order.push(x), 1, 'a');
          let n = 0;
          const every = setInterval(() => { if (++n === 3) { clearInterval(every); setTimeout(done, 30); } }, 2);
          queueMicrotask(() => order.push('micro'));
        });
        console.log(order.join(' '));
        """);
    assertEquals("micro a b\n", bench.out());
    assertEquals(0, status);
  }

  @Test
  void tellsFileLineAndColumnOfAnError() throws IOException {
    assertEquals(1, bench.run("await null;\nfunction f() {\n  undefined.x;\n}\nf();\n"));
    assertEquals("test.js:3:3: TypeError: Cannot read property 'x' of undefined\n", bench.err());
    assertEquals(1, bench.run("// nothing\n  throw new Error('just so');\n"));
    assertEquals("test.js:2:9: just so\n", bench.err());
    assertEquals(1, bench.run("throw 'text';\n"));
    assertEquals("test.js: the script threw text\n", bench.err());
    bench.write("lib.js", "export function broken() {\n  return nothing;\n}\n");
    assertEquals(1, bench.run("import { broken } from './lib.js';\nbroken();\n"));
    assertEquals("lib.js:2:10: ReferenceError: nothing is not defined\n", bench.err());
  }

  @Test
  void tellsTheLineThatWaitsForWhatFails() throws IOException {
    assertEquals(1,
        bench.run("import { Machine } from 'sallyport';\nawait null;\n\nawait Machine.create({ memry: 1 });\n"));
    assertEquals("test.js:4:7: unknown key 'memry' in a machine's description\n", bench.err());
    assertEquals(1,
        bench.run("import { Machine } from 'sallyport';\nconst vm = await Machine.create();\nvm.serial('com9');\n"));
    assertEquals("test.js:3:1: machine test has no device 'com9'; its devices are com1, acpi\n", bench.err());
  }

  @Test
  void showsFramesOnlyWhenDebugging() throws IOException {
    bench.write("deep.js", "function inner() { throw new Error('deep'); }\nfunction outer() { inner(); }\nouter();\n");
    assertEquals(1, bench.runFile("deep.js"));
    assertEquals("deep.js:1:26: deep\n", bench.err());
    assertEquals(1, bench.run("deep.js", true));
    assertEquals(
        "deep.js:1:26: deep\n    at inner (deep.js:1:26)\n    at outer (deep.js:2:20)\n    at module (deep.js:3:1)\n",
        bench.err());
  }

  @Test
  void tellsWhereSyntaxIsWrong() throws IOException {
    assertEquals(1, bench.run("const a = 1;\nconst b = ;\n"));
    assertEquals("test.js:2:11: SyntaxError: Expected an operand but found ;\n", bench.err());
    bench.write("wrong.js", "let x = {\n  y: 1,,\n};\n");
    assertEquals(1, bench.run("import './wrong.js';\n"));
    assertTrue(bench.err().startsWith("wrong.js:2:8: SyntaxError: "), bench.err());
    assertEquals(1, bench.err().lines().count());
    assertEquals(1, bench.run("\nimport { Nothing } from 'sallyport';\n"));
    assertEquals(
        "test.js:2:10: SyntaxError: The requested module 'sallyport' does not provide an export named 'Nothing'\n",
        bench.err());
  }

  @Test
  void tellsWhichImportIsMissing() throws IOException {
    assertEquals(1, bench.run("import 'sallyport';\nimport { a } from './not-there.js';\n"));
    assertTrue(bench.err().startsWith("test.js:2:"), bench.err());
    assertTrue(bench.err().contains("not-there.js"), bench.err());
    assertEquals(1, bench.err().lines().count());
  }

  @Test
  void failsOnAnErrorThatNobodyCatches() throws IOException {
    assertEquals(1,
        bench.run("setTimeout(() => { throw new Error('in a timer'); }, 1);\nawait new Promise(() => {});\n"));
    assertEquals("test.js:1:26: in a timer\n", bench.err());
    assertEquals(1,
        bench.run("Promise.reject(new Error('lost'));\nawait new Promise((done) => setTimeout(done, 1000));\n"));
    assertEquals("test.js:1:16: lost\n", bench.err());
    assertEquals(0, bench.run("const p = Promise.reject(new Error('x'));\np.catch(() => {});\nawait null;\n"));
  }

  @Test
  void seesThatAScriptWaitsForNothing() throws IOException {
    assertEquals(1, bench.run("await new Promise(() => {});\n"));
    assertEquals("test.js: the script waits for something that can never come\n", bench.err());
  }

  @Test
  void endsWithTheStatusOfExit() throws IOException {
    assertEquals(7, bench.run(
        "import { exit } from 'sallyport';\ntry { exit(7); } catch { console.log('caught'); }\nconsole.log('on');\n"));
    assertEquals("", bench.out());
    assertEquals("", bench.err());
    assertEquals(0,
        bench.run("import { exit } from 'sallyport';\nsetTimeout(() => exit(), 1);\nawait new Promise(() => {});\n"));
    assertEquals(1, bench.run("import { exit } from 'sallyport';\nexit(1000);\n"));
  }

  @Test
  void comparesInAssertions() throws IOException {
    assertEquals(1,
        bench.run("import { assert } from 'sallyport';\n\nassert.equal('hallo', 'hello', 'the greeting');\n"));
    assertEquals("test.js:3:1: assertion failed: the greeting\n  expected: 'hello'\n  actual:   'hallo'\n",
        bench.err());
    assertEquals(1, bench.run("import { assert } from 'sallyport';\nassert(0 > 1, 'more than one');\n"));
    assertTrue(bench.err().startsWith("test.js:2:1: assertion failed: more than one\n"), bench.err());
    assertEquals(0, bench.run("""
        import { assert } from 'sallyport';
        assert.equal({ a: [1, 2n, { b: new Set([1]) }] }, { a: [1, 2n, { b: new Set([1]) }] });
        assert.equal(new Uint8Array([1, 2]), new Uint8Array([1, 2]));
        assert.notEqual([1], ['1']);
        assert.notEqual({ a: 1, b: undefined }, { a: 1, c: undefined });
        assert.equal(assert.match('a 12 b', /\\d+/)[0], '12');
        assert.throws(() => { throw new Error('right'); }, /right/);
        await assert.rejects(async () => { throw new Error('right'); }, 'right');
        const wrong = assert.throws(() => assert.match('abc', /x/));
        assert.equal(wrong.actual, "'abc'");
        assert.throws(() => assert.throws(() => {}), /nothing was thrown/);
        """), bench::err);
  }

  @Test
  void readsDefinedArguments() throws IOException {
    bench.write("kernel", "");
    String script = """
        /*
         * Shows arguments.
         */
        import { defineArgs } from 'sallyport';
        const args = defineArgs({
          kernel: { help: 'what to boot', type: 'file' },
          memory: { help: 'RAM', type: 'size', default: '256M' },
          cpus: { help: 'processors', default: 1 },
          echo: { help: 'show', default: true },
          cpu: { choices: ['vmx', 'kvm'], default: 'vmx' },
          until: { type: 'regexp' },
        });
        console.log(args.kernel, args.memory, args.cpus, args.echo, args.cpu, args.until, args.timeout);
        """;
    assertEquals(0, bench.run(script), bench::err);
    assertEquals("undefined 268435456 1 true vmx undefined undefined\n", bench.out());
    assertEquals(0,
        bench.run(script, "kernel=kernel", "memory=1G", "cpus=4", "echo=off", "cpu=kvm", "until=^a|b=c", "timeout=20"));
    assertEquals(bench.folder.resolve("kernel") + " 1073741824 4 false kvm /^a|b=c/m 20000\n", bench.out());

    assertEquals(2, bench.run(script, "kernl=x"));
    String err = bench.err();
    assertAll(() -> assertTrue(err.startsWith("test.js: unknown argument 'kernl'; the arguments are\n"), err),
        () -> assertTrue(err.contains("  kernel=FILE       what to boot\n"), err),
        () -> assertTrue(err.contains("  memory=SIZE       RAM (default: 256M)\n"), err),
        () -> assertTrue(err.contains("  timeout=DURATION  "), err));
    assertEquals(2, bench.run(script, "kernel=missing"));
    assertEquals("test.js: kernel=missing: there is no such file, or it cannot be read\n", bench.err());
    assertEquals(2, bench.run(script, "memory=lots"));
    assertEquals("test.js: memory=lots: 'lots' is no size: write 64K, 256M or 1G\n", bench.err());
    assertEquals(2, bench.run(script, "cpu=z80"));
    assertEquals(2, bench.run(script, "cpus=many"));
    assertEquals(2, bench.run(script, "until=("));
    assertEquals(2, bench.run(script, "timeout=soon"));
    assertEquals(2, bench.run(script, "word"));
    assertEquals("test.js: 'word' is no argument: write name=value, or --help\n", bench.err());

    assertEquals(0, bench.run(script, "--help"));
    assertTrue(bench.out().startsWith("Shows arguments.\n\nArguments of test.js:\n  kernel=FILE "), bench.out());
    assertEquals(0, bench.run("// Says hello.\n// Twice.\nconsole.log('hello');\n", "--help"));
    assertEquals("Says hello.\nTwice.\n", bench.out());
    assertEquals(0, bench.run("import { args } from 'sallyport';\nconsole.log(args);\n", "a=1", "b=x=y"));
    assertEquals("{ a: '1', b: 'x=y' }\n", bench.out());
  }

  @Test
  void tellsWhatIsWrongWithTheFile() throws IOException {
    assertEquals(2, bench.runFile("nowhere.js"));
    assertEquals("sallyport: nowhere.js: no such file, or it cannot be read\n", bench.err());
    Files.createDirectories(bench.folder.resolve("folder"));
    assertEquals(2, bench.runFile("folder"));
    assertEquals("sallyport: folder: this is a folder, not a script\n", bench.err());
    assertEquals(2, bench.runFile(""));
    assertEquals("sallyport: the script's name is empty\n", bench.err());
    bench.write("console-scripts/shipped.js", "console.log('shipped');");
    assertEquals(0, bench.runFile("shipped.js"));
    assertEquals("shipped\n", bench.out());
  }

  @Test
  void endsScriptsThatTakeTooLong() throws IOException {
    assertEquals(3, bench.run("for (;;) {}\n", "timeout=300ms"));
    assertEquals("test.js: time-out: the script did not end within 300ms\n", bench.err());
    assertEquals(3, bench.run("import { sleep } from 'sallyport';\nawait sleep('1h');\n", "timeout=0.3"));
    assertEquals("test.js: time-out: the script did not end within 300ms\n", bench.err());
    assertEquals(3, bench.run("import { TimeoutError } from 'sallyport';\nthrow new TimeoutError('too late');\n"));
    assertEquals("test.js:2:7: too late\n", bench.err());
    assertEquals(3, bench.run("""
        import { defineArgs, sleep } from 'sallyport';
        defineArgs({ timeout: { default: '200ms' } });
        await sleep('1h');
        """));
  }

  @Test
  void letsItselfBeInterrupted() throws Exception {
    for (String text : new String[]{"console.log('on');\nfor (;;) {}\n",
        "console.log('second');\nawait new Promise((d) => setTimeout(d, 1e6));\n"}) {
      CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> {
        try {
          return bench.run(text);
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      });
      await(() -> bench.out().contains(text.contains("second") ? "second" : "on"));
      bench.scripts.interrupt();
      assertEquals(130, status.get(20, TimeUnit.SECONDS));
      assertEquals("test.js: interrupted\n", bench.err());
    }
  }

  @Test
  void stopsWhenTheCallingThreadIsInterrupted() throws Exception {
    int[] status = new int[1];
    Thread caller = Thread.ofPlatform().start(() -> {
      try {
        status[0] = bench.run("console.log('on');\nfor (;;) {}\n");
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
    await(() -> bench.out().contains("on"));
    caller.interrupt();
    caller.join(20_000);
    assertEquals(130, status[0]);
  }

  @Test
  void printsValuesAsAProgrammerWritesThem() throws IOException {
    assertEquals(0, bench.run(
        """
            class Point { constructor() { this.x = 1; } }
            console.log({ a: 1, 'b-c': [1, 'two', 3n, null, undefined] }, new Map([['k', { v: 1 }]]), new Set([1]));
            console.log(new Uint8Array([1, 2]), new Point(), [], {}, () => 1, class A {}, new Error('bad'), /x/g, -0, "it's");
            console.log('%s has %d of %i, %o%%', 'it', 1.5, 2.7, { a: 1 }, 'rest');
            const circle = { name: 'o' }; circle.self = circle;
            console.log(circle);
            console.error('to the errors');
            """));
    assertEquals("""
        { a: 1, 'b-c': [1, 'two', 3n, null, undefined] } Map(1) { 'k' => { v: 1 } } Set(1) { 1 }
        Uint8Array(2) [1, 2] Point { x: 1 } [] {} [function (anonymous)] [class A] Error: bad /x/g -0 it's
        it has 1.5 of 2, { a: 1 }% rest
        { name: 'o', self: [circular] }
        """, bench.out());
    assertEquals("to the errors\n", bench.err());
  }

  @Test
  void givesNoWayOut() throws IOException {
    Path outside = Files.createTempFile("outside", ".js");
    Files.writeString(outside, "export const secret = 1;");
    Files.createSymbolicLink(bench.folder.resolve("link.js"), outside);
    try {
      assertEquals(0,
          bench.run(
              """
                  import { assert, Machine } from 'sallyport';
                  for (const name of ['Java', 'Polyglot', 'Packages', 'java', 'load', 'print', 'Graal', '__host', 'read', 'quit', 'process']) {
                    assert.equal(typeof globalThis[name], 'undefined', name);
                  }
                  const outside = '%s';
                  await assert.rejects(() => import(outside), /./);
                  await assert.rejects(() => import('file://' + outside), /./);
                  await assert.rejects(() => import('./link.js'), /./);
                  await assert.rejects(() => import('/etc/passwd'), /./);
                  await assert.rejects(() => import('../../../../../../../../etc/hostname'), /./);
                  await assert.rejects(() => import('https://example.org/x.js'), /./);

                  // The Java objects behind the interface, if somebody gets hold of one, have no other methods than those meant for scripts.
                  const { host } = await import('/sallyport:/host.js');
                  for (const name of ['getClass', 'class', 'hashCode', 'wait', 'notify', 'script']) {
                    assert.equal(host[name], undefined, name);
                  }
                  assert.throws(() => host.getClass(), /./);
                  const vm = await Machine.create();
                  assert.equal(host.machine('test').machine, undefined);
                  assert.throws(() => new Machine(), /Machine.create/);
                  assert.throws(() => new Function('return Java')().type('java.lang.System'), /./);
                  """
                  .formatted(outside)),
          bench::err);
    } finally {
      Files.delete(outside);
    }
  }

  @Test
  void runsSeveralScriptsAtOnce() throws Exception {
    bench.write("one.js", "import { sleep, args } from 'sallyport';\nawait sleep(300);\nconsole.log(args.n);\n");
    var runs = java.util.stream.IntStream.range(0, 4).mapToObj(n -> CompletableFuture.supplyAsync(
        () -> bench.scripts.run(Path.of("one.js"), java.util.List.of("n=" + n), new java.io.ByteArrayOutputStream(),
            new java.io.ByteArrayOutputStream(), false)))
        .toList();
    for (var run : runs) {
      assertEquals(0, run.get(30, TimeUnit.SECONDS));
    }
    assertFalse(
        Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals("script-one.js")));
  }

  /** Waits for something that another thread brings about. */
  static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > patience) {
        throw new AssertionError("it did not happen within 30 s");
      }
      Thread.sleep(10);
    }
  }
}
