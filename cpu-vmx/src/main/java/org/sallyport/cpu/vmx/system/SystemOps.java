package org.sallyport.cpu.vmx.system;

import org.sallyport.api.cpu.CpuFeature;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.state.Segment;

/** Binds the instructions of segmentation, interrupts, system registers and the like. */
public final class SystemOps {
  private SystemOps() {}

  /** The operation for an instruction, or null when it is none of these. */
  public static Op bind(Instruction in, Cpu cpu) {
    Op op = transfer(in, cpu);
    if (op == null) {
      op = system(in, cpu);
    }
    return op == null ? plain(in, cpu) : op;
  }

  /** Instructions that go elsewhere. */
  private static Op transfer(Instruction in, Cpu cpu) {
    return switch (in.mnemonic) {
      case JMP_FAR -> new TransferOp(in, cpu, FarTransfers::jump);
      case CALL_FAR -> new TransferOp(in, cpu, FarTransfers::call).onStack();
      case RET_FAR -> new TransferOp(in, cpu, FarTransfers::ret).onStack();
      case IRET -> new TransferOp(in, cpu, InterruptReturn::iret).onStack();
      case INT -> new TransferOp(in, cpu, InterruptOps::interrupt);
      case INT3 -> new TransferOp(in, cpu, InterruptOps::breakpoint);
      case INTO -> new TransferOp(in, cpu, InterruptOps::overflow);
      case INT1 -> new TransferOp(in, cpu, InterruptOps::debug);
      case SYSCALL -> cpu.has(CpuFeature.SYSCALL) ? new TransferOp(in, cpu, SystemCalls::syscall) : undefined(in, cpu);
      case SYSRET -> cpu.has(CpuFeature.SYSCALL) ? new TransferOp(in, cpu, SystemCalls::sysret) : undefined(in, cpu);
      case SYSENTER -> cpu.has(CpuFeature.SEP) ? new TransferOp(in, cpu, SystemCalls::sysenter) : undefined(in, cpu);
      case SYSEXIT -> cpu.has(CpuFeature.SEP) ? new TransferOp(in, cpu, SystemCalls::sysexit) : undefined(in, cpu);
      default -> null;
    };
  }

  /** Instructions after which the processor has to look around. */
  private static Op system(Instruction in, Cpu cpu) {
    SystemOp.Action action =
        switch (in.mnemonic) {
          case MOV -> in.kind[0] == OperandKind.SEGMENT
              ? SegmentLoads::move
              : in.kind[0] == OperandKind.CONTROL
                  ? ControlRegisters::write
                  : in.kind[0] == OperandKind.DEBUG ? DebugRegisters::write : null;
          case LDS -> SegmentLoads.far(Segment.DS);
          case LES -> SegmentLoads.far(Segment.ES);
          case LFS -> SegmentLoads.far(Segment.FS);
          case LGS -> SegmentLoads.far(Segment.GS);
          case LSS -> SegmentLoads.far(Segment.SS);
          case LMSW -> ControlRegisters::lmsw;
          case CLTS -> ControlRegisters::clts;
          case LGDT -> DescriptorTables::lgdt;
          case LIDT -> DescriptorTables::lidt;
          case LLDT -> DescriptorTables::lldt;
          case LTR -> DescriptorTables::ltr;
          case STI -> FlagOps::sti;
          case HLT -> Misc::hlt;
          case CPUID -> Misc::cpuid;
          case XSETBV -> Misc::xsetbv;
          case INVLPG -> Misc::invlpg;
          case INVPCID -> Misc::invpcid;
          case WRMSR -> MsrOps::wrmsr;
          default -> vmx(in);
        };
    if (action != null) {
      return new SystemOp(in, cpu, action);
    }
    return switch (in.mnemonic) {
      case POP -> in.kind[0] == OperandKind.SEGMENT ? new SystemOp(in, cpu, SegmentLoads::pop).onStack() : null;
      case POPF -> new SystemOp(in, cpu, FlagOps::popf).onStack();
      default -> null;
    };
  }

