package org.sallyport.cpu.vmx.state;

/**
 * The register file of a processor. The fields are public: operations work on them directly.
 *
 * <p>Status flags are lazy. Two longs stand for CF, PF, AF, ZF, SF and OF: {@link #result}, the last result sign-extended to 64 bits, and
 * {@link #carries}, whose bit 63 is the carry out of the top bit (CF), bit 62 the carry into it (OF is their exclusive or), bit 3 the
 * carry out of bit 3 (AF), bit 0 inverts SF and bits 15:8 invert the byte whose parity is PF; the last two serve only explicit loads.
 */
public abstract class Registers {
  // @formatter:off
  public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
  // @formatter:on

  /** Carries of a result of 64 bits that matter. */
  public static final long CARRY_BITS = 0xC000_0000_0000_0008L;

  private static final long CARRY_OUT = 1L << 63;
  private static final long CARRY_IN = 1L << 62;

  /** The 16 general registers in encoding order; then a zero, so that an absent base or index needs no test. */
  public final long[] r = new long[17];

  /** Instruction pointer: exact at instruction boundaries that the run loop sees, stale inside a block. */
  public long rip;

  /** RFLAGS without the status flags. */
  public int flags = 2;

  public long result = 1;
  public long carries;

  /** ES, CS, SS, DS, FS, GS, LDTR, TR. */
  public final Segment[] seg = new Segment[8];

  public long gdtBase;
  public int gdtLimit;
  public long idtBase;
  public int idtLimit;
  public long cr0;
  public long cr2;
  public long cr3;
  public long cr4;

  /** Shadow-stack pointer. */
  public long ssp;

  public int cr8;
  public long xcr0 = 1;
  public long efer;

  /** DR0 to DR3, (unused, unused), DR6, DR7. */
  public final long[] dr = new long[8];

  /** Current privilege level. */
  public int cpl;

  public final GuestFault guestFault = new GuestFault();
  public final ExitSignal exitSignal = new ExitSignal();

  protected Registers() {
    for (int i = 0; i < seg.length; i++) {
      seg[i] = new Segment();
    }
  }

  // ---- faults -------------------------------------------------------------------------------------------------------------------

  /** An exception without an error code: {@code throw cpu.fault(Vector.UD)}. */
  public final GuestFault fault(int vector) {
    guestFault.vector = vector;
    guestFault.errorCode = -1;
    return guestFault;
  }

  /** An exception with an error code. */
  public final GuestFault fault(int vector, int errorCode) {
    guestFault.vector = vector;
    guestFault.errorCode = errorCode;
    return guestFault;
  }

  /** #GP(0). */
  public final GuestFault gp() {
    return fault(Vector.GP, 0);
  }

  /** #UD. */
  public final GuestFault ud() {
    return fault(Vector.UD);
  }

  /** A fault-like VM exit: {@code throw cpu.exit(reason, qualification)}. */
  public final ExitSignal exit(int reason, long qualification) {
    exitSignal.reason = reason;
    exitSignal.qualification = qualification;
    return exitSignal;
  }

  // ---- modes --------------------------------------------------------------------------------------------------------------------

  public final boolean protectedMode() {
    return (cr0 & Flag.CR0_PE) != 0;
  }

  public final boolean v86() {
    return (flags & Flag.VM) != 0;
  }

  /** Real-address mode or virtual-8086 mode. */
  public final boolean realOrV86() {
    return (cr0 & Flag.CR0_PE) == 0 || (flags & Flag.VM) != 0;
  }

  /** IA-32e mode: 64-bit or compatibility mode. */
  public final boolean longMode() {
    return (efer & Flag.EFER_LMA) != 0;
  }

  /** 64-bit mode. */
  public final boolean mode64() {
    return (efer & Flag.EFER_LMA) != 0 && (seg[Segment.CS].access & Segment.L) != 0;
  }

  public final int iopl() {
    return flags >> 12 & 3;
  }

  // ---- flags --------------------------------------------------------------------------------------------------------------------

  public final boolean cf() {
    return carries < 0;
  }

  public final boolean of() {
    return (carries ^ carries << 1) < 0;
  }

  public final boolean zf() {
    return result == 0;
  }

  public final boolean sf() {
    return (result ^ carries << 63) < 0;
  }

  public final boolean af() {
    return (carries & 8) != 0;
  }

  public final boolean pf() {
    return (Integer.bitCount((int) (result ^ carries >>> 8) & 0xff) & 1) == 0;
  }

  /** Flags of a logical operation: CF and OF are cleared. The result is sign-extended from its size. */
  public final void flagsLogic(long signExtendedResult) {
    result = signExtendedResult;
    carries = 0;
  }

  /** Flags of a 64-bit addition (with or without carry in). */
  public final void flagsAdd64(long a, long b, long sum) {
    result = sum;
    carries = (a & b | (a | b) & ~sum) & CARRY_BITS;
  }

