package org.sallyport.device.uart16550;

import static org.sallyport.device.uart16550.UartRegisters.FIFO_SIZE;

/** Received characters with their errors. With the FIFOs off it holds one, as the receiver buffer register does. */
final class ReceiverFifo {
  private final byte[] data = new byte[FIFO_SIZE];
  private final byte[] errors = new byte[FIFO_SIZE];
  private int capacity = 1;
  private int head;
  private int count;

  int count() {
    return count;
  }

  boolean isFull() {
    return count == capacity;
  }

  /** Empties it; {@code fifo} says whether it holds 16 characters from now on, or one. */
  void clear(boolean fifo) {
    capacity = fifo ? FIFO_SIZE : 1;
    head = 0;
    count = 0;
  }

  /** Adds a character; there must be room. */
  void add(int character, int error) {
    int tail = head + count++ & FIFO_SIZE - 1;
    data[tail] = (byte) character;
    errors[tail] = (byte) error;
  }

  /** Replaces the one character of a register that is not a FIFO. */
  void overwrite(int character, int error) {
    data[head] = (byte) character;
    errors[head] = (byte) error;
  }

  /** The oldest character; 0 when there is none. */
  int character() {
    return count == 0 ? 0 : data[head] & 0xff;
  }

  /** The errors of the oldest character that were not shown yet. */
  int error() {
    return count == 0 ? 0 : errors[head] & 0xff;
  }

  /** The errors of the oldest character have been shown. */
  void forgetError() {
    errors[head] = 0;
  }

  boolean hasErrors() {
    for (int i = 0; i < count; i++) {
      if (errors[head + i & FIFO_SIZE - 1] != 0) {
        return true;
      }
    }
    return false;
  }

  /** Takes the oldest character away. */
  void drop() {
    count--;
    if (capacity > 1) {
      head = head + 1 & FIFO_SIZE - 1;
    }
  }

  byte[] saveData() {
    return save(data);
  }

  byte[] saveErrors() {
    return save(errors);
  }

  void restore(boolean fifo, byte[] savedData, byte[] savedErrors) {
    clear(fifo);
    for (int i = 0; i < savedData.length; i++) {
      add(savedData[i], savedErrors[i]);
    }
  }

  private byte[] save(byte[] ring) {
    byte[] saved = new byte[count];
    for (int i = 0; i < count; i++) {
      saved[i] = ring[head + i & FIFO_SIZE - 1];
    }
    return saved;
  }
}
