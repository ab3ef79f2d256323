package org.sallyport.machine.description;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.sallyport.api.machine.MachineDescription.DeviceDescription;
import org.sallyport.api.machine.MachineException;

/** Puts a description's properties into a factory's configuration record. Only when a device is made, never later. */
public final class DeviceConfiguration {
  private DeviceConfiguration() {}

  /**
   * The defaults with the description's values in their places.
   *
   * @param facts what the machine itself knows, for components of these names that the description leaves out
   * @throws MachineException on a property that the record does not have, or a value of the wrong type or range
   */
  public static <C extends Record> C of(DeviceDescription device, C defaults, Map<String, Object> facts)
      throws MachineException {
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    List<String> names = Arrays.stream(components).map(RecordComponent::getName).toList();
    for (String key : device.properties().keySet()) {
      if (!names.contains(key)) {
        throw new MachineException(
            "device '" + device.name() + "' (" + device.type() + ") has no property '" + key + "'"
                + Suggestion.of(key, names));
      }
    }
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      types[i] = component.getType();
      String name = component.getName();
      values[i] = device.properties().containsKey(name)
          ? convert(device, component, device.properties())
          : facts.containsKey(name)
              ? convert(device, component, facts)
              : read(component, defaults);
    }
    return construct(device, defaults, types, values);
  }

  private static Object convert(DeviceDescription device, RecordComponent component, Map<String, Object> properties)
      throws MachineException {
    String key = "device '" + device.name() + "' (" + device.type() + "): " + component.getName();
    return convert(key, component.getType(), component.getGenericType(), properties.get(component.getName()));
  }

  private static Object convert(String key, Class<?> type, Type generic, Object value) throws MachineException {
    if (type == int.class || type == Integer.class) {
      return Values.whole(key, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    } else if (type == long.class || type == Long.class) {
      return Values.size(key, value instanceof String text && text.startsWith("0x") ? Values.whole(key, text) : value);
    } else if (type == boolean.class || type == Boolean.class) {
      return Values.truth(key, value);
    } else if (type == String.class) {
      return Values.text(key, value);
    } else if (type == List.class) {
      Class<?> element =
          generic instanceof ParameterizedType list && list.getActualTypeArguments()[0] instanceof Class<?> each
              ? each
              : String.class;
      List<Object> result = new ArrayList<>();
      for (Object each : Values.list(key, value)) {
        result.add(convert(key, element, element, each));
      }
      return List.copyOf(result);
    }
    throw new MachineException(key + " has the type " + type.getSimpleName() + ", which descriptions cannot give");
  }

  private static Object read(RecordComponent component, Record record) throws MachineException {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new MachineException("the configuration " + record.getClass().getName() + " cannot be read: " + e, e);
    }
  }

  @SuppressWarnings("unchecked") // it is the canonical constructor of the same class
  private static <C extends Record> C construct(DeviceDescription device, C defaults, Class<?>[] types, Object[] values)
      throws MachineException {
    try {
      Constructor<?> canonical = defaults.getClass().getDeclaredConstructor(types);
      canonical.setAccessible(true);
      return (C) canonical.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new MachineException("device '" + device.name() + "' (" + device.type() + "): " + e.getCause().getMessage(),
          e);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new MachineException("the configuration " + defaults.getClass().getName() + " cannot be made: " + e, e);
    }
  }
}
