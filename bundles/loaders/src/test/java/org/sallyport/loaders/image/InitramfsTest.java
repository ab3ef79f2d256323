package org.sallyport.loaders.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.loaders.image.Initramfs.NodeType;

class InitramfsTest {
  @TempDir Path folder;

  /** One line per entry, read by the format's own rules: every header and every content begins at a multiple of 4. */
  private static List<String> list(byte[] archive) {
    List<String> lines = new ArrayList<>();
    int at = 0;
    while (true) {
      assertEquals("070701", new String(archive, at, 6, StandardCharsets.US_ASCII));
      int[] field = new int[13];
      for (int i = 0; i < 13; i++) {
        field[i] = Integer.parseUnsignedInt(new String(archive, at + 6 + 8 * i, 8, StandardCharsets.US_ASCII), 16);
      }
      String name = new String(archive, at + 110, field[11] - 1, StandardCharsets.UTF_8);
      assertEquals(0, archive[at + 110 + field[11] - 1]);
      at = at + 110 + field[11] + 3 & ~3;
      String content = new String(archive, at, field[6], StandardCharsets.UTF_8);
      at = at + field[6] + 3 & ~3;
      if (name.equals("TRAILER!!!")) {
        assertEquals(archive.length, at);
        return lines;
      }
      assertEquals(0, field[2] | field[3] | field[5], "owner and time");
      lines.add(String.format("%o %d,%d %s %s", field[1], field[9], field[10], name, content).strip());
    }
  }

  private static byte[] bytes(Initramfs initramfs) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    initramfs.write(out);
    return out.toByteArray();
  }

  private Initramfs example() throws IOException {
    Path busybox = Files.write(folder.resolve("busybox"), new byte[]{'b', 'b'});
    return Initramfs.create().copy("/bin/busybox", 0755, busybox).symlink("/bin/sh", "busybox").directory("bin", 0700)
        .file("init", 0755, "#!/bin/sh\n").node("/dev/console", NodeType.CHARACTER, 0600, 5, 1)
        .node("/dev/vda", NodeType.BLOCK, 0660, 254, 0).directory("/a/b/c", 0755).file("/ä", 0644, "é");
  }

  @Test
  void writesEveryKindOfEntryParentsFirst() throws IOException {
    assertEquals(
        List.of("40700 0,0 bin", "100755 0,0 bin/busybox bb", "120777 0,0 bin/sh busybox", "100755 0,0 init #!/bin/sh",
            "40755 0,0 dev", "20600 5,1 dev/console", "60660 254,0 dev/vda", "40755 0,0 a", "40755 0,0 a/b",
            "40755 0,0 a/b/c",
            "100644 0,0 ä é"),
        list(bytes(example())));
  }

  @Test
  void gzipHoldsTheSameAndIsTheSameEachTime() throws IOException {
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    example().writeGzip(first);
    ByteArrayOutputStream second = new ByteArrayOutputStream();
    example().writeGzip(second);
    assertArrayEquals(first.toByteArray(), second.toByteArray());
    byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(first.toByteArray())).readAllBytes();
    assertArrayEquals(bytes(example()), unpacked);
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    Initramfs subject = example();
    byte[] before = bytes(subject);
    for (String path : Arrays.asList("", "/", "a//b", "../x", "a/./b", "a/", "x\0y")) {
      assertThrows(IllegalArgumentException.class, () -> subject.file(path, 0644, "x"), path);
    }
    IllegalArgumentException twice =
        assertThrows(IllegalArgumentException.class, () -> subject.file("/init", 0644, "x"));
    assertTrue(twice.getMessage().contains("/init"));
    assertThrows(IllegalArgumentException.class, () -> subject.directory("/bin", 0755), "given twice");
    assertThrows(IllegalArgumentException.class, () -> subject.file("/init/x", 0644, "x"), "below a file");
    assertThrows(IllegalArgumentException.class, () -> subject.file("/y", 010000, "x"));
    assertThrows(IllegalArgumentException.class, () -> subject.symlink("/z", ""));
    IOException missing = assertThrows(IOException.class, () -> subject.copy("/m", 0644, folder.resolve("missing")));
    assertTrue(missing.getMessage().contains("missing: no such file"), missing.getMessage());
    assertArrayEquals(before, bytes(subject), "nothing was added");
  }
}
