package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;

/** The two-operand arithmetic of 32 and 64 bits between registers. */
final class AluRegister {
  private AluRegister() {}

  static Op bind32(Mnemonic mnemonic, int d, int s) {
    return switch (mnemonic) {
      case ADD -> add32(d, s);
      case SUB -> sub32(d, s);
      case CMP -> cmp32(d, s);
      case AND -> and32(d, s);
      case OR -> or32(d, s);
      case XOR -> xor32(d, s);
      case TEST -> test32(d, s);
      default -> null;
    };
  }

  private static Op add32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int b = (int) c.r[s];
        int v = a + b;
        c.flagsAdd32(a, b, v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op sub32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int b = (int) c.r[s];
        int v = a - b;
        c.flagsSub32(a, b, v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op cmp32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int b = (int) c.r[s];
        int v = a - b;
        c.flagsSub32(a, b, v);
        return next;
      }
    };
  }

  private static Op and32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int b = (int) c.r[s];
        int v = a & b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op or32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int b = (int) c.r[s];
        int v = a | b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op xor32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int b = (int) c.r[s];
        int v = a ^ b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op test32(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        int a = (int) c.r[d];
        int b = (int) c.r[s];
        int v = a & b;
        c.flagsLogic(v);
        return next;
      }
    };
  }

  static Op bind64(Mnemonic mnemonic, int d, int s) {
    return switch (mnemonic) {
      case ADD -> add64(d, s);
      case SUB -> sub64(d, s);
      case CMP -> cmp64(d, s);
      case AND -> and64(d, s);
      case OR -> or64(d, s);
      case XOR -> xor64(d, s);
      case TEST -> test64(d, s);
      default -> null;
    };
  }

  private static Op add64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long b = c.r[s];
        long v = a + b;
        c.flagsAdd64(a, b, v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op sub64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long b = c.r[s];
        long v = a - b;
        c.flagsSub64(a, b, v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op cmp64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long b = c.r[s];
        long v = a - b;
        c.flagsSub64(a, b, v);
        return next;
      }
    };
  }

  private static Op and64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long b = c.r[s];
        long v = a & b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op or64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long b = c.r[s];
        long v = a | b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op xor64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long b = c.r[s];
        long v = a ^ b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op test64(int d, int s) {
    return new Op() {
      @Override
      public Op execute(Cpu c) {
        long a = c.r[d];
        long b = c.r[s];
        long v = a & b;
        c.flagsLogic(v);
        return next;
      }
    };
  }
}
