package org.sallyport.cpu.vmx.system;

import java.util.SortedMap;
import java.util.TreeMap;
import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Segment;

/**
 * Model-specific registers (SDM volume 4). Those of features that CPUID does not announce, and those of the local
 * APIC, which is a device of the machine, do not exist here: #GP(0).
 */
public final class ModelSpecificRegisters {
  /** Revision of the microcode, in the upper half of BIOS_SIGN_ID. */
  private static final long MICROCODE = 1L << 32;

  private static final long MISC_ENABLE_WRITABLE = Msr.FAST_STRINGS | Msr.THERMAL_MONITOR | Msr.ENHANCED_SPEEDSTEP
      | Msr.MONITOR_FSM | Msr.LIMIT_CPUID | Msr.XTPR_DISABLE | Msr.XD_DISABLE;
  private static final long MISC_ENABLE_FIXED = Msr.BTS_UNAVAILABLE | Msr.PEBS_UNAVAILABLE;

  private final Cpu cpu;
  private final MemoryTypes memoryTypes;
  private final MachineCheck machineCheck;
  private final AmdCounters amdCounters;

  /** What WRMSR to the time-stamp counter and TSC_ADJUST has added to it. */
  public long tscOffset;

  long sysenterCs;
  long sysenterEsp;
  long sysenterEip;
  long star;
  long lstar;
  long cstar;
  long sfmask;
  long kernelGsBase;
  long tscAux;
  private long tscAdjust;
  private long miscEnable;
  private long featureControl;
  private long specCtrl;

  public ModelSpecificRegisters(Cpu cpu) {
    this.cpu = cpu;
    memoryTypes = new MemoryTypes(cpu);
    machineCheck = new MachineCheck(cpu);
    amdCounters = new AmdCounters(cpu);
    miscEnable = initialMiscEnable();
  }

  private long initialMiscEnable() {
    return Msr.FAST_STRINGS | (cpu.has(CpuFeature.MONITOR) ? Msr.MONITOR_FSM : 0);
  }

  // ---- which there are --------------------------------------------------------------------------------------------

  private boolean has(int index) {
    return switch (index) {
      case Msr.TSC -> cpu.has(CpuFeature.TSC);
      case Msr.TSC_ADJUST -> cpu.has(CpuFeature.TSC_ADJUST);
      case Msr.PLATFORM_ID, Msr.BIOS_SIGN_ID, Msr.MISC_ENABLE, Msr.DEBUGCTL -> true;
      case Msr.FEATURE_CONTROL -> cpu.has(CpuFeature.VMX);
      case Msr.SPEC_CTRL, Msr.PRED_CMD -> cpu.has(CpuFeature.SPEC_CTRL);
      case Msr.ARCH_CAPABILITIES -> cpu.has(CpuFeature.ARCH_CAPABILITIES);
      case Msr.SYSENTER_CS, Msr.SYSENTER_ESP, Msr.SYSENTER_EIP -> cpu.has(CpuFeature.SEP);
      case Msr.XSS -> cpu.has(CpuFeature.XSAVES);
      case Msr.PKRS -> cpu.has(CpuFeature.PKS);
      case Msr.EFER -> cpu.has(CpuFeature.LM) || cpu.has(CpuFeature.NX) || cpu.has(CpuFeature.SYSCALL);
      case Msr.STAR -> cpu.has(CpuFeature.SYSCALL);
      case Msr.LSTAR, Msr.CSTAR, Msr.FMASK, Msr.FS_BASE, Msr.GS_BASE, Msr.KERNEL_GS_BASE -> cpu.has(CpuFeature.LM);
      case Msr.TSC_AUX -> cpu.has(CpuFeature.RDTSCP) || cpu.has(CpuFeature.RDPID);
      default -> false;
    };
  }

  /** Whether this is a register of the processor itself that lies beyond what MSR bitmaps cover. */
  public boolean isProcessors(int index) {
    return amdCounters.has(index);
  }

  // ---- RDMSR ------------------------------------------------------------------------------------------------------

  /** What RDMSR gives; #GP(0) where there is no such register. */
  public long read(int index) {
    if (memoryTypes.has(index)) {
      return memoryTypes.read(index);
    }
    if (machineCheck.has(index)) {
      return machineCheck.read(index);
    }
    if (amdCounters.has(index)) {
      return amdCounters.read(index);
    }
    if (cpu.cet.has(index)) {
      return cpu.cet.read(index);
    }
    if (!has(index)) {
      throw cpu.gp();
    }
    return switch (index) {
      case Msr.TSC -> cpu.tsc();
      case Msr.EFER -> cpu.efer;
      case Msr.FS_BASE -> cpu.seg[Segment.FS].base;
      case Msr.GS_BASE -> cpu.seg[Segment.GS].base;
      case Msr.PLATFORM_ID, Msr.DEBUGCTL, Msr.XSS -> 0;
      case Msr.BIOS_SIGN_ID -> MICROCODE;
      case Msr.ARCH_CAPABILITIES -> archCapabilities();
      case Msr.PRED_CMD -> throw cpu.gp(); // write-only
      default -> stored(index);
    };
  }

