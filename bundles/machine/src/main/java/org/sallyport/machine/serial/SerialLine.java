package org.sallyport.machine.serial;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.sallyport.api.device.CharacterBackend;
import org.sallyport.api.machine.SerialConsole;
import org.sallyport.machine.DeviceLock;

/** The line between a character device and people: the device's far end on one side, a console on the other. */
public final class SerialLine implements CharacterBackend, SerialConsole {
  private static final int TRANSCRIPT_LIMIT = 16 << 20;
  private static final Runnable NOTHING = () -> {};

  /** Listeners may keep what they get, so each byte has an array of its own, made once. */
  private static final byte[][] SINGLE = new byte[256][];

  static {
    for (int i = 0; i < 256; i++) {
      SINGLE[i] = new byte[]{(byte) i};
    }
  }

  private final DeviceLock lock;
  private final Transcript transcript = new Transcript(TRANSCRIPT_LIMIT);
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private Runnable readable = NOTHING;
  private byte[] queue = new byte[256];
  private int head;
  private int queued;

  public SerialLine(DeviceLock lock) {
    this.lock = lock;
  }

  @Override
  public void write(int value) {
    transcript.add(value);
    if (!listeners.isEmpty()) {
      byte[] single = SINGLE[value & 0xff];
      for (Listener listener : listeners) {
        listener.received(single, 1);
      }
    }
  }

  @Override
  public int read() {
    if (queued == 0) {
      return -1;
    }
    int value = queue[head] & 0xff;
    head = (head + 1) & (queue.length - 1);
    queued--;
    return value;
  }

  @Override
  public void onReadable(Runnable action) {
    readable = action;
  }

  /** Tells the device, when it has just been put in, that bytes wait already. Under the device lock. */
  public void announce() {
    if (queued > 0) {
      readable.run();
    }
  }

  /** Forgets a device that goes away. Under the device lock. */
  public void detach() {
    readable = NOTHING;
  }

  @Override
  public void send(byte[] bytes) {
    lock.locked(() -> {
      boolean begins = queued == 0 && bytes.length > 0;
      for (byte each : bytes) {
        enqueue(each);
      }
      if (begins) {
        readable.run();
      }
    });
  }

  @Override
  public int pending() {
    lock.lock();
    try {
      return queued;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Subscription listen(long position, Listener listener) {
    Listener own = listener::received; // the same listener may listen twice
    lock.locked(() -> {
      byte[] before = transcript.from(position);
      if (before.length > 0) {
        own.received(before, before.length);
      }
      listeners.add(own);
    });
    return () -> listeners.remove(own);
  }

  @Override
  public long position() {
    return transcript.position();
  }

  @Override
  public byte[] transcript(long position) {
    return transcript.from(position);
  }

  private void enqueue(byte value) {
    if (queued == queue.length) {
      byte[] larger = new byte[2 * queue.length];
      System.arraycopy(queue, head, larger, 0, queue.length - head);
      System.arraycopy(queue, 0, larger, queue.length - head, head);
      queue = larger;
      head = 0;
    }
    queue[(head + queued) & (queue.length - 1)] = value;
    queued++;
  }
}
