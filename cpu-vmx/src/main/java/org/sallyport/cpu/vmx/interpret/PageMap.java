package org.sallyport.cpu.vmx.interpret;

import java.util.Arrays;
import java.util.function.Consumer;

/** A hash map from page numbers to objects: open addressing, no boxing. */
final class PageMap<V> {
  private static final Object GONE = new Object();

  private long[] keys = new long[1024];
  private Object[] values = new Object[1024];
  private int used;

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

  void put(long key, V value) {
    if (used * 2 >= keys.length) {
      grow();
    }
    int mask = keys.length - 1;
    int i = hash(key) & mask;
    while (values[i] != null) {
      i = i + 1 & mask;
    }
    keys[i] = key;
    values[i] = value;
    used++;
  }

  void remove(long key) {
    int mask = keys.length - 1;
    for (int i = hash(key) & mask; values[i] != null; i = i + 1 & mask) {
      if (keys[i] == key && values[i] != GONE) {
        values[i] = GONE;
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
  }

  private void grow() {
    long[] oldKeys = keys;
    Object[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new Object[oldKeys.length * 2];
    used = 0;
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
