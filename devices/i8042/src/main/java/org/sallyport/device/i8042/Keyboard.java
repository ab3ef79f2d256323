package org.sallyport.device.i8042;

/**
 * A keyboard with 101 keys (PS/2 Hardware Interface Technical Reference, "Keyboard"): what it answers to the system's
 * commands, and what is typed on it. It has the scan-code sets 1 and 2. It does not repeat keys: who types does.
 */
final class Keyboard {
  // @formatter:off
  static final int SET_LEDS          = 0xed;
  static final int ECHO              = 0xee;
  static final int SCAN_CODE_SET     = 0xf0;
  static final int READ_ID           = 0xf2;
  static final int SET_TYPEMATIC     = 0xf3;
  static final int ENABLE            = 0xf4;
  static final int DEFAULT_DISABLE   = 0xf5;
  static final int SET_DEFAULT       = 0xf6;
  static final int RESEND            = 0xfe;
  static final int RESET             = 0xff;

  static final int ACK               = 0xfa;
  static final int TEST_PASSED       = 0xaa;
  static final int ID_FIRST          = 0xab;
  static final int ID_SECOND         = 0x83;

  static final int LEDS              = 0x07;
  static final int TYPEMATIC         = 0x7f;
  static final int TYPEMATIC_DEFAULT = 0x2b;  // 10.9 keys per second after half a second
  // @formatter:on

  private final ByteQueue scanCodes = new ByteQueue();
  private final ByteQueue answers = new ByteQueue();
  private final ScanCodeTranslator toSet1 = new ScanCodeTranslator();
  private int lastSent;
  private int command;
  private int leds;
  private int typematic;
  private int scanCodeSet;
  private boolean scanning;

  Keyboard() {
    powerOn();
  }

  /** Its test, which follows, has passed before anybody looks. */
  void powerOn() {
    answers.clear();
    lastSent = TEST_PASSED;
    command = 0;
    leds = 0;
    setDefaults();
    scanning = true;
  }

  private void setDefaults() {
    scanCodes.clear();
    typematic = TYPEMATIC_DEFAULT;
    select(2);
  }

  private void select(int set) {
    scanCodeSet = set;
    toSet1.breaks(false);
  }

  /** A byte of set 2 from the keys; false when it was not taken. */
  boolean type(int code) {
    if (!scanning) {
      return true;
    }
    if (scanCodeSet == 2) {
      return scanCodes.add(code);
    }
    boolean breaks = toSet1.breaks();
    int translated = toSet1.translate(code);
    if (translated < 0 || scanCodes.add(translated)) {
      return true;
    }
    toSet1.breaks(breaks);
    return false;
  }

  boolean hasByte() {
    return !answers.isEmpty() || !scanCodes.isEmpty();
  }

  /** Sends the next byte; there must be one. */
  int send() {
    lastSent = answers.isEmpty() ? scanCodes.take() : answers.take();
    return lastSent;
  }

  /** Takes a byte from the system; what was to be answered before is forgotten. */
  void receive(int value) {
    answers.clear();
    int waiting = command;
    command = 0;
    // A parameter has no bit 7: such a byte is the next command.
    if (waiting == 0 || value >= SET_LEDS) {
      execute(value);
    } else {
      parameter(waiting, value);
    }
  }

  private void execute(int value) {
    switch (value) {
      case SET_LEDS, SCAN_CODE_SET, SET_TYPEMATIC -> {
        command = value;
        answers.add(ACK);
      }
      case ECHO -> answers.add(ECHO);
      case READ_ID -> {
        answers.add(ACK);
        answers.add(ID_FIRST);
        answers.add(ID_SECOND);
      }
      case ENABLE -> {
        scanCodes.clear();
        scanning = true;
        answers.add(ACK);
      }
      case DEFAULT_DISABLE -> {
        setDefaults();
        scanning = false;
        answers.add(ACK);
      }
      case SET_DEFAULT -> {
        setDefaults();
        answers.add(ACK);
      }
      case RESEND -> answers.add(lastSent);
      case RESET -> {
        powerOn();
        answers.add(ACK);
        answers.add(TEST_PASSED);
      }
      default -> answers.add(RESEND); // no command, or one for set 3
    }
  }

  private void parameter(int waiting, int value) {
    boolean valid = switch (waiting) {
      case SET_LEDS -> (value & ~LEDS) == 0;
      case SCAN_CODE_SET -> value <= 2;
      default -> (value & ~TYPEMATIC) == 0;
    };
    if (!valid) {
      command = waiting;
      answers.add(RESEND);
      return;
    }
    answers.add(ACK);
    if (waiting == SET_LEDS) {
      leds = value;
    } else if (waiting == SET_TYPEMATIC) {
      typematic = value;
    } else if (value == 0) {
      answers.add(scanCodeSet);
    } else {
      scanCodes.clear();
      select(value);
    }
  }

  KeyboardState save() {
    return new KeyboardState(scanCodes.save(), answers.save(), lastSent, command, leds, typematic, scanCodeSet,
        scanning, toSet1.breaks());
  }

  /** Takes a state that was checked. */
  void restore(KeyboardState state) {
    scanCodes.restore(state.scanCodes());
    answers.restore(state.answers());
    lastSent = state.lastSent();
    command = state.command();
    leds = state.leds();
    typematic = state.typematic();
    scanCodeSet = state.scanCodeSet();
    scanning = state.scanning();
    toSet1.breaks(state.breaks());
  }
}
