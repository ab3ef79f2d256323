package org.sallyport.device.i8042;

/** A queue of bytes with a limit. */
final class ByteQueue {
  static final int CAPACITY = 16;

  private final byte[] bytes = new byte[CAPACITY];
  private int head;
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  /** Returns false when it is full. */
  boolean add(int value) {
    if (count == CAPACITY) {
      return false;
    }
    bytes[(head + count++) % CAPACITY] = (byte) value;
    return true;
  }

  /** Takes the oldest byte; there must be one. */
  int take() {
    int value = bytes[head] & 0xff;
    head = (head + 1) % CAPACITY;
    count--;
    return value;
  }

  void clear() {
    count = 0;
  }

  byte[] save() {
    byte[] saved = new byte[count];
    for (int i = 0; i < count; i++) {
      saved[i] = bytes[(head + i) % CAPACITY];
    }
    return saved;
  }

  void restore(byte[] saved) {
    clear();
    for (byte each : saved) {
      add(each);
    }
  }
}