  private static SystemOp.Action vmx(Instruction in) {
    return switch (in.mnemonic) {
      case VMCALL -> VmxOps::vmcall;
      case VMCLEAR -> VmxOps.exit(VmxOps.VMCLEAR);
      case VMLAUNCH -> VmxOps.exit(VmxOps.VMLAUNCH);
      case VMPTRLD -> VmxOps.exit(VmxOps.VMPTRLD);
      case VMPTRST -> VmxOps.exit(VmxOps.VMPTRST);
      case VMREAD -> VmxOps.exit(VmxOps.VMREAD);
      case VMRESUME -> VmxOps.exit(VmxOps.VMRESUME);
      case VMWRITE -> VmxOps.exit(VmxOps.VMWRITE);
      case VMXOFF -> VmxOps.exit(VmxOps.VMXOFF);
      case VMXON -> VmxOps.exit(VmxOps.VMXON);
      case INVEPT -> VmxOps.exit(VmxOps.INVEPT);
      case INVVPID -> VmxOps.exit(VmxOps.INVVPID);
      default -> null;
    };
  }

  /** Instructions that change no mode. */
  private static Op plain(Instruction in, Cpu cpu) {
    PlainOp.Action action =
        switch (in.mnemonic) {
          case MOV -> in.kind[1] == OperandKind.SEGMENT
              ? SegmentLoads::store
              : in.kind[1] == OperandKind.CONTROL
                  ? ControlRegisters::read
                  : in.kind[1] == OperandKind.DEBUG ? DebugRegisters::read : null;
          case BOUND -> InterruptOps::bound;
          case SMSW -> ControlRegisters::smsw;
          case SGDT -> DescriptorTables::sgdt;
          case SIDT -> DescriptorTables::sidt;
          case SLDT -> DescriptorTables::sldt;
          case STR -> DescriptorTables::str;
          case LAR -> SelectorChecks::lar;
          case LSL -> SelectorChecks::lsl;
          case VERR -> SelectorChecks::verr;
          case VERW -> SelectorChecks::verw;
          case ARPL -> SelectorChecks::arpl;
          case CLI -> FlagOps::cli;
          case CLAC -> announced(cpu, CpuFeature.SMAP, FlagOps::clac);
          case STAC -> announced(cpu, CpuFeature.SMAP, FlagOps::stac);
          case PAUSE -> Misc::pause;
          case INVD -> Misc::invd;
          case WBINVD, WBNOINVD -> Misc::wbinvd;
          case MONITOR -> Misc::monitor;
          case MWAIT -> Misc::mwait;
          case RDTSC -> Misc::rdtsc;
          case RDTSCP -> Misc::rdtscp;
          case RDPID -> Misc::rdpid;
          case RDPMC -> Misc::rdpmc;
          case RDMSR -> MsrOps::rdmsr;
          case SWAPGS -> Misc::swapgs;
          case RDFSBASE -> Misc.readBase(Segment.FS);
          case RDGSBASE -> Misc.readBase(Segment.GS);
          case WRFSBASE -> Misc.writeBase(Segment.FS);
          case WRGSBASE -> Misc.writeBase(Segment.GS);
          case XGETBV -> Misc::xgetbv;
          case RDPKRU -> Misc::rdpkru;
          case WRPKRU -> Misc::wrpkru;
          case CLFLUSH -> announced(cpu, CpuFeature.CLFLUSH, Misc::clflush);
          case CLFLUSHOPT -> announced(cpu, CpuFeature.CLFLUSHOPT, Misc::clflush);
          case CLWB -> announced(cpu, CpuFeature.CLWB, Misc::clflush);
          case RSM, VMFUNC, GETSEC, UD0, UD1, UD2 -> Misc::undefined;
          default -> cpu.has(CpuFeature.SHSTK) ? ShadowStackOps.action(in) : null;
        };
    if (action != null) {
      return new PlainOp(in, cpu, action);
    }
    return switch (in.mnemonic) {
      case PUSHF -> new PlainOp(in, cpu, FlagOps::pushf).onStack();
      default -> null;
    };
  }

  private static PlainOp.Action announced(Cpu cpu, CpuFeature feature, PlainOp.Action action) {
    return cpu.has(feature) ? action : Misc::undefined;
  }

  private static Op undefined(Instruction in, Cpu cpu) {
    return new PlainOp(in, cpu, Misc::undefined);
  }
}
