package org.sallyport.cpu.vmx.interpret;

import java.util.Arrays;
import java.util.function.Consumer;

/** A hash map from page numbers to objects: open addressing, no boxing. */
final class PageMap<V> {
  private static final Object GONE = new Object();

  private long[] keys = new long[1024];
  private Object[] values = new Object[1024];

  /** Places that are not null, and those of them that hold something. */
  private int used;

  private int live;

  @SuppressWarnings("unchecked")
  V get(long key) {
    int mask = keys.length - 1;
    for (int i = hash(key) & mask;; i = i + 1 & mask) {
      Object v = values[i];
      if (v == null) {
        return null;
      }
      if (keys[i] == key && v != GONE) {
        return (V) v;
      }
    }
  }

  /** Adds an object whose key is not in the map. */
  void put(long key, V value) {
    if (used * 2 >= keys.length) {
      rebuild();
    }
    int mask = keys.length - 1;
    int i = hash(key) & mask;
    while (values[i] != null && values[i] != GONE) {
      i = i + 1 & mask;
    }
    used += values[i] == null ? 1 : 0;
    live++;
    keys[i] = key;
    values[i] = value;
  }

  void remove(long key) {
    int mask = keys.length - 1;
    for (int i = hash(key) & mask; values[i] != null; i = i + 1 & mask) {
      if (keys[i] == key && values[i] != GONE) {
        values[i] = GONE;
        live--;
        return;
      }
    }
  }

  @SuppressWarnings("unchecked")
  void forEach(Consumer<V> action) {
    for (Object v : values.clone()) {
      if (v != null && v != GONE) {
        action.accept((V) v);
      }
    }
  }

  void clear() {
    Arrays.fill(values, null);
    used = 0;
    live = 0;
  }

  /** Makes room: a larger table, or one of the same size when most places are of objects that are gone. */
  private void rebuild() {
    long[] oldKeys = keys;
    Object[] oldValues = values;
    int size = live * 4 >= oldKeys.length ? oldKeys.length * 2 : oldKeys.length;
    keys = new long[size];
    values = new Object[size];
    used = 0;
    live = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != null && oldValues[i] != GONE) {
        @SuppressWarnings("unchecked") V value = (V) oldValues[i];
        put(oldKeys[i], value);
      }
    }
  }

  private static int hash(long key) {
    return (int) (key * 0x9e3779b97f4a7c15L >>> 40);
  }
}
