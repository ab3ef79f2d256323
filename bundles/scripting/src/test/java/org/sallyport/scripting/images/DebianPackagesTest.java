package org.sallyport.scripting.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching packages, against tools of the test's own: they behave like Debian's on an archive of one file. */
class DebianPackagesTest {
  @TempDir Path folder;

  private final List<String> progress = new ArrayList<>();
  private DebianPackages packages;
  private Path deb;

  @BeforeEach
  void makeTools() throws Exception {
    // The "package" is a plain tar archive; dpkg-deb only hands it on.
    Path content = Files.createDirectories(folder.resolve("content/boot"));
    Files.writeString(content.resolve("vmlinuz-6.1"), "kernel");
    Files.writeString(content.resolve("System.map-6.1"), "map");
    deb = folder.resolve("package.tar");
    assertEquals(0,
        new ProcessBuilder("tar", "-cf", deb.toString(), "-C", folder.resolve("content").toString(), "./boot").start()
            .waitFor());
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(deb)));
    Files.writeString(folder.resolve("linux-image-6.1"), """
        Package: linux-image-6.1
        Version: 1:6.1.2-3
        Architecture: amd64
        Size: %d
        Description-en: Linux
        SHA256: %s
        """.formatted(Files.size(deb), sha256));
    Files.writeString(folder.resolve("linux-image-amd64"), """
        Package: linux-image-amd64
        Version: 6.1.2-3
        Architecture: amd64
        Size: 1000
        Description: Linux for 64-bit PCs (meta-package)
        SHA256: 00
        """);
    tool("apt-cache", """
        if [ "$1" = show ]; then [ -f "$3" ] && cat "$3" || { echo "N: Unable to locate package $3" >&2; exit 100; }; fi
        if [ "$1" = depends ]; then printf '%s\\n  Depends: kmod\\n  Depends: linux-image-6.1\\n' "$3"; fi
        """);
    tool("apt-get", """
        echo "$2 $3" >> calls
        if [ "$2" = download ]; then cp package.tar "$OLDPWD/linux-image-6.1_6.1.2-3_amd64.deb"; fi
        if [ "$2" = update ]; then [ -f hidden ] && mv hidden linux-image-6.1 || true; fi
        """);
    tool("dpkg-deb", "cat \"$2\"\n");
    packages = make();
  }

  private DebianPackages make() {
    return new DebianPackages(folder.resolve("cache"), progress::add,
        tool -> tool.equals("tar") ? tool : folder.resolve("tools").resolve(tool).toString());
  }

  private void tool(String name, String body) throws IOException {
    Path file = Files.createDirectories(folder.resolve("tools")).resolve(name);
    Files.writeString(file, "#!/bin/sh\ncd '" + folder + "' || exit 1\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  @Test
  void fetchesChecksAndKeeps() throws IOException {
    Path kernel = packages.file("linux-image-6.1", "boot/vmlinuz-*");
    assertEquals("kernel", Files.readString(kernel));
    assertTrue(kernel.startsWith(folder.resolve("cache")));
    assertEquals(List.of("download linux-image-6.1=1:6.1.2-3"), calls());
    assertEquals(1, progress.size());
    assertTrue(progress.getFirst().startsWith("fetching Debian package linux-image-6.1 1:6.1.2-3 ("),
        progress.getFirst());

    assertEquals(kernel, packages.file("linux-image-6.1", "boot/vmlinuz-*"), "from the cache");
    assertEquals(1, calls().size());
    Path map = packages.file("linux-image-6.1", "boot/System.map-6.1");
    assertEquals("map", Files.readString(map), "another file of the same package");
    assertTrue(Files.exists(kernel));
  }

  @Test
  void followsMetaPackages() throws IOException {
    assertEquals("kernel", Files.readString(packages.file("linux-image-amd64", "boot/vmlinuz-*")));
    assertEquals(List.of("download linux-image-6.1=1:6.1.2-3"), calls());
  }

  @Test
  void updatesTheIndexOnce() throws IOException {
    Files.move(folder.resolve("linux-image-6.1"), folder.resolve("hidden"));
    assertEquals("kernel", Files.readString(packages.file("linux-image-6.1", "boot/vmlinuz-*")));
    assertEquals("update ", calls().getFirst());
    assertEquals(2, calls().size());
  }

  @Test
  void refusesADamagedPackage() throws IOException {
    Files.writeString(deb, "damaged");
    IOException error = assertThrows(IOException.class, () -> packages.file("linux-image-6.1", "boot/vmlinuz-*"));
    assertTrue(error.getMessage().startsWith("the Debian package linux-image-6.1 came damaged: its SHA-256 is "),
        error.getMessage());
    try (var files = Files.walk(folder.resolve("cache"))) {
      assertFalse(files.anyMatch(Files::isRegularFile), "nothing of it is kept");
    }
  }

  @Test
  void saysWhatToDoInstead() throws IOException {
    IOException error = assertThrows(IOException.class, () -> packages.file("no-such-package", "x"));
    assertEquals(
        "there is no Debian package no-such-package to be had; pass the files yourself instead, for instance kernel=FILE initrd=FILE",
        error.getMessage());
    error = assertThrows(IOException.class, () -> packages.file("linux-image-6.1", "boot/nothing"));
    assertTrue(error.getMessage().startsWith("Debian's package linux-image-6.1 has no file boot/nothing; "),
        error.getMessage());
    DebianPackages elsewhere = new DebianPackages(folder.resolve("cache2"), progress::add, tool -> "/nowhere/" + tool);
    error = assertThrows(IOException.class, () -> elsewhere.file("linux-image-6.1", "boot/vmlinuz-*"));
    assertTrue(error.getMessage().startsWith("there is no /nowhere/apt-cache here"), error.getMessage());
    assertTrue(error.getMessage().contains("kernel=FILE"), error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> packages.file("-o Dir=/", "x"));
    assertThrows(IllegalArgumentException.class, () -> packages.file("busybox", "../../etc/passwd"));
  }

  @Test
  void usesWhatItHasWhenTheIndexIsGone() throws IOException {
    Path kernel = packages.file("linux-image-amd64", "boot/vmlinuz-*");
    Files.delete(folder.resolve("linux-image-amd64"));
    assertEquals(kernel, make().file("linux-image-amd64", "boot/vmlinuz-*"));
    assertTrue(progress.getLast().startsWith("using the cached vmlinuz-6.1 of package linux-image-amd64"),
        progress.getLast());
  }
}
