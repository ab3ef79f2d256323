package org.sallyport.loaders.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.sallyport.loaders.cpio.CpioInitramfs;

/**
 * An initial RAM file system for Linux under construction: files, folders, links and device nodes, written as a cpio
 * archive of the "newc" kind (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * <p>Paths are those in the guest, with or without a slash in front; missing parents are made with mode 0755. All
 * belongs to root and has the time stamp 0, so that the same calls always give the same bytes. Every method that adds
 * returns this object. Wrong arguments (a path twice, an empty or a {@code ..} component, a mode outside 0 to 07777)
 * are an {@link IllegalArgumentException} that names the path. Not thread-safe.
 */
public interface Initramfs {
  /** What a device node stands for. */
  enum NodeType {
    CHARACTER,
    BLOCK
  }

  /** A new, empty one. */
  static Initramfs create() {
    return new CpioInitramfs();
  }

  /**
   * A folder. One that was made as a missing parent gets this mode.
   *
   * @param mode permission bits, 0 to 07777
   */
  Initramfs directory(String path, int mode);

  /** A file with this content, which is not copied and must not change. */
  Initramfs file(String path, int mode, byte[] content);

  /** A file with this content in UTF-8. */
  Initramfs file(String path, int mode, String content);

  /**
   * A file with the content of a file of the host, which is read now.
   *
   * @throws IOException when it cannot be read; the message names it
   */
  Initramfs copy(String path, int mode, Path from) throws IOException;

  /** A symbolic link to {@code target}, which need not exist. */
  Initramfs symlink(String path, String target);

  /** A device node: {@code node("dev/console", CHARACTER, 0600, 5, 1)}. */
  Initramfs node(String path, NodeType type, int mode, int major, int minor);

  /** Writes the archive as it is; Linux takes it like this, too. The stream stays open. */
  void write(OutputStream out) throws IOException;

  /** Writes the archive compressed by gzip. The stream stays open. */
  void writeGzip(OutputStream out) throws IOException;
}
