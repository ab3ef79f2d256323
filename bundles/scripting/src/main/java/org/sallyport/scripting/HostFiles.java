package org.sallyport.scripting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.graalvm.polyglot.HostAccess;

/**
 * The files of this host that the one who calls a script lets it read or write, by naming them in its arguments. What
 * no argument names is not opened, whoever asks; and nothing leads out of what was named, links neither.
 */
public final class HostFiles {
  /** What is larger is no text file that a script reads as a whole. */
  private static final long LARGEST = 64 << 20;

  private final ScriptContext script;

  HostFiles(ScriptContext script) {
    this.script = script;
  }

  /** A folder to read from; null when there is none of this name. */
  @HostAccess.Export
  public Folder folder(String name) {
    Path path = named(name);
    return Files.isDirectory(path) && Files.isReadable(path) ? new Folder(path) : null;
  }

  /** A folder to write into, made when it is not there; null when that cannot be. */
  @HostAccess.Export
  public OutputFolder outputFolder(String name) {
    Path path = named(name);
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      return null;
    }
    return Files.isWritable(path) ? new OutputFolder(path) : null;
  }

  /** A file to write, in a folder that is there; null when that cannot be. */
  @HostAccess.Export
  public OutputFile outputFile(String name) {
    Path path = named(name);
    boolean possible = Files.exists(path)
        ? Files.isRegularFile(path) && Files.isWritable(path)
        : path.getParent() != null && Files.isDirectory(path.getParent()) && Files.isWritable(path.getParent());
    return possible ? new OutputFile(path) : null;
  }

  private Path named(String name) {
    if (script.owner().arguments().stream().noneMatch(argument -> name.equals(argument.value()))) {
      throw script.error("Error", name + ": no argument of the script names it");
    }
    return script.environment().currentDirectory().resolve(name).normalize();
  }

  private RuntimeException failure(Path path, IOException e) {
    String why = switch (e) {
      case NoSuchFileException _ -> "there is no such file";
      case NotDirectoryException _ -> "it is no folder";
      case MalformedInputException _ -> "it is no text in UTF-8";
      case FileSystemException detailed when detailed.getReason() != null -> detailed.getReason();
      default -> e.toString();
    };
    return script.error("Error", path + ": " + why);
  }

  /** A folder and what is below it, to be read. */
  public final class Folder {
    private final Path root;

    Folder(Path root) {
      this.root = root;
    }

    @HostAccess.Export
    public String path() {
      return root.toString();
    }

    /** The names in a folder, in order, as JSON; those of folders end with a slash. */
    @HostAccess.Export
    public String list(String name) {
      Path folder = root;
      try {
        folder = within(name);
        try (Stream<Path> entries = Files.list(folder)) {
          List<String> names = entries
              .map(entry -> entry.getFileName() + (Files.isDirectory(entry) ? "/" : "")).sorted().toList();
          return Json.write(names);
        }
      } catch (UncheckedIOException e) {
        throw failure(folder, e.getCause());
      } catch (IOException e) {
        throw failure(root.resolve(name), e);
      }
    }

    /** Whether there is a file of this name. */
    @HostAccess.Export
    public boolean has(String name) {
      try {
        return Files.isRegularFile(within(name));
      } catch (IOException e) {
        return false;
      }
    }

    /** The absolute path of a file. */
    @HostAccess.Export
    public String file(String name) {
      try {
        Path path = within(name);
        if (!Files.isRegularFile(path)) {
          throw new FileSystemException(path.toString(), null, "it is no file");
        }
        return path.toString();
      } catch (IOException e) {
        throw failure(root.resolve(name), e);
      }
    }

    /** A file's text, in UTF-8. */
    @HostAccess.Export
    public String read(String name) {
      try {
        Path path = within(name);
        if (Files.size(path) > LARGEST) {
          throw new FileSystemException(name, null, "it is larger than " + (LARGEST >> 20) + " MiB");
        }
        return Files.readString(path);
      } catch (IOException e) {
        throw failure(root.resolve(name), e);
      }
    }

    private Path within(String name) throws IOException {
      Path real = below(root, name).toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw new FileSystemException(name, null, "it leads out of " + root);
      }
      return real;
    }
  }

  /** A folder to be written into. */
  public final class OutputFolder {
    private final Path root;

    OutputFolder(Path root) {
      this.root = root;
    }

    @HostAccess.Export
    public String path() {
      return root.toString();
    }

    /** Writes a file, and makes the folders for it; returns its path. */
    @HostAccess.Export
    public String write(String name, String text) {
      try {
        Path file = below(root, name);
        Files.createDirectories(file.getParent());
        if (!file.getParent().toRealPath().startsWith(root.toRealPath()) || Files.isSymbolicLink(file)) {
          throw new FileSystemException(name, null, "it leads out of " + root);
        }
        return Files.writeString(file, text, StandardCharsets.UTF_8).toString();
      } catch (IOException e) {
        throw failure(root.resolve(name), e);
      }
    }
  }

  /** A file to be written. */
  public final class OutputFile {
    private final Path file;

    OutputFile(Path file) {
      this.file = file;
    }

    @HostAccess.Export
    public String path() {
      return file.toString();
    }

    /** Replaces the file's content. */
    @HostAccess.Export
    public void write(String text) {
      try {
        Files.writeString(file, text, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw failure(file, e);
      }
    }
  }

  /** A name that stays below a folder, links not looked at. */
  private static Path below(Path root, String name) throws IOException {
    try {
      Path path = root.resolve(name).normalize();
      if (path.startsWith(root)) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new FileSystemException(name, null, "it is no file name");
    }
    throw new FileSystemException(name, null, "it leads out of " + root);
  }
}
