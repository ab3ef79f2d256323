package org.sallyport.scripting.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** Files that scripts make for what takes files, kept in a cache under the name of their content. */
public final class DataFiles {
  private final Path cache;

  /**
   * @param cache the folder for the files; made when it is needed
   */
  public DataFiles(Path cache) {
    this.cache = cache;
  }

  /** Writes a file with this content, unless it is there; returns it. */
  public Path write(byte[] content) throws IOException {
    Path result = cache.resolve(HexFormat.of().formatHex(RamDisks.sha256().digest(content), 0, 12) + ".bin");
    if (!Files.isRegularFile(result)) {
      Files.createDirectories(cache);
      Path draft = Files.createTempFile(cache, "draft", ".tmp");
      try {
        Files.write(draft, content);
        RamDisks.move(draft, result);
      } finally {
        Files.deleteIfExists(draft);
      }
    }
    return result;
  }
}
