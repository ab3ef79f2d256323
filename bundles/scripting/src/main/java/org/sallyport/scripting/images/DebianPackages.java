package org.sallyport.scripting.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Files out of Debian's packages, fetched with the host's own {@code apt-get download}, checked against the SHA-256 in
 * the package index, and kept in a cache. Any thread; several processes may share the cache.
 *
 * <p>A package is looked for in the index as it is on this host; when it is not there, the index is brought up to date
 * once. A meta-package ({@code linux-image-amd64}) leads to the package of that kind that it depends on.
 */
public final class DebianPackages {
  private static final String REMEDY = "; pass the files yourself instead, for instance kernel=FILE initrd=FILE";
  private static final int DEEPEST_CHAIN = 4;

  private final Path cache;
  private final Consumer<String> progress;
  private final UnaryOperator<String> tools;

  /**
   * @param cache folder for what was fetched; made when it is needed
   * @param progress gets one line for each thing that takes time
   */
  public DebianPackages(Path cache, Consumer<String> progress) {
    this(cache, progress, UnaryOperator.identity());
  }

  /**
   * @param tools gives the program to run for a tool's name
   */
  DebianPackages(Path cache, Consumer<String> progress, UnaryOperator<String> tools) {
    this.cache = cache;
    this.progress = progress;
    this.tools = tools;
  }

  /** What the index says about a package. */
  private record Entry(String name, String version, String architecture, long size, String sha256, boolean meta) {
    /** The folder that the package's files are kept in. */
    String folder() {
      return name + "_" + version.replace(':', '~') + "_" + architecture;
    }
  }

  /**
   * A file of a package.
   *
   * @param name the package's name
   * @param file the file's path in the package without a slash in front; {@code *} stands for any characters but
   *     slashes
   * @return where it is on this host
   * @throws IOException when it cannot be had; the message says why and what to do instead
   */
  public Path file(String name, String file) throws IOException {
    if (!name.matches("[a-z0-9][a-z0-9+.-]*") || !file.matches("[\\w+.,*~/-]+") || file.startsWith("/")
        || file.contains("..")) {
      throw new IllegalArgumentException("debianPackage('" + name + "', '" + file + "') names no package and file");
    }
    Files.createDirectories(cache);
    Entry entry;
    try {
      entry = find(name);
    } catch (IOException e) {
      Optional<Path> earlier = remembered(name, file);
      if (earlier.isEmpty()) {
        throw e;
      }
      progress.accept(
          "using the cached " + earlier.get().getFileName() + " of package " + name + " (" + e.getMessage() + ")");
      return earlier.get();
    }
    Path folder = cache.resolve(entry.folder());
    Optional<Path> found = search(folder, file);
    if (found.isEmpty()) {
      fetch(entry, file, folder);
      found = search(folder, file);
    }
    Path result =
        found.orElseThrow(() -> new IOException("Debian's package " + entry.name() + " has no file " + file + REMEDY));
    remember(name, file, result);
    return result;
  }

  // ---- The index

  private Entry find(String name) throws IOException {
    Optional<Entry> entry = show(name);
    if (entry.isEmpty()) {
      progress.accept("apt-get update (package " + name + " is not in the index)");
      Output update = run(cache, tools.apply("apt-get"), "-q", "update");
      entry = show(name);
      if (entry.isEmpty()) {
        throw new IOException("there is no Debian package " + name + " to be had"
            + (update.status() == 0 ? "" : ": apt-get update failed, " + update.lastLine()) + REMEDY);
      }
    }
    Entry result = entry.get();
    for (int depth = 0; result.meta() && depth < DEEPEST_CHAIN; depth++) {
      String real = realPackage(result.name());
      result =
          show(real).orElseThrow(() -> new IOException("the Debian package " + real + " is not in the index" + REMEDY));
    }
    return result;
  }

  private Optional<Entry> show(String name) throws IOException {
    Output output = run(cache, tools.apply("apt-cache"), "show", "--no-all-versions", name);
    String version = field(output.text(), "Version");
    String sha256 = field(output.text(), "SHA256");
    if (output.status() != 0 || version.isEmpty() || sha256.isEmpty()) {
      return Optional.empty(); // Unknown, or known only as installed: without its SHA256 it cannot be fetched.
    }
    String architecture = field(output.text(), "Architecture");
    if (!architecture.equals("amd64") && !architecture.equals("all")) {
      throw new IOException("the Debian package " + name + " is for " + architecture + " here, not for amd64" + REMEDY);
    }
    boolean meta = field(output.text(), "Section").endsWith("metapackages")
        || field(output.text(), "Description").matches(".*\\bmeta-?package\\b.*");
    String size = field(output.text(), "Size");
    return Optional.of(new Entry(field(output.text(), "Package"), version, architecture,
        size.isEmpty() ? 0 : Long.parseLong(size), sha256,
        meta));
  }

