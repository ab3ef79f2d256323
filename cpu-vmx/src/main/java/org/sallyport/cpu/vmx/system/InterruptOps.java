package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.GenericOp;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** INT n, INT3, INTO, INT1 and BOUND (SDM volume 2). */
final class InterruptOps {
  private static final int TSS_IO_MAP_BASE = 102;
  private static final int REDIRECTION_BYTES = 32;

  private InterruptOps() {}

  static void interrupt(Cpu cpu, SystemOp op) {
    int vector = (int) op.immediate & 0xff;
    boolean traced = (cpu.flags & Flag.TF) != 0;
    if (cpu.protectedMode() && cpu.v86()) {
      if ((cpu.cr4 & Flag.CR4_VME) != 0 && !isTrapped(cpu, vector)) {
        RealModeInterrupt.redirect(cpu, vector, op.returnRip(cpu));
        skipStep(cpu, traced);
        return;
      }
      if (cpu.iopl() < 3) {
        throw cpu.gp();
      }
    }
    cpu.raise(vector, EventDelivery.SOFTWARE_INTERRUPT, -1, op.length);
    skipStep(cpu, traced);
  }

  /** The bit of the TSS's interrupt redirection bitmap: 1 sends the interrupt to the protected-mode handler. */
  private static boolean isTrapped(Cpu cpu, int vector) {
    Segment tr = cpu.seg[Segment.TR];
    if (tr.limit < TSS_IO_MAP_BASE + 1) {
      throw cpu.gp();
    }
    long map = cpu.readSystem(tr.base + TSS_IO_MAP_BASE & 0xffffffffL, 2) - REDIRECTION_BYTES + (vector >> 3);
    if (map < 0 || map > tr.limit) {
      throw cpu.gp();
    }
    return (cpu.readSystem(tr.base + map & 0xffffffffL, 1) & 1 << (vector & 7)) != 0;
  }

  static void breakpoint(Cpu cpu, SystemOp op) {
    softwareException(cpu, op, Vector.BP, EventDelivery.SOFTWARE_EXCEPTION);
  }

  static void overflow(Cpu cpu, SystemOp op) {
    if (cpu.of()) {
      softwareException(cpu, op, Vector.OF, EventDelivery.SOFTWARE_EXCEPTION);
    } else {
      cpu.rip = op.returnRip(cpu);
    }
  }

  /** INT1, also called ICEBP: #DB that leaves DR6 alone and knows no privilege check. */
  static void debug(Cpu cpu, SystemOp op) {
    cpu.debug.mergePending();
    softwareException(cpu, op, Vector.DB, EventDelivery.PRIVILEGED_SOFTWARE_EXCEPTION);
  }

  private static void softwareException(Cpu cpu, SystemOp op, int vector, int kind) {
    boolean traced = (cpu.flags & Flag.TF) != 0;
    EventDelivery.exceptionExit(cpu, kind, vector, -1);
    cpu.raise(vector, kind, -1, op.length);
    skipStep(cpu, traced);
  }

  /** The delivery has cleared TF: no single-step trap at the handler's first instruction. */
  private static void skipStep(Cpu cpu, boolean traced) {
    if (traced) {
      cpu.debug.skipStep();
    }
  }

  static void bound(Cpu cpu, PlainOp op) {
    int size = op.operandSize();
    long index = GenericOp.signExtend(cpu.reg(op.number(0), size), size);
    long lower = GenericOp.signExtend(op.memory(cpu, 0, size), size);
    long upper = GenericOp.signExtend(op.memory(cpu, size, size), size);
    if (index < lower || index > upper) {
      throw cpu.fault(Vector.BR);
    }
  }
}
