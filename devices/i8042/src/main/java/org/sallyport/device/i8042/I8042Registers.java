package org.sallyport.device.i8042;

/**
 * Ports, bits and commands by the names of the IBM Personal System/2 Hardware Interface Technical Reference, "Keyboard
 * and Auxiliary Device Controller"; SYSTEM_A is system control port A of the same manual.
 */
final class I8042Registers {
  // @formatter:off
  static final int DATA              = 0x60;
  static final int STATUS_COMMAND    = 0x64;
  static final int SYSTEM_A          = 0x92;

  // Status register
  static final int OBF               = 0x01;  // output buffer full
  static final int SYS               = 0x04;  // system flag: bit of the same name in the command byte
  static final int CD                = 0x08;  // the last write was a command
  static final int NOT_INHIBITED     = 0x10;  // the key lock is open
  static final int AUX_OBF           = 0x20;  // the byte in the output buffer is the auxiliary device's
  static final int TO                = 0x40;  // general time-out: the device did not answer

  // Command byte, which is byte 0 of the controller's RAM
  static final int KBD_INT           = 0x01;
  static final int AUX_INT           = 0x02;
  static final int COMMAND_SYS       = 0x04;
  static final int KBD_DISABLE       = 0x10;
  static final int AUX_DISABLE       = 0x20;
  static final int XLATE             = 0x40;  // translates scan-code set 2 to set 1
  static final int COMMAND_BITS      = 0x7f;
  static final int COMMAND_POWER_ON  = XLATE | AUX_DISABLE | COMMAND_SYS | KBD_INT;  // as a PC's firmware leaves it

  static final int RAM_SIZE          = 32;

  // Commands
  static final int READ_RAM          = 0x20;  // to 0x3f
  static final int WRITE_RAM         = 0x60;  // to 0x7f, data follows
  static final int TEST_PASSWORD     = 0xa4;
  static final int DISABLE_AUX       = 0xa7;
  static final int ENABLE_AUX        = 0xa8;
  static final int TEST_AUX          = 0xa9;
  static final int SELF_TEST         = 0xaa;
  static final int TEST_KBD          = 0xab;
  static final int DISABLE_KBD       = 0xad;
  static final int ENABLE_KBD        = 0xae;
  static final int READ_INPUT_PORT   = 0xc0;
  static final int READ_OUTPUT_PORT  = 0xd0;
  static final int WRITE_OUTPUT_PORT = 0xd1;  // data follows
  static final int WRITE_KBD_OUT     = 0xd2;  // data follows
  static final int WRITE_AUX_OUT     = 0xd3;  // data follows
  static final int WRITE_AUX         = 0xd4;  // data follows
  static final int A20_OFF           = 0xdd;
  static final int A20_ON            = 0xdf;
  static final int PULSE_OUTPUT_PORT = 0xf0;  // to 0xff: pulses those of bits 0 to 3 low that are 0

  static final int SELF_TEST_PASSED  = 0x55;
  static final int TEST_PASSED       = 0x00;
  static final int NO_PASSWORD       = 0xf1;
  static final int RESEND            = 0xfe;

  static final int INPUT_PORT        = 0xb0;  // key lock open, no manufacturing jumper, all RAM

  // Output port
  static final int P2_NOT_RESET      = 0x01;
  static final int P2_A20            = 0x02;
  static final int P2_KBD_IRQ        = 0x10;
  static final int P2_AUX_IRQ        = 0x20;
  static final int P2_LINES          = 0xcc;  // clocks and data lines, high while idle

  // System control port A
  static final int A_RESET           = 0x01;
  static final int A_A20             = 0x02;
  // @formatter:on

  private I8042Registers() {}

  /** Whether a command takes a byte from the data port. */
  static boolean dataFollows(int command) {
    return command >= WRITE_RAM && command < WRITE_RAM + RAM_SIZE
        || command >= WRITE_OUTPUT_PORT && command <= WRITE_AUX;
  }
}
