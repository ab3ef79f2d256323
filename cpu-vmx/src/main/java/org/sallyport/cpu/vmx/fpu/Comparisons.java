package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Flag;

/** FCOM, FUCOM, FICOM, FCOMI, FUCOMI, FTST, FXAM and FCMOV. */
final class Comparisons {
  private static final int UNORDERED = Fpu.C0 | Fpu.C2 | Fpu.C3;

  private Comparisons() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case FCOM, FCOMP, FUCOM, FUCOMP, FCOMI, FCOMIP, FUCOMI, FUCOMIP -> {
        boolean quiet = quiet(in.mnemonic);
        int pops = switch (in.mnemonic) {
          case FCOMP, FUCOMP, FCOMIP, FUCOMIP -> 1;
          default -> 0;
        };
        if (in.hasMemory()) {
          yield FpuOp.of(in, cpu, (c, op) -> {
            op.readReal(c);
            withMemory(c.fpu, pops);
          });
        }
        boolean toFlags = switch (in.mnemonic) {
          case FCOMI, FCOMIP, FUCOMI, FUCOMIP -> true;
          default -> false;
        };
        yield FpuOp.of(in, cpu, (c, op) -> withRegister(c, op.st, quiet, toFlags, pops));
      }
      case FCOMPP, FUCOMPP -> {
        boolean quiet = quiet(in.mnemonic);
        yield FpuOp.of(in, cpu, (c, op) -> withRegister(c, 1, quiet, false, 2));
      }
      case FICOM, FICOMP -> {
        int pops = in.mnemonic == Mnemonic.FICOMP ? 1 : 0;
        yield FpuOp.of(in, cpu, (c, op) -> {
          Conversion v = c.fpu.conversion;
          v.begin(c.fpu.control, 0);
          v.fromLong(op.readInteger(c));
          withMemory(c.fpu, pops);
        });
      }
      case FTST -> FpuOp.of(in, cpu, (c, op) -> {
        Conversion v = c.fpu.conversion;
        v.begin(c.fpu.control, 0);
        v.fromLong(0);
        withMemory(c.fpu, 0);
      });
      case FXAM -> FpuOp.of(in, cpu, (c, op) -> examine(c.fpu));
      case FCMOV -> {
        int condition = in.condition;
        yield FpuOp.of(in, cpu, (c, op) -> move(c, op.st, condition));
      }
      default -> null;
    };
  }

  private static boolean quiet(Mnemonic mnemonic) {
    return switch (mnemonic) {
      case FUCOM, FUCOMP, FUCOMPP, FUCOMI, FUCOMIP -> true;
      default -> false;
    };
  }

  private static void withMemory(Fpu f, int pops) {
    f.clearC1();
    Conversion v = f.conversion;
    Arithmetic a = f.arithmetic;
    boolean goesOn;
    if (f.stEmpty(0)) {
      goesOn = f.stackFault(false);
      a.conditions = UNORDERED;
      a.flags = Fpu.IE;
    } else {
      int p = f.physical(0);
      a.begin(f.control, v.flags);
      a.compare(f.signExponent[p], f.mantissa[p], v.signExponent, v.mantissa, false);
      goesOn = f.commit(a.flags);
    }
    conclude(f, goesOn, pops);
  }

  /**
   * With an unmasked invalid operation there is no result (SDM volume 2, FCOM, FCOMI); with an unmasked denormal
   * operand there is one, but nothing is popped.
   */
  private static void conclude(Fpu f, boolean goesOn, int pops) {
    if (hasResult(f, goesOn)) {
      f.status = f.status & ~UNORDERED | f.arithmetic.conditions;
    }
    pop(f, goesOn, pops);
  }

  private static boolean hasResult(Fpu f, boolean goesOn) {
    return goesOn || (f.arithmetic.flags & Fpu.IE) == 0;
  }

  private static void pop(Fpu f, boolean goesOn, int pops) {
    for (int i = 0; goesOn && i < pops; i++) {
      f.pop();
    }
  }

  private static void withRegister(Cpu c, int st, boolean quiet, boolean toFlags, int pops) {
    Fpu f = c.fpu;
    f.clearC1();
    Arithmetic a = f.arithmetic;
    boolean goesOn;
    if (f.stEmpty(0) || f.stEmpty(st)) {
      goesOn = f.stackFault(false);
      a.conditions = UNORDERED;
      a.flags = Fpu.IE;
    } else {
      int p = f.physical(0);
      int q = f.physical(st);
      a.begin(f.control, 0);
      a.compare(f.signExponent[p], f.mantissa[p], f.signExponent[q], f.mantissa[q], quiet);
      goesOn = f.commit(a.flags);
    }
    if (!toFlags) {
      conclude(f, goesOn, pops);
      return;
    }
    if (hasResult(f, goesOn)) {
      int conditions = a.conditions;
      c.setStatus((conditions & Fpu.C0) / Fpu.C0 * Flag.CF | (conditions & Fpu.C2) / Fpu.C2 * Flag.PF
          | (conditions & Fpu.C3) / Fpu.C3 * Flag.ZF);
    }
    pop(f, goesOn, pops);
  }

  /** FXAM: the class in C3, C2, C0 and the sign in C1, also of an empty register. */
  private static void examine(Fpu f) {
    int p = f.physical(0);
    int se = f.signExponent[p];
    long m = f.mantissa[p];
    int kind;
    if (f.isEmpty(p)) {
      kind = Fpu.C3 | Fpu.C0;
    } else if (Rounding.unsupported(se, m)) {
      kind = 0;
    } else if (Rounding.nan(se, m)) {
      kind = Fpu.C0;
    } else if (Rounding.infinite(se, m)) {
      kind = Fpu.C2 | Fpu.C0;
    } else if (Rounding.zero(se, m)) {
      kind = Fpu.C3;
    } else {
      kind = Rounding.denormal(se, m) ? Fpu.C3 | Fpu.C2 : Fpu.C2;
    }
    f.status = f.status & ~(UNORDERED | Fpu.C1) | kind | ((se & Rounding.SIGN) != 0 ? Fpu.C1 : 0);
  }

  private static void move(Cpu c, int st, int condition) {
    Fpu f = c.fpu;
    if (f.stEmpty(0) || f.stEmpty(st)) {
      if (f.stackFault(false)) {
        f.setIndefinite(0);
      }
    } else if (c.condition(condition)) {
      int p = f.physical(st);
      f.setSt(0, f.signExponent[p], f.mantissa[p]);
    }
  }
}
