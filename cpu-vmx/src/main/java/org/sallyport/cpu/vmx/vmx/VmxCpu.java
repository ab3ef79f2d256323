package org.sallyport.cpu.vmx.vmx;

import static org.sallyport.cpu.vmx.vmx.VmcsField.*;

import java.util.Optional;
import org.sallyport.api.cpu.CpuException;
import org.sallyport.api.cpu.EventKind;
import org.sallyport.api.cpu.ExitReason;
import org.sallyport.api.cpu.VcpuState;
import org.sallyport.api.cpu.VirtualCpu;
import org.sallyport.api.cpu.VmExit;
import org.sallyport.api.cpu.VmcsView;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.state.Controls;
import org.sallyport.cpu.vmx.state.ExitSignal;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.GuestFault;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;
import org.sallyport.cpu.vmx.system.EventDelivery;
import org.sallyport.cpu.vmx.system.TaskSwitch;

/**
 * The VCPU descriptor: a processor with its VMCS, and the innermost part of the monitor, which turns the SDM's exits into the neutral ones
 * and answers those that need no machine (CPUID, XSETBV, task switches).
 */
final class VmxCpu implements VirtualCpu {
  final Cpu cpu;
  final Vmcs vmcs = new Vmcs();
  private final CpuidTable cpuid;
  private final Controls controls;

  /** What the next entry has to finish of the last exit: nothing, or an answer to be taken from the {@link VmExit}. */
  private enum Unfinished {
    NOTHING,
    PORT_READ,
    REPLAYED_READ,
    REPLAYED_WRITE,
    MSR_READ,
    MSR_WRITE,
    HYPERCALL
  }

  /** VM-instruction error "VM entry with invalid control field(s)". */
  private static final int ERROR_INVALID_CONTROL = 7;

  /**
   * When so many events in a row could not be delivered, each because of the one before, it may go on like this for ever: kicks are looked
   * at then, which otherwise waits for an instruction boundary.
   */
  private static final int MAX_UNDELIVERED = 16;

  private Unfinished unfinished = Unfinished.NOTHING;
  private int unfinishedSize;

  /** Somebody has kicked since a run last ended with that. The processor has a flag of its own between instructions. */
  private volatile boolean kicked;

  /** NMIs that wait: one while another is being handled, else up to two (the one to be taken next and the one behind it). */
  private int nmisQueued;

  VmxCpu(Cpu cpu, CpuidTable cpuid, boolean shared) {
    this.cpu = cpu;
    this.cpuid = cpuid;
    controls = cpu.controls;
    vmcs.put(PIN_BASED_CONTROLS, Capabilities.PIN_FIXED | Vmcs.EXTERNAL_INTERRUPT_EXITING | Vmcs.NMI_EXITING);
    vmcs.put(PRIMARY_CONTROLS,
        Integer.toUnsignedLong(Capabilities.PRIMARY_FIXED | Vmcs.HLT_EXITING | Vmcs.CR8_LOAD_EXITING
            | Vmcs.UNCONDITIONAL_IO_EXITING | Vmcs.USE_MSR_BITMAPS | Vmcs.ACTIVATE_SECONDARY
            | (shared ? Vmcs.PAUSE_EXITING : 0)));
    vmcs.put(SECONDARY_CONTROLS,
        Vmcs.ENABLE_EPT | Vmcs.UNRESTRICTED_GUEST | Vmcs.ENABLE_RDTSCP | Vmcs.ENABLE_INVPCID | Vmcs.ENABLE_XSAVES);
    vmcs.put(VM_ENTRY_CONTROLS, Capabilities.ENTRY_FIXED | Vmcs.ENTRY_LOAD_PAT | Vmcs.ENTRY_LOAD_EFER);
    vmcs.put(VM_EXIT_CONTROLS, Capabilities.EXIT_FIXED);
    // The delivery of #AC may raise #AC, and so on for ever (handler and stack at user level): no monitor can let it be.
    vmcs.put(EXCEPTION_BITMAP, 1L << Vector.AC);
    vmcs.put(CR4_GUEST_HOST_MASK, Flag.CR4_VMXE);
    vmcs.put(VMCS_LINK_POINTER, -1);
    String wrong = EntryChecks.controls(vmcs);
    if (wrong != null) {
      throw new IllegalStateException(wrong);
    }
    MonitorMsrs.intercept(controls.msrBitmap);
    unpackControls();
  }

