package org.sallyport.device.bench;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.Persistent;

/**
 * Looks into state records: what they hold as text, by which two can be compared, and copies with something wrong in
 * them.
 */
public final class States {
  private States() {}

  /** The device's state as text; empty for a device without state. */
  public static String text(Device device) {
    return device.persistent().map(state -> text(state.save())).orElse("");
  }

  /** Everything in a record, arrays, lists and nested records included. */
  public static String text(Object value) {
    StringBuilder text = new StringBuilder();
    append(text, value);
    return text.toString();
  }

  /** Puts a device's state into another one, as a machine does. */
  public static void copy(Device from, Device to) throws InvalidState {
    Persistent<?> source = from.persistent().orElse(null);
    if (source != null) {
      restore(to, source.save());
    }
  }

  /** Restores a record of the type that the device saves. */
  public static void restore(Device device, Record state) throws InvalidState {
    restore(device.persistent().orElseThrow(), state);
  }

  private static <S extends Record> void restore(Persistent<S> persistent, Record state) throws InvalidState {
    persistent.restore(persistent.type().cast(state));
  }

  /** A copy of a record in which one number, flag or array was changed at random. */
  public static Record damage(Record state, RandomGenerator random) {
    RecordComponent[] components = state.getClass().getRecordComponents();
    Object[] values = values(state);
    int victim = random.nextInt(components.length);
    values[victim] = damaged(values[victim], random);
    try {
      Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<? extends Record> constructor = state.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object damaged(Object value, RandomGenerator random) {
    return switch (value) {
      case Integer number -> (int) number(number, random);
      case Long number -> number(number, random);
      case Boolean flag -> !flag;
      case Record inner -> damage(inner, random);
      case byte[] bytes -> damaged(bytes, random);
      case List<?> list when !list.isEmpty() -> damaged(list, random);
      default -> value;
    };
  }

  private static long number(long value, RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> value ^ 1L << random.nextInt(64);
      case 1 -> value + random.nextInt(-3, 4);
      case 2 -> random.nextLong() >> random.nextInt(64);
      default -> random.nextInt(1 << random.nextInt(1, 17));
    };
  }

  private static byte[] damaged(byte[] bytes, RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      return Arrays.copyOf(bytes, random.nextInt(2 * bytes.length + 2));
    }
    byte[] copy = bytes.clone();
    if (copy.length > 0) {
      copy[random.nextInt(copy.length)] = (byte) random.nextInt();
    }
    return copy;
  }

  private static List<?> damaged(List<?> list, RandomGenerator random) {
    if (random.nextInt(4) == 0) {
      return list.subList(0, list.size() - 1);
    }
    Object[] copy = list.toArray();
    int victim = random.nextInt(copy.length);
    copy[victim] = damaged(copy[victim], random);
    return List.of(copy);
  }

  private static void append(StringBuilder text, Object value) {
    if (value instanceof Record inner) {
      text.append(inner.getClass().getSimpleName()).append('[');
      RecordComponent[] components = inner.getClass().getRecordComponents();
      Object[] values = values(inner);
      for (int i = 0; i < values.length; i++) {
        text.append(i == 0 ? "" : ", ").append(components[i].getName()).append('=');
        append(text, values[i]);
      }
      text.append(']');
    } else if (value instanceof List<?> list) {
      text.append('(');
      for (Object each : list) {
        append(text, each);
        text.append(' ');
      }
      text.append(')');
    } else if (value != null && value.getClass().isArray()) {
      text.append('{');
      for (int i = 0; i < Array.getLength(value); i++) {
        append(text, Array.get(value, i));
        text.append(' ');
      }
      text.append('}');
    } else {
      text.append(value);
    }
  }

  private static Object[] values(Record state) {
    RecordComponent[] components = state.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < values.length; i++) {
        components[i].getAccessor().setAccessible(true);
        values[i] = components[i].getAccessor().invoke(state);
      }
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    return values;
  }
}
