package org.sallyport.machine.board;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sallyport.api.device.InvalidState;

/**
 * A device's saved record without its class: names and values. The new instance of a chip comes from another class
 * loader, so that its record has the same name but is another class; and the old bundle's classes must not be kept
 * alive by what was saved.
 */
final class StateTree {
  private StateTree() {}

  /** Turns a record into a map from the components' names to plain values, lists and maps. */
  static Map<String, Object> of(Record record) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        tree.put(component.getName(), plain(accessor.invoke(record)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("the state " + record.getClass().getName() + " cannot be read", e);
      }
    }
    return tree;
  }

  /**
   * Makes a record of what {@link #of} gave.
   *
   * @throws InvalidState when the record has a component that was not saved, or one of another type, or lacks one that
   *     was saved
   */
  static <S extends Record> S to(Class<S> type, Map<?, ?> tree) throws InvalidState {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      InvalidState.unless(tree.containsKey(name), type.getSimpleName() + "." + name + " was not saved");
      types[i] = components[i].getType();
      values[i] = typed(type.getSimpleName() + "." + name, types[i], components[i].getGenericType(), tree.get(name));
    }
    InvalidState.unless(tree.size() == components.length,
        type.getSimpleName() + " does not know all of what was saved: "
            + tree.keySet());
    try {
      Constructor<S> canonical = type.getDeclaredConstructor(types);
      canonical.setAccessible(true);
      return canonical.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new InvalidState(type.getSimpleName() + ": " + e.getCause().getMessage());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the state " + type.getName() + " cannot be made", e);
    }
  }

  private static Object plain(Object value) {
    return switch (value) {
      case null -> null;
      case Record record -> of(record);
      case Enum<?> constant -> constant.name();
      case Optional<?> optional -> optional.isEmpty() ? List.of() : List.of(plain(optional.get()));
      case List<?> list -> {
        List<Object> plain = new ArrayList<>();
        for (Object each : list) {
          plain.add(plain(each));
        }
        yield plain;
      }
      case Object[] array when !(value instanceof String[]) -> {
        List<Object> plain = new ArrayList<>();
        for (Object each : array) {
          plain.add(plain(each));
        }
        yield plain;
      }
      default -> value;
    };
  }

  private static Object typed(String where, Class<?> type, Type generic, Object value) throws InvalidState {
    if (value == null) {
      InvalidState.unless(!type.isPrimitive(), where + " was saved as nothing");
      return null;
    }
    if (type.isRecord() && value instanceof Map<?, ?> map) {
      return to(type.asSubclass(Record.class), map);
    }
    if (type.isEnum() && value instanceof String name) {
      for (Object constant : type.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(name)) {
          return constant;
        }
      }
      throw new InvalidState(where + " has no value " + name);
    }
    if (type == Optional.class && value instanceof List<?> list) {
      return list.isEmpty() ? Optional.empty() : Optional.of(element(where, generic, list.getFirst()));
    }
    if (type == List.class && value instanceof List<?> list) {
      List<Object> result = new ArrayList<>();
      for (Object each : list) {
        result.add(element(where, generic, each));
      }
      return List.copyOf(result);
    }
    if (type.isArray() && value instanceof List<?> list) {
      Object array = java.lang.reflect.Array.newInstance(type.getComponentType(), list.size());
      for (int i = 0; i < list.size(); i++) {
        java.lang.reflect.Array.set(array, i,
            typed(where, type.getComponentType(), type.getComponentType(), list.get(i)));
      }
      return array;
    }
    InvalidState.unless(boxed(type).isInstance(value), where + " is " + type.getSimpleName() + " and was saved as "
        + value.getClass().getSimpleName());
    return value;
  }

  private static Object element(String where, Type generic, Object value) throws InvalidState {
    Type element =
        generic instanceof ParameterizedType parameterized ? parameterized.getActualTypeArguments()[0] : Object.class;
    Class<?> type = element instanceof Class<?> plain
        ? plain
        : element instanceof ParameterizedType parameterized ? (Class<?>) parameterized.getRawType() : Object.class;
    return typed(where, type, element, value);
  }

  private static Class<?> boxed(Class<?> type) {
    return java.lang.invoke.MethodType.methodType(type).wrap().returnType();
  }
}