  private static String field(String control, String name) {
    return control.lines().filter(line -> line.matches(name + "(-[a-z]+)?: .*")).findFirst()
        .map(line -> line.substring(line.indexOf(' ') + 1).strip()).orElse("");
  }

  /** The dependency of a meta-package that shares most of its name. */
  private String realPackage(String meta) throws IOException {
    Output output = run(cache, tools.apply("apt-cache"), "depends", "--important", meta);
    String kind = String.join("-", Arrays.asList(meta.split("-")).subList(0, Math.min(2, meta.split("-").length)));
    List<String> dependencies = output.text().lines().map(String::strip).filter(line -> line.startsWith("Depends: "))
        .map(line -> line.substring("Depends: ".length())).toList();
    return dependencies.stream().filter(name -> name.startsWith(kind)).findFirst()
        .or(() -> dependencies.stream().findFirst())
        .orElseThrow(() -> new IOException(
            "the Debian package " + meta + " is a meta-package that depends on nothing" + REMEDY));
  }

  // ---- Fetching

  private void fetch(Entry entry, String file, Path folder) throws IOException {
    progress.accept(String.format("fetching Debian package %s %s (%.1f MiB)", entry.name(), entry.version(),
        entry.size() / 1048576.0));
    Path work = Files.createTempDirectory(cache, "fetch");
    try {
      Output download = run(work, tools.apply("apt-get"), "-q", "download", entry.name() + "=" + entry.version());
      Path archive;
      try (Stream<Path> files = Files.list(work)) {
        archive = files.filter(path -> path.toString().endsWith(".deb")).findFirst().orElseThrow(() -> new IOException(
            "apt-get cannot download the Debian package " + entry.name() + ": " + download.lastLine() + REMEDY));
      }
      String sha256 = digest(archive);
      if (!sha256.equals(entry.sha256())) {
        throw new IOException("the Debian package " + entry.name() + " came damaged: its SHA-256 is " + sha256
            + ", not " + entry.sha256());
      }
      Path content = Files.createDirectory(work.resolve("content"));
      extract(archive, file, content);
      if (Files.isDirectory(folder)) {
        merge(content, folder);
      } else {
        RamDisks.move(content, folder);
      }
    } finally {
      delete(work);
    }
  }

  /** Takes only what is wanted out of an archive: a kernel's package unpacks to half a gigabyte. */
  private void extract(Path archive, String file, Path into) throws IOException {
    try {
      Path messages = into.resolveSibling("messages");
      List<Process> processes = ProcessBuilder.startPipeline(List.of(
          new ProcessBuilder(tools.apply("dpkg-deb"), "--fsys-tarfile", archive.toString())
              .redirectError(messages.toFile()),
          new ProcessBuilder(tools.apply("tar"), "-x", "--wildcards", "--no-wildcards-match-slash", "-C",
              into.toString(), "./" + file)
              .redirectError(ProcessBuilder.Redirect.DISCARD)));
      for (Process process : processes) {
        process.waitFor();
      }
      if (processes.getFirst().exitValue() != 0) {
        throw new IOException(
            "dpkg-deb cannot unpack " + archive.getFileName() + ": " + Files.readString(messages).strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String digest(Path file) throws IOException {
    MessageDigest digest = RamDisks.sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        digest.update(buffer, 0, length);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  // ---- The cache

  private static Optional<Path> search(Path folder, String file) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + folder.resolve(file));
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).filter(matcher::matches).sorted().findFirst();
    }
  }

  /** The note of which file an earlier call came to. */
  private Path note(String name, String file) {
    return cache.resolve("last").resolve(name + "~" + file.replace('/', '~').replace('*', '+'));
  }

  private void remember(String name, String file, Path result) throws IOException {
    Path note = note(name, file);
    Files.createDirectories(note.getParent());
    Path draft = Files.createTempFile(note.getParent(), "draft", ".tmp");
    Files.writeString(draft, result.toString());
    RamDisks.move(draft, note);
  }

  private Optional<Path> remembered(String name, String file) throws IOException {
    Path note = note(name, file);
    if (!Files.exists(note)) {
      return Optional.empty();
    }
    return Optional.of(Path.of(Files.readString(note))).filter(Files::isRegularFile);
  }

  private static void merge(Path from, Path into) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = into.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        RamDisks.move(file, target);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(folder, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        Files.delete(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
        Files.delete(visited);
        return FileVisitResult.CONTINUE;
      }
    });
  }

  // ---- Processes

  /** What a program wrote and how it ended. */
  private record Output(int status, String text) {
    String lastLine() {
      return text.lines().filter(line -> !line.isBlank())
          .reduce((first, second) -> second.startsWith("W:") ? first : second)
          .orElse("status " + status);
    }
  }

  private static Output run(Path folder, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException("there is no " + command[0] + " here, so no Debian package can be fetched" + REMEDY, e);
    }
    try {
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      return new Output(process.waitFor(), text);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
