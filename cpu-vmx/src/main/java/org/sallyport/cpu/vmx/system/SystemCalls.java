package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * SYSCALL, SYSRET, SYSENTER and SYSEXIT as Intel's processors have them (SDM volume 2); a processor that calls itself
 * AMD's has the first two in all protected modes and the others outside long mode only (APM volume 3).
 */
final class SystemCalls {
  private static final long FLAT = 0xffffffffL;
  private static final int R11 = 11;

  /** What SYSRET takes of R11: all flags but RF and VM. */
  private static final int SYSRET_FLAGS = 0x3c7fd7;

  private SystemCalls() {}

  static void syscall(Cpu cpu, SystemOp op) {
    requireSyscall(cpu);
    if (!cpu.longMode()) {
      legacySyscall(cpu, op);
      return;
    }
    ModelSpecificRegisters msrs = cpu.msrs;
    boolean compatibility = !cpu.mode64();
    int flags = cpu.rflags();
    cpu.r[Registers.RCX] = op.nextRip();
    cpu.r[R11] = flags & FLAT;
    setFlags(cpu, flags & ~(int) msrs.sfmask & ~Flag.RF);
    enter(cpu, (int) (msrs.star >>> 32) & 0xfffc, Descriptors.FLAT_CODE64, (int) (msrs.star >>> 32) + 8 & 0xffff, 0);
    cpu.rip = compatibility ? msrs.cstar : msrs.lstar;
    if ((flags & Flag.TF) != 0 && (cpu.flags & Flag.TF) == 0) {
      cpu.debug.skipStep();
    }
    cpu.modeChanged();
  }

  private static void requireSyscall(Cpu cpu) {
    if ((cpu.efer & Flag.EFER_SCE) == 0 || !cpu.mode64() && !(cpu.amd && cpu.protectedMode())) {
      throw cpu.ud();
    }
  }

  /** Outside long mode the target is in STAR itself, and only IF and VM are cleared. */
  private static void legacySyscall(Cpu cpu, SystemOp op) {
    long star = cpu.msrs.star;
    cpu.r[Registers.RCX] = op.nextRip() & FLAT;
    cpu.flags &= ~(Flag.VM | Flag.IF);
    int selector = (int) (star >>> 32) & 0xfffc;
    enter(cpu, selector, Descriptors.FLAT_CODE32, selector + 8 & 0xffff, 0);
    cpu.rip = star & FLAT;
    cpu.modeChanged();
  }

  static void sysret(Cpu cpu, SystemOp op) {
    requireSyscall(cpu);
    boolean to64 = op.operandSize == 8;
    long target = to64 ? cpu.r[Registers.RCX] : cpu.r[Registers.RCX] & FLAT;
    if (cpu.cpl != 0 || !Canonical.is(cpu, target)) {
      throw cpu.gp();
    }
    int base = (int) (cpu.msrs.star >>> 48);
    if (cpu.longMode()) {
      setFlags(cpu, (int) cpu.r[R11] & SYSRET_FLAGS);
    } else {
      cpu.setFlags(Flag.IF, Flag.IF);
    }
    int code = to64 ? Descriptors.FLAT_CODE64 : Descriptors.FLAT_CODE32;
    if ((cpu.flags & Flag.TF) != 0) {
      cpu.debug.trapAtEnd(); // as if the SYSCALL were complete only now
    }
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
    requireSysenter(cpu);
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

  private static void requireSysenter(Cpu cpu) {
    if (cpu.amd && cpu.longMode()) {
      throw cpu.ud();
    }
  }

  static void sysexit(Cpu cpu, SystemOp op) {
    requireSysenter(cpu);
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
    if (cpl == 0) {
      ShadowStack.systemCall(cpu);
    } else {
      ShadowStack.systemReturn(cpu);
    }
    cpu.seg[Segment.CS].set(codeSelector, 0, FLAT, code | cpl << 5);
    cpu.seg[Segment.SS].set(stackSelector, 0, FLAT, Descriptors.FLAT_DATA | cpl << 5);
    cpu.cpl = cpl;
  }
}
