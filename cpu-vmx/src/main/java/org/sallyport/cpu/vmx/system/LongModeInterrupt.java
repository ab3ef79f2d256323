package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;
import org.sallyport.cpu.vmx.state.Vector;

/** Interrupts in IA-32e mode (SDM volume 3, "Exception and Interrupt Handling in 64-bit Mode"). */
final class LongModeInterrupt {
  private static final int TSS_RSP0 = 4;
  private static final int TSS_IST1 = 36;

  private LongModeInterrupt() {}

  static void deliver(Cpu cpu, int vector, int kind, int errorCode, long returnRip) {
    boolean software = kind == EventDelivery.SOFTWARE_INTERRUPT || kind == EventDelivery.SOFTWARE_EXCEPTION;
    int ext = software ? 0 : 1;
    int idtError = vector * 8 + 2 + ext;
    if (vector * 16 + 15 > cpu.idtLimit) {
      throw cpu.fault(Vector.GP, idtError);
    }
    long gate = cpu.readSystem(cpu.idtBase + vector * 16, 8);
    int type = (int) (gate >>> 40) & 0x1f;
    if (type != Descriptors.INTERRUPT_GATE && type != Descriptors.TRAP_GATE
        || software && Descriptors.dpl(gate) < cpu.cpl) {
      throw cpu.fault(Vector.GP, idtError);
    }
    if (!Descriptors.present(gate)) {
      throw cpu.fault(Vector.NP, idtError);
    }
    long upper = cpu.readSystem(cpu.idtBase + vector * 16 + 8, 8);
    long target = Descriptors.gateOffset(gate) | upper << 32;

    int selector = Descriptors.gateSelector(gate);
    if (Descriptors.isNull(selector)) {
      throw cpu.fault(Vector.GP, ext);
    }
    long code = Descriptors.read(cpu, selector, Vector.GP, ext);
    if (!Descriptors.isCode(code) || Descriptors.dpl(code) > cpu.cpl || !Descriptors.is64BitCode(code)
        || Descriptors.isBig(code)) {
      throw cpu.fault(Vector.GP, Descriptors.errorCode(selector, ext));
    }
    if (!Descriptors.present(code)) {
      throw cpu.fault(Vector.NP, Descriptors.errorCode(selector, ext));
    }
    int cpl = Descriptors.isConformingCode(code) ? cpu.cpl : Descriptors.dpl(code);
    int ist = (int) (gate >>> 32) & 7;
    long sp = stackPointer(cpu, ist, cpl, ext);
    if (!Canonical.is(cpu, target)) {
      throw cpu.fault(Vector.GP, ext);
    }
    int words = errorCode < 0 ? 5 : 6;
    long top = (sp & ~15L) - 8 * words;
    if (!Canonical.is(cpu, top) || !Canonical.is(cpu, top + 8 * words - 1)) {
      throw cpu.fault(Vector.SS, ext);
    }
    Descriptors.setAccessed(cpu, selector, code);
    boolean resume = EventDelivery.setsRf(cpu, vector, kind);
    boolean supervisor = cpl < 3;
    long at = top + 8 * words;
    put(cpu, at -= 8, cpu.seg[Segment.SS].selector, supervisor);
    put(cpu, at -= 8, cpu.r[Registers.RSP], supervisor);
    put(cpu, at -= 8, cpu.rflags() | (resume ? Flag.RF : 0), supervisor);
    put(cpu, at -= 8, cpu.seg[Segment.CS].selector, supervisor);
    put(cpu, at -= 8, returnRip, supervisor);
    if (errorCode >= 0) {
      put(cpu, at - 8, errorCode, supervisor);
    }
    ShadowStack.event(cpu, cpl, ist, code, returnRip);

    cpu.r[Registers.RSP] = top;
    if (cpl != cpu.cpl) {
      Descriptors.loadNullSs(cpu, cpl, cpl);
    }
    Descriptors.loadCs(cpu, selector, code, cpl);
    cpu.rip = target;
    cpu.flags &= ~(Flag.TF | Flag.NT | Flag.RF | Flag.VM | (type == Descriptors.INTERRUPT_GATE ? Flag.IF : 0));
    cpu.modeChanged();
  }

  private static long stackPointer(Cpu cpu, int ist, int cpl, int ext) {
    if (ist == 0 && cpl == cpu.cpl) {
      return cpu.r[Registers.RSP];
    }
    return fromTss(cpu, ist == 0 ? TSS_RSP0 + 8 * cpl : TSS_IST1 + 8 * (ist - 1), ext);
  }

  /** A stack pointer out of the TSS. */
  static long fromTss(Cpu cpu, int offset, int ext) {
    Segment tr = cpu.seg[Segment.TR];
    if (offset + 7 > tr.limit) {
      throw cpu.fault(Vector.TS, Descriptors.errorCode(tr.selector, ext));
    }
    return cpu.readSystem(tr.base + offset, 8);
  }

  private static void put(Cpu cpu, long at, long value, boolean supervisor) {
    if (supervisor) {
      cpu.writeSystem(at, 8, value);
    } else {
      cpu.write64(at, value);
    }
  }

  /** Stack pointer of a more privileged level, for a call gate. */
  static long privilegedStack(Cpu cpu, int cpl) {
    return fromTss(cpu, TSS_RSP0 + 8 * cpl, 0);
  }
}
