package org.sallyport.machine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.sallyport.api.clock.TimeSource;

/**
 * The last lines that a machine and its devices had to say, each with the machine's time in seconds. From any thread.
 */
public final class MachineLog {
  private static final int LINES = 1000;
  private static final int ONCE = 4096;

  private final TimeSource time;
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private final Set<String> said = new HashSet<>();

  public MachineLog(TimeSource time) {
    this.time = time;
  }

  /** Adds a line. */
  public void add(String source, String message) {
    String line = String.format(Locale.ROOT, "[%12.6f] %s: %s", time.nanos() / 1e9, source, message);
    synchronized (lines) {
      if (lines.size() == LINES) {
        lines.removeFirst();
      }
      lines.addLast(line);
    }
  }

  /** Adds a line unless the same was added this way before. */
  public void once(String source, String message) {
    synchronized (lines) {
      if (said.size() >= ONCE || !said.add(source + ": " + message)) {
        return;
      }
    }
    add(source, message);
  }

  /** The lines, oldest first. */
  public List<String> lines() {
    synchronized (lines) {
      return new ArrayList<>(lines);
    }
  }
}
