package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/** SYSCALL, SYSRET, SYSENTER and SYSEXIT as Intel's processors have them (SDM volume 2). */
final class SystemCalls {
  private static final long FLAT = 0xffffffffL;
  private static final int R11 = 11;

  /** What SYSRET takes of R11: all flags but RF and VM. */
  private static final int SYSRET_FLAGS = 0x3c7fd7;

  private SystemCalls() {}

  static void syscall(Cpu cpu, SystemOp op) {
    if ((cpu.efer & Flag.EFER_SCE) == 0 || !cpu.mode64()) {
      throw cpu.ud();
    }
    ModelSpecificRegisters msrs = cpu.msrs;
    int flags = cpu.rflags();
    cpu.r[Registers.RCX] = op.nextRip();
    cpu.r[R11] = flags & FLAT;
    setFlags(cpu, flags & ~(int) msrs.sfmask & ~Flag.RF);
    enter(cpu, (int) (msrs.star >>> 32) & 0xfffc, Descriptors.FLAT_CODE64, (int) (msrs.star >>> 32) + 8 & 0xffff, 0);
    cpu.rip = msrs.lstar;
    if ((flags & Flag.TF) != 0 && (cpu.flags & Flag.TF) == 0) {
      cpu.debug.skipStep();
    }
    cpu.modeChanged();
  }

  static void sysret(Cpu cpu, SystemOp op) {
    if ((cpu.efer & Flag.EFER_SCE) == 0 || !cpu.mode64()) {
      throw cpu.ud();
    }
    boolean to64 = op.operandSize == 8;
    long target = to64 ? cpu.r[Registers.RCX] : cpu.r[Registers.RCX] & FLAT;
    if (cpu.cpl != 0 || !Canonical.is(cpu, target)) {
      throw cpu.gp();
    }
    int base = (int) (cpu.msrs.star >>> 48);
    setFlags(cpu, (int) cpu.r[R11] & SYSRET_FLAGS);
    int code = to64 ? Descriptors.FLAT_CODE64 : Descriptors.FLAT_CODE32;
    enter(cpu, base + (to64 ? 16 : 0) & 0xffff | 3, code, base + 8 & 0xffff | 3, 3);
    cpu.rip = target;
    cpu.modeChanged();
  }

  private static void setFlags(Cpu cpu, int image) {
    int defined = Flag.STATUS | Flag.TF | Flag.IF | Flag.DF | Flag.IOPL | Flag.NT | Flag.RF | Flag.AC | Flag.VIF
        | Flag.VIP | Flag.ID;
    cpu.setFlags(image, defined);
  }

  static void sysenter(Cpu cpu, SystemOp op) {
    ModelSpecificRegisters msrs = cpu.msrs;
    int selector = (int) msrs.sysenterCs & 0xfffc;
    if (!cpu.protectedMode() || selector == 0) {
      throw cpu.gp();
    }
    boolean ia32e = cpu.longMode();
    cpu.flags &= ~(Flag.VM | Flag.IF | Flag.RF);
    cpu.r[Registers.RSP] = ia32e ? msrs.sysenterEsp : msrs.sysenterEsp & FLAT;
    enter(cpu, selector, ia32e ? Descriptors.FLAT_CODE64 : Descriptors.FLAT_CODE32, selector + 8 & 0xffff, 0);
    cpu.rip = ia32e ? msrs.sysenterEip : msrs.sysenterEip & FLAT;
    cpu.modeChanged();
  }

  static void sysexit(Cpu cpu, SystemOp op) {
    int selector = (int) cpu.msrs.sysenterCs & 0xfffc;
    if (!cpu.protectedMode() || selector == 0 || cpu.cpl != 0) {
      throw cpu.gp();
    }
    boolean to64 = op.operandSize == 8;
    long sp = cpu.r[Registers.RCX];
    long target = cpu.r[Registers.RDX];
    if (to64 && !(Canonical.is(cpu, sp) && Canonical.is(cpu, target))) {
      throw cpu.gp();
    }
    int code = selector + (to64 ? 32 : 16);
    cpu.r[Registers.RSP] = to64 ? sp : sp & FLAT;
    enter(cpu, code & 0xffff | 3, to64 ? Descriptors.FLAT_CODE64 : Descriptors.FLAT_CODE32, code + 8 & 0xffff | 3, 3);
    cpu.rip = to64 ? target : target & FLAT;
    cpu.modeChanged();
  }

  /** Loads CS and SS with flat segments, without any descriptor. */
  private static void enter(Cpu cpu, int codeSelector, int code, int stackSelector, int cpl) {
    cpu.seg[Segment.CS].set(codeSelector, 0, FLAT, code | cpl << 5);
    cpu.seg[Segment.SS].set(stackSelector, 0, FLAT, Descriptors.FLAT_DATA | cpl << 5);
    cpu.cpl = cpl;
  }
}