  // ---- VM entry and exit ---------------------------------------------------------------------------------------------------------------

  @Override
  public int index() {
    return cpu.index;
  }

  @Override
  public void run(VmExit exit) {
    finish(exit);
    exit.message = null;
    boolean stepped = false;
    int undelivered = 0;
    while (checkEntry(exit)) {
      try {
        if (!deliverEvent()) {
          undelivered++;
        } else if (stepped) {
          exit.plain(ExitReason.DEBUG);
          return;
        } else {
          undelivered = 0;
          cpu.run();
        }
      } catch (RuntimeException | StackOverflowError e) {
        internalError(exit, e);
        return;
      }
      record(cpu.exitSignal);
      if (leave(exit)) {
        return;
      }
      stepped = controls.monitorTrapFlag; // the one instruction was one that the monitor has carried out
      if (undelivered > MAX_UNDELIVERED && (kicked || stepped)) {
        exit.plain(kicked ? ExitReason.KICKED : ExitReason.DEBUG);
        kicked = false;
        return;
      }
    }
  }

  @Override
  public void step(VmExit exit) {
    setMonitorTrapFlag(true);
    try {
      run(exit);
    } finally {
      setMonitorTrapFlag(false);
    }
  }

  private void setMonitorTrapFlag(boolean on) {
    vmcs.set(PRIMARY_CONTROLS, Vmcs.MONITOR_TRAP_FLAG, on);
    controls.monitorTrapFlag = on;
    cpu.attention();
  }

  /** VM entry up to the injection of events: checks, guest state. False when it fails, which {@code exit} describes. */
  private boolean checkEntry(VmExit exit) {
    if (vmcs.guestStateWritten) {
      String wrong = EntryChecks.guestState(vmcs);
      if (wrong != null) {
        vmcs.put(EXIT_REASON, Integer.toUnsignedLong(ExitCode.INVALID_GUEST_STATE | ExitCode.ENTRY_FAILURE));
        exit.plain(ExitReason.INTERNAL_ERROR);
        exit.message = "VM entry failed, invalid guest state: " + wrong;
        return false;
      }
      GuestState.load(cpu, vmcs);
    }
    if (nmisQueued > 0 && !cpu.nmiBlocked && !cpu.stiShadow && !cpu.movSsShadow
        && !vmcs.has(VM_ENTRY_INTERRUPTION_INFORMATION, Vmcs.INFO_VALID)
        && !cpu.io.isActive()) {
      nmisQueued--;
      setNmiWindow(nmisQueued > 0);
      vmcs.put(VM_ENTRY_INTERRUPTION_INFORMATION,
          Integer.toUnsignedLong(Vmcs.INFO_VALID | EventDelivery.NMI << 8 | Vector.NMI));
    }
    return !vmcs.has(VM_ENTRY_INTERRUPTION_INFORMATION, Vmcs.INFO_VALID) || mayInject(exit);
  }

  private boolean mayInject(VmExit exit) {
    vmcs.put(GUEST_CR0, cpu.cr0);
    String wrong = EntryChecks.injection(vmcs);
    if (wrong == null) {
      return true;
    }
    vmcs.put(VM_INSTRUCTION_ERROR, ERROR_INVALID_CONTROL);
    exit.plain(ExitReason.INTERNAL_ERROR);
    exit.message = "VM entry failed, invalid control field: " + wrong;
    return false;
  }

  /** Delivers the event of the VM-entry interruption-information field, if any; false when that ends in a VM exit. */
  private boolean deliverEvent() {
    int info = vmcs.read32(VM_ENTRY_INTERRUPTION_INFORMATION);
    if (info >= 0) {
      return true;
    }
    int kind = info >> 8 & 7;
    int vector = info & 0xff;
    int error = (info & Vmcs.INFO_ERROR_CODE) != 0 ? vmcs.read32(VM_ENTRY_EXCEPTION_ERROR_CODE) : -1;
    vmcs.put(VM_ENTRY_INTERRUPTION_INFORMATION, 0);
    if (kind == EventDelivery.NMI) {
      cpu.nmiBlocked = true;
    }
    cpu.stiShadow = false;
    cpu.movSsShadow = false;
    try {
      cpu.inject(vector, kind, error, vmcs.read32(VM_ENTRY_INSTRUCTION_LENGTH));
      return true;
    } catch (ExitSignal e) {
      return false;
    }
  }

