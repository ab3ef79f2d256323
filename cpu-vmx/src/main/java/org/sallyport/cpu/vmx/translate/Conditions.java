package org.sallyport.cpu.vmx.translate;

import static org.sallyport.cpu.vmx.translate.Code.FIRST;
import static org.sallyport.cpu.vmx.translate.Code.RESULT;
import static org.sallyport.cpu.vmx.translate.Code.SECOND;

import java.lang.classfile.Label;

/**
 * Jumps on condition codes. Where the operation that set the flags is known, the condition is a comparison of what it worked on;
 * otherwise it is evaluated from the state of the flags.
 */
final class Conditions {
  private Conditions() {}

  /** Jumps to {@code target} when the condition holds. */
  static void jump(Code c, int condition, Label target) {
    boolean not = (condition & 1) != 0;
    if (c.kind == Code.UNKNOWN || !known(c, condition >> 1, not, c.kind & ~3, 1 << (c.kind & 3), target)) {
      c.genericCondition(condition);
      c.b.ifne(target);
    }
  }

  private static boolean known(Code c, int test, boolean not, int family, int size, Label target) {
    if (family == Lazy.EXPLICIT) {
      return explicit(c, test, not, target);
    }
    switch (test) {
      case 2 -> {
        if (family == Lazy.SUB) {
          compare(c, FIRST, SECOND);
        } else {
          c.load(RESULT).constant(0).b.lcmp();
        }
        equal(c, not, target);
        return true;
      }
      case 4 -> {
        c.load(RESULT).signExtend(size).constant(0).b.lcmp();
        less(c, not, target);
        return true;
      }
      default -> {}
    }
    if (family == Lazy.SUB) {
      return subtraction(c, test, not, size, target);
    }
    if (family == Lazy.LOGIC) {
      return logic(c, test, not, size, target);
    }
    if (test == 1 && (family == Lazy.INC || family == Lazy.DEC)) {
      c.load(FIRST).constant(0).b.lcmp();
      less(c, not, target);
      return true;
    }
    if (test == 1 && family == Lazy.ADD) {
      unsigned(c, RESULT, FIRST, size);
      less(c, not, target);
      return true;
    }
    return false;
  }

  private static boolean explicit(Code c, int test, boolean not, Label target) {
    switch (test) {
      case 1 -> {
        c.load(FIRST).constant(0).b.lcmp();
        less(c, not, target);
      }
      case 2 -> {
        c.load(RESULT).constant(0).b.lcmp();
        equal(c, not, target);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean subtraction(Code c, int test, boolean not, int size, Label target) {
    switch (test) {
      case 1 -> {
        unsigned(c, FIRST, SECOND, size);
        less(c, not, target);
      }
      case 3 -> {
        unsigned(c, FIRST, SECOND, size);
        lessOrEqual(c, not, target);
      }
      case 6 -> {
        signed(c, size);
        less(c, not, target);
      }
      case 7 -> {
        signed(c, size);
        lessOrEqual(c, not, target);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean logic(Code c, int test, boolean not, int size, Label target) {
    switch (test) {
      case 0, 1 -> {
        if (not) {
          c.b.goto_(target);
        }
      }
      case 3 -> {
        c.load(RESULT).constant(0).b.lcmp();
        equal(c, not, target);
      }
      case 6 -> {
        c.load(RESULT).signExtend(size).constant(0).b.lcmp();
        less(c, not, target);
      }
      case 7 -> {
        c.load(RESULT).signExtend(size).constant(0).b.lcmp();
        lessOrEqual(c, not, target);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void compare(Code c, int first, int second) {
    c.load(first).load(second).b.lcmp();
  }

  /** Compares two locals, zero-extended from {@code size} bytes, without their signs. */
  private static void unsigned(Code c, int first, int second, int size) {
    if (size < 8) {
      compare(c, first, second);
    } else {
      c.load(first).load(second);
      c.b.invokestatic(Code.describe(Long.class), "compareUnsigned",
          java.lang.invoke.MethodType.methodType(int.class, long.class, long.class).describeConstable().orElseThrow());
    }
  }

  private static void signed(Code c, int size) {
    c.load(FIRST).signExtend(size).load(SECOND).signExtend(size).b.lcmp();
  }

  private static void equal(Code c, boolean not, Label target) {
    if (not) {
      c.b.ifne(target);
    } else {
      c.b.ifeq(target);
    }
  }

  private static void less(Code c, boolean not, Label target) {
    if (not) {
      c.b.ifge(target);
    } else {
      c.b.iflt(target);
    }
  }

  private static void lessOrEqual(Code c, boolean not, Label target) {
    if (not) {
      c.b.ifgt(target);
    } else {
      c.b.ifle(target);
    }
  }
}
