package org.sallyport.cpu.vmx.system;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Controls;
import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Segment;

/** MOV to and from control registers, LMSW, SMSW, CLTS (SDM volume 2; volume 3, "Control Registers"). */
final class ControlRegisters {
  private static final int EXIT_CR_ACCESS = 28;

  // Access types of the exit qualification (SDM volume 3, table "Exit Qualification for Control-Register Accesses").
  private static final int TO = 0;
  private static final int FROM = 1;
  private static final int CLTS = 2;
  private static final int LMSW = 3;

  private static final int MEMORY_OPERAND = 1 << 6;

  private static final long CR0_DEFINED =
      Flag.CR0_PE | Flag.CR0_MP | Flag.CR0_EM | Flag.CR0_TS | Flag.CR0_ET | Flag.CR0_NE
          | Flag.CR0_WP | Flag.CR0_AM | Flag.CR0_NW | Flag.CR0_CD | Flag.CR0_PG;

  /** LMSW may set PE, MP, EM, TS and clear the last three. */
  private static final long CR0_MSW = 0xf;

  /** With CR4.PCIDE, in the value of MOV to CR3: translations of the new PCID need not be forgotten. */
  private static final long CR3_NO_FLUSH = 1L << 63;

  private ControlRegisters() {}

  private static ExitSignal exit(Cpu cpu, int register, int type, int general) {
    return cpu.exit(EXIT_CR_ACCESS, register | type << 4 | general << 8);
  }

  // ---- MOV --------------------------------------------------------------------------------------------------------

  /** MOV CRn, r. */
  static void write(Cpu cpu, SystemOp op) {
    int register = op.register(0);
    int general = op.register(1);
    long value = cpu.reg(general, op.size(1));
    Privilege.require0(cpu);
    Controls controls = cpu.controls;
    switch (register) {
      case 0 -> {
        if (controls.nonRoot && ((value ^ controls.cr0Shadow) & controls.cr0Mask) != 0) {
          throw exit(cpu, 0, TO, general);
        }
        setCr0(cpu, controls.nonRoot ? value & ~controls.cr0Mask | cpu.cr0 & controls.cr0Mask : value);
      }
      case 2 -> cpu.cr2 = value;
      case 3 -> {
        if (controls.nonRoot && controls.cr3LoadExiting) {
          throw exit(cpu, 3, TO, general);
        }
        setCr3(cpu, value);
      }
      case 4 -> {
        if (controls.nonRoot && ((value ^ controls.cr4Shadow) & controls.cr4Mask) != 0) {
          throw exit(cpu, 4, TO, general);
        }
        setCr4(cpu, controls.nonRoot ? value & ~controls.cr4Mask | cpu.cr4 & controls.cr4Mask : value);
      }
      default -> {
        if (controls.nonRoot && controls.cr8LoadExiting) {
          throw exit(cpu, 8, TO, general);
        }
        if ((value & ~0xfL) != 0) {
          throw cpu.gp();
        }
        cpu.cr8 = (int) value;
      }
    }
  }

  /** MOV r, CRn. */
  static void read(Cpu cpu, PlainOp op) {
    int general = op.number(0);
    Privilege.require0(cpu);
    Controls controls = cpu.controls;
    long value =
        switch (op.number(1)) {
          case 0 -> cr0(cpu);
          case 2 -> cpu.cr2;
          case 3 -> {
            if (controls.nonRoot && controls.cr3StoreExiting) {
              throw exit(cpu, 3, FROM, general);
            }
            yield cpu.cr3;
          }
          case 4 -> controls.nonRoot ? cpu.cr4 & ~controls.cr4Mask | controls.cr4Shadow & controls.cr4Mask : cpu.cr4;
          default -> {
            if (controls.nonRoot && controls.cr8StoreExiting) {
              throw exit(cpu, 8, FROM, general);
            }
            yield cpu.cr8;
          }
        };
    cpu.setReg(general, op.operandBytes(0), value);
  }

  /** CR0 as the running program sees it. */
  private static long cr0(Cpu cpu) {
    Controls controls = cpu.controls;
    return controls.nonRoot ? cpu.cr0 & ~controls.cr0Mask | controls.cr0Shadow & controls.cr0Mask : cpu.cr0;
  }

  // ---- CR0 --------------------------------------------------------------------------------------------------------