  /** Fills in the VM-exit information fields. */
  private void record(ExitSignal signal) {
    vmcs.put(EXIT_REASON, Integer.toUnsignedLong(signal.reason));
    vmcs.put(EXIT_QUALIFICATION, signal.qualification);
    vmcs.put(VM_EXIT_INSTRUCTION_LENGTH, cpu.exitLength);
    if (signal.reason == ExitCode.EPT_VIOLATION) {
      vmcs.put(GUEST_PHYSICAL_ADDRESS, signal.physical);
    }
    boolean exception = signal.reason == ExitCode.EXCEPTION_OR_NMI;
    vmcs.put(VM_EXIT_INTERRUPTION_INFORMATION, exception ? Integer.toUnsignedLong(signal.interruption) : 0);
    vmcs.put(VM_EXIT_INTERRUPTION_ERROR_CODE, exception ? signal.errorCode : 0);
    int vectoring = cpu.vectoring;
    if (vectoring < 0) {
      vmcs.put(IDT_VECTORING_INFORMATION, 0);
    } else {
      boolean error = cpu.vectoringErrorCode >= 0 && cpu.protectedMode(); // real mode pushes none
      vmcs.put(IDT_VECTORING_INFORMATION, Integer.toUnsignedLong(
          Vmcs.INFO_VALID | cpu.vectoringKind << 8 | (error ? Vmcs.INFO_ERROR_CODE : 0) | vectoring));
      vmcs.put(IDT_VECTORING_ERROR_CODE, error ? cpu.vectoringErrorCode : 0);
      cpu.vectoring = -1;
    }
  }

