package org.sallyport.scripting;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as people write them. */
final class Quantities {
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|min|h|)");
  private static final Pattern SIZE = Pattern.compile("(0x[0-9a-f]+|\\d+)\\s*([kmgt]?)(?:i?b)?");

  private Quantities() {}

  /**
   * Reads {@code 500ms}, {@code 1.5s}, {@code 2m} or {@code 2min}, {@code 1h}; a bare number is seconds.
   *
   * @return milliseconds
   * @throws IllegalArgumentException when it is none of these
   */
  static long millis(String text) {
    Matcher matcher = DURATION.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no duration: write 500ms, 60s, 5m or 1h");
    }
    double unit = switch (matcher.group(2)) {
      case "ms" -> 1;
      case "m", "min" -> 60_000;
      case "h" -> 3_600_000;
      default -> 1_000;
    };
    return Math.round(Double.parseDouble(matcher.group(1)) * unit);
  }

  /**
   * Reads {@code 256M}, {@code 1G}, {@code 64KiB}, {@code 0x1000}; the units are powers of 1024.
   *
   * @return bytes
   * @throws IllegalArgumentException when it is none of these
   */
  static long bytes(String text) {
    Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size: write 64K, 256M or 1G");
    }
    int shift = matcher.group(2).isEmpty() ? 0 : 10 * (1 + "kmgt".indexOf(matcher.group(2)));
    try {
      return Math.multiplyExact(Long.decode(matcher.group(1)), 1L << shift);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is too large for a size", e);
    }
  }

  /** Writes milliseconds the short way: {@code 500ms}, {@code 60s}. */
  static String duration(long millis) {
    return millis % 1000 != 0 ? millis + "ms" : millis / 1000 + "s";
  }
}