  private long stored(int index) {
    return switch (index) {
      case Msr.TSC_ADJUST -> tscAdjust;
      case Msr.FEATURE_CONTROL -> featureControl;
      case Msr.SPEC_CTRL -> specCtrl;
      case Msr.SYSENTER_CS -> sysenterCs;
      case Msr.SYSENTER_ESP -> sysenterEsp;
      case Msr.SYSENTER_EIP -> sysenterEip;
      case Msr.MISC_ENABLE ->
        miscEnable | MISC_ENABLE_FIXED;
      case Msr.STAR -> star;
      case Msr.LSTAR -> lstar;
      case Msr.CSTAR -> cstar;
      case Msr.FMASK -> sfmask;
      case Msr.PKRS -> Integer.toUnsignedLong(cpu.pkrs());
      case Msr.KERNEL_GS_BASE -> kernelGsBase;
      case Msr.TSC_AUX -> tscAux;
      default -> throw cpu.gp();
    };
  }

  /** Nothing is executed speculatively: no side channel of that kind is there. */
  private long archCapabilities() {
    return Msr.RDCL_NO | Msr.SKIP_L1DFL | Msr.SSB_NO | Msr.MDS_NO | Msr.PSCHANGE_MC_NO | Msr.TAA_NO | Msr.SBDR_SSDP_NO
        | Msr.FBSDP_NO | Msr.PSDP_NO | Msr.BHI_NO | Msr.PBRSB_NO | Msr.GDS_NO | Msr.RFDS_NO | Msr.ITS_NO
        | (cpu.has(CpuFeature.SPEC_CTRL) ? Msr.IBRS_ALL : 0);
  }

  // ---- WRMSR ------------------------------------------------------------------------------------------------------

  /** What WRMSR does; #GP(0) where there is no such register or it does not take the value. */
  public void write(int index, long value) {
    if (memoryTypes.has(index)) {
      memoryTypes.write(index, value);
    } else if (machineCheck.has(index)) {
      machineCheck.write(index, value);
    } else if (amdCounters.has(index)) {
      amdCounters.write(index, value);
    } else if (cpu.cet.has(index)) {
      cpu.cet.write(index, value);
    } else if (!has(index)) {
      throw cpu.gp();
    } else {
      writeOwn(index, value);
    }
  }

  private void writeOwn(int index, long value) {
    switch (index) {
      case Msr.TSC -> {
        long offset = value - cpu.hostTsc();
        tscAdjust += offset - tscOffset;
        tscOffset = offset;
      }
      case Msr.TSC_ADJUST -> {
        tscOffset += value - tscAdjust;
        tscAdjust = value;
      }
      case Msr.EFER -> writeEfer(value);
      case Msr.FS_BASE -> cpu.seg[Segment.FS].base = canonical(value);
      case Msr.GS_BASE -> cpu.seg[Segment.GS].base = canonical(value);
      case Msr.FEATURE_CONTROL -> {
        require((featureControl & Msr.LOCK) == 0);
        store(index, value);
      }
      case Msr.PRED_CMD -> require((value & ~Msr.IBPB) == 0);
      case Msr.BIOS_SIGN_ID -> {} // written with 0 before CPUID; the revision stays
      case Msr.PLATFORM_ID, Msr.ARCH_CAPABILITIES -> throw cpu.gp();
      default -> store(index, value);
    }
  }

  /** Writes a register that is nothing but its value. */
  private void store(int index, long value) {
    switch (index) {
      case Msr.DEBUGCTL, Msr.XSS -> require(value == 0);
      case Msr.TSC_ADJUST -> tscAdjust = value;
      case Msr.FEATURE_CONTROL -> {
        require((value & ~(Msr.LOCK | Msr.VMX_OUTSIDE_SMX)) == 0);
        featureControl = value;
      }
      case Msr.SPEC_CTRL -> {
        require((value & ~(Msr.IBRS | Msr.STIBP)) == 0);
        specCtrl = value;
      }
      case Msr.SYSENTER_CS -> sysenterCs = value & 0xffffffffL;
      case Msr.SYSENTER_ESP -> sysenterEsp = canonical(value);
      case Msr.SYSENTER_EIP -> sysenterEip = canonical(value);
      case Msr.MISC_ENABLE -> {
        require((value & ~(MISC_ENABLE_WRITABLE | MISC_ENABLE_FIXED)) == 0);
        miscEnable = value & MISC_ENABLE_WRITABLE;
      }
      case Msr.STAR -> star = value;
      case Msr.LSTAR -> lstar = canonical(value);
      case Msr.CSTAR -> cstar = canonical(value);
      case Msr.FMASK -> {
        require(value >>> 32 == 0);
        sfmask = value;
      }
      case Msr.KERNEL_GS_BASE -> kernelGsBase = canonical(value);
      case Msr.PKRS -> {
        require(value >>> 32 == 0);
        cpu.setPkrs((int) value);
      }
      case Msr.TSC_AUX -> {
        require(value >>> 32 == 0);
        tscAux = value;
      }
      default -> throw cpu.gp();
    }
  }