  /** Handles a VM exit; true when the machine has to know, with {@code exit} filled in. */
  private boolean leave(VmExit exit) {
    ExitSignal signal = cpu.exitSignal;
    long qualification = signal.qualification;
    switch (signal.reason) {
      case ExitCode.IO_INSTRUCTION -> {
        boolean read = (qualification & 8) != 0;
        exit.access(read ? ExitReason.PORT_READ : ExitReason.PORT_WRITE, qualification >>> 16 & 0xffff, signal.size,
            signal.data);
        unfinishedSize = signal.size;
        if ((qualification & 16) != 0) {
          unfinished = read ? Unfinished.REPLAYED_READ : Unfinished.REPLAYED_WRITE;
        } else if (read) {
          unfinished = Unfinished.PORT_READ;
        } else {
          skip();
        }
      }
      case ExitCode.EPT_VIOLATION -> {
        boolean read = (qualification & 2) == 0;
        exit.access(read ? ExitReason.MEMORY_READ : ExitReason.MEMORY_WRITE, signal.physical, signal.size, signal.data);
        unfinishedSize = signal.size;
        unfinished = read ? Unfinished.REPLAYED_READ : Unfinished.REPLAYED_WRITE;
        reinject();
      }
      case ExitCode.MONITOR_TRAP_FLAG -> exit.plain(ExitReason.DEBUG);
      case ExitCode.EXTERNAL_INTERRUPT -> {
        kicked = false;
        exit.plain(ExitReason.KICKED);
      }
      case ExitCode.EXCEPTION_OR_NMI -> {
        vmcs.put(VM_ENTRY_INTERRUPTION_INFORMATION, vmcs.read(VM_EXIT_INTERRUPTION_INFORMATION));
        vmcs.put(VM_ENTRY_EXCEPTION_ERROR_CODE, vmcs.read(VM_EXIT_INTERRUPTION_ERROR_CODE));
        return false;
      }
      case ExitCode.INTERRUPT_WINDOW -> exit.plain(ExitReason.INTERRUPT_WINDOW);
      case ExitCode.NMI_WINDOW -> {
        return false;
      }
      case ExitCode.HLT -> {
        skip();
        cpu.stiShadow = false;
        if (cpu.debug.traps() != 0) {
          return false; // a debug trap ends the halt at once
        }
        exit.plain(ExitReason.HALT);
      }
      case ExitCode.TRIPLE_FAULT -> exit.plain(ExitReason.TRIPLE_FAULT);
      case ExitCode.RDMSR, ExitCode.WRMSR -> {
        boolean read = signal.reason == ExitCode.RDMSR;
        if (cpu.msrs.isProcessors((int) cpu.r[Registers.RCX])) {
          ownMsr(read);
          return false;
        }
        exit.access(read ? ExitReason.MSR_READ : ExitReason.MSR_WRITE, cpu.r[Registers.RCX] & 0xffffffffL, 8,
            read ? 0 : cpu.r[Registers.RDX] << 32 | cpu.r[Registers.RAX] & 0xffffffffL);
        unfinished = read ? Unfinished.MSR_READ : Unfinished.MSR_WRITE;
      }
      case ExitCode.VMCALL -> {
        exit.access(ExitReason.HYPERCALL, cpu.r[Registers.RAX], 8, 0);
        unfinished = Unfinished.HYPERCALL;
      }
      case ExitCode.PAUSE -> {
        skip();
        exit.plain(ExitReason.PAUSE);
      }
      case ExitCode.CR_ACCESS -> {
        return crAccess(qualification, exit);
      }
      case ExitCode.CPUID -> {
        cpuid.answer(cpu);
        skip();
        return false;
      }
      case ExitCode.XSETBV -> {
        xsetbv();
        return false;
      }
      case ExitCode.TASK_SWITCH -> {
        if (cpu.cet.inUse()) {
          exit.plain(ExitReason.INTERNAL_ERROR);
          exit.message = "a task switch while control-flow enforcement is in use is not implemented";
          return true;
        }
        if (!taskSwitch(qualification)) {
          record(cpu.exit(ExitCode.TRIPLE_FAULT, 0));
          exit.plain(ExitReason.TRIPLE_FAULT);
          return true;
        }
        return false;
      }
      case ExitCode.WBINVD, ExitCode.INVD -> {
        skip();
        return false;
      }
      default -> {
        exit.plain(ExitReason.INTERNAL_ERROR);
        exit.message = "unexpected VM exit: " + ExitCode.name(signal.reason) + ", qualification 0x"
            + Long.toHexString(qualification);
      }
    }
    return true;
  }

  /** An exit in the middle of delivering an event: the event is injected again at the next entry. */
  private void reinject() {
    long info = vmcs.read(IDT_VECTORING_INFORMATION);
    if (((int) info & Vmcs.INFO_VALID) != 0) {
      vmcs.put(VM_ENTRY_INTERRUPTION_INFORMATION, info);
      vmcs.put(VM_ENTRY_EXCEPTION_ERROR_CODE, vmcs.read(IDT_VECTORING_ERROR_CODE));
      vmcs.put(VM_ENTRY_INSTRUCTION_LENGTH, vmcs.read(VM_EXIT_INSTRUCTION_LENGTH));
    }
  }

  /** The monitor has carried out the instruction: RIP moves behind it. */
  private void skip() {
    cpu.skip(vmcs.read32(VM_EXIT_INSTRUCTION_LENGTH));
  }

  /** Takes the answer to the last exit. */
  private void finish(VmExit exit) {
    Unfinished what = unfinished;
    if (what == Unfinished.NOTHING) {
      return;
    }
    unfinished = Unfinished.NOTHING;
    switch (what) {
      case PORT_READ -> {
        cpu.setReg(Registers.RAX, unfinishedSize, exit.value);
        skip();
      }
      case REPLAYED_READ -> {
        cpu.io.served(unfinishedSize == 8 ? exit.value : exit.value & (1L << 8 * unfinishedSize) - 1);
        cpu.attention();
      }
      case REPLAYED_WRITE -> {
        cpu.io.served(0);
        cpu.attention();
      }
      case MSR_READ, MSR_WRITE -> {
        if (exit.refused) {
          inject(EventKind.EXCEPTION, Vector.GP, 0);
          return;
        }
        if (what == Unfinished.MSR_READ) {
          cpu.r[Registers.RAX] = exit.value & 0xffffffffL;
          cpu.r[Registers.RDX] = exit.value >>> 32;
        }
        skip();
      }
      default -> {
        cpu.r[Registers.RAX] = exit.value;
        skip();
      }
    }
  }

