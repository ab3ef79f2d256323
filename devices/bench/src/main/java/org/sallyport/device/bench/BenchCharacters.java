package org.sallyport.device.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.sallyport.api.device.CharacterBackend;

/** The far end of a character device, in a test's hands. */
public final class BenchCharacters implements CharacterBackend {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final Deque<Integer> waiting = new ArrayDeque<>();
  private Runnable readable = () -> {};

  @Override
  public void write(int value) {
    if (value < 0 || value > 0xff) {
      throw new AssertionError("not a byte: " + value);
    }
    written.write(value);
  }

  @Override
  public int read() {
    Integer next = waiting.poll();
    return next == null ? -1 : next;
  }

  @Override
  public void onReadable(Runnable action) {
    readable = action;
  }

  /** Puts a byte on the way to the device. */
  public void send(int value) {
    waiting.add(value & 0xff);
    if (waiting.size() == 1) {
      readable.run();
    }
  }

  /** Puts text on the way to the device. */
  public void send(String text) {
    for (byte each : text.getBytes(StandardCharsets.ISO_8859_1)) {
      send(each);
    }
  }

  /** How many bytes the device has not taken yet. */
  public int pending() {
    return waiting.size();
  }

  /** Everything the device wrote, as Latin-1. */
  public String written() {
    return written.toString(StandardCharsets.ISO_8859_1);
  }

  /** Gives this one the same bytes waiting as another, without a word to the device. */
  public void takePending(BenchCharacters other) {
    waiting.clear();
    waiting.addAll(other.waiting);
  }
}
