package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;

/** The two-operand arithmetic of 32 and 64 bits between a register and a constant. */
final class AluImmediate {
  private AluImmediate() {}

  static Op bind32(Mnemonic mnemonic, int d, long immediate) {
    return switch (mnemonic) {
      case ADD -> add32(d, immediate);
      case SUB -> sub32(d, immediate);
      case CMP -> cmp32(d, immediate);
      case AND -> and32(d, immediate);
      case OR -> or32(d, immediate);
      case XOR -> xor32(d, immediate);
      case TEST -> test32(d, immediate);
      default -> null;
    };
  }

  private static Op add32(int d, long immediate) {
    int b = (int) immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int v = a + b;
        c.flagsAdd32(a, b, v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op sub32(int d, long immediate) {
    int b = (int) immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int v = a - b;
        c.flagsSub32(a, b, v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op cmp32(int d, long immediate) {
    int b = (int) immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int v = a - b;
        c.flagsSub32(a, b, v);
        return next;
      }
    };
  }

  private static Op and32(int d, long immediate) {
    int b = (int) immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int v = a & b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op or32(int d, long immediate) {
    int b = (int) immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int v = a | b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op xor32(int d, long immediate) {
    int b = (int) immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int v = a ^ b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op test32(int d, long immediate) {
    int b = (int) immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int v = a & b;
        c.flagsLogic(v);
        return next;
      }
    };
  }

  static Op bind64(Mnemonic mnemonic, int d, long immediate) {
    return switch (mnemonic) {
      case ADD -> add64(d, immediate);
      case SUB -> sub64(d, immediate);
      case CMP -> cmp64(d, immediate);
      case AND -> and64(d, immediate);
      case OR -> or64(d, immediate);
      case XOR -> xor64(d, immediate);
      case TEST -> test64(d, immediate);
      default -> null;
    };
  }

  private static Op add64(int d, long immediate) {
    long b = immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long v = a + b;
        c.flagsAdd64(a, b, v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op sub64(int d, long immediate) {
    long b = immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long v = a - b;
        c.flagsSub64(a, b, v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op cmp64(int d, long immediate) {
    long b = immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long v = a - b;
        c.flagsSub64(a, b, v);
        return next;
      }
    };
  }

  private static Op and64(int d, long immediate) {
    long b = immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long v = a & b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op or64(int d, long immediate) {
    long b = immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long v = a | b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op xor64(int d, long immediate) {
    long b = immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long v = a ^ b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op test64(int d, long immediate) {
    long b = immediate;
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long v = a & b;
        c.flagsLogic(v);
        return next;
      }
    };
  }
}