  private static void setCr0(Cpu cpu, long wanted) {
    if (wanted >>> 32 != 0) {
      throw cpu.gp();
    }
    long value = wanted & CR0_DEFINED | Flag.CR0_ET;
    boolean paging = (value & Flag.CR0_PG) != 0;
    if (paging && (value & Flag.CR0_PE) == 0 || (value & (Flag.CR0_NW | Flag.CR0_CD)) == Flag.CR0_NW) {
      throw cpu.gp();
    }
    if ((value & Flag.CR0_WP) == 0 && (cpu.cr4 & Flag.CR4_CET) != 0) {
      throw cpu.gp();
    }
    long changed = value ^ cpu.cr0;
    long efer = cpu.efer;
    if ((changed & Flag.CR0_PG) != 0) {
      if (paging && (efer & Flag.EFER_LME) != 0) {
        if ((cpu.cr4 & Flag.CR4_PAE) == 0 || (cpu.seg[Segment.CS].access & Segment.L) != 0) {
          throw cpu.gp();
        }
        efer |= Flag.EFER_LMA;
      } else if (!paging) {
        if (cpu.mode64() || (cpu.cr4 & Flag.CR4_PCIDE) != 0) {
          throw cpu.gp();
        }
        efer &= ~Flag.EFER_LMA;
      }
    }
    boolean pae = paging && (cpu.cr4 & Flag.CR4_PAE) != 0 && (efer & Flag.EFER_LMA) == 0;
    if (pae && (changed & (Flag.CR0_PG | Flag.CR0_CD | Flag.CR0_NW)) != 0) {
      cpu.loadPdptes(cpu.cr3);
    }
    cpu.cr0 = value;
    cpu.efer = efer;
    if ((changed & Flag.CR0_PE) != 0) {
      cpu.cpl = 0;
    }
    if ((changed & (Flag.CR0_PE | Flag.CR0_PG | Flag.CR0_WP)) != 0) {
      cpu.flushTlb();
    }
    cpu.modeChanged();
  }

  static void lmsw(Cpu cpu, SystemOp op) {
    Privilege.require0(cpu);
    long source = op.get(cpu, 0, 2);
    Controls controls = cpu.controls;
    if (controls.nonRoot) {
      long differs = (source ^ controls.cr0Shadow) & controls.cr0Mask & (CR0_MSW & ~Flag.CR0_PE);
      boolean setsPe = (source & ~controls.cr0Shadow & controls.cr0Mask & Flag.CR0_PE) != 0;
      if (differs != 0 || setsPe) {
        throw cpu.exit(EXIT_CR_ACCESS, LMSW << 4 | (op.isMemory(0) ? MEMORY_OPERAND : 0) | source << 16);
      }
      source = source & ~controls.cr0Mask | cpu.cr0 & controls.cr0Mask;
    }
    setCr0(cpu, cpu.cr0 & ~(CR0_MSW & ~Flag.CR0_PE) | source & CR0_MSW);
  }

  static void smsw(Cpu cpu, PlainOp op) {
    Privilege.checkUmip(cpu);
    op.put(cpu, 0, cr0(cpu));
  }

  static void clts(Cpu cpu, SystemOp op) {
    Privilege.require0(cpu);
    Controls controls = cpu.controls;
    if (controls.nonRoot && (controls.cr0Mask & Flag.CR0_TS) != 0) {
      if ((controls.cr0Shadow & Flag.CR0_TS) != 0) {
        throw exit(cpu, 0, CLTS, 0);
      }
      return;
    }
    cpu.cr0 &= ~Flag.CR0_TS;
  }

  // ---- CR3 --------------------------------------------------------------------------------------------------------

  private static void setCr3(Cpu cpu, long wanted) {
    long value = wanted;
    long masking = cpu.has(CpuFeature.LAM) ? Flag.CR3_LAM_U57 | Flag.CR3_LAM_U48 : 0;
    if (cpu.longMode()) {
      if ((cpu.cr4 & Flag.CR4_PCIDE) != 0) {
        value &= ~CR3_NO_FLUSH;
      }
      if ((value & ~masking) >>> cpu.physicalBits != 0) {
        throw cpu.gp();
      }
    } else {
      value &= 0xffffffffL;
      if ((cpu.cr0 & Flag.CR0_PG) != 0 && (cpu.cr4 & Flag.CR4_PAE) != 0) {
        cpu.loadPdptes(value);
      }
    }
    boolean maskingChanges = ((value ^ cpu.cr3) & masking) != 0;
    cpu.cr3 = value;
    if (maskingChanges) {
      cpu.flushTlb(); // global pages have entries under addresses with metadata, too
    } else {
      cpu.flushTlbNonGlobal();
    }
  }

