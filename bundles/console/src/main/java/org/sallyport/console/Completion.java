package org.sallyport.console;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.felix.service.command.CommandSession;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineManager;

/**
 * What can stand behind the commands; {@code etc/gosh_profile} tells the shell which function completes which command.
 */
public class Completion {
  /** Where gogo.jline keeps the line that is being completed. */
  private static final String LINE = ".commandLine";

  private static final List<String> KEYS =
      List.of("name=", "memory=", "cpus=", "cpu=", "features=", "kernel=", "initrd=", "append=",
          "modules=", "rom=", "format=", "device=", "reset=");
  private static final Set<String> FILE_KEYS = Set.of("kernel", "initrd", "rom", "modules");

  private final MachineManager machines;
  private final Path scripts;

  /**
   * @param scripts the folder of the scripts that come with Sallyport
   */
  public Completion(MachineManager machines, Path scripts) {
    this.machines = machines;
    this.scripts = scripts;
  }

  /** Names of machines. */
  public List<Candidate> machines() {
    return words(machines.machines().stream().map(Machine::name).toList());
  }

  /** Names of machines, then devices of the one that was named, or of the only one. */
  public List<Candidate> devices(CommandSession session) {
    List<Candidate> result = new ArrayList<>();
    List<Machine> all = machines.machines();
    if (session.get(LINE) instanceof ParsedLine line && line.wordIndex() > 1) {
      all = machines.machine(line.words().get(1)).map(List::of).orElse(List.of());
    } else {
      result.addAll(machines());
    }
    if (all.size() == 1) {
      result.addAll(words(all.getFirst().description().devices().stream().map(DeviceDescription::name).toList()));
    }
    return result;
  }

  /** The keys of vm:create, and files behind those that name some. */
  public List<Candidate> settings(CommandSession session) {
    if (session.get(LINE) instanceof ParsedLine line) {
      String word = line.word().substring(0, line.wordCursor());
      int equals = word.indexOf('=');
      if (equals > 0) {
        String key = word.substring(0, equals);
        return FILE_KEYS.contains(key)
            ? files(session, key + "=", word.substring(equals + 1), "")
            : switch (key) {
              case "cpu" -> words(List.of("cpu=auto", "cpu=vmx", "cpu=kvm"));
              case "reset" -> words(List.of("reset=reboot", "reset=stop"));
              default -> List.of();
            };
      }
    }
    return KEYS.stream().map(key -> new Candidate(key, key, null, null, null, null, false)).toList();
  }

  /** Scripts: those that come with Sallyport, and files. */
  public List<Candidate> scripts(CommandSession session) {
    List<Candidate> result = new ArrayList<>();
    if (session.get(LINE) instanceof ParsedLine line) {
      if (line.wordIndex() > 1) {
        return result;
      }
      result.addAll(files(session, "", line.word().substring(0, line.wordCursor()), ".js"));
    }
    try (DirectoryStream<Path> shipped = Files.newDirectoryStream(scripts, "*.js")) {
      shipped.forEach(file -> result.addAll(words(List.of(file.getFileName().toString()))));
    } catch (IOException e) {
      // Then there are none.
    }
    return result;
  }

  private static List<Candidate> words(List<String> names) {
    return names.stream().map(Candidate::new).toList();
  }

  /** Files that a beginning could mean; folders end with a slash and go on. */
  private static List<Candidate> files(CommandSession session, String prefix, String begun, String suffix) {
    String folder = begun.substring(0, begun.lastIndexOf('/') + 1);
    Path base = session.currentDir() == null ? Path.of("").toAbsolutePath() : session.currentDir();
    List<Candidate> result = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(base.resolve(folder))) {
      for (Path file : files) {
        boolean goesOn = Files.isDirectory(file);
        String name = file.getFileName().toString();
        if (!name.startsWith(".") && (goesOn || name.endsWith(suffix))) {
          String value = prefix + folder + name + (goesOn ? "/" : "");
          result.add(new Candidate(value, name + (goesOn ? "/" : ""), null, null, null, null, !goesOn));
        }
      }
    } catch (IOException e) {
      // A folder that is not there has no files.
    }
    return result;
  }
}
