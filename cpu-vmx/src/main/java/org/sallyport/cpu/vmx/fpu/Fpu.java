package org.sallyport.cpu.vmx.fpu;

/**
 * The x87 registers and their stack (SDM volume 1, chapter "Programming with the x87 FPU"). MMX registers are the
 * mantissas of the physical registers.
 */
public final class Fpu {
  /** Control word after FNINIT: all exceptions masked, 64-bit precision, round to nearest. */
  public static final int CONTROL_DEFAULT = 0x37f;

  // Bits of the status word; the lower six have their masks at the same places of the control word.
  // @formatter:off
  static final int IE = 1 << 0;    // invalid operation
  static final int DE = 1 << 1;    // denormal operand
  static final int ZE = 1 << 2;    // zero divide
  static final int OE = 1 << 3;    // overflow
  static final int UE = 1 << 4;    // underflow
  static final int PE = 1 << 5;    // precision
  static final int SF = 1 << 6;    // stack fault
  static final int C0 = 1 << 8;
  static final int C1 = 1 << 9;
  static final int C2 = 1 << 10;
  static final int C3 = 1 << 14;

  /** The exceptions that are found before there is a result: unmasked, they leave the registers as they are. */
  static final int BEFORE = IE | DE | ZE;
  // @formatter:on

  /** Tags of two bits each. */
  static final int VALID = 0;

  static final int ZERO = 1;
  static final int SPECIAL = 2;
  static final int EMPTY = 3;

  /** The 64-bit mantissas of the physical registers. */
  public final long[] mantissa = new long[8];

  /** Sign (bit 15) and exponent of the physical registers. */
  public final int[] signExponent = new int[8];

  public int control = CONTROL_DEFAULT;

  /** Status word without TOP. */
  public int status;

  /** Top of the stack, 0 to 7. */
  public int top;

  /** Bit n: physical register n is empty. */
  public int empty = 0xff;

  final Arithmetic arithmetic = new Arithmetic();
  final Conversion conversion = new Conversion();
  final Trigonometry trigonometry = new Trigonometry();
  final Exponentials exponentials = new Exponentials();

  public long lastInstruction;
  public int lastInstructionSelector;
  public long lastData;
  public int lastDataSelector;
  public int lastOpcode;

  /**
   * Loads the control word (SDM volume 1, "x87 FPU Control Word"). The infinity control (bit 12) means nothing but is kept; bit 6 is always set.
   */
  public void loadControl(int word) {
    control = word & 0x1f3f | 0x40;
  }

  /** FNINIT. */
  public void init() {
    control = CONTROL_DEFAULT;
    status = 0;
    top = 0;
    empty = 0xff;
    lastInstruction = 0;
    lastInstructionSelector = 0;
    lastData = 0;
    lastDataSelector = 0;
    lastOpcode = 0;
  }

  /** The initial state of XSAVE: FNINIT and cleared registers. */
  public void clear() {
    init();
    java.util.Arrays.fill(mantissa, 0);
    java.util.Arrays.fill(signExponent, 0);
  }

  public int statusWord() {
    return status & ~0x3800 | top << 11;
  }

  public void statusWord(int word) {
    status = word & 0xffff & ~0x3800;
    top = word >> 11 & 7;
  }

  /** Whether an unmasked exception waits to be raised by the next waiting instruction. */
  public boolean exceptionPending() {
    return (status & ~control & 0x3f) != 0;
  }

  /** ES and B follow from the exception flags and masks. */
  public void updateSummary() {
    status = exceptionPending() ? status | 0x8080 : status & ~0x8080;
  }

  /** Physical number of ST(i). */
  public int physical(int i) {
    return top + i & 7;
  }

  public boolean isEmpty(int physical) {
    return (empty >> physical & 1) != 0;
  }

  /** Tag of a physical register as FNSTENV shows it. */
  public int tag(int physical) {
    if (isEmpty(physical)) {
      return EMPTY;
    }
    int exponent = signExponent[physical] & 0x7fff;
    if (exponent == 0 && mantissa[physical] == 0) {
      return ZERO;
    }
    return exponent == 0 || exponent == 0x7fff || mantissa[physical] >= 0 ? SPECIAL : VALID;
  }

  public int tagWord() {
    int word = 0;
    for (int i = 0; i < 8; i++) {
      word |= tag(i) << 2 * i;
    }
    return word;
  }

  public void tagWord(int word) {
    empty = 0;
    for (int i = 0; i < 8; i++) {
      empty |= (word >> 2 * i & 3) == EMPTY ? 1 << i : 0;
    }
  }

  public long mmx(int n) {
    return mantissa[n];
  }

  public void setMmx(int n, long v) {
    mantissa[n] = v;
    signExponent[n] = 0xffff;
  }

  /** What every MMX instruction but EMMS does: TOP is 0 and no register is empty. */
  public void enterMmx() {
    top = 0;
    empty = 0;
  }

  // ---- the stack ----------------------------------------------------------------------------------------------------

  boolean stEmpty(int i) {
    return (empty >> (top + i & 7) & 1) != 0;
  }

  void setSt(int i, int newSignExponent, long newMantissa) {
    int p = top + i & 7;
    signExponent[p] = newSignExponent;
    mantissa[p] = newMantissa;
    empty &= ~(1 << p);
  }

  /** Sets ST(i) to the default NaN, the masked response to an invalid operation. */
  void setIndefinite(int i) {
    setSt(i, Rounding.INDEFINITE_EXPONENT, Rounding.INDEFINITE_MANTISSA);
  }

  void push(int newSignExponent, long newMantissa) {
    top = top - 1 & 7;
    setSt(0, newSignExponent, newMantissa);
  }

  void pop() {
    empty |= 1 << top;
    top = top + 1 & 7;
  }

  // ---- exceptions ---------------------------------------------------------------------------------------------------

  void clearC1() {
    status &= ~C1;
  }

  /** Raises a stack underflow (C1 cleared) or overflow (C1 set); returns whether it is masked. */
  boolean stackFault(boolean overflow) {
    status = status & ~C1 | IE | SF | (overflow ? C1 : 0);
    updateSummary();
    return (control & IE) != 0;
  }

  /**
   * Raises what an operation has found, together with C1; returns whether its result is to be stored. An unmasked
   * exception that comes before the result keeps those away that come with it.
   */
  boolean commit(int raised) {
    boolean stores = (raised & ~control & BEFORE) == 0;
    int flags = stores ? raised : raised & BEFORE;
    if (flags != 0) {
      status |= flags;
      updateSummary();
    }
    return stores;
  }
}
