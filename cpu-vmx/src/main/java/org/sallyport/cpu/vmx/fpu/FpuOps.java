package org.sallyport.cpu.vmx.fpu;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** Binds the x87 instructions and those that save and restore its state. */
public final class FpuOps {
  private FpuOps() {}

  /** The operation for an instruction, or null when it is none of these. */
  public static Op bind(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case FNINIT -> FpuOp.control(in, cpu, false, (c, op) -> c.fpu.init());
      case FNCLEX -> FpuOp.control(in, cpu, false, (c, op) -> c.fpu.status &= 0x7f00);
      case FNSTCW -> FpuOp.control(in, cpu, false, (c, op) -> c.write16(op.target(c, 2), c.fpu.control | 0x40));
      case FLDCW -> FpuOp.control(in, cpu, true, FpuOps::loadControl);
      case FNSTSW -> FpuOp.control(in, cpu, false, FpuOps::storeStatus);
      case FNOP -> FpuOp.of(in, cpu, (c, op) -> {});
      case FNENI, FNDISI, FNSETPM -> FpuOp.control(in, cpu, false, (c, op) -> {});
      case FWAIT -> new Wait(in, cpu);
      case EMMS -> new Emms(in, cpu);
      case FXSAVE, FXRSTOR -> cpu.has(CpuFeature.FXSR) ? StateOps.bind(in, cpu) : null;
      case XSAVE, XRSTOR -> cpu.has(CpuFeature.XSAVE) ? StateOps.bind(in, cpu) : null;
      case XSAVEOPT -> cpu.has(CpuFeature.XSAVEOPT) ? StateOps.bind(in, cpu) : null;
      case FISTTP -> cpu.has(CpuFeature.SSE3) ? bindComputing(in, cpu) : null;
      case FCMOV, FCOMI, FCOMIP, FUCOMI, FUCOMIP -> cpu.has(CpuFeature.CMOV) ? bindComputing(in, cpu) : null;
      default -> bindComputing(in, cpu);
    };
  }

  private static Op bindComputing(Instruction in, Cpu cpu) {
    Op op = Loads.bind(in, cpu);
    if (op == null) {
      op = Stores.bind(in, cpu);
    }
    if (op == null) {
      op = BasicOps.bind(in, cpu);
    }
    if (op == null) {
      op = Comparisons.bind(in, cpu);
    }
    if (op == null) {
      op = RegisterOps.bind(in, cpu);
    }
    if (op == null) {
      op = Functions.bind(in, cpu);
    }
    return op == null ? Environment.bind(in, cpu) : op;
  }

  private static void loadControl(Cpu c, FpuOp op) {
    c.fpu.loadControl(c.read16(op.source(c, 2)));
    c.fpu.updateSummary();
  }

  private static void storeStatus(Cpu c, FpuOp op) {
    if (op.isMemory()) {
      c.write16(op.target(c, 2), c.fpu.statusWord());
    } else {
      c.setReg(Registers.RAX, 2, c.fpu.statusWord());
    }
  }

  /** WAIT: #NM only with CR0.MP and CR0.TS both set. */
  private static final class Wait extends Op {
    Wait(Instruction in, Cpu cpu) {}

    @Override
    public Op execute(Cpu c) {
      if ((c.cr0 & (Flag.CR0_MP | Flag.CR0_TS)) == (Flag.CR0_MP | Flag.CR0_TS)) {
        throw c.fault(Vector.NM);
      }
      FpuOp.checkPending(c);
      return next;
    }
  }

  private static final class Emms extends Op {
    Emms(Instruction in, Cpu cpu) {}

    @Override
    public Op execute(Cpu c) {
      if ((c.cr0 & Flag.CR0_EM) != 0) {
        throw c.ud();
      }
      if ((c.cr0 & Flag.CR0_TS) != 0) {
        throw c.fault(Vector.NM);
      }
      FpuOp.checkPending(c);
      c.fpu.top = 0;
      c.fpu.empty = 0xff;
      return next;
    }
  }
}
