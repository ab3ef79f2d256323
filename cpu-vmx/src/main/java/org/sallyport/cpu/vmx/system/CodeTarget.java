package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Checks of code and stack segments that far transfers go to in protected mode and IA-32e mode (SDM volume 2, CALL,
 * JMP, RET, IRET).
 */
final class CodeTarget {
  private CodeTarget() {}

  /** Reads the descriptor of a far transfer's selector: a code segment, a gate or a TSS. */
  static long read(Cpu cpu, int selector) {
    if (Descriptors.isNull(selector)) {
      throw cpu.gp();
    }
    return Descriptors.read(cpu, selector, Vector.GP, 0);
  }

  /** Checks a code segment that a far CALL or JMP names itself. */
  static void checkDirect(Cpu cpu, int selector, long code) {
    int dpl = Descriptors.dpl(code);
    boolean allowed = Descriptors.isConformingCode(code) ? dpl <= cpu.cpl : dpl == cpu.cpl && (selector & 3) <= cpu.cpl;
    if (!Descriptors.isCode(code) || !allowed) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    checkSizeAndPresence(cpu, selector, code);
  }

  /** Checks a code segment that a return goes to, and returns its descriptor. */
  static long readReturn(Cpu cpu, int selector) {
    long code = read(cpu, selector);
    int rpl = selector & 3;
    int dpl = Descriptors.dpl(code);
    boolean allowed = Descriptors.isConformingCode(code) ? dpl <= rpl : dpl == rpl;
    if (!Descriptors.isCode(code) || rpl < cpu.cpl || !allowed) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    checkSizeAndPresence(cpu, selector, code);
    return code;
  }

  private static void checkSizeAndPresence(Cpu cpu, int selector, long code) {
    if (cpu.longMode() && Descriptors.is64BitCode(code) && Descriptors.isBig(code)) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    if (!Descriptors.present(code)) {
      throw Descriptors.fault(cpu, Vector.NP, selector);
    }
  }

  /** Whether a code segment is one of 64-bit mode. */
  static boolean is64(Cpu cpu, long code) {
    return cpu.longMode() && Descriptors.is64BitCode(code);
  }

  /** #GP(0) when an instruction pointer lies outside its code segment. */
  static void checkOffset(Cpu cpu, long code, long offset) {
    boolean inside =
        is64(cpu, code) ? Canonical.is(cpu, offset) : Long.compareUnsigned(offset, Descriptors.limit(code)) <= 0;
    if (!inside) {
      throw cpu.gp();
    }
  }

  /**
   * Checks a stack segment that a return brings.
   *
   * @param cpl privilege level that is returned to
   * @param code descriptor of the code segment that is returned to
   * @return the descriptor, or 0 for a null selector where that is allowed
   */
  static long readStack(Cpu cpu, int selector, int cpl, long code) {
    if (Descriptors.isNull(selector)) {
      if (!is64(cpu, code) || cpl == 3) {
        throw cpu.gp();
      }
      return 0;
    }
    long stack = Descriptors.read(cpu, selector, Vector.GP, 0);
    if ((selector & 3) != cpl || !Descriptors.isWritableData(stack) || Descriptors.dpl(stack) != cpl) {
      throw Descriptors.fault(cpu, Vector.GP, selector);
    }
    if (!Descriptors.present(stack)) {
      throw Descriptors.fault(cpu, Vector.SS, selector);
    }
    return stack;
  }

  /** Loads SS and the stack pointer for code at {@code cpl}; {@code stack} is what {@link #readStack} returned. */
  static void loadStack(Cpu cpu, int selector, long stack, long pointer, int cpl, long code) {
    if (stack == 0) {
      Descriptors.loadNullSs(cpu, selector, cpl);
    } else {
      Descriptors.load(cpu, Segment.SS, selector, stack);
    }
    int size = is64(cpu, code) ? 8 : stack != 0 && Descriptors.isBig(stack) ? 4 : 2;
    cpu.setReg(Registers.RSP, size, pointer);
  }
}
