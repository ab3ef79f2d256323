package org.sallyport.device.i8042;

import java.util.HexFormat;

/**
 * Translates scan-code set 2 to set 1, byte by byte, as the controller does while XLATE is set (PS/2 Hardware Interface
 * Technical Reference, "Keyboard": scan code tables of the sets 1 and 2): the prefix 0xF0 vanishes and sets bit 7 of
 * the code that follows.
 */
final class ScanCodeTranslator {
  static final int BREAK = 0xf0;

  /** Set 1 by set 2, from 0x00 to 0x84. Bytes above are prefixes and answers, which stay what they are. */
  private static final byte[] SET1 = HexFormat.of().parseHex(
  // @formatter:off
      "ff43413f3d3b3c58644442403e0f2959"
    + "65382a701d10025a66712c1f1e11035b"
    + "672e2d201205045c68392f211413065d"
    + "693130232215075e6a7232241608095f"
    + "6b332517180b0a606c34352627190c61"
    + "6d7328741a0d626e3a361c1b752b6376"
    + "55567778797a0e7b7c4f7d4b477e7f6f"
    + "5253504c4d480145574e514a37494654"
    + "8081824154");
  // @formatter:on

  private boolean breaks;

  /** The translated byte, or -1 when there is none yet. */
  int translate(int code) {
    if (code == BREAK) {
      breaks = true;
      return -1;
    }
    if (code >= SET1.length) {
      return code;
    }
    int translated = SET1[code] & 0xff | (breaks ? 0x80 : 0);
    breaks = false;
    return translated;
  }

  /** Whether 0xF0 was the last code. */
  boolean breaks() {
    return breaks;
  }

  void breaks(boolean value) {
    breaks = value;
  }
}
