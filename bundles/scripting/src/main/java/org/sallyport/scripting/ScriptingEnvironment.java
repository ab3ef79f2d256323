package org.sallyport.scripting;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.sallyport.api.cpu.Disassembler;
import org.sallyport.api.machine.MachineManager;

/**
 * What scripts work with.
 *
 * @param disassembler asked each time it is needed: the service may come and go
 * @param scripts the folder of the scripts that come with Sallyport
 * @param currentDirectory what file names in arguments and descriptions are relative to
 * @param cache the folder for what scripts fetch or build: packages, RAM disks
 */
public record ScriptingEnvironment(MachineManager machines, Supplier<Optional<Disassembler>> disassembler, Path scripts,
    Path currentDirectory, Path cache) {

  /**
   * Where fetched things are kept by the XDG Base Directory specification: {@code $XDG_CACHE_HOME/sallyport}, or below
   * the home.
   */
  public static Path defaultCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path caches =
        xdg == null || !Path.of(xdg).isAbsolute() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return caches.resolve("sallyport");
  }

  /**
   * A file's name for messages: short for the scripts that come with Sallyport and for what is below the current
   * directory.
   */
  String display(Path file) {
    if (file.startsWith(scripts)) {
      return "console-scripts/" + scripts.relativize(file);
    }
    return file.startsWith(currentDirectory) ? currentDirectory.relativize(file).toString() : file.toString();
  }
}
