package org.sallyport.machine.serial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.sallyport.api.machine.SerialConsole;
import org.sallyport.machine.DeviceLock;

/** The line between a device and people. */
class SerialLineTest {
  private final SerialLine line = new SerialLine(new DeviceLock());

  @Test
  void listenersGetWhatWasSaidAndThenWhatComes() {
    line.write('a');
    line.write('b');
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteArrayOutputStream late = new ByteArrayOutputStream();
    SerialConsole.Subscription first = line.listen(0, (bytes, length) -> all.write(bytes, 0, length));
    line.listen(line.position(), (bytes, length) -> late.write(bytes, 0, length));
    line.write('c');
    first.close();
    line.write(0xff);
    assertEquals("abc", all.toString());
    assertArrayEquals(new byte[]{'c', -1}, late.toByteArray());
    assertArrayEquals(new byte[]{'b', 'c', -1}, line.transcript(1));
    assertEquals(4, line.position());
  }

  @Test
  void bytesWaitUntilTheDeviceTakesThem() {
    AtomicInteger told = new AtomicInteger();
    line.onReadable(told::incrementAndGet);
    line.send(new byte[]{1, 2});
    line.send(new byte[]{-1});
    assertEquals(1, told.get(), "told when bytes begin to wait");
    assertEquals(3, line.pending());
    assertEquals(1, line.read());
    assertEquals(2, line.read());
    assertEquals(255, line.read());
    assertEquals(-1, line.read());
    line.send(new byte[0]);
    assertEquals(1, told.get());
    line.send(new byte[]{4});
    assertEquals(2, told.get());
  }

  @Test
  void theQueueIsLikeAQueue() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ArrayDeque<Integer> model = new ArrayDeque<>();
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextInt(400)];
      random.nextBytes(bytes);
      line.send(bytes);
      for (byte each : bytes) {
        model.add(each & 0xff);
      }
      for (int n = random.nextInt(400); n > 0; n--) {
        Integer expected = model.poll();
        assertEquals(expected == null ? -1 : expected, line.read(), "seed " + seed);
      }
      assertEquals(model.size(), line.pending());
    }
  }

  @Test
  void aFullTranscriptForgetsTheOldest() {
    Transcript transcript = new Transcript(8192);
    for (int i = 0; i < 20_000; i++) {
      transcript.add(i % 251);
    }
    byte[] rest = transcript.from(0);
    assertEquals(8192, rest.length);
    for (int i = 0; i < rest.length; i++) {
      assertEquals((20_000 - 8192 + i) % 251, rest[i] & 0xff);
    }
    assertEquals(1, transcript.from(19_999).length);
    assertEquals(0, transcript.from(99_999).length);
  }
}