  @Override
  public void finishInstruction(VmExit exit) {
    finish(exit);
  }

  private boolean crAccess(long qualification, VmExit exit) {
    int register = (int) qualification & 15;
    int access = (int) qualification >> 4 & 3;
    long value = cpu.r[(int) qualification >> 8 & 15];
    if (register == 8 && access == 0) {
      if ((value & ~15L) != 0) {
        inject(EventKind.EXCEPTION, Vector.GP, 0);
        return false;
      }
      cpu.cr8 = (int) value;
      skip();
      exit.plain(ExitReason.TPR_CHANGED);
      return true;
    }
    // A bit that the monitor owns (CR4.VMXE) was to be changed: no nested VMX here.
    inject(EventKind.EXCEPTION, Vector.GP, 0);
    return false;
  }

  /**
   * Carries a task switch out. Its faults are injected: a fault of the old task in the midst of delivering an event comes to what the SDM
   * says of two exceptions, one of the new task is that task's first. Tables in memory that is no RAM shut the processor down, as a triple
   * fault does.
   *
   * @return whether the guest goes on
   */
  private boolean taskSwitch(long qualification) {
    int info = vmcs.read32(IDT_VECTORING_INFORMATION);
    int vector = info & 0xff;
    int type = info >> 8 & 7;
    boolean byEvent = info < 0 && type != EventDelivery.SOFTWARE_INTERRUPT && type != EventDelivery.SOFTWARE_EXCEPTION;
    boolean resume = byEvent && type == EventDelivery.HARDWARE_EXCEPTION && vector != Vector.DB && vector != Vector.MC;
    int error = info < 0 && (info & Vmcs.INFO_ERROR_CODE) != 0 ? vmcs.read32(IDT_VECTORING_ERROR_CODE) : -1;
    long returnRip = byEvent ? cpu.rip : cpu.rip + vmcs.read32(VM_EXIT_INSTRUCTION_LENGTH) & cpu.ripMask;
    try {
      GuestFault fault = TaskSwitch.perform(cpu, (int) qualification & 0xffff, (int) (qualification >>> 30) & 3,
          returnRip, error, resume);
      if (fault != null) {
        inject(fault, fault.vector);
      }
      return true;
    } catch (GuestFault fault) {
      int next = info < 0 ? EventDelivery.combine(type, vector, fault.vector) : fault.vector;
      if (next >= 0) {
        inject(fault, next);
      }
      return next >= 0;
    } catch (ExitSignal signal) {
      cpu.io.clear();
      return false;
    }
  }

  /** Injects a fault that the monitor has met on the guest's behalf, as itself or as a double fault. */
  private void inject(GuestFault fault, int vector) {
    if (fault.vector == Vector.PF) {
      cpu.cr2 = cpu.pageFaultAddress;
    }
    inject(EventKind.EXCEPTION, vector, vector == Vector.DF ? 0 : fault.errorCode);
  }

  /** Registers beyond the MSR bitmaps always exit, also those that are the processor's own. */
  private void ownMsr(boolean read) {
    int index = (int) cpu.r[Registers.RCX];
    try {
      if (read) {
        long value = cpu.msrs.read(index);
        cpu.r[Registers.RAX] = value & 0xffffffffL;
        cpu.r[Registers.RDX] = value >>> 32;
      } else {
        cpu.msrs.write(index, cpu.r[Registers.RDX] << 32 | cpu.r[Registers.RAX] & 0xffffffffL);
      }
      skip();
    } catch (GuestFault fault) {
      inject(fault, fault.vector);
    }
  }

