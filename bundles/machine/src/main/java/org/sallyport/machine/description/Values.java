package org.sallyport.machine.description;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sallyport.api.machine.MachineException;

/** Plain data as scripts and configuration files give it, turned into what is wanted. Messages begin with the key. */
final class Values {
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*([KMGT]?)(?:I?B)?");
  private static final String UNITS = "KMGT";

  private Values() {}

  static String text(String key, Object value) throws MachineException {
    if (value instanceof CharSequence || value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new MachineException(key + " must be text, not " + kind(value));
  }

  /** A whole number; text may be decimal or begin with 0x. */
  static long whole(String key, Object value) throws MachineException {
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      if (number == Math.rint(number) && Math.abs(number) < 1L << 53) {
        return (long) number;
      }
    } else if (value instanceof Number number) {
      return number.longValue();
    } else if (value instanceof CharSequence text) {
      try {
        return Long.decode(text.toString().strip());
      } catch (NumberFormatException e) {
        throw new MachineException(key + " must be a whole number, not '" + text + "'", e);
      }
    }
    throw new MachineException(key + " must be a whole number, not " + kind(value));
  }

  static int whole(String key, Object value, long least, long most) throws MachineException {
    long number = whole(key, value);
    if (number < least || number > most) {
      throw new MachineException(key + " must be " + least + " to " + most + ", not " + number);
    }
    return (int) number;
  }

  static boolean truth(String key, Object value) throws MachineException {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if ("true".equals(value) || "false".equals(value)) {
      return "true".equals(value);
    }
    throw new MachineException(key + " must be true or false, not " + kind(value));
  }

  /** A size in bytes: a number, or text such as 512K, 256M, 1G. */
  static long size(String key, Object value) throws MachineException {
    if (!(value instanceof CharSequence text)) {
      return whole(key, value);
    }
    Matcher matcher = SIZE.matcher(text.toString().strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new MachineException(key + " must be a size such as 256M or 1G, not '" + text + "'");
    }
    int shift = matcher.group(2).isEmpty() ? 0 : 10 * (UNITS.indexOf(matcher.group(2)) + 1);
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new MachineException(key + " is too large: '" + text + "'", e);
    }
  }

  static List<?> list(String key, Object value) throws MachineException {
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof Object[] array) {
      return Arrays.asList(array);
    }
    throw new MachineException(key + " must be a list, not " + kind(value));
  }

  /** Names in a list, or in text with commas or blanks between them. */
  static List<String> names(String key, Object value) throws MachineException {
    List<?> parts =
        value instanceof CharSequence text ? Arrays.asList(text.toString().split("[,\\s]+")) : list(key, value);
    List<String> names = new ArrayList<>();
    for (Object part : parts) {
      String name = text(key, part).strip();
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  static Map<?, ?> map(String key, Object value) throws MachineException {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new MachineException(key + " must be an object with named values, not " + kind(value));
  }

  private static String kind(Object value) {
    return switch (value) {
      case null -> "null";
      case CharSequence text -> "the text '" + text + "'";
      case Number number -> "the number " + number;
      case Boolean truth -> truth.toString();
      case Map<?, ?> map -> "an object";
      case List<?> list -> "a list";
      default -> "a " + value.getClass().getSimpleName();
    };
  }
}
