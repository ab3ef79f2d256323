package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * Shadow stacks at far transfers of control (SDM volume 1, "Shadow Stacks"; volume 2, CALL, INT n, IRET, RET). Each
 * method comes as the last step of a transfer that may fault, before the transfer changes any register, and leaves the
 * shadow-stack pointer as it is at the target; the mode's key is renewed by the transfer itself.
 *
 * <p>A frame holds, from its end downwards, CS, the linear return address and the previous shadow-stack pointer, 8
 * bytes each. At the top of a supervisor's shadow stack stands a token: its own address, with bit 0 set while a
 * processor uses the stack.
 */
final class ShadowStack {
  static final long BUSY = 1;
  private static final long LOW = 0xffffffffL;

  private ShadowStack() {}

  /** Whether there is anything to do at all. */
  private static boolean off(Cpu cpu) {
    return (cpu.cr4 & Flag.CR4_CET) == 0;
  }

  // ---- frames -----------------------------------------------------------------------------------------------------

  private static long linear(Cpu cpu, long returnRip) {
    return cpu.mode64() ? returnRip : cpu.seg[Segment.CS].base + returnRip & LOW;
  }

  /** Pushes a frame below {@code ssp}, which is brought to a multiple of 8 first, and returns where it begins. */
  private static long push(Cpu cpu, long ssp, boolean user, long returnRip, long previous) {
    long top = ssp & ~7L;
    if (top != ssp) {
      cpu.writeShadow(ssp - 4, 4, 0, user);
    }
    cpu.writeShadow(top - 8, 8, cpu.seg[Segment.CS].selector, user);
    cpu.writeShadow(top - 16, 8, linear(cpu, returnRip), user);
    cpu.writeShadow(top - 24, 8, previous, user);
    return top - 24;
  }

  /** Marks the stack with its token at {@code ssp} as busy; #GP(0) when it is, or is none. */
  private static void acquire(Cpu cpu, long ssp, boolean to64) {
    boolean fits = (ssp & ~31L) == (ssp - 24 & ~31L); // token and frame, so that the frame cannot fault any more
    if ((ssp & 7) != 0 || !fits || !to64 && ssp >>> 32 != 0) {
      throw cpu.gp();
    }
    if (cpu.compareAndSetShadow(ssp, ssp, ssp | BUSY, false) != ssp) {
      throw cpu.gp();
    }
  }

  /** Marks it as free, if it is what it should be. */
  private static void release(Cpu cpu, long ssp) {
    cpu.compareAndSetShadow(ssp, ssp | BUSY, ssp, false);
  }

  private static boolean is64(Cpu cpu, long code) {
    return CodeTarget.is64(cpu, code);
  }

  // ---- calls and events -------------------------------------------------------------------------------------------

  /** A far jump that stays at its level. */
  static void jump(Cpu cpu, long code) {
    if (off(cpu)) {
      return;
    }
    if (cpu.cet.shadowStack(cpu.cpl)) {
      checkReach(cpu, code);
    }
    cpu.cet.entered(cpu.cpl);
  }

  /** A far call that stays at its level. */
  static void call(Cpu cpu, long code, long returnRip) {
    if (off(cpu)) {
      return;
    }
    if (cpu.cet.shadowStack(cpu.cpl)) {
      checkReach(cpu, code);
      cpu.ssp = push(cpu, cpu.ssp, cpu.cpl == 3, returnRip, cpu.ssp);
    }
    cpu.cet.entered(cpu.cpl);
  }

  /** Code outside 64-bit mode has its shadow stack below 4 GiB. */
  private static void checkReach(Cpu cpu, long code) {
    if (!is64(cpu, code) && cpu.ssp >>> 32 != 0) {
      throw cpu.gp();
    }
  }

  /** A call through a gate to a more privileged level. */
  static void callInner(Cpu cpu, int cpl, long code, long returnRip) {
    if (!off(cpu)) {
      enterInner(cpu, cpl, cpu.cet.levelSsp(cpl), is64(cpu, code), returnRip);
    }
  }

  private static void enterInner(Cpu cpu, int cpl, long newSsp, boolean to64, long returnRip) {
    long ssp = cpu.ssp;
    if (cpu.cet.shadowStack(cpl)) {
      acquire(cpu, newSsp, to64);
      ssp = cpu.cpl == 3 ? newSsp : push(cpu, newSsp, false, returnRip, ssp);
    }
    if (cpu.cpl == 3 && cpu.cet.shadowStack(3)) {
      cpu.cet.keepUserSsp();
    }
    cpu.ssp = ssp;
    cpu.cet.entered(cpl);
  }

