package org.sallyport.loaders.tables;

import java.util.HexFormat;
import org.sallyport.api.memory.GuestMemory;

/**
 * The real-mode interrupt vectors as firmware leaves them: each leads to code in the firmware area that returns, those
 * of the interrupt controllers after telling them. There are no services behind them. For guests that go back to real
 * mode with interrupts on.
 */
final class RealModeVectors {
  /** Where the handlers of a PC/AT are. */
  private static final int DUMMY = 0xff53;
  private static final int MASTER = 0xfea5;
  private static final int SLAVE = 0xff23;

  private static final long SEGMENT = 0xf000;
  private static final int VECTORS = 256;

  /** Interrupts that the PICs ask for, as the firmware has programmed them. */
  private static final int MASTER_BASE = 0x08;
  private static final int SLAVE_BASE = 0x70;

  /** iret. */
  private static final byte[] RETURN = HexFormat.of().parseHex("cf");
  /** push ax; mov al, 20h; out 20h, al; pop ax; iret. */
  private static final byte[] END_MASTER = HexFormat.of().parseHex("50b020e62058cf");
  /** push ax; mov al, 20h; out 0a0h, al; out 20h, al; pop ax; iret. */
  private static final byte[] END_SLAVE = HexFormat.of().parseHex("50b020e6a0e62058cf");

  private RealModeVectors() {}

  static void write(GuestMemory memory) {
    memory.write((SEGMENT << 4) + DUMMY, RETURN);
    memory.write((SEGMENT << 4) + MASTER, END_MASTER);
    memory.write((SEGMENT << 4) + SLAVE, END_SLAVE);
    for (int vector = 0; vector < VECTORS; vector++) {
      int handler = vector >>> 3 == MASTER_BASE >>> 3 ? MASTER : vector >>> 3 == SLAVE_BASE >>> 3 ? SLAVE : DUMMY;
      memory.write(4L * vector, 4, SEGMENT << 16 | handler);
    }
  }
}
