package org.sallyport.tests.container;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.SerialConsole;

/** Somebody at a machine's serial line. */
final class Terminal implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Machine machine;
  private final SerialConsole console;
  private final SerialConsole.Subscription subscription;
  private final StringBuilder screen = new StringBuilder();
  private int seen;

  Terminal(Machine machine, String device) {
    this.machine = machine;
    console = machine.serial(device).orElseThrow();
    subscription = console.listen(0, this::show);
  }

  private synchronized void show(byte[] bytes, int length) {
    screen.append(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
    notifyAll();
  }

  /** Waits for this text after what was expected before. */
  synchronized void expect(String text) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    int found;
    while ((found = screen.indexOf(text, seen)) < 0) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        fail("no '" + text + "' after " + seen + " characters of:\n" + screen + "\n" + machine + ", its log:\n"
            + String.join("\n", machine.log()));
      }
      wait(millis);
    }
    seen = found + text.length();
  }

  void type(String text) {
    console.send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() {
    subscription.close();
  }
}
