package org.sallyport.cpu.vmx.system;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * System instructions about time, caches, address translation, the FS and GS bases, and those that only exit (SDM
 * volume 2).
 */
final class Misc {
  // @formatter:off
  // Basic exit reasons (SDM volume 3, appendix C).
  private static final int EXIT_CPUID   = 10;
  private static final int EXIT_HLT     = 12;
  private static final int EXIT_INVD    = 13;
  private static final int EXIT_INVLPG  = 14;
  private static final int EXIT_RDPMC   = 15;
  private static final int EXIT_RDTSC   = 16;
  private static final int EXIT_MWAIT   = 36;
  private static final int EXIT_MONITOR = 39;
  private static final int EXIT_PAUSE   = 40;
  private static final int EXIT_RDTSCP  = 51;
  private static final int EXIT_WBINVD  = 54;
  private static final int EXIT_XSETBV  = 55;
  private static final int EXIT_INVPCID = 58;
  // @formatter:on

  private static final long LOW = 0xffffffffL;

  private Misc() {}

  static void undefined(Cpu cpu, PlainOp op) {
    throw cpu.ud();
  }

  // ---- what leaves for the monitor --------------------------------------------------------------------------------

  /** A processor has no state to halt in: it always leaves, whether the controls ask for it or not. */
  static void hlt(Cpu cpu, SystemOp op) {
    Privilege.require0(cpu);
    throw cpu.exit(EXIT_HLT, 0);
  }

  static void cpuid(Cpu cpu, SystemOp op) {
    throw cpu.exit(EXIT_CPUID, 0);
  }

  static void xsetbv(Cpu cpu, SystemOp op) {
    if (!cpu.has(CpuFeature.XSAVE) || (cpu.cr4 & Flag.CR4_OSXSAVE) == 0) {
      throw cpu.ud();
    }
    Privilege.require0(cpu);
    throw cpu.exit(EXIT_XSETBV, 0);
  }

  static void pause(Cpu cpu, PlainOp op) {
    if (cpu.controls.nonRoot && cpu.controls.pauseExiting) {
      throw cpu.exit(EXIT_PAUSE, 0);
    }
  }

  /** Caches hold nothing that memory does not. */
  static void invd(Cpu cpu, PlainOp op) {
    Privilege.require0(cpu);
    if (cpu.controls.nonRoot) {
      throw cpu.exit(EXIT_INVD, 0);
    }
  }

  static void wbinvd(Cpu cpu, PlainOp op) {
    Privilege.require0(cpu);
    if (cpu.controls.nonRoot && cpu.controls.wbinvdExiting) {
      throw cpu.exit(EXIT_WBINVD, 0);
    }
  }

  static void monitor(Cpu cpu, PlainOp op) {
    monitorPrivilege(cpu);
    if (cpu.controls.nonRoot && cpu.controls.monitorExiting) {
      throw cpu.exit(EXIT_MONITOR, 0);
    }
    if ((cpu.r[Registers.RCX] & LOW) != 0) {
      throw cpu.gp();
    }
    long offset = cpu.reg(Registers.RAX, op.addressBytes());
    int segment = op.segmentNumber();
    cpu.checkRead(cpu.linear(segment, offset, 1, false), 1);
  }

  /** Waits for nothing: a wake-up without a cause is allowed (SDM volume 2, MWAIT). */
  static void mwait(Cpu cpu, PlainOp op) {
    monitorPrivilege(cpu);
    if (cpu.controls.nonRoot && cpu.controls.mwaitExiting) {
      throw cpu.exit(EXIT_MWAIT, 0);
    }
    if ((cpu.r[Registers.RCX] & LOW) > 1) {
      throw cpu.gp();
    }
  }

  private static void monitorPrivilege(Cpu cpu) {
    if (!cpu.has(CpuFeature.MONITOR) || cpu.cpl != 0) {
      throw cpu.ud();
    }
  }

  // ---- time -------------------------------------------------------------------------------------------------------

  static void rdtsc(Cpu cpu, PlainOp op) {
    checkTsd(cpu);
    if (cpu.controls.nonRoot && cpu.controls.rdtscExiting) {
      throw cpu.exit(EXIT_RDTSC, 0);
    }
    setEdxEax(cpu, cpu.tsc());
  }

  static void rdtscp(Cpu cpu, PlainOp op) {
    if (!cpu.has(CpuFeature.RDTSCP) || cpu.controls.nonRoot && !cpu.controls.rdtscpEnabled) {
      throw cpu.ud();
    }
    checkTsd(cpu);
    if (cpu.controls.nonRoot && cpu.controls.rdtscExiting) {
      throw cpu.exit(EXIT_RDTSCP, 0);
    }
    setEdxEax(cpu, cpu.tsc());
    cpu.r[Registers.RCX] = cpu.msrs.tscAux;
  }

  private static void checkTsd(Cpu cpu) {
    if (cpu.cpl != 0 && (cpu.cr4 & Flag.CR4_TSD) != 0) {
      throw cpu.gp();
    }
  }

  static void setEdxEax(Cpu cpu, long value) {
    cpu.r[Registers.RAX] = value & LOW;
    cpu.r[Registers.RDX] = value >>> 32;
  }

  static long edxEax(Cpu cpu) {
    return cpu.r[Registers.RDX] << 32 | cpu.r[Registers.RAX] & LOW;
  }

