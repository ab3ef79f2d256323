package org.sallyport.loaders.cpio;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.sallyport.loaders.image.Initramfs;

/**
 * {@link Initramfs} as a cpio archive of the "newc" kind; entries keep the order in which they were added, parents
 * first.
 */
public final class CpioInitramfs implements Initramfs {
  // File types of the mode field (POSIX, "pax", octet-oriented cpio interchange format).
  // @formatter:off
  private static final int C_ISCHR = 0020000;
  private static final int C_ISDIR = 0040000;
  private static final int C_ISBLK = 0060000;
  private static final int C_ISREG = 0100000;
  private static final int C_ISLNK = 0120000;
  // @formatter:on

  private static final int LARGEST_MODE = 07777;
  private static final int PARENT_MODE = 0755;
  private static final byte[] NOTHING = {};

  /** @param implied whether it is there only as the parent of another */
  private record Entry(int mode, byte[] content, int major, int minor, boolean implied) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  @Override
  public Initramfs directory(String path, int mode) {
    return add(path, new Entry(C_ISDIR | checked(path, mode), NOTHING, 0, 0, false));
  }

  @Override
  public Initramfs file(String path, int mode, byte[] content) {
    return add(path, new Entry(C_ISREG | checked(path, mode), content, 0, 0, false));
  }

  @Override
  public Initramfs file(String path, int mode, String content) {
    return file(path, mode, content.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Initramfs copy(String path, int mode, Path from) throws IOException {
    byte[] content;
    try {
      content = Files.readAllBytes(from);
    } catch (NoSuchFileException e) {
      throw new IOException(from + ": no such file, wanted for " + path + " in the initramfs", e);
    }
    return file(path, mode, content);
  }

  @Override
  public Initramfs symlink(String path, String target) {
    if (target.isEmpty()) {
      throw new IllegalArgumentException(path + ": a symbolic link needs a target");
    }
    return add(path, new Entry(C_ISLNK | 0777, target.getBytes(StandardCharsets.UTF_8), 0, 0, false));
  }

  @Override
  public Initramfs node(String path, NodeType type, int mode, int major, int minor) {
    int kind = switch (type) {
      case CHARACTER -> C_ISCHR;
      case BLOCK -> C_ISBLK;
    };
    return add(path, new Entry(kind | checked(path, mode), NOTHING, major, minor, false));
  }

  @Override
  public void write(OutputStream out) throws IOException {
    NewcWriter writer = new NewcWriter(out);
    for (Map.Entry<String, Entry> named : entries.entrySet()) {
      Entry entry = named.getValue();
      writer.entry(named.getKey(), entry.mode, entry.major, entry.minor, entry.content);
    }
    writer.trailer();
    out.flush();
  }

  @Override
  public void writeGzip(OutputStream out) throws IOException {
    GZIPOutputStream gzip = new GZIPOutputStream(out);
    write(gzip);
    gzip.finish();
  }

  private Initramfs add(String path, Entry entry) {
    String name = normal(path);
    int slash = name.lastIndexOf('/');
    if (slash > 0) {
      addParent(name.substring(0, slash), path);
    }
    Entry old = entries.get(name);
    if (old != null && !(old.implied && isDirectory(entry))) {
      throw new IllegalArgumentException(path + ": is in the initramfs already");
    }
    entries.put(name, entry);
    return this;
  }

  private void addParent(String name, String child) {
    Entry there = entries.get(name);
    if (there == null) {
      add(name, new Entry(C_ISDIR | PARENT_MODE, NOTHING, 0, 0, true));
    } else if (!isDirectory(there)) {
      throw new IllegalArgumentException(child + ": /" + name + " is no directory");
    }
  }

  private static boolean isDirectory(Entry entry) {
    return (entry.mode & 0170000) == C_ISDIR;
  }

  private static String normal(String path) {
    String name = path.startsWith("/") ? path.substring(1) : path;
    for (String component : name.split("/", -1)) {
      if (component.isEmpty() || component.equals(".") || component.equals("..") || component.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("\"" + path + "\": not a path in an initramfs; write it like /etc/passwd");
      }
    }
    return name;
  }

  private static int checked(String path, int mode) {
    if (mode < 0 || mode > LARGEST_MODE) {
      throw new IllegalArgumentException(
          path + ": mode " + Integer.toOctalString(mode) + " is not within 0 to 7777 (octal)");
    }
    return mode;
  }
}
