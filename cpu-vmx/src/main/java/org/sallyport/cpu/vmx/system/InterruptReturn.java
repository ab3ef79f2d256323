package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/** IRET in all modes (SDM volume 2, IRET). */
final class InterruptReturn {
  // @formatter:off
  /** What every IRET changes. */
  private static final int ALWAYS = Flag.STATUS | Flag.TF | Flag.DF | Flag.NT;
  /** What it changes besides with an operand size of 32 or 64 bits. */
  private static final int WIDE   = Flag.RF | Flag.AC | Flag.ID;
  // @formatter:on

  private InterruptReturn() {}

  static void iret(Cpu cpu, SystemOp op) {
    int size = op.operandSize;
    if (!cpu.protectedMode()) {
      toReal(cpu, size, ALWAYS | Flag.IF | Flag.IOPL | WIDE);
    } else if (cpu.v86()) {
      inV86(cpu, size);
    } else if ((cpu.flags & Flag.NT) != 0) {
      if (cpu.longMode()) {
        throw cpu.gp();
      }
      TaskSwitch.toLinkedTask(cpu, op.returnRip(cpu));
    } else {
      inProtectedMode(cpu, size);
    }
    cpu.unblockNmi();
  }

  private static void toReal(Cpu cpu, int size, int mask) {
    long rip = cpu.peek(0, size);
    int selector = (int) cpu.peek(size, size);
    int image = (int) cpu.peek(2 * size, size);
    if (rip > cpu.seg[Segment.CS].limit) {
      throw cpu.gp();
    }
    cpu.setStackPointer(cpu.r[Registers.RSP] + 3 * size);
    Descriptors.loadReal(cpu, Segment.CS, selector & 0xffff);
    cpu.rip = rip;
    setFlags(cpu, image, mask, size);
    cpu.modeChanged();
  }

  private static void inV86(Cpu cpu, int size) {
    if (cpu.iopl() == 3) {
      toReal(cpu, size, ALWAYS | Flag.IF | WIDE);
      return;
    }
    if ((cpu.cr4 & Flag.CR4_VME) == 0 || size != 2) {
      throw cpu.gp();
    }
    int image = (int) cpu.peek(4, 2);
    boolean enables = (image & Flag.IF) != 0;
    if ((image & Flag.TF) != 0 || enables && (cpu.flags & Flag.VIP) != 0) {
      throw cpu.gp();
    }
    toReal(cpu, size, ALWAYS);
    cpu.flags = cpu.flags & ~Flag.VIF | (enables ? Flag.VIF : 0);
  }

  private static void inProtectedMode(Cpu cpu, int size) {
    long rip = cpu.peek(0, size);
    int selector = (int) cpu.peek(size, size) & 0xffff;
    int image = (int) cpu.peek(2 * size, size);
    if ((image & Flag.VM) != 0 && size == 4 && cpu.cpl == 0 && !cpu.longMode()) {
      toV86(cpu, rip, selector, image);
      return;
    }
    long code = CodeTarget.readReturn(cpu, selector);
    int oldCpl = cpu.cpl;
    int cpl = selector & 3;
    boolean popsStack = cpl != oldCpl || cpu.mode64();
    if (popsStack) {
      long sp = cpu.peek(3 * size, size);
      int stackSelector = (int) cpu.peek(4 * size, size) & 0xffff;
      long stack = CodeTarget.readStack(cpu, stackSelector, cpl, code);
      CodeTarget.checkOffset(cpu, code, rip);
      Descriptors.setAccessed(cpu, selector, code);
      if (stack != 0) {
        Descriptors.setAccessed(cpu, stackSelector, stack);
      }
      ShadowStack.farReturn(cpu, selector, code, rip, true);
      CodeTarget.loadStack(cpu, stackSelector, stack, sp, cpl, code);
    } else {
      CodeTarget.checkOffset(cpu, code, rip);
      Descriptors.setAccessed(cpu, selector, code);
      ShadowStack.farReturn(cpu, selector, code, rip, true);
      cpu.setStackPointer(cpu.r[Registers.RSP] + 3 * size);
    }
    int mask = ALWAYS | WIDE;
    if (oldCpl <= cpu.iopl()) {
      mask |= Flag.IF;
    }
    if (oldCpl == 0) {
      mask |= Flag.IOPL | Flag.VIF | Flag.VIP;
    }
    Descriptors.loadCs(cpu, selector, code, cpl);
    if (cpl != oldCpl) {
      SegmentLoads.dropPrivileged(cpu);
    }
    cpu.rip = rip;
    setFlags(cpu, image, mask, size);
    cpu.modeChanged();
  }

  private static void toV86(Cpu cpu, long rip, int selector, int image) {
    if (rip > 0xffff) {
      throw cpu.gp();
    }
    long sp = cpu.peek(12, 4);
    int ss = (int) cpu.peek(16, 4);
    int es = (int) cpu.peek(20, 4);
    int ds = (int) cpu.peek(24, 4);
    int fs = (int) cpu.peek(28, 4);
    int gs = (int) cpu.peek(32, 4);
    ShadowStack.returnToV86(cpu);
    setFlags(cpu, image, ALWAYS | WIDE | Flag.IF | Flag.IOPL | Flag.VM | Flag.VIF | Flag.VIP, 4);
    cpu.cpl = 3;
    Descriptors.loadReal(cpu, Segment.CS, selector);
    Descriptors.loadReal(cpu, Segment.SS, ss & 0xffff);
    Descriptors.loadReal(cpu, Segment.ES, es & 0xffff);
    Descriptors.loadReal(cpu, Segment.DS, ds & 0xffff);
    Descriptors.loadReal(cpu, Segment.FS, fs & 0xffff);
    Descriptors.loadReal(cpu, Segment.GS, gs & 0xffff);
    cpu.r[Registers.RSP] = sp;
    cpu.rip = rip;
    cpu.modeChanged();
  }

  private static void setFlags(Cpu cpu, int image, int mask, int size) {
    cpu.setFlags(image, size == 2 ? mask & 0xffff : mask);
    if ((cpu.flags & Flag.RF) != 0) {
      cpu.attention();
    }
  }
}
