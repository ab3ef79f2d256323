package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;

/** PUSHF, POPF, CLI, STI, CLAC, STAC (SDM volume 2; volume 3, "Virtual Mode Extensions" for VIF and VIP). */
final class FlagOps {
  private static final int PUSHED = ~(Flag.VM | Flag.RF);
  private static final int POPPED = Flag.STATUS | Flag.TF | Flag.DF | Flag.NT | Flag.AC | Flag.ID | Flag.RF;

  private FlagOps() {}

  static void pushf(Cpu cpu, PlainOp op) {
    int size = op.operandSize();
    int image = cpu.rflags() & PUSHED;
    if (cpu.v86() && cpu.iopl() < 3) {
      if ((cpu.cr4 & Flag.CR4_VME) == 0 || size != 2) {
        throw cpu.gp();
      }
      image = image & ~Flag.IF | Flag.IOPL | ((image & Flag.VIF) != 0 ? Flag.IF : 0);
    }
    cpu.push(size, image & 0xffffffffL);
  }

  static void popf(Cpu cpu, SystemOp op) {
    int size = op.operandSize;
    int image = (int) cpu.peek(0, size) & ~Flag.RF;
    int mask = POPPED;
    if (!cpu.v86()) {
      if (cpu.cpl == 0) {
        mask |= Flag.IF | Flag.IOPL;
      } else if (cpu.cpl <= cpu.iopl()) {
        mask |= Flag.IF;
      }
    } else if (cpu.iopl() == 3) {
      mask |= Flag.IF;
    } else {
      boolean enables = (image & Flag.IF) != 0;
      boolean refused = (image & Flag.TF) != 0 || enables && (cpu.flags & Flag.VIP) != 0;
      if ((cpu.cr4 & Flag.CR4_VME) == 0 || size != 2 || refused) {
        throw cpu.gp();
      }
      cpu.flags = cpu.flags & ~Flag.VIF | (enables ? Flag.VIF : 0);
    }
    cpu.setStackPointer(cpu.r[Cpu.RSP] + size);
    cpu.setFlags(image, size == 2 ? mask & 0xffff : mask);
  }

  static void cli(Cpu cpu, PlainOp op) {
    cpu.flags &= ~interruptFlag(cpu);
  }

  static void sti(Cpu cpu, SystemOp op) {
    int flag = interruptFlag(cpu);
    if (flag == Flag.VIF) {
      if ((cpu.flags & Flag.VIP) != 0) {
        throw cpu.gp();
      }
      cpu.flags |= Flag.VIF;
    } else if ((cpu.flags & Flag.IF) == 0) {
      cpu.flags |= Flag.IF;
      cpu.stiShadow = true;
      cpu.attention();
    }
  }

  /**
   * The flag that CLI and STI change: IF, or VIF where the program has only a virtual one; #GP(0) where it has none.
   */
  private static int interruptFlag(Cpu cpu) {
    if (cpu.cpl <= cpu.iopl()) {
      return Flag.IF;
    }
    boolean virtual = cpu.v86() ? (cpu.cr4 & Flag.CR4_VME) != 0 : cpu.cpl == 3 && (cpu.cr4 & Flag.CR4_PVI) != 0;
    if (virtual) {
      return Flag.VIF;
    }
    throw cpu.gp();
  }

  static void clac(Cpu cpu, PlainOp op) {
    setAc(cpu, 0);
  }

  static void stac(Cpu cpu, PlainOp op) {
    setAc(cpu, Flag.AC);
  }

  private static void setAc(Cpu cpu, int ac) {
    if (cpu.cpl != 0) {
      throw cpu.ud();
    }
    cpu.flags = cpu.flags & ~Flag.AC | ac;
    cpu.privilegeChanged();
  }
}
