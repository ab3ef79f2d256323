package org.sallyport.loaders;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.LoadException;
import org.sallyport.api.memory.GuestMemory;

/**
 * A file that goes into a guest's memory, with the words for what is wrong with it.
 *
 * @param path where it is
 * @param role what it is for, which is also the setting that names it: {@code kernel}, {@code initrd}, {@code module}
 * @param size in bytes
 */
record ImageFile(Path path, String role, long size) {
  private static final int CHUNK = 1 << 20;

  /** Kernels are read as a whole; nothing that a PC boots directly is larger. */
  private static final long LARGEST_KERNEL = 1L << 30;

  /** Finds a file and makes sure that it can be read. */
  static ImageFile open(Path path, String role) throws LoadException {
    try {
      if (Files.isDirectory(path)) {
        throw new LoadException(path + ": is a directory; give the file itself with " + role + "=FILE");
      }
      if (Files.exists(path) && !Files.isReadable(path)) {
        throw denied(path, role);
      }
      return new ImageFile(path, role, Files.size(path));
    } catch (IOException e) {
      throw unreadable(path, role, e);
    }
  }

  /** The kernel that a source names. */
  static ImageFile kernel(BootSource source) throws LoadException {
    if (source.kernel().isEmpty()) {
      throw new LoadException("no kernel is given: kernel=FILE");
    }
    return open(source.kernel().get(), "kernel");
  }

  /** All of the file, as a little-endian buffer. */
  ByteBuffer content() throws LoadException {
    if (size > LARGEST_KERNEL) {
      throw problem("is " + mebibytes(size) + " MiB long, too large for a " + role + "; is it a disk image?");
    }
    try {
      return ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw unreadable(path, role, e);
    }
  }

  /** Copies all of the file into guest memory. */
  void copyTo(GuestMemory memory, long address) throws LoadException {
    byte[] chunk = new byte[Math.clamp(size, 1, CHUNK)];
    try (InputStream in = Files.newInputStream(path)) {
      long done = 0;
      while (done < size) {
        int count = in.readNBytes(chunk, 0, (int) Math.min(chunk.length, size - done));
        if (count == 0) {
          throw problem("became shorter while it was read; start again");
        }
        memory.write(address + done, chunk, 0, count);
        done += count;
      }
    } catch (IOException e) {
      throw unreadable(path, role, e);
    }
  }

  /** The name without the folders: what a guest is told, so that it does not depend on where the file lies. */
  String name() {
    Path name = path.getFileName();
    return name == null ? path.toString() : name.toString();
  }

  /** An error about this file. */
  LoadException problem(String message) {
    return new LoadException(path + ": " + message);
  }

  /** The error for a machine that is too small: with {@code needed} bytes of RAM the file would fit. */
  LoadException tooLittleMemory(long needed, GuestMemory memory) {
    long mebibytes = mebibytes(needed);
    return problem(
        "the " + role + " needs " + mebibytes + " MiB, the machine has " + (memory.ramSize() >> 20) + " MiB: memory="
            + mebibytes + "M or more");
  }

  /** Whole MiB, rounded up. */
  static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  /** A guest's string: UTF-8 with a NUL behind it. */
  static byte[] cString(String text) {
    return (text + '\0').getBytes(StandardCharsets.UTF_8);
  }

  private static LoadException unreadable(Path path, String role, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new LoadException(path + ": no such file; give the path of one with " + role + "=FILE", e);
    }
    if (e instanceof AccessDeniedException) {
      return denied(path, role);
    }
    return new LoadException(
        path + ": cannot be read (" + e.getMessage() + "); give another file with " + role + "=FILE", e);
  }

  private static LoadException denied(Path path, String role) {
    return new LoadException(
        path + ": permission to read is denied; change it, or give a readable copy with " + role + "=FILE");
  }
}
