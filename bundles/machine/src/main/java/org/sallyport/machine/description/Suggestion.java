package org.sallyport.machine.description;

import java.util.Collection;
import java.util.TreeSet;

/** Helps with a name that does not exist. */
public final class Suggestion {
  private static final int CLOSE = 2;

  private Suggestion() {}

  /** Text for the end of a message: {@code ; did you mean 'memory'? Allowed: boot, cpus, memory}. */
  public static String of(String wrong, Collection<String> allowed) {
    String best = null;
    int bestDistance = CLOSE + 1;
    for (String candidate : allowed) {
      int distance = distance(wrong.toLowerCase(), candidate.toLowerCase());
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return (best == null ? ". " : "; did you mean '" + best + "'? ")
        + (allowed.isEmpty() ? "There are none" : "Allowed: " + String.join(", ", new TreeSet<>(allowed)));
  }

  /** Levenshtein distance. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
