package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a script's arguments name, and no others. */
class FilesTest {
  private ScriptBench bench;
  private Path outside;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    bench = new ScriptBench(folder.resolve("work").toFile().mkdir() ? folder.resolve("work") : folder);
    outside = Files.writeString(folder.toRealPath().resolve("outside.txt"), "secret");
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private static String script(String body) {
    return """
        import { assert, defineArgs } from 'sallyport';
        const { dir, out, log } = defineArgs({
          dir: { type: 'directory' }, out: { type: 'output' }, log: { type: 'output-directory' },
        });
        """ + body;
  }

  @Test
  void readsBelowADirectory() throws IOException {
    bench.write("data/tests.cfg", "one = 1\n\u00e4\n");
    bench.write("data/sub/b.bin", "b");
    bench.write("data/a.bin", "a");
    assertEquals(0, bench.run(script("""
        assert.equal(dir.list(), ['a.bin', 'sub/', 'tests.cfg']);
        assert.equal(dir.list('sub'), ['b.bin']);
        assert.equal(dir.read('tests.cfg'), 'one = 1\\n\u00e4\\n');
        assert(dir.has('sub/b.bin') && !dir.has('sub') && !dir.has('c.bin'));
        console.log(`${dir}`, dir.path, dir.file('sub/../a.bin'));
        """), "dir=data"), bench::err);
    Path data = bench.folder.resolve("data");
    assertEquals(data + " " + data + " " + data.resolve("a.bin") + "\n", bench.out());
  }

  @Test
  void nothingLeadsOutOfADirectory() throws IOException {
    bench.write("data/inside", "x");
    Files.createSymbolicLink(bench.folder.resolve("data/link"), outside);
    Files.createSymbolicLink(bench.folder.resolve("data/up"), outside.getParent());
    assertEquals(0, bench.run(script("""
        for (const name of ['../../outside.txt', '/etc/passwd', 'link', 'up/outside.txt']) {
          assert.throws(() => dir.read(name), /leads out of/, name);
          assert.throws(() => dir.file(name), /leads out of/, name);
          assert(!dir.has(name), name);
        }
        assert.throws(() => dir.list('..'), /leads out of/);
        assert.throws(() => dir.read('missing'), /data\\/missing: there is no such file/);
        assert.throws(() => dir.list('inside'), /inside: it is no folder/);
        assert.throws(() => log.write('../x', ''), /leads out of/);
        assert.throws(() => log.write('link', ''), /leads out of/);
        assert.throws(() => log.write('up/x', ''), /leads out of/);
        """), "dir=data", "log=data"), bench::err);
    assertEquals("secret", Files.readString(outside));
    assertFalse(Files.exists(outside.resolveSibling("x")));
  }

  @Test
  void writesWhatIsNamed() throws IOException {
    assertEquals(0, bench.run(script("""
        out.write('first');
        out.write('second');
        console.log(out.path, log.write('deep/er/one.log', 'line\\n'));
        """), "out=result.xml", "log=logs/today"), bench::err);
    Path written = bench.folder.resolve("logs/today/deep/er/one.log");
    assertEquals(bench.folder.resolve("result.xml") + " " + written + "\n", bench.out());
    assertEquals("second", Files.readString(bench.folder.resolve("result.xml")));
    assertEquals("line\n", Files.readString(written));
  }

  @Test
  void wrongArguments() throws IOException {
    bench.write("file", "");
    String script = script("");
    assertEquals(0, bench.run(script));
    assertEquals(2, bench.run(script, "dir=file"));
    assertEquals("test.js: dir=file: there is no such folder, or it cannot be read\n", bench.err());
    assertEquals(2, bench.run(script, "out=missing/result.xml"));
    assertEquals("test.js: out=missing/result.xml: this is no file that can be written\n", bench.err());
    assertEquals(2, bench.run(script, "log=file"));
    assertEquals("test.js: log=file: this is no folder that can be written into\n", bench.err());
    assertEquals(0, bench.run(script, "--help"));
    assertTrue(bench.out().contains("  dir=DIR "), bench.out());
  }

  @Test
  void onlyArgumentsGrantAccess() throws IOException {
    assertEquals(1, bench.run("""
        import { defineArgs } from 'sallyport';
        defineArgs({ dir: { type: 'directory', default: '/' } });
        """));
    assertTrue(bench.err().contains("dir gives access to files"), bench.err());
    assertEquals(0, bench.run("""
        import { assert } from 'sallyport';
        const { host } = await import('/sallyport:/host.js');
        const { directory } = await import('/sallyport:/files.js');
        for (const name of ['/', '..', '']) {
          assert.throws(() => host.files().folder(name), /no argument of the script names it/);
          assert.throws(() => host.files().outputFolder(name), /no argument of the script names it/);
          assert.throws(() => host.files().outputFile(name + '/x'), /no argument of the script names it/);
          assert.throws(() => directory(name), /no argument of the script names it/);
        }
        """, "dir=here"), bench::err);
  }
}
