package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;

/** The two-operand arithmetic of 32 and 64 bits from memory into a register. */
final class AluLoad {
  private AluLoad() {}

  static Op bind32(Mnemonic mnemonic, Instruction in, Cpu cpu, int d) {
    return switch (mnemonic) {
      case ADD -> add32(in, cpu, d);
      case SUB -> sub32(in, cpu, d);
      case CMP -> cmp32(in, cpu, d);
      case AND -> and32(in, cpu, d);
      case OR -> or32(in, cpu, d);
      case XOR -> xor32(in, cpu, d);
      case TEST -> test32(in, cpu, d);
      default -> null;
    };
  }

  private static Op add32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int b = c.read32(readAddress(c, 4));
        int a = (int) c.r[d];
        int v = a + b;
        c.flagsAdd32(a, b, v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op sub32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int b = c.read32(readAddress(c, 4));
        int a = (int) c.r[d];
        int v = a - b;
        c.flagsSub32(a, b, v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op cmp32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int b = c.read32(readAddress(c, 4));
        int a = (int) c.r[d];
        int v = a - b;
        c.flagsSub32(a, b, v);
        return next;
      }
    };
  }

  private static Op and32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int b = c.read32(readAddress(c, 4));
        int a = (int) c.r[d];
        int v = a & b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op or32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int b = c.read32(readAddress(c, 4));
        int a = (int) c.r[d];
        int v = a | b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op xor32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int b = c.read32(readAddress(c, 4));
        int a = (int) c.r[d];
        int v = a ^ b;
        c.flagsLogic(v);
        c.r[d] = v & 0xffffffffL;
        return next;
      }
    };
  }

  private static Op test32(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        int b = c.read32(readAddress(c, 4));
        int a = (int) c.r[d];
        int v = a & b;
        c.flagsLogic(v);
        return next;
      }
    };
  }

  static Op bind64(Mnemonic mnemonic, Instruction in, Cpu cpu, int d) {
    return switch (mnemonic) {
      case ADD -> add64(in, cpu, d);
      case SUB -> sub64(in, cpu, d);
      case CMP -> cmp64(in, cpu, d);
      case AND -> and64(in, cpu, d);
      case OR -> or64(in, cpu, d);
      case XOR -> xor64(in, cpu, d);
      case TEST -> test64(in, cpu, d);
      default -> null;
    };
  }

  private static Op add64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long b = c.read64(readAddress(c, 8));
        long a = c.r[d];
        long v = a + b;
        c.flagsAdd64(a, b, v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op sub64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long b = c.read64(readAddress(c, 8));
        long a = c.r[d];
        long v = a - b;
        c.flagsSub64(a, b, v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op cmp64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long b = c.read64(readAddress(c, 8));
        long a = c.r[d];
        long v = a - b;
        c.flagsSub64(a, b, v);
        return next;
      }
    };
  }

  private static Op and64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long b = c.read64(readAddress(c, 8));
        long a = c.r[d];
        long v = a & b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op or64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long b = c.read64(readAddress(c, 8));
        long a = c.r[d];
        long v = a | b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op xor64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long b = c.read64(readAddress(c, 8));
        long a = c.r[d];
        long v = a ^ b;
        c.flagsLogic(v);
        c.r[d] = v;
        return next;
      }
    };
  }

  private static Op test64(Instruction in, Cpu cpu, int d) {
    return new MemOp(in, cpu) {
      @Override
      public Op execute(Cpu c) {
        long b = c.read64(readAddress(c, 8));
        long a = c.r[d];
        long v = a & b;
        c.flagsLogic(v);
        return next;
      }
    };
  }
}