  public final void flagsSub64(long a, long b, long difference) {
    result = difference;
    carries = (~a & b | (~a | b) & difference) & CARRY_BITS;
  }

  public final void flagsAdd32(int a, int b, int sum) {
    result = sum;
    int carry = a & b | (a | b) & ~sum;
    carries = (long) carry << 32 | carry & 8;
  }

  public final void flagsSub32(int a, int b, int difference) {
    result = difference;
    int borrow = ~a & b | (~a | b) & difference;
    carries = (long) borrow << 32 | borrow & 8;
  }

  /** Flags of an addition of {@code size} bytes; the operands' upper bits do not matter. */
  public final void flagsAdd(long a, long b, long sum, int size) {
    int shift = 64 - size * 8;
    result = sum << shift >> shift;
    long carry = a & b | (a | b) & ~sum;
    carries = carry << shift & (CARRY_OUT | CARRY_IN) | carry & 8;
  }

  public final void flagsSub(long a, long b, long difference, int size) {
    int shift = 64 - size * 8;
    result = difference << shift >> shift;
    long borrow = ~a & b | (~a | b) & difference;
    carries = borrow << shift & (CARRY_OUT | CARRY_IN) | borrow & 8;
  }

  /** Sets CF alone. */
  public final void setCf(boolean carry) {
    boolean overflow = of();
    carries = carries & ~(CARRY_OUT | CARRY_IN) | (carry ? CARRY_OUT : 0) | (carry != overflow ? CARRY_IN : 0);
  }

  /** Sets CF and OF and leaves the others. */
  public final void setCfOf(boolean carry, boolean overflow) {
    carries = carries & ~(CARRY_OUT | CARRY_IN) | (carry ? CARRY_OUT : 0) | (carry != overflow ? CARRY_IN : 0);
  }

  /** Sets ZF alone. */
  public final void setZf(boolean zero) {
    setStatus(statusFlags() & ~Flag.ZF | (zero ? Flag.ZF : 0));
  }

  /** CF, PF, AF, ZF, SF, OF as in RFLAGS. */
  public final int statusFlags() {
    return (cf() ? Flag.CF : 0) | (pf() ? Flag.PF : 0) | (af() ? Flag.AF : 0) | (zf() ? Flag.ZF : 0)
        | (sf() ? Flag.SF : 0)
        | (of() ? Flag.OF : 0);
  }

  /** Sets all status flags from the bits of RFLAGS. */
  public final void setStatus(int f) {
    boolean zero = (f & Flag.ZF) != 0;
    boolean carry = (f & Flag.CF) != 0;
    boolean overflow = (f & Flag.OF) != 0;
    result = zero ? 0 : 1;
    boolean evenWanted = (f & Flag.PF) != 0;
    carries = (carry ? CARRY_OUT : 0) | (carry != overflow ? CARRY_IN : 0) | ((f & Flag.AF) != 0 ? 8 : 0)
        | (evenWanted == zero ? 0 : 0x100) | ((f & Flag.SF) != 0 ? 1 : 0);
  }

  /** The whole of RFLAGS. */
  public final int rflags() {
    return flags & ~Flag.STATUS | statusFlags() | 2;
  }

  /** Evaluates a condition code, 0 (O) to 15 (NLE). */
  public final boolean condition(int code) {
    boolean yes =
        switch (code >> 1) {
          case 0 -> of();
          case 1 -> cf();
          case 2 -> zf();
          case 3 -> cf() || zf();
          case 4 -> sf();
          case 5 -> pf();
          case 6 -> sf() != of();
          default -> zf() || sf() != of();
        };
    return yes != ((code & 1) != 0);
  }

  // ---- general registers by size -------------------------------------------------------------------------------------------------

  /** A register, zero-extended from {@code size} bytes. */
  public final long reg(int number, int size) {
    return switch (size) {
      case 1 -> r[number] & 0xff;
      case 2 -> r[number] & 0xffff;
      case 4 -> r[number] & 0xffffffffL;
      default -> r[number];
    };
  }

  /** Writes a register as an instruction with this operand size does: 32 bits clear the upper half, fewer leave the rest. */
  public final void setReg(int number, int size, long value) {
    switch (size) {
      case 1 -> r[number] = r[number] & ~0xffL | value & 0xff;
      case 2 -> r[number] = r[number] & ~0xffffL | value & 0xffff;
      case 4 -> r[number] = value & 0xffffffffL;
      default -> r[number] = value;
    }
  }

  /** AH, CH, DH, BH: number 0 to 3. */
  public final long highByte(int number) {
    return r[number] >>> 8 & 0xff;
  }

  public final void setHighByte(int number, long value) {
    r[number] = r[number] & ~0xff00L | (value & 0xff) << 8;
  }
}
