package org.sallyport.scripting;

import java.util.Map;

/**
 * Writes JSON: the form in which composite results go to a script, where {@code JSON.parse} makes real arrays and
 * objects of them.
 */
final class Json {
  private Json() {}

  /** Writes maps, iterables, text, numbers, booleans and null; of anything else, its text. */
  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case Boolean bool -> out.append(bool);
      case Number number -> out.append(number);
      case Map<?, ?> map -> {
        char separator = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          text(entry.getKey().toString(), out);
          out.append(':');
          write(entry.getValue(), out);
          separator = ',';
        }
        out.append(separator == '{' ? "{}" : "}");
      }
      case Iterable<?> list -> {
        char separator = '[';
        for (Object element : list) {
          out.append(separator);
          write(element, out);
          separator = ',';
        }
        out.append(separator == '[' ? "[]" : "]");
      }
      default -> text(value.toString(), out);
    }
  }

  private static void text(String value, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c >= 0x7f) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
