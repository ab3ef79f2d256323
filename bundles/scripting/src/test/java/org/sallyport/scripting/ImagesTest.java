package org.sallyport.scripting;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Module 'sallyport/images'. */
class ImagesTest {
  @Test
  void buildsRamDisks(@TempDir Path folder) throws IOException {
    try (ScriptBench bench = new ScriptBench(folder)) {
      bench.write("host.bin", "content of the host's file");
      String script = """
          import { initramfs, hostFile } from 'sallyport/images';
          console.log(await initramfs({ entries: {
            'init': '#!/bin/sh\\necho up\\n',
            'etc/text': { text: 'plain', mode: 0o600 },
            'bin/tool': { file: hostFile('host.bin', import.meta.url), mode: 0o755 },
            'bin/sh': { link: 'tool' },
            'dev/console': { device: 'c 5:1' },
            'raw': { bytes: [0x52, 0x41, 0x57, 0xff] },
            'proc': {},
          }}));
          """;
      assertEquals(0, bench.run(script), bench::err);
      Path disk = Path.of(bench.out().strip());
      assertTrue(disk.startsWith(bench.folder.resolve("cache")), disk.toString());
      String archive;
      try (InputStream in = new GZIPInputStream(Files.newInputStream(disk))) {
        archive = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      }
      assertTrue(archive.startsWith("070701"), "newc");
      for (String part : new String[]{"#!/bin/sh\necho up\n", "plain", "content of the host's file", "RAW\u00ff",
          "TRAILER!!!", "proc\0"}) {
        assertTrue(archive.contains(part), part);
      }
      assertTrue(archive.contains("000081ed"), "init is a program: mode 100755");
      assertTrue(archive.contains("00008180"), "mode 100600");
      assertEquals(0, bench.run(script), bench::err);
      assertEquals(disk, Path.of(bench.out().strip()), "the same content is the same file");
    }
  }

  @Test
  void keepsDataForWhatTakesFiles(@TempDir Path folder) throws IOException {
    try (ScriptBench bench = new ScriptBench(folder)) {
      String script = """
          import { dataFile } from 'sallyport/images';
          console.log(await dataFile('NAME=value\\n'));
          console.log(await dataFile([0, 255]));
          """;
      assertEquals(0, bench.run(script), bench::err);
      Path[] files = bench.out().lines().map(Path::of).toArray(Path[]::new);
      assertEquals("NAME=value\n", Files.readString(files[0]));
      assertArrayEquals(new byte[]{0, -1}, Files.readAllBytes(files[1]));
      assertTrue(files[0].startsWith(bench.folder.resolve("cache")), files[0].toString());
      String before = bench.out();
      assertEquals(0, bench.run(script), bench::err);
      assertEquals(before, bench.out(), "the same content is the same file");
    }
  }

  @Test
  void tellsWhatIsWrong(@TempDir Path folder) throws IOException {
    try (ScriptBench bench = new ScriptBench(folder)) {
      assertEquals(1,
          bench.run("import { hostFile } from 'sallyport/images';\nhostFile('../guest.elf', import.meta.url);\n"));
      assertTrue(bench.err().matches("test.js:2:1: there is no file .*/guest.elf, or it cannot be read\n"),
          bench.err());
      assertEquals(1, bench.run(
          "import { initramfs } from 'sallyport/images';\nawait initramfs({ entries: { a: { file: 'no' } } });\n"));
      assertTrue(bench.err().startsWith("test.js:2:7: initramfs: a: there is no file "), bench.err());
      assertEquals(1, bench.run(
          "import { initramfs } from 'sallyport/images';\nawait initramfs({ entries: { a: { device: 'x' } } });\n"));
      assertTrue(bench.err().startsWith("test.js:2:7: initramfs: a: 'x' is no device"), bench.err());
      assertEquals(1,
          bench.run("import { debianPackage } from 'sallyport/images';\nawait debianPackage('../x', 'y');\n"));
      assertTrue(bench.err().startsWith("test.js:2:7: debianPackage('../x', 'y') names no package"), bench.err());
    }
  }
}
