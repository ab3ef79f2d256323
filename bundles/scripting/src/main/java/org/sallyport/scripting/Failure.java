package org.sallyport.scripting;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.SourceSection;
import org.graalvm.polyglot.Value;
import org.sallyport.api.script.ScriptRunner;

/**
 * What went wrong in a script, for people.
 *
 * @param status the exit status it leads to
 * @param message {@code file:line:column: message}; further lines only where the error itself has some
 * @param trace the script's stack frames, and Java's where Java failed; each line ended
 */
record Failure(int status, String message, String trace) {
  /** Errors whose name says no more than that something failed. */
  private static final Set<String> PLAIN =
      Set.of("Error", "AssertionError", "MachineError", "TimeoutError", "UsageError");

  private static final Pattern PARSER_MESSAGE =
      Pattern.compile("(?s)^(?:SyntaxError: )?[^\\n]*?:\\d+:\\d+ ([^\\n]*).*");
  private static final Pattern MISSING_MODULE =
      Pattern.compile("(?s)Cannot find module '(.*?)'(?: imported from (.*))?");
  private static final Pattern MISSING_EXPORT = Pattern.compile("does not provide an export named '(.*?)'");

  /** Reads a thrown or rejected value; on the context's thread. */
  static Failure of(Value reason, ScriptContext script) {
    if (reason.isException()) {
      try {
        throw reason.throwException();
      } catch (PolyglotException e) {
        return of(e, script);
      }
    }
    String text = reason.isString() ? reason.asString() : reason.toString();
    return new Failure(ScriptRunner.FAILED, script.name() + ": the script threw " + text, "");
  }

  /** Reads an exception that came out of the context; on the context's thread. */
  static Failure of(PolyglotException e, ScriptContext script) {
    Value error = e.getGuestObject();
    String name = member(error, "name", "Error");
    String message = member(error, "message", e.getMessage() == null ? e.toString() : e.getMessage());
    List<SourceSection> frames = new ArrayList<>();
    StringBuilder trace = new StringBuilder();
    if (e.isSyntaxError() && inScript(e.getSourceLocation())) {
      frames.add(e.getSourceLocation());
    }
    for (PolyglotException.StackFrame frame : e.getPolyglotStackTrace()) {
      if (frame.isGuestFrame() && inScript(frame.getSourceLocation())) {
        frames.add(frame.getSourceLocation());
        trace.append("    at ").append(frame.getRootName().startsWith(":") ? "module" : frame.getRootName())
            .append(" (")
            .append(position(frame.getSourceLocation(), script)).append(")\n");
      }
    }
    if (e.isHostException() || e.isInternalError()) {
      StringWriter java = new StringWriter();
      (e.isHostException() ? e.asHostException() : e).printStackTrace(new PrintWriter(java));
      trace.append(java);
      message = e.isHostException() ? String.valueOf(e.asHostException().getMessage()) : "internal error: " + message;
    }
    int status = switch (name) {
      case "UsageError" -> ScriptRunner.USAGE;
      case "TimeoutError" -> ScriptRunner.TIMEOUT;
      default -> ScriptRunner.FAILED;
    };
    if (status == ScriptRunner.USAGE) {
      return new Failure(status, script.name() + ": " + message, trace.toString());
    }
    if (e.isSyntaxError()) {
      message = PARSER_MESSAGE.matcher(message).replaceFirst("$1");
    }
    String where = frames.isEmpty() ? script.name() : position(frames.getFirst(), script);
    Matcher missing = MISSING_MODULE.matcher(message);
    Matcher unknown = MISSING_EXPORT.matcher(message);
    if (!frames.isEmpty() && unknown.find()) {
      where = importOf(unknown.group(1), frames.getFirst().getSource().getPath(), script);
    } else if (frames.isEmpty() && missing.matches()) {
      where = importOf(missing.group(1), missing.group(2), script);
      message = "cannot import '" + missing.group(1) + "': there is no such file that this script may read";
    }
    return new Failure(status, where + ": " + (PLAIN.contains(name) || error == null ? "" : name + ": ") + message,
        trace.toString());
  }

  private static String member(Value error, String key, String otherwise) {
    if (error == null || !error.hasMember(key)) {
      return otherwise;
    }
    Value value = error.getMember(key);
    return value.isString() ? value.asString() : otherwise;
  }

  /** Whether a place is in a script rather than in a built-in module or in what starts a script. */
  private static boolean inScript(SourceSection place) {
    if (place == null || !place.isAvailable()) {
      return false;
    }
    String path = place.getSource().getPath();
    return path == null ? place.getSource().getName().equals(ConsoleSession.SOURCE) : !ModuleFileSystem.isBuiltIn(path);
  }

  private static String position(SourceSection place, ScriptContext script) {
    String path = place.getSource().getPath();
    String file = path == null ? place.getSource().getName() : script.environment().display(Path.of(path));
    return file + ":" + place.getStartLine() + ":" + place.getStartColumn();
  }

  /**
   * The engine does not say where a failed import stands: look for the name of the module, or of what it lacks, in the
   * text.
   */
  private static String importOf(String name, String importer, ScriptContext script) {
    if (importer == null) {
      return script.name();
    }
    Path file = Path.of(importer);
    try {
      List<String> lines = Files.readAllLines(file);
      String lastName = Path.of(name).getFileName().toString();
      for (int i = 0; i < lines.size(); i++) {
        int column = lines.get(i).indexOf(lastName);
        if (column >= 0 && lines.get(i).matches(".*\\b(import|export|from)\\b.*")) {
          return script.environment().display(file) + ":" + (i + 1) + ":" + (column + 1);
        }
      }
    } catch (IOException e) {
      // Then the file alone has to do.
    }
    return script.environment().display(file);
  }
}