  static void rdpid(Cpu cpu, PlainOp op) {
    if (!cpu.has(CpuFeature.RDPID)) {
      throw cpu.ud();
    }
    cpu.setReg(op.number(0), op.operandBytes(0), cpu.msrs.tscAux);
  }

  /** No performance counters are announced (CPUID leaf 0AH): every number is wrong. */
  static void rdpmc(Cpu cpu, PlainOp op) {
    if (cpu.cpl != 0 && (cpu.cr4 & Flag.CR4_PCE) == 0) {
      throw cpu.gp();
    }
    if (cpu.controls.nonRoot && cpu.controls.rdpmcExiting) {
      throw cpu.exit(EXIT_RDPMC, 0);
    }
    throw cpu.gp();
  }

  // ---- address translation ----------------------------------------------------------------------------------------

  static void invlpg(Cpu cpu, SystemOp op) {
    Privilege.require0(cpu);
    long linear = op.uncheckedAddress(cpu);
    if (cpu.controls.nonRoot && cpu.controls.invlpgExiting) {
      throw cpu.exit(EXIT_INVLPG, linear);
    }
    cpu.flushPage(linear);
  }

  static void invpcid(Cpu cpu, SystemOp op) {
    if (!cpu.has(CpuFeature.INVPCID) || cpu.controls.nonRoot && !cpu.controls.invpcidEnabled) {
      throw cpu.ud();
    }
    Privilege.require0(cpu);
    if (cpu.protectedMode() && cpu.v86()) {
      throw cpu.gp();
    }
    if (cpu.controls.nonRoot && cpu.controls.invlpgExiting) {
      throw cpu.exit(EXIT_INVPCID, 0);
    }
    long type = cpu.reg(op.register(0), cpu.mode64() ? 8 : 4);
    long pcid = op.memory(cpu, 0, 8);
    long linear = op.memory(cpu, 8, 8);
    boolean usesPcid = type == 0 || type == 1;
    if (Long.compareUnsigned(type, 3) > 0 || pcid >>> 12 != 0
        || usesPcid && pcid != 0 && (cpu.cr4 & Flag.CR4_PCIDE) == 0
        || type == 0 && !Canonical.is(cpu, linear)) {
      throw cpu.gp();
    }
    // The TLB knows no PCIDs: it holds the current one's translations, and global ones.
    if (type == 0) {
      cpu.flushPage(linear);
    } else if (type == 2) {
      cpu.flushTlb();
    } else {
      cpu.flushTlbNonGlobal();
    }
  }

  /** CLFLUSH and its like access the byte as a read does. */
  static void clflush(Cpu cpu, PlainOp op) {
    op.checkRead(cpu);
  }

  // ---- FS and GS --------------------------------------------------------------------------------------------------

  static void swapgs(Cpu cpu, PlainOp op) {
    Privilege.require0(cpu);
    Segment gs = cpu.seg[Segment.GS];
    long base = gs.base;
    gs.base = cpu.msrs.kernelGsBase;
    cpu.msrs.kernelGsBase = base;
  }

  static PlainOp.Action readBase(int segment) {
    return (cpu, op) -> {
      checkFsGsBase(cpu);
      cpu.setReg(op.number(0), op.operandBytes(0), cpu.seg[segment].base);
    };
  }

  static PlainOp.Action writeBase(int segment) {
    return (cpu, op) -> {
      checkFsGsBase(cpu);
      long base = cpu.reg(op.number(0), op.operandBytes(0));
      if (!Canonical.is(cpu, base)) {
        throw cpu.gp();
      }
      cpu.seg[segment].base = base;
    };
  }

  private static void checkFsGsBase(Cpu cpu) {
    if ((cpu.cr4 & Flag.CR4_FSGSBASE) == 0) {
      throw cpu.ud();
    }
  }

  // ---- protection keys --------------------------------------------------------------------------------------------

  static void rdpkru(Cpu cpu, PlainOp op) {
    checkPkru(cpu);
    setEdxEax(cpu, Integer.toUnsignedLong(cpu.pkru()));
  }

  static void wrpkru(Cpu cpu, PlainOp op) {
    checkPkru(cpu);
    if ((cpu.r[Registers.RDX] & LOW) != 0) {
      throw cpu.gp();
    }
    cpu.setPkru((int) cpu.r[Registers.RAX]);
  }

  private static void checkPkru(Cpu cpu) {
    if ((cpu.cr4 & Flag.CR4_PKE) == 0) {
      throw cpu.ud();
    }
    if ((cpu.r[Registers.RCX] & LOW) != 0) {
      throw cpu.gp();
    }
  }

  // ---- extended control register ----------------------------------------------------------------------------------

  static void xgetbv(Cpu cpu, PlainOp op) {
    if (!cpu.has(CpuFeature.XSAVE) || (cpu.cr4 & Flag.CR4_OSXSAVE) == 0) {
      throw cpu.ud();
    }
    long index = cpu.r[Registers.RCX] & LOW;
    if (index > (cpu.has(CpuFeature.XGETBV1) ? 1 : 0)) {
      throw cpu.gp();
    }
    // XINUSE: that a component is in its initial configuration need not be tracked (SDM volume 1, "XSAVE-Managed
    // State").
    setEdxEax(cpu, cpu.xcr0);
  }
}