  private void xsetbv() {
    long value = cpu.r[Registers.RDX] << 32 | cpu.r[Registers.RAX] & 0xffffffffL;
    if ((cpu.r[Registers.RCX] & 0xffffffffL) != 0 || !cpuid.allowsXcr0(value)) {
      inject(EventKind.EXCEPTION, Vector.GP, 0);
    } else {
      cpu.xcr0 = value;
      skip();
    }
  }

  private void internalError(VmExit exit, Throwable cause) {
    exit.plain(ExitReason.INTERNAL_ERROR);
    StackTraceElement[] trace = cause.getStackTrace();
    exit.message = "the processor failed: " + cause + (trace.length > 0 ? " at " + trace[0] : "");
    if (Boolean.getBoolean("sallyport.debug")) {
      cause.printStackTrace();
    }
  }

  /** Unpacks the control fields for the operations. */
  private void unpackControls() {
    int primary = vmcs.read32(PRIMARY_CONTROLS);
    int secondary = vmcs.read32(SECONDARY_CONTROLS);
    controls.nonRoot = true;
    controls.externalInterruptExiting = vmcs.has(PIN_BASED_CONTROLS, Vmcs.EXTERNAL_INTERRUPT_EXITING);
    controls.nmiExiting = vmcs.has(PIN_BASED_CONTROLS, Vmcs.NMI_EXITING);
    controls.interruptWindowExiting = (primary & Vmcs.INTERRUPT_WINDOW_EXITING) != 0;
    controls.tscOffsetting = (primary & Vmcs.USE_TSC_OFFSETTING) != 0;
    controls.hltExiting = (primary & Vmcs.HLT_EXITING) != 0;
    controls.invlpgExiting = (primary & Vmcs.INVLPG_EXITING) != 0;
    controls.mwaitExiting = (primary & Vmcs.MWAIT_EXITING) != 0;
    controls.rdpmcExiting = (primary & Vmcs.RDPMC_EXITING) != 0;
    controls.rdtscExiting = (primary & Vmcs.RDTSC_EXITING) != 0;
    controls.cr3LoadExiting = (primary & Vmcs.CR3_LOAD_EXITING) != 0;
    controls.cr3StoreExiting = (primary & Vmcs.CR3_STORE_EXITING) != 0;
    controls.cr8LoadExiting = (primary & Vmcs.CR8_LOAD_EXITING) != 0;
    controls.cr8StoreExiting = (primary & Vmcs.CR8_STORE_EXITING) != 0;
    controls.nmiWindowExiting = (primary & Vmcs.NMI_WINDOW_EXITING) != 0;
    controls.movDrExiting = (primary & Vmcs.MOV_DR_EXITING) != 0;
    controls.unconditionalIoExiting = (primary & Vmcs.UNCONDITIONAL_IO_EXITING) != 0;
    controls.useIoBitmaps = (primary & Vmcs.USE_IO_BITMAPS) != 0;
    controls.useMsrBitmaps = (primary & Vmcs.USE_MSR_BITMAPS) != 0;
    controls.monitorExiting = (primary & Vmcs.MONITOR_EXITING) != 0;
    controls.pauseExiting = (primary & Vmcs.PAUSE_EXITING) != 0;
    controls.descriptorTableExiting = (secondary & Vmcs.DESCRIPTOR_TABLE_EXITING) != 0;
    controls.rdtscpEnabled = (secondary & Vmcs.ENABLE_RDTSCP) != 0;
    controls.wbinvdExiting = (secondary & Vmcs.WBINVD_EXITING) != 0;
    controls.unrestrictedGuest = (secondary & Vmcs.UNRESTRICTED_GUEST) != 0;
    controls.rdrandExiting = (secondary & Vmcs.RDRAND_EXITING) != 0;
    controls.rdseedExiting = (secondary & Vmcs.RDSEED_EXITING) != 0;
    controls.invpcidEnabled = (secondary & Vmcs.ENABLE_INVPCID) != 0;
    controls.xsavesEnabled = (secondary & Vmcs.ENABLE_XSAVES) != 0;
    controls.exceptionBitmap = vmcs.read32(EXCEPTION_BITMAP);
    controls.cr0Mask = vmcs.read(CR0_GUEST_HOST_MASK);
    controls.cr0Shadow = vmcs.read(CR0_READ_SHADOW);
    controls.cr4Mask = vmcs.read(CR4_GUEST_HOST_MASK);
    controls.cr4Shadow = vmcs.read(CR4_READ_SHADOW);
    controls.tscOffset = vmcs.read(TSC_OFFSET);
  }