  private void writeEfer(long value) {
    long defined = Flag.EFER_LMA;
    defined |= cpu.has(CpuFeature.SYSCALL) ? Flag.EFER_SCE : 0;
    defined |= cpu.has(CpuFeature.LM) ? Flag.EFER_LME : 0;
    defined |= cpu.has(CpuFeature.NX) && !executeDisableOff() ? Flag.EFER_NXE : 0;
    require((value & ~defined) == 0);
    long changed = value ^ cpu.efer;
    require((changed & Flag.EFER_LME) == 0 || (cpu.cr0 & Flag.CR0_PG) == 0);
    cpu.efer = value & ~Flag.EFER_LMA | cpu.efer & Flag.EFER_LMA;
    if ((changed & Flag.EFER_NXE) != 0) {
      cpu.flushTlb();
    }
  }

  /** MISC_ENABLE hides all basic CPUID leaves above 2. */
  public boolean limitsCpuid() {
    return (miscEnable & Msr.LIMIT_CPUID) != 0;
  }

  /** MISC_ENABLE takes execute-disable away. */
  public boolean executeDisableOff() {
    return (miscEnable & Msr.XD_DISABLE) != 0;
  }

  /** MISC_ENABLE lets MONITOR and MWAIT be, where there are any. */
  public boolean monitorEnabled() {
    return (miscEnable & Msr.MONITOR_FSM) != 0;
  }

  private long canonical(long address) {
    require(Canonical.isBase(cpu, address));
    return address;
  }

  private void require(boolean allowed) {
    if (!allowed) {
      throw cpu.gp();
    }
  }

  // ---- saved state ------------------------------------------------------------------------------------------------

  private static final int[] STORED = {Msr.FEATURE_CONTROL, Msr.TSC_ADJUST, Msr.SPEC_CTRL, Msr.SYSENTER_CS,
      Msr.SYSENTER_ESP,
      Msr.SYSENTER_EIP, Msr.MISC_ENABLE, Msr.STAR, Msr.LSTAR, Msr.CSTAR, Msr.FMASK, Msr.KERNEL_GS_BASE, Msr.TSC_AUX,
      Msr.PKRS};

  /** The registers that hold something and have no other place in the processor's state. */
  public SortedMap<Integer, Long> save() {
    SortedMap<Integer, Long> values = new TreeMap<>();
    for (int index : STORED) {
      if (has(index)) {
        values.put(index, stored(index));
      }
    }
    memoryTypes.save(values);
    machineCheck.save(values);
    amdCounters.save(values);
    cpu.cet.save(values);
    return values;
  }

  /**
   * Restores what {@link #save} gave; registers that are not in it have their power-on values. TSC_ADJUST is set
   * without the counter.
   *
   * @throws IllegalArgumentException for a register that there is not, or a value that it does not take: nothing is
   *     changed then
   */
  public void restore(SortedMap<Integer, Long> values) {
    SortedMap<Integer, Long> before = save();
    try {
      set(values);
    } catch (IllegalArgumentException e) {
      set(before);
      throw e;
    }
  }

  private void set(SortedMap<Integer, Long> values) {
    powerOn();
    values.forEach((index, value) -> {
      try {
        if (memoryTypes.has(index)) {
          memoryTypes.restore(index, value);
        } else if (machineCheck.has(index)) {
          machineCheck.restore(index, value);
        } else if (amdCounters.has(index)) {
          amdCounters.write(index, value);
        } else if (cpu.cet.has(index)) {
          cpu.cet.write(index, value);
        } else if (!isConstant(index) && (has(index) || value != 0)) {
          store(index, value);
        }
      } catch (GuestFault refused) {
        throw new IllegalArgumentException(
            "MSR 0x" + Integer.toHexString(index) + " cannot be 0x" + Long.toHexString(value), refused);
      }
    });
  }

  /** What a processor is, not what it has stored; another backend may have saved it nevertheless. */
  private static boolean isConstant(int index) {
    return index == Msr.BIOS_SIGN_ID || index == Msr.PLATFORM_ID || index == Msr.ARCH_CAPABILITIES;
  }

  private void powerOn() {
    sysenterCs = 0;
    sysenterEsp = 0;
    sysenterEip = 0;
    star = 0;
    lstar = 0;
    cstar = 0;
    sfmask = 0;
    kernelGsBase = 0;
    tscAux = 0;
    tscAdjust = 0;
    miscEnable = initialMiscEnable();
    featureControl = 0;
    specCtrl = 0;
    memoryTypes.powerOn();
    machineCheck.powerOn();
    amdCounters.powerOn();
    cpu.setPkrs(0);
    cpu.cet.powerOn();
  }
}
