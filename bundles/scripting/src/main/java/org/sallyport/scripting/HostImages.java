package org.sallyport.scripting;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.sallyport.scripting.images.DataFiles;
import org.sallyport.scripting.images.DebianPackages;
import org.sallyport.scripting.images.RamDisks;

/** What the built-in module {@code images.js} rests on. */
public final class HostImages {
  private final ScriptContext script;

  HostImages(ScriptContext script) {
    this.script = script;
  }

  /** Fetches a package; {@code resolve} gets the path of the file in it. */
  @HostAccess.Export
  public void debianPackage(String name, String file, Value resolve, Value reject) {
    DebianPackages packages = new DebianPackages(script.environment().cache().resolve("debian"),
        line -> script.loop().post(() -> script.err().println(line)));
    script.background(() -> packages.file(name, file).toString(), resolve, reject);
  }

  /**
   * Builds a RAM disk from {@code {path: {text | file | bytes | link | directory | device, mode}}}; {@code resolve}
   * gets its path.
   */
  @HostAccess.Export
  public void initramfs(Value entries, Value resolve, Value reject) {
    RamDisks disks = new RamDisks(script.environment().cache().resolve("initramfs"));
    try {
      for (String path : entries.getMemberKeys()) {
        add(disks, path, entries.getMember(path));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw script.error("MachineError", "initramfs: " + e.getMessage());
    }
    script.background(() -> disks.write().toString(), resolve, reject);
  }

  /** Keeps a file with this content (text or an ArrayBuffer); {@code resolve} gets its path. */
  @HostAccess.Export
  public void dataFile(Value content, Value resolve, Value reject) {
    byte[] bytes =
        content.isString() ? content.asString().getBytes(StandardCharsets.UTF_8) : Values.bytes(content);
    DataFiles files = new DataFiles(script.environment().cache().resolve("data"));
    script.background(() -> files.write(bytes).toString(), resolve, reject);
  }

  private void add(RamDisks disks, String path, Value entry) throws IOException {
    Value mode = entry.getMember("mode");
    int permissions = mode == null || mode.isNull() ? -1 : mode.asInt();
    if (has(entry, "link")) {
      disks.link(path, entry.getMember("link").asString());
    } else if (has(entry, "text")) {
      disks.text(path, entry.getMember("text").asString(), permissions);
    } else if (has(entry, "buffer")) {
      disks.bytes(path, Values.bytes(entry.getMember("buffer")), permissions);
    } else if (has(entry, "file")) {
      Path file = script.environment().currentDirectory().resolve(entry.getMember("file").asString());
      disks.file(path, file, permissions);
    } else if (has(entry, "device")) {
      disks.device(path, entry.getMember("device").asString(), permissions);
    } else {
      disks.directory(path, permissions);
    }
  }

  private static boolean has(Value entry, String key) {
    return entry.hasMember(key) && !entry.getMember(key).isNull();
  }
}