  // ---- events --------------------------------------------------------------------------------------------------------------------------

  @Override
  public void kick() {
    kicked = true;
    cpu.kick();
  }

  @Override
  public boolean canInject() {
    return (cpu.flags & Flag.IF) != 0 && !cpu.stiShadow && !cpu.movSsShadow && !cpu.io.isActive()
        && unfinished == Unfinished.NOTHING && !vmcs.has(VM_ENTRY_INTERRUPTION_INFORMATION, Vmcs.INFO_VALID);
  }

  @Override
  public void requestInterruptWindow(boolean wanted) {
    if (wanted != controls.interruptWindowExiting) {
      vmcs.set(PRIMARY_CONTROLS, Vmcs.INTERRUPT_WINDOW_EXITING, wanted);
      controls.interruptWindowExiting = wanted;
    }
    if (wanted) {
      cpu.attention();
    }
  }

  private void setNmiWindow(boolean wanted) {
    vmcs.set(PRIMARY_CONTROLS, Vmcs.NMI_WINDOW_EXITING, wanted);
    controls.nmiWindowExiting = wanted;
    if (wanted) {
      cpu.attention();
    }
  }

  @Override
  public void inject(EventKind kind, int vector, int errorCode) {
    if (kind == EventKind.NMI) {
      nmisQueued = Math.min(nmisQueued + 1, cpu.nmiBlocked ? 1 : 2);
      setNmiWindow(true);
      return;
    }
    int type = kind == EventKind.EXCEPTION ? EventDelivery.HARDWARE_EXCEPTION : EventDelivery.EXTERNAL_INTERRUPT;
    boolean error = errorCode != EventKind.NO_ERROR_CODE && cpu.protectedMode(); // real mode pushes none
    vmcs.put(VM_ENTRY_INTERRUPTION_INFORMATION,
        Integer.toUnsignedLong(Vmcs.INFO_VALID | (error ? Vmcs.INFO_ERROR_CODE : 0) | type << 8 | vector));
    vmcs.put(VM_ENTRY_EXCEPTION_ERROR_CODE, error ? errorCode & 0xffff : 0);
  }

  @Override
  public int cr8() {
    return cpu.cr8;
  }

  @Override
  public void cr8(int priority) {
    cpu.cr8 = priority & 15;
  }

  @Override
  public void localApicEnabled(boolean enabled) {
    cpu.localApicEnabled = enabled;
  }

  @Override
  public long tscOffset() {
    return cpu.msrs.tscOffset;
  }

  // ---- state ---------------------------------------------------------------------------------------------------------------------------

  @Override
  public VcpuState save() {
    int info = vmcs.read32(VM_ENTRY_INTERRUPTION_INFORMATION);
    int injected = info < 0 && (info >> 8 & 7) == EventDelivery.EXTERNAL_INTERRUPT ? info & 0xff : -1;
    return StateConversion.save(cpu, nmisQueued, injected);
  }

  @Override
  public void restore(VcpuState state) throws CpuException {
    StateConversion.check(state, cpu, cpuid);
    StateConversion.restore(cpu, state);
    GuestState.store(cpu, vmcs);
    vmcs.guestStateWritten = true;
    unfinished = Unfinished.NOTHING;
    cpu.io.clear();
    vmcs.put(VM_ENTRY_INTERRUPTION_INFORMATION, 0);
    nmisQueued = state.pending().nmisPending();
    setNmiWindow(nmisQueued > 0);
    if (state.pending().injected() >= 0) {
      inject(EventKind.EXTERNAL_INTERRUPT, state.pending().injected(), EventKind.NO_ERROR_CODE);
    }
  }

  @Override
  public long instructions() {
    return cpu.instructions;
  }

  @Override
  public Optional<VmcsView> vmcs() {
    return Optional.of(new VmcsText(this));
  }

  @Override
  public long translate(long linear) {
    return cpu.probe(linear);
  }
}
