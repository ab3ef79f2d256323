package org.sallyport.cpu.vmx.simd;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;

/** PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM (SDM volume 2, 4.1). */
final class StringCompare extends SimdOp {
  // Bits of the immediate.
  // @formatter:off
  private static final int WORDS           = 1 << 0;
  private static final int SIGNED          = 1 << 1;
  private static final int NEGATIVE        = 1 << 4;
  private static final int MASKED          = 1 << 5;
  private static final int MOST_SIGNIFICANT = 1 << 6; // of an index
  private static final int EXPANDED        = 1 << 6;  // of a mask
  // @formatter:on

  private final int first;
  private final int second;
  private final int control;
  private final boolean explicit;
  private final boolean mask;

  /** RAX and RDX are lengths of 64 bits. */
  private final boolean longLengths;

  private final int elements;

  private StringCompare(Instruction in, Cpu cpu, boolean explicit, boolean mask) {
    super(in, cpu);
    first = 2 * in.reg[0];
    second = in.kind[1] == OperandKind.MEMORY ? MEMORY : 2 * in.reg[1];
    control = (int) in.immediate & 0x7f;
    this.explicit = explicit;
    this.mask = mask;
    longLengths = in.operandSize == 8;
    elements = (control & WORDS) != 0 ? 8 : 16;
  }

  static Op bind(Instruction in, Cpu cpu) {
    if (!cpu.has(CpuFeature.SSE4_2)) {
      return null;
    }
    return switch (in.mnemonic) {
      case PCMPESTRI -> new StringCompare(in, cpu, true, false);
      case PCMPESTRM -> new StringCompare(in, cpu, true, true);
      case PCMPISTRI -> new StringCompare(in, cpu, false, false);
      case PCMPISTRM -> new StringCompare(in, cpu, false, true);
      default -> null;
    };
  }

  @Override
  public Op execute(Cpu c) {
    checkSse(c);
    long[] x = c.xmm.x;
    long low;
    long high;
    if (second >= 0) {
      low = x[second];
      high = x[second + 1];
    } else {
      long a = readAddress(c, 16);
      low = c.read64(a);
      high = c.read64(a + 8 & c.linearMask);
    }
    int firstLength = explicit ? length(c.r[Registers.RAX]) : length(x[first], x[first + 1]);
    int secondLength = explicit ? length(c.r[Registers.RDX]) : length(low, high);
    int result = aggregate(x[first], x[first + 1], firstLength, low, high, secondLength);
    result = polarity(result, secondLength);
    if (mask) {
      storeMask(x, result);
    } else {
      c.r[Registers.RCX] = index(result);
    }
    c.setStatus((result != 0 ? Flag.CF : 0) | (secondLength < elements ? Flag.ZF : 0)
        | (firstLength < elements ? Flag.SF : 0) | ((result & 1) != 0 ? Flag.OF : 0));
    return next;
  }

  /** An explicit length: the absolute value, at most the number of elements. */
  private int length(long register) {
    long value = longLengths ? register : (int) register;
    return value > -elements && value < elements ? (int) Math.abs(value) : elements;
  }

  /** An implicit length: how many elements precede the first that is zero. */
  private int length(long low, long high) {
    long tops = (control & WORDS) != 0 ? Lanes.W : Lanes.B;
    int width = 128 / elements;
    long zeros = Lanes.equal(low, 0, tops);
    if (zeros != 0) {
      return Long.numberOfTrailingZeros(zeros) / width;
    }
    zeros = Lanes.equal(high, 0, tops);
    return zeros != 0 ? elements / 2 + Long.numberOfTrailingZeros(zeros) / width : elements;
  }

  private int element(long low, long high, int i) {
    if (elements == 8) {
      int word = (int) ((i < 4 ? low : high) >>> 16 * (i & 3));
      return (control & SIGNED) != 0 ? (short) word : word & 0xffff;
    }
    int value = (int) ((i < 8 ? low : high) >>> 8 * (i & 7));
    return (control & SIGNED) != 0 ? (byte) value : value & 0xff;
  }

  /** IntRes1: one bit for each element of the second operand. */
  private int aggregate(long aLow, long aHigh, int aLength, long bLow, long bHigh, int bLength) {
    int result = 0;
    for (int i = 0; i < elements; i++) {
      boolean bit =
          switch (control >> 2 & 3) {
            case 0 -> i < bLength && equalsAny(aLow, aHigh, aLength, element(bLow, bHigh, i));
            case 1 -> i < bLength && inRanges(aLow, aHigh, aLength, element(bLow, bHigh, i));
            case 2 -> i < aLength && i < bLength
                ? element(aLow, aHigh, i) == element(bLow, bHigh, i)
                : i >= aLength && i >= bLength;
            default -> occursAt(aLow, aHigh, aLength, bLow, bHigh, bLength, i);
          };
      result |= bit ? 1 << i : 0;
    }
    return result;
  }

  private boolean equalsAny(long aLow, long aHigh, int aLength, int value) {
    for (int i = 0; i < aLength; i++) {
      if (element(aLow, aHigh, i) == value) {
        return true;
      }
    }
    return false;
  }

  /** Pairs of the first operand are ranges; one whose upper end is missing does not count. */
  private boolean inRanges(long aLow, long aHigh, int aLength, int value) {
    for (int i = 0; i + 1 < aLength; i += 2) {
      if (value >= element(aLow, aHigh, i) && value <= element(aLow, aHigh, i + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the first operand is at this place of the second; beyond the register's end everything agrees, beyond the text nothing. */
  private boolean occursAt(long aLow, long aHigh, int aLength, long bLow, long bHigh, int bLength, int at) {
    for (int i = 0; i < aLength && at + i < elements; i++) {
      if (at + i >= bLength || element(aLow, aHigh, i) != element(bLow, bHigh, at + i)) {
        return false;
      }
    }
    return true;
  }

  /** IntRes2. */
  private int polarity(int result, int secondLength) {
    if ((control & NEGATIVE) == 0) {
      return result;
    }
    return result ^ (1 << ((control & MASKED) != 0 ? secondLength : elements)) - 1;
  }

  private int index(int result) {
    if (result == 0) {
      return elements;
    }
    return (control & MOST_SIGNIFICANT) != 0
        ? 31 - Integer.numberOfLeadingZeros(result)
        : Integer.numberOfTrailingZeros(result);
  }

  private void storeMask(long[] x, int result) {
    if ((control & EXPANDED) != 0) {
      int width = 128 / elements;
      x[0] = Shuffles.mask(result, 0, width);
      x[1] = Shuffles.mask(result, elements / 2, width);
    } else {
      x[0] = result;
      x[1] = 0;
    }
  }
}