  /**
   * An event is delivered to level {@code cpl}.
   *
   * @param ist index of the gate into the interrupt stack table, or 0
   */
  static void event(Cpu cpu, int cpl, int ist, long code, long returnRip) {
    if (off(cpu)) {
      return;
    }
    if (cpl != cpu.cpl) {
      boolean fromTable = ist != 0 && cpu.cet.shadowStack(cpl);
      long newSsp = fromTable ? fromTable(cpu, ist) : cpu.cet.levelSsp(cpl);
      enterInner(cpu, cpl, newSsp, is64(cpu, code), returnRip);
      return;
    }
    if (cpu.cet.shadowStack(cpl)) {
      long newSsp = cpu.ssp;
      if (ist != 0) {
        newSsp = fromTable(cpu, ist);
        acquire(cpu, newSsp, is64(cpu, code));
      }
      cpu.ssp = push(cpu, newSsp, cpl == 3, returnRip, cpu.ssp);
    }
    cpu.cet.entered(cpl);
  }

  private static long fromTable(Cpu cpu, int ist) {
    return cpu.readSystem(cpu.cet.interruptSspTable() + 8 * ist, 8);
  }

  // ---- returns ----------------------------------------------------------------------------------------------------

  /**
   * A far RET or an IRET to level {@code selector & 3}.
   *
   * @param frees an IRET in IA-32e mode: the same level may have been interrupted on another stack
   */
  static void farReturn(Cpu cpu, int selector, long code, long rip, boolean frees) {
    if (off(cpu)) {
      return;
    }
    int cpl = selector & 3;
    if (cpl == cpu.cpl) {
      returnSame(cpu, selector, code, rip, frees);
    } else {
      returnOuter(cpu, cpl, selector, code, rip);
    }
  }

  private static void returnSame(Cpu cpu, int selector, long code, long rip, boolean frees) {
    if (cpu.cet.shadowStack(cpu.cpl)) {
      long previous = pop(cpu, selector, code, rip, cpu.cpl == 3);
      checkPrevious(cpu, code, previous);
      if (frees && cpu.longMode() && previous != cpu.ssp + 24) {
        release(cpu, cpu.ssp + 24);
      }
      cpu.ssp = previous;
    }
  }

  private static void returnOuter(Cpu cpu, int cpl, int selector, long code, long rip) {
    boolean had = cpu.cet.shadowStack(cpu.cpl);
    long old = cpu.ssp;
    long previous = cpu.ssp;
    if (had) {
      if (cpl == 3) {
        checkAligned(cpu);
      } else {
        previous = pop(cpu, selector, code, rip, false);
        old += 24;
      }
    }
    boolean has = cpu.cet.shadowStack(cpl);
    if (has) {
      previous = cpl == 3 ? cpu.cet.levelSsp(3) : previous;
      checkPrevious(cpu, code, previous);
    }
    if (had) {
      release(cpu, old);
    }
    cpu.ssp = has ? previous : old;
  }

  private static void checkAligned(Cpu cpu) {
    if ((cpu.ssp & 7) != 0) {
      throw cpu.cet.violation(ControlFlow.FAR_RET);
    }
  }

  /** Compares the frame at the shadow-stack pointer with where the return goes, and returns the pointer in it. */
  private static long pop(Cpu cpu, int selector, long code, long rip, boolean user) {
    checkAligned(cpu);
    long cs = cpu.readShadow(cpu.ssp + 16, 8, user);
    long linear = cpu.readShadow(cpu.ssp + 8, 8, user);
    long previous = cpu.readShadow(cpu.ssp, 8, user);
    long target = is64(cpu, code) ? rip : Descriptors.base(code) + rip & LOW;
    if (cs != selector || linear != target || (previous & 3) != 0) {
      throw cpu.cet.violation(ControlFlow.FAR_RET);
    }
    return previous;
  }

  private static void checkPrevious(Cpu cpu, long code, long previous) {
    if (is64(cpu, code) ? !Canonical.is(cpu, previous) : previous >>> 32 != 0) {
      throw cpu.gp();
    }
  }

  /** IRET to virtual-8086 mode, which has neither shadow stacks nor tracking. */
  static void returnToV86(Cpu cpu) {
    if (off(cpu)) {
      return;
    }
    if (cpu.cet.protectsUser()) {
      throw cpu.gp();
    }
    if (cpu.cet.shadowStack(cpu.cpl)) {
      checkAligned(cpu);
      release(cpu, cpu.ssp);
    }
  }

  // ---- SYSCALL and its like ---------------------------------------------------------------------------------------

  /** SYSCALL or SYSENTER: level 0 begins without a shadow stack, until SETSSBSY. Cannot fault. */
  static void systemCall(Cpu cpu) {
    if (off(cpu)) {
      return;
    }
    if (cpu.cet.shadowStack(cpu.cpl)) {
      cpu.cet.keepUserSsp();
    }
    if (cpu.cet.shadowStack(0)) {
      cpu.ssp = 0;
    }
    cpu.cet.entered(0);
  }

  /** SYSRET or SYSEXIT. Cannot fault. */
  static void systemReturn(Cpu cpu) {
    if (!off(cpu) && cpu.cet.shadowStack(3)) {
      cpu.ssp = cpu.cet.levelSsp(3);
    }
  }
}
