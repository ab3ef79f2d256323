package org.sallyport.cpu.vmx.interpret;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.system.IoPermission;

/**
 * IN, OUT, INS, OUTS. A processor has no ports of its own: each access is a VM exit (basic reason 30), whether the controls ask for it or
 * not. For IN and OUT the monitor completes the instruction; INS and OUTS are executed again with the data at hand.
 */
final class PortOps {
  /** Basic exit reason "I/O instruction". */
  static final int EXIT_IO = 30;

  private static final int IN = 1 << 3;
  private static final int STRING = 1 << 4;
  private static final int REP = 1 << 5;
  private static final int IMMEDIATE = 1 << 6;

  private PortOps() {}

  static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case IN -> new Single(in, cpu, true);
      case OUT -> new Single(in, cpu, false);
      case INS -> new In(in, cpu);
      case OUTS -> new Out(in, cpu);
      default -> null;
    };
  }

  private static ExitSignal exit(Cpu c, int port, int size, int bits, long data) {
    c.debug.portAccess(port, size);
    ExitSignal signal = c.exit(EXIT_IO, (long) port << 16 | bits | size - 1);
    signal.size = size;
    signal.data = data;
    return signal;
  }

  private static final class Single extends EndOp {
    private final int size;
    private final int bits;
    private final boolean constant;
    private final int constantPort;

    Single(Instruction in, Cpu cpu, boolean input) {
      super(in, cpu);
      int port = input ? 1 : 0;
      size = in.size[input ? 0 : 1];
      constant = in.kind[port] == OperandKind.IMMEDIATE;
      constantPort = (int) in.immediate & 0xff;
      bits = (input ? IN : 0) | (constant ? IMMEDIATE : 0);
    }

    @Override
    public Op execute(Cpu c) {
      int port = constant ? constantPort : (int) c.r[Cpu.RDX] & 0xffff;
      IoPermission.check(c, port, size);
      exit(c, port, size, bits, (bits & IN) != 0 ? 0 : c.reg(Cpu.RAX, size));
      c.exits = true;
      return null;
    }
  }

  private static final class In extends Strings.StringOp {
    private final int bits;

    In(Instruction in, Cpu cpu) {
      super(in, cpu);
      bits = IN | STRING | (in.rep || in.repne ? REP : 0);
    }

    @Override
    protected boolean element(Cpu c, long step) {
      int port = (int) c.r[Cpu.RDX] & 0xffff;
      long to = to(c, size, true);
      if (!c.io.replays()) {
        IoPermission.check(c, port, size);
        c.checkWrite(to, size);
        throw exit(c, port, size, bits, 0);
      }
      c.write(to, size, c.io.next());
      advance(c, Cpu.RDI, step);
      return true;
    }
  }

  private static final class Out extends Strings.StringOp {
    private final int bits;

    Out(Instruction in, Cpu cpu) {
      super(in, cpu);
      bits = STRING | (in.rep || in.repne ? REP : 0);
    }

    @Override
    protected boolean element(Cpu c, long step) {
      int port = (int) c.r[Cpu.RDX] & 0xffff;
      IoPermission.check(c, port, size);
      long v = c.read(from(c, size), size);
      if (!c.io.replays()) {
        throw exit(c, port, size, bits, v);
      }
      c.io.next();
      advance(c, Cpu.RSI, step);
      return true;
    }
  }
}
