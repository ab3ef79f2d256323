package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/** FADD, FSUB, FSUBR, FMUL, FDIV, FDIVR with all their kinds of operands. */
final class BasicOps {
  private BasicOps() {}

  /** destination = destination op source, on the result fields of an {@link Arithmetic}. */
  @FunctionalInterface
  interface Operation {
    void apply(Arithmetic a, int dse, long dm, int sse, long sm);
  }

  static Op bind(Instruction in, Cpu cpu) {
    Operation operation = operation(in);
    if (operation == null) {
      return null;
    }
    return switch (in.mnemonic) {
      case FIADD, FIMUL, FISUB, FISUBR, FIDIV, FIDIVR -> FpuOp.of(in, cpu, (c, op) -> {
        Conversion v = c.fpu.conversion;
        v.begin(c.fpu.control, 0);
        v.fromLong(op.readInteger(c));
        withMemory(c.fpu, operation);
      });
      case FADDP, FMULP, FSUBP, FSUBRP, FDIVP, FDIVRP -> FpuOp.of(in, cpu, (c, op) -> {
        if (withRegister(c.fpu, operation, op.st, 0)) {
          c.fpu.pop();
        }
      });
      default -> {
        if (in.hasMemory()) {
          yield FpuOp.of(in, cpu, (c, op) -> {
            op.readReal(c);
            withMemory(c.fpu, operation);
          });
        }
        boolean toTop = in.opcode == 0xd8;
        yield FpuOp.of(in, cpu, (c, op) -> withRegister(c.fpu, operation, toTop ? 0 : op.st, toTop ? op.st : 0));
      }
    };
  }

  private static Operation operation(Instruction in) {
    return switch (in.mnemonic) {
      case FADD, FADDP, FIADD -> (a, dse, dm, sse, sm) -> a.add(dse, dm, sse, sm);
      case FMUL, FMULP, FIMUL -> (a, dse, dm, sse, sm) -> a.multiply(dse, dm, sse, sm);
      case FSUB, FSUBP, FISUB -> (a, dse, dm, sse, sm) -> a.subtract(dse, dm, sse, sm);
      case FSUBR, FSUBRP, FISUBR -> (a, dse, dm, sse, sm) -> a.subtract(sse, sm, dse, dm);
      case FDIV, FDIVP, FIDIV -> (a, dse, dm, sse, sm) -> a.divide(dse, dm, sse, sm);
      case FDIVR, FDIVRP, FIDIVR -> (a, dse, dm, sse, sm) -> a.divide(sse, sm, dse, dm);
      default -> null;
    };
  }

  /** ST(0) and what has been converted from memory. */
  private static void withMemory(Fpu f, Operation operation) {
    f.clearC1();
    if (f.stEmpty(0)) {
      if (f.stackFault(false)) {
        f.setIndefinite(0);
      }
      return;
    }
    Conversion v = f.conversion;
    Arithmetic a = f.arithmetic;
    int p = f.physical(0);
    a.begin(f.control, v.flags);
    operation.apply(a, f.signExponent[p], f.mantissa[p], v.signExponent, v.mantissa);
    if (f.commit(a.flags)) {
      f.setSt(0, a.signExponent, a.mantissa);
    }
  }

  /** Two registers; returns whether the result was stored. */
  private static boolean withRegister(Fpu f, Operation operation, int destination, int source) {
    f.clearC1();
    if (f.stEmpty(destination) || f.stEmpty(source)) {
      if (!f.stackFault(false)) {
        return false;
      }
      f.setIndefinite(destination);
      return true;
    }
    Arithmetic a = f.arithmetic;
    int d = f.physical(destination);
    int s = f.physical(source);
    a.begin(f.control, 0);
    operation.apply(a, f.signExponent[d], f.mantissa[d], f.signExponent[s], f.mantissa[s]);
    if (!f.commit(a.flags)) {
      return false;
    }
    f.setSt(destination, a.signExponent, a.mantissa);
    return true;
  }
}
