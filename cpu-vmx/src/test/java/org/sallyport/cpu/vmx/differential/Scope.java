package org.sallyport.cpu.vmx.differential;

import static org.sallyport.cpu.vmx.decode.Mnemonic.*;

import java.util.EnumSet;
import java.util.Set;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.InstructionStream;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;

/**
 * The instructions that are compared: those that a program may execute, whose result depends on nothing but its registers and memory.
 * Privileged ones are in: they have to raise the right exception.
 */
final class Scope {
  // @formatter:off
  /** The result is the processor's own: time, random numbers, identification, counters, enabled state. */
  private static final Set<Mnemonic> NOT_DETERMINISTIC = EnumSet.of(
      RDTSC, RDTSCP, RDRAND, RDSEED, RDPMC, CPUID, RDPID, XGETBV, RDPKRU, WRPKRU);

  /** They go into the kernel, which does something about them or kills the program; with INT1, the hypervisor below does. */
  private static final Set<Mnemonic> KERNEL = EnumSet.of(
      SYSCALL, SYSENTER, SYSEXIT, SYSRET, INT1, VMCALL, VMFUNC);

  /** Linux carries them out for programs where UMIP refuses them, with values of its own. */
  private static final Set<Mnemonic> EMULATED_BY_LINUX = EnumSet.of(SGDT, SIDT, SLDT, STR, SMSW);

  /** Their area in memory depends on what state the kernel has enabled. */
  private static final Set<Mnemonic> EXTENDED_STATE = EnumSet.of(
      XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS);

  /** Extensions that hosts have and this processor does not announce; hints and #UD otherwise. */
  private static final Set<Mnemonic> NOT_ANNOUNCED = EnumSet.of(
      ADCX, ADOX, INVPCID, XBEGIN, XEND, XTEST, XABORT, XSUSLDTRK, XRESLDTRK, ENCLU, GETSEC, MONITOR, MWAIT, UMONITOR, UMWAIT, TPAUSE, PTWRITE,
      MOVDIRI, MOVDIR64B, ENQCMD, SERIALIZE, INCSSP, RDSSP, SAVEPREVSSP, RSTORSSP, WRSS, CLRSSBSY, SETSSBSY, CLUI, STUI, TESTUI, UIRET,
      SENDUIPI, GF2P8AFFINEINVQB, GF2P8AFFINEQB, GF2P8MULB);

  /**
   * An ordinary process cannot complete them: SDM volume 3, "Privileged Instructions"; IOPL is 0, no port is allowed to it; the kernel's
   * gates are not for it; where no VMX operation, SMM or enclave is, there is #UD. And the opcodes that are to be undefined.
   */
  private static final Set<Mnemonic> NEVER_COMPLETED = EnumSet.of(
      HLT, CLI, STI, IN, OUT, INS, OUTS, INT, INT3, LGDT, LIDT, LLDT, LTR, LMSW, CLTS, INVD, WBINVD, INVLPG, RDMSR, WRMSR, SWAPGS, XSETBV, CLAC,
      STAC, WBNOINVD, PCONFIG, WRMSRNS, HRESET, ENQCMDS, WRUSS, ENCLS, ENCLV, RSM, INVEPT, INVVPID, VMCLEAR, VMLAUNCH, VMPTRLD, VMPTRST,
      VMREAD, VMRESUME, VMWRITE, VMXOFF, VMXON, UD0, UD1, UD2, INVALID);
  // @formatter:on

  private Scope() {}

  /** Whether the instruction can complete in a process at all. */
  static boolean canComplete(InstructionStream.Form form) {
    boolean control = form.mnemonic() == MOV && form.map() == 1; // MOV to and from CR
    return !control && !NEVER_COMPLETED.contains(form.mnemonic());
  }

  /**
   * Whether a case can be executed on the host. A far transfer may lead into 64-bit code, where all of RSP counts; Linux leaves an address of
   * its own in the upper half when the stack segment is a local one.
   */
  static boolean contains(TestCase c) {
    Instruction in = c.decoded();
    if (in.mnemonic == null) { // too long: #GP(0)
      return true;
    }
    if (!contains(in)) {
      return false;
    }
    return switch (in.mnemonic) {
      case CALL_FAR, RET_FAR, IRET, JMP_FAR -> (c.before.selectors[MachineState.SS] & 4) == 0;
      default -> true;
    };
  }

  static boolean contains(Instruction in) {
    Mnemonic m = in.mnemonic;
    if (NOT_DETERMINISTIC.contains(m) || KERNEL.contains(m) || EMULATED_BY_LINUX.contains(m)
        || EXTENDED_STATE.contains(m) || NOT_ANNOUNCED.contains(m)) {
      return false;
    }
    return switch (m) {
      case INVALID -> invalid(in);
      case INT -> in.immediate != 0x80 && in.immediate != 1 && in.immediate != 3 && in.immediate != 4;
      case MOV -> in.kind[0] != OperandKind.DEBUG && in.kind[1] != OperandKind.DEBUG;
      default -> true;
    };
  }

  /** What is no instruction of ours has to be #UD on the host too, where no other vendor's or later processor's instruction is there. */
  private static boolean invalid(Instruction in) {
    boolean memory = in.modrm < 0xc0;
    int reg = in.modrm >> 3 & 7;
    return switch (in.map) {
      case 0 -> switch (in.opcode) {
        case 0x62, 0xc4, 0xc5 -> false; // VEX and EVEX
        case 0x8f -> false; // AMD: XOP
        default -> in.opcode != 0xd5 || in.mode != CodeMode.BITS64; // REX2
      };
      case 1 -> switch (in.opcode) {
        case 0x01 -> memory; // groups 7: AMD's SVM, MONITORX, CLZERO, RDPRU, and whatever comes
        case 0x0e, 0x0f -> false; // AMD: FEMMS, 3DNow!
        case 0x1a, 0x1b, 0x1e -> false; // MPX, CET
        case 0x2b, 0x78, 0x79 -> false; // AMD: SSE4A
        case 0xae -> !(reg == 3 || reg == 4 || reg == 6) || !memory && reg != 6; // FSGSBASE, PTWRITE, UMWAIT and so on
        case 0xc7 -> memory && reg < 3; // XSAVEC, SENDUIPI
        default -> true;
      };
      case 2 -> in.opcode < 0xf0 && in.opcode < 0xd0; // Key Locker, AES and later
      default -> true;
    };
  }

  /** Whether a program finds the same in legacy mode: all but 64-bit code, and what may lead there. */
  static boolean sameInLegacyMode(TestCase c) {
    Instruction in = c.decoded();
    return !c.is64() && in.mnemonic != null && switch (in.mnemonic) {
      case JMP_FAR, CALL_FAR, RET_FAR, IRET -> false;
      default -> true;
    };
  }

  /** What changes or shows TF, and what does not go on behind the instruction: the software processor has to step too. */
  static boolean needsStep(Instruction in) {
    return in.mnemonic != null && switch (in.mnemonic) {
      case PUSHF, POPF, IRET, INT, J, JCXZ, LOOP, LOOPE, LOOPNE, JMP, CALL, RET, JMP_FAR, CALL_FAR, RET_FAR -> true;
      case MOV, POP, LSS -> in.kind[0] == OperandKind.SEGMENT;
      default -> false;
    };
  }
}
