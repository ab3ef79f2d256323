package org.sallyport.cpu.vmx.simd;

/** Bits of MXCSR (SDM volume 1, 10.2.3). An exception's mask bit is its flag bit shifted left by {@link #MASK_SHIFT}. */
public final class Mxcsr {
  // @formatter:off
  public static final int IE  = 1 << 0;   // invalid operation
  public static final int DE  = 1 << 1;   // denormal operand
  public static final int ZE  = 1 << 2;   // division by zero
  public static final int OE  = 1 << 3;   // overflow
  public static final int UE  = 1 << 4;   // underflow
  public static final int PE  = 1 << 5;   // precision: the result is not exact
  public static final int DAZ = 1 << 6;   // denormal operands are zeros
  public static final int OM  = 1 << 10;
  public static final int UM  = 1 << 11;
  public static final int PM  = 1 << 12;
  public static final int RC  = 3 << 13;  // rounding control
  public static final int FTZ = 1 << 15;  // underflows give zero

  /** Bits that exist; the others are reserved. */
  public static final int VALID = 0xffff;

  /** Exceptions that are found before an operation is carried out. */
  static final int BEFORE = IE | DE | ZE;

  static final int MASK_SHIFT = 7;
  static final int RC_SHIFT   = 13;

  // Values of RC.
  static final int NEAREST = 0;
  static final int DOWN    = 1;
  static final int UP      = 2;
  static final int TRUNCATE = 3;
  // @formatter:on

  private Mxcsr() {}
}
