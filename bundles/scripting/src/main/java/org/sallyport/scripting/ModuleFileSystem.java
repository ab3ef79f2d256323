package org.sallyport.scripting;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.graalvm.polyglot.io.FileSystem;

/**
 * The files that imports may read: those below some folders, and the built-in modules. Nothing can be written, and
 * links that lead out of the folders lead nowhere.
 */
final class ModuleFileSystem implements FileSystem {
  /** Where the built-in modules appear; no host file is ever looked for below it. */
  static final Path BUILT_IN = Path.of("/sallyport:");

  private static final String SCRIPTS = "console-scripts/";

  private final FileSystem host = FileSystem.newDefaultFileSystem();
  private final List<Path> folders;
  private final Path scripts;

  /**
   * @param folders real paths of the folders that may be read
   * @param scripts the folder that {@code console-scripts/...} means in an import
   */
  ModuleFileSystem(List<Path> folders, Path scripts) {
    this.folders = List.copyOf(folders);
    this.scripts = scripts;
  }

  static boolean isBuiltIn(String path) {
    return path != null && path.startsWith(BUILT_IN.toString());
  }

  @Override
  public Path parsePath(URI uri) {
    return host.parsePath(uri);
  }

  @Override
  public Path parsePath(String path) {
    if (path.equals("sallyport") || path.startsWith("sallyport/")) {
      return BUILT_IN.resolve(path.substring(path.indexOf('/') + 1) + ".js");
    }
    return path.startsWith(SCRIPTS) ? scripts.resolve(path.substring(SCRIPTS.length())) : host.parsePath(path);
  }

  @Override
  public void checkAccess(Path path, Set<? extends AccessMode> modes, LinkOption... options) throws IOException {
    if (modes.contains(AccessMode.WRITE) || modes.contains(AccessMode.EXECUTE)) {
      throw readOnly(path);
    }
    if (!path.startsWith(BUILT_IN)) {
      host.checkAccess(allowed(path), modes, options);
    } else if (ModuleFileSystem.class.getResource(resource(path)) == null) {
      throw new NoSuchFileException(path.toString());
    }
  }

  @Override
  public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options,
      FileAttribute<?>... attributes)
      throws IOException {
    if (!path.startsWith(BUILT_IN)) {
      if (options.stream().anyMatch(option -> option != java.nio.file.StandardOpenOption.READ)) {
        throw readOnly(path);
      }
      return Files.newByteChannel(allowed(path));
    }
    try (InputStream in = ModuleFileSystem.class.getResourceAsStream(resource(path))) {
      if (in == null) {
        throw new NoSuchFileException(path.toString());
      }
      return new Content(ByteBuffer.wrap(in.readAllBytes()));
    }
  }

  @Override
  public Path toAbsolutePath(Path path) {
    return path.startsWith(BUILT_IN) ? path : host.toAbsolutePath(path);
  }

  @Override
  public Path toRealPath(Path path, LinkOption... options) throws IOException {
    return path.startsWith(BUILT_IN) ? path.normalize() : allowed(path);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
    return host.readAttributes(allowed(path), attributes, options);
  }

  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    throw readOnly(path);
  }

  @Override
  public void delete(Path path) throws IOException {
    throw readOnly(path);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
      throws IOException {
    throw new AccessDeniedException(path.toString(), null, "scripts cannot list folders");
  }

  /** The real path of a file that may be read. */
  private Path allowed(Path path) throws IOException {
    Path real;
    try {
      real = path.toRealPath();
    } catch (IOException e) {
      // Say "no such file" only where looking is allowed, so that a script cannot find out what exists elsewhere.
      real = path.toAbsolutePath().normalize();
      if (folders.stream().anyMatch(real::startsWith)) {
        throw e;
      }
    }
    if (folders.stream().noneMatch(real::startsWith)) {
      throw new AccessDeniedException(path.toString(), null, "outside the script's folder");
    }
    return real;
  }

  private static String resource(Path path) {
    return "js/" + BUILT_IN.relativize(path.normalize());
  }

  private static AccessDeniedException readOnly(Path path) {
    return new AccessDeniedException(path.toString(), null, "scripts can only read");
  }

  /** The content of a built-in module. */
  private static final class Content implements SeekableByteChannel {
    private final ByteBuffer bytes;
    private boolean open = true;

    Content(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer into) {
      int length = Math.min(into.remaining(), bytes.remaining());
      if (length == 0) {
        return bytes.hasRemaining() ? 0 : -1;
      }
      into.put(bytes.slice(bytes.position(), length));
      bytes.position(bytes.position() + length);
      return length;
    }

    @Override
    public int write(ByteBuffer from) {
      throw new NonWritableChannelException();
    }

    @Override
    public long position() {
      return bytes.position();
    }

    @Override
    public SeekableByteChannel position(long position) {
      bytes.position((int) Math.min(position, bytes.limit()));
      return this;
    }

    @Override
    public long size() {
      return bytes.limit();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }
}
