package org.sallyport.scripting.images;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.sallyport.loaders.image.Initramfs;

/**
 * A RAM disk under construction, written to a cache under the name of its content: the same entries give the same file.
 */
public final class RamDisks {
  private static final int FOLDER = 0755;
  private static final int PROGRAM = 0755;
  private static final int FILE = 0644;
  private static final int NODE = 0600;

  private final Path cache;
  private final Initramfs archive = Initramfs.create();

  /**
   * @param cache the folder for the files; made when it is needed
   */
  public RamDisks(Path cache) {
    this.cache = cache;
  }

  /**
   * A text file.
   *
   * @param mode permission bits; -1 for those of a program when the text begins with {@code #!}, else of a plain file
   */
  public void text(String path, String text, int mode) {
    archive.file(path, mode >= 0 ? mode : text.startsWith("#!") ? PROGRAM : FILE, text);
  }

  public void bytes(String path, byte[] bytes, int mode) {
    archive.file(path, mode >= 0 ? mode : FILE, bytes);
  }

  /** A copy of a host's file; without a mode it is a program if it is one here. */
  public void file(String path, Path from, int mode) throws IOException {
    if (!Files.isRegularFile(from)) {
      throw new IOException(path + ": there is no file " + from);
    }
    archive.copy(path, mode >= 0 ? mode : Files.isExecutable(from) ? PROGRAM : FILE, from);
  }

  public void link(String path, String target) {
    archive.symlink(path, target);
  }

  public void directory(String path, int mode) {
    archive.directory(path, mode >= 0 ? mode : FOLDER);
  }

  /**
   * A device node.
   *
   * @param device {@code c MAJOR:MINOR} or {@code b MAJOR:MINOR}
   */
  public void device(String path, String device, int mode) {
    if (!device.matches("[cb] \\d+:\\d+")) {
      throw new IllegalArgumentException(path + ": '" + device + "' is no device: write 'c 5:1' or 'b 8:0'");
    }
    String[] numbers = device.substring(2).split(":");
    archive.node(path, device.charAt(0) == 'c' ? Initramfs.NodeType.CHARACTER : Initramfs.NodeType.BLOCK,
        mode >= 0 ? mode : NODE,
        Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
  }

  /** Writes the archive; returns the file. */
  public Path write() throws IOException {
    Files.createDirectories(cache);
    MessageDigest digest = sha256();
    Path draft = Files.createTempFile(cache, "draft", ".tmp");
    try {
      try (OutputStream out = new DigestOutputStream(Files.newOutputStream(draft), digest)) {
        archive.writeGzip(out);
      }
      Path result = cache.resolve(HexFormat.of().formatHex(digest.digest(), 0, 12) + ".cpio.gz");
      move(draft, result);
      return result;
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Puts a finished file in its place, so that nobody ever sees half of it. */
  static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