  // ---- CR4 --------------------------------------------------------------------------------------------------------

  private static void setCr4(Cpu cpu, long value) {
    if ((value & ~cr4Defined(cpu)) != 0) {
      throw cpu.gp();
    }
    long changed = value ^ cpu.cr4;
    boolean ia32e = cpu.longMode();
    if (ia32e && ((value & Flag.CR4_PAE) == 0 || (changed & Flag.CR4_LA57) != 0)) {
      throw cpu.gp();
    }
    if ((changed & value & Flag.CR4_PCIDE) != 0 && (!ia32e || (cpu.cr3 & 0xfff) != 0)) {
      throw cpu.gp();
    }
    if ((value & Flag.CR4_CET) != 0 && (cpu.cr0 & Flag.CR0_WP) == 0) {
      throw cpu.gp();
    }
    boolean pae = (cpu.cr0 & Flag.CR0_PG) != 0 && (value & Flag.CR4_PAE) != 0 && !ia32e;
    if (pae && (changed & (Flag.CR4_PAE | Flag.CR4_PGE | Flag.CR4_PSE | Flag.CR4_SMEP)) != 0) {
      cpu.loadPdptes(cpu.cr3);
    }
    cpu.cr4 = value;
    long translating =
        Flag.CR4_PSE | Flag.CR4_PAE | Flag.CR4_PGE | Flag.CR4_LA57 | Flag.CR4_PCIDE | Flag.CR4_SMEP | Flag.CR4_SMAP
            | Flag.CR4_PKE | Flag.CR4_PKS | Flag.CR4_LAM_SUP;
    if ((changed & translating) != 0) {
      cpu.flushTlb();
    }
    cpu.modeChanged();
  }

  /** The bits of CR4 that exist with the announced features. */
  static long cr4Defined(Cpu cpu) {
    return Flag.CR4_PCE
        | when(cpu, CpuFeature.VME, Flag.CR4_VME | Flag.CR4_PVI)
        | when(cpu, CpuFeature.TSC, Flag.CR4_TSD)
        | when(cpu, CpuFeature.DE, Flag.CR4_DE)
        | when(cpu, CpuFeature.PSE, Flag.CR4_PSE)
        | when(cpu, CpuFeature.PAE, Flag.CR4_PAE)
        | when(cpu, CpuFeature.MCE, Flag.CR4_MCE)
        | when(cpu, CpuFeature.PGE, Flag.CR4_PGE)
        | when(cpu, CpuFeature.FXSR, Flag.CR4_OSFXSR)
        | when(cpu, CpuFeature.SSE, Flag.CR4_OSXMMEXCPT)
        | when(cpu, CpuFeature.UMIP, Flag.CR4_UMIP)
        | when(cpu, CpuFeature.LA57, Flag.CR4_LA57)
        | when(cpu, CpuFeature.VMX, Flag.CR4_VMXE)
        | when(cpu, CpuFeature.FSGSBASE, Flag.CR4_FSGSBASE)
        | when(cpu, CpuFeature.PCID, Flag.CR4_PCIDE)
        | when(cpu, CpuFeature.XSAVE, Flag.CR4_OSXSAVE)
        | when(cpu, CpuFeature.SMEP, Flag.CR4_SMEP)
        | when(cpu, CpuFeature.SMAP, Flag.CR4_SMAP)
        | when(cpu, CpuFeature.PKU, Flag.CR4_PKE)
        | when(cpu, CpuFeature.PKS, Flag.CR4_PKS)
        | when(cpu, CpuFeature.SHSTK, Flag.CR4_CET)
        | when(cpu, CpuFeature.IBT, Flag.CR4_CET)
        | when(cpu, CpuFeature.LAM, Flag.CR4_LAM_SUP);
  }

  private static long when(Cpu cpu, CpuFeature feature, long bits) {
    return cpu.has(feature) ? bits : 0;
  }
}
