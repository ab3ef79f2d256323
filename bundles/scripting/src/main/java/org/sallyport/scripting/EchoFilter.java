package org.sallyport.scripting;

import java.io.PrintStream;

/**
 * Passes on what a guest writes, but for the questions that it asks its terminal (ECMA-48: device status report {@code
 * ESC [ n n}, device attributes {@code ESC [ n c}). Nobody would read the answers: the terminal would type them at
 * whoever reads next.
 */
final class EchoFilter {
  private static final int ESC = 0x1b;
  private static final int LONGEST = 16;

  private final PrintStream out;
  private final byte[] held = new byte[LONGEST];
  private int length;

  EchoFilter(PrintStream out) {
    this.out = out;
  }

  void write(byte[] bytes) {
    for (byte each : bytes) {
      write(each);
    }
    out.flush();
  }

  private void write(byte value) {
    if (value == ESC || length == LONGEST) {
      flush();
    }
    if (value != ESC && length == 0) {
      out.write(value);
      return;
    }
    held[length++] = value;
    boolean goesOn = switch (length) {
      case 1 -> true;
      case 2 -> value == '[';
      default -> value >= '0' && value <= '?'; // parameters
    };
    if (!goesOn) {
      if (length > 2 && (value == 'n' || value == 'c')) {
        length = 0;
      } else {
        flush();
      }
    }
  }

  /** Passes on the beginning of a sequence that does not go on. */
  void flush() {
    out.write(held, 0, length);
    length = 0;
  }
}
