package org.sallyport.cpu.vmx.differential;

import org.sallyport.api.cpu.CodeMode;
import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.InstructionStream;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.decode.OperandKind;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Vector;

/**
 * Where the manual leaves it to the processor what happens, and where AMD's processors do not do what Intel's manual says. What ours does is
 * then taken for the expected outcome, as narrowly as possible.
 */
final class HostDifferences {
  private static final int FETCH = 0x10;

  // x87 status word
  private static final int IE = 1;
  private static final int UE = 1 << 4;
  private static final int PE = 1 << 5;
  private static final int SUMMARY = 0x8080;
  private static final int C0 = 1 << 8;
  private static final int C1 = 1 << 9;
  private static final int C2 = 1 << 10;
  private static final int C3 = 1 << 14;

  /** MXCSR.MM, "misaligned exception mask", and its bit in MXCSR_MASK: AMD only. */
  private static final int MISALIGNED_MASK = 1 << 17;

  private final boolean intel;

  HostDifferences(boolean intel) {
    this.intel = intel;
  }

  /** Whether the host has no such instruction: AMD defines 0F0D for memory only, where the SDM has a NOP. */
  boolean lacks(InstructionStream.Form form) {
    return !intel && form.map() == 1 && form.opcode() == 0x0d && !form.memory();
  }

  // ---- what cannot be compared -------------------------------------------------------------------------------------------------------

  /** Whether the outcomes cannot be compared. */
  boolean excuses(TestCase c, Outcome ours, Outcome theirs) {
    Instruction in = c.decoded();
    if (in.mnemonic == null) { // too long, but not where a near branch takes 16 bits
      return !intel && c.is64() && hasPrefix(c, in, 0x66) && theirs.trap != Vector.GP;
    }
    // How many bytes of what is undefined are fetched before #UD is the processor's own.
    if ((ours.trap == Vector.UD || theirs.trap == Vector.UD) && (c.codeOffset + 15 > 4096 || c.code.length >= 6)
        && (endOfCode(theirs) || endOfCode(ours))) {
      return true;
    }
    return alignment(in, ours, theirs) || faultsInAnotherOrder(c, in, ours, theirs)
        || !intel && amd(c, in, ours, theirs);
  }

  /** Where alignment is checked. */
  private static boolean alignment(Instruction in, Outcome ours, Outcome theirs) {
    if (ours.trap != Vector.AC && theirs.trap != Vector.AC) {
      return false;
    }
    return switch (in.mnemonic) {
      // SDM on each: whether an operand of 16 bytes that need not be aligned raises #AC is the implementation's choice.
      case MOVUPS, MOVUPD, MOVDQU, LDDQU, PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM -> true;
      // SDM: so is which one of #GP and #AC is raised.
      case FXSAVE, FXRSTOR -> fault(ours) && fault(theirs);
      // SDM, PUSH and POP: of a segment register 16 bits or the operand size are accessed.
      case PUSH, POP -> in.kind[0] == OperandKind.SEGMENT && in.operandSize != 2;
      // The manuals do not agree on whether the page or the alignment is looked at first.
      default -> ours.trap == Vector.PF || theirs.trap == Vector.PF;
    };
  }

  private static boolean endOfCode(Outcome o) {
    return o.trap == Vector.PF && (o.error & FETCH) != 0 || o.trap == Vector.GP;
  }

  /** Where several faults are met, the manual orders them only coarsely (SDM volume 3, "Priority Among Concurrent Events"). */
  private static boolean faultsInAnotherOrder(TestCase c, Instruction in, Outcome ours, Outcome theirs) {
    return switch (in.mnemonic) {
      // Checks of the new code segment against reading the rest of the frame.
      case RET_FAR, IRET, CALL_FAR, JMP_FAR -> fault(ours) && fault(theirs) && ours.trap != theirs.trap;
      // The limit of segment 7Bh is the number of the processor.
      case LSL -> theirs.trap == Outcome.COMPLETED && (short) ours.after.gpr[in.reg[0]] == 0
          && ((ours.after.gpr[in.reg[0]] ^ theirs.after.gpr[in.reg[0]]) & ~511) == 0;
      // Which of two operands, or the reading or the writing of one, is tried first.
      case CMPS, ARPL -> fault(ours) && fault(theirs) && ours.trap != theirs.trap;
      // SDM: whether a mask of zeros still faults is the implementation's choice.
      case MASKMOVQ, MASKMOVDQU -> (ours.trap == Outcome.COMPLETED || theirs.trap == Outcome.COMPLETED)
          && (fault(ours) || fault(theirs));
      // SDM: a source outside of the range is undefined.
      case FYL2XP1, F2XM1 -> (c.before.signExponent(0) & 0x7fff) >= 0x3ffd && ours.trap == theirs.trap;
      // SDM, POP, of a segment register: 16 or 32 bits are read.
      case POP -> in.kind[0] == OperandKind.SEGMENT && in.operandSize != 2 && fault(theirs);
      case FNSAVE, FRSTOR, FNSTENV, FLDENV, FXSAVE, FXRSTOR, PUSHA, POPA, ENTER ->
        fault(ours) && fault(theirs) && ours.trap != theirs.trap;
      default -> alignedOperand(in) && isSegmentFault(ours) && isSegmentFault(theirs); // misaligned and beyond the limit
    };
  }

  private static boolean fault(Outcome o) {
    return o.trap == Vector.PF || o.trap == Vector.AC || o.trap >= Vector.TS && o.trap <= Vector.GP;
  }

  private static boolean isSegmentFault(Outcome o) {
    return o.trap == Vector.GP && o.error == 0 || o.trap == Vector.SS && o.error == 0;
  }

  private static boolean alignedOperand(Instruction in) {
    for (int i = 0; i < in.operands; i++) {
      if (in.kind[i] == OperandKind.MEMORY && in.size[i] >= 16) {
        return true;
      }
    }
    return false;
  }

  /** AMD64 Architecture Programmer's Manual, volume 3, on the instructions' pages. */
  private static boolean amd(TestCase c, Instruction in, Outcome ours, Outcome theirs) {
    long base = in.segment == 4 ? c.before.fsBase : in.segment == 5 ? c.before.gsBase : 0;
    if (c.is64() && base >>> 32 != 0 && theirs.trap == Vector.GP && theirs.error == 0) {
      return true; // the offset has to be canonical too, not the linear address only
    }
    boolean sixteen = in.mode == CodeMode.BITS64 && hasPrefix(c, in, 0x66);
    return switch (in.mnemonic) {
      // Near branches with an operand size of 16 bits exist in 64-bit mode.
      case J, JCXZ, LOOP, JMP, CALL, RET -> sixteen;
      // There are no far pointers with offsets of 64 bits.
      case JMP_FAR, CALL_FAR, LFS, LGS, LSS -> in.operandSize == 8 && in.mode == CodeMode.BITS64;
      // Prefixes F2 and F3 choose the condition.
      case LOOPE -> sixteen || hasPrefix(c, in, 0xf2);
      case LOOPNE -> sixteen || hasPrefix(c, in, 0xf3);
      // 0F0D is defined for memory only.
      case NOP -> in.map == 1 && in.opcode == 0x0d && theirs.trap == Vector.UD;
      // With an operand size of 16 bits, 32 are read nevertheless (SDM: r/m16).
      case MOVSXD -> in.operandSize == 2 && in.hasMemory() && fault(theirs) && ours.trap == Outcome.COMPLETED;
      // The permission to use the port is checked even if there is nothing to transfer.
      case INS, OUTS -> (in.rep || in.repne) && theirs.trap == Vector.GP && ours.trap == Outcome.COMPLETED;
      // Operands in memory need not be aligned.
      case SHA1RNDS4, SHA1NEXTE, SHA1MSG1, SHA1MSG2, SHA256RNDS2, SHA256MSG1, SHA256MSG2 ->
        isSegmentFault(ours) && in.hasMemory();
      case INVALID -> in.map == 1 && hasPrefix(c, in, 0xf0) && (in.opcode == 0x20 || in.opcode == 0x22 // LOCK MOV CR0 is MOV CR8
          || in.opcode == 0 && (in.modrm >> 3 & 7) == 5); // LOCK VERW
      // It does not need to write what does not change (SDM: #GP for any segment that cannot be written).
      case ARPL -> fault(ours) && theirs.trap == Outcome.COMPLETED && (theirs.after.flags & Flag.ZF) == 0;
      // The memory form does not look at the x87 (SDM: it raises #MF).
      case CVTPI2PS -> in.hasMemory() && ours.trap == Vector.MF;
      default -> false;
    };
  }

  private static boolean hasPrefix(TestCase c, Instruction in, int prefix) {
    for (byte b : c.code) {
      if ((b & 0xff) == prefix) {
        return true;
      }
      if ((b & 0xff) == in.opcode) {
        return false;
      }
    }
    return false;
  }

  // ---- what is taken over ------------------------------------------------------------------------------------------------------------

  /** Replaces in the host's outcome what cannot be compared by ours. */
  void adopt(TestCase c, Outcome ours, Outcome theirs) {
    Instruction in = c.decoded();
    if (in.mnemonic == null) {
      return;
    }
    if (severalAccesses(in) && theirs.trap == ours.trap && theirs.trap != Outcome.COMPLETED) {
      theirs.faultAddress = ours.faultAddress;
      theirs.error = ours.error; // whether what was met first is a write
      replaceChanges(ours, theirs); // some processors have written a part of it
      if (in.mnemonic == Mnemonic.POPA) {
        System.arraycopy(ours.after.gpr, 0, theirs.after.gpr, 0, 8); // or have loaded some registers
      }
    }
    MachineState a = ours.after;
    MachineState b = theirs.after;
    switch (in.mnemonic) {
      case RCPPS, RCPSS, RSQRTPS, RSQRTSS -> approximations(a, b);
      case FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1 -> transcendental(a, b);
      case PUSH -> {
        // SDM, PUSH: of a segment register 16 or 32 bits are written.
        if (in.kind[0] == OperandKind.SEGMENT && in.operandSize != 2) {
          replaceChanges(ours, theirs);
        }
      }
      default -> {}
    }
    if (!intel) {
      adoptAmd(c, in, ours, theirs);
    }
  }

  private static void replaceChanges(Outcome ours, Outcome theirs) {
    theirs.changes.clear();
    theirs.changes.putAll(ours.changes);
  }

  /** Instructions with several accesses to memory, whose order is the processor's own. */
  private static boolean severalAccesses(Instruction in) {
    return switch (in.mnemonic) {
      case RET_FAR, CALL_FAR, IRET, PUSHA, POPA, ENTER, CMPS, FNSAVE, FRSTOR, FNSTENV, FLDENV, FXSAVE, FXRSTOR, LDS,
          LES,
          LFS, LGS, LSS, JMP_FAR, BOUND, MASKMOVQ, MASKMOVDQU, ARPL ->
        true;
      default -> false;
    };
  }

  /** SDM: the relative error is at most 1.5 * 2^-12. */
  private static void approximations(MachineState a, MachineState b) {
    for (int i = 0; i < 32; i++) {
      long x = a.xmm(i);
      long y = b.xmm(i);
      if (x != y && near((int) x, (int) y) && near((int) (x >>> 32), (int) (y >>> 32))) {
        b.xmm(i, x);
      }
    }
  }

  private static boolean near(int x, int y) {
    float a = Float.intBitsToFloat(x);
    float b = Float.intBitsToFloat(y);
    boolean tiny = Math.abs(a) <= 2 * Float.MIN_NORMAL && Math.abs(b) <= 2 * Float.MIN_NORMAL; // becomes 0 sooner or later
    return x == y || Math.abs(a - b) <= Math.abs(a) * 3 / 4096 || tiny && (x ^ y) >= 0;
  }

  /** SDM volume 1, "Accuracy of Transcendental Instructions": the error is below one unit in the last place; on both sides. */
  private static void transcendental(MachineState a, MachineState b) {
    for (int i = 0; i < 8; i++) {
      boolean near = a.signExponent(i) == b.signExponent(i) && Math.abs(a.mantissa(i) - b.mantissa(i)) <= 2
          || a.signExponent(i) - b.signExponent(i) == 1 && a.mantissa(i) == Long.MIN_VALUE && b.mantissa(i) == -1
          || b.signExponent(i) - a.signExponent(i) == 1 && b.mantissa(i) == Long.MIN_VALUE && a.mantissa(i) == -1;
      if (near) {
        b.st(i, a.signExponent(i), a.mantissa(i));
      }
    }
    status(a, b, C1 | PE | UE | SUMMARY);
  }

  private static void adoptAmd(TestCase c, Instruction in, Outcome ours, Outcome theirs) {
    MachineState a = ours.after;
    MachineState b = theirs.after;
    boolean unmaskedInvalid = (b.status() & ~c.before.control() & IE) != 0;
    switch (in.mnemonic) {
      case FCOM, FCOMP, FCOMPP, FUCOM, FUCOMP, FUCOMPP, FICOM, FICOMP, FTST -> {
        // SDM volume 2, FCOM: with #IA not masked, the condition codes are not set.
        if (unmaskedInvalid) {
          status(a, b, C0 | C2 | C3);
        }
      }
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP -> {
        // SDM volume 2, FCOMI: C1 is set to 0; and, as above, RFLAGS with #IA not masked.
        status(a, b, C1);
        if (unmaskedInvalid) {
          b.flags = b.flags & ~Flag.STATUS | a.flags & Flag.STATUS;
        }
      }
      case FXSAVE -> savedArea(ours, theirs);
      default -> {}
    }
    boolean mmx = false;
    for (int i = 0; i < in.operands; i++) {
      mmx |= in.kind[i] == OperandKind.MMX;
    }
    // The transition to MMX state takes place before a fault; and SDM volume 2, CVTPI2PS: with memory too.
    if (mmx && theirs.trap != Outcome.COMPLETED || in.mnemonic == Mnemonic.CVTPI2PS && in.hasMemory()) {
      b.fpu.putShort(MachineState.FSW, (short) a.status()).put(MachineState.FTW, a.fx[MachineState.FTW]);
      for (int i = 0; i < 8; i++) {
        b.st(i, a.signExponent(i), a.mantissa(i));
      }
    }
  }

  /** MXCSR has a bit more. */
  private static void savedArea(Outcome ours, Outcome theirs) {
    ours.changes.forEach((word, value) -> {
      Long their = theirs.changes.get(word);
      if (their != null && (their ^ value) == (long) MISALIGNED_MASK << 32) {
        theirs.changes.put(word, value);
      }
    });
  }

  private static void status(MachineState from, MachineState to, int mask) {
    to.fpu.putShort(MachineState.FSW, (short) (to.status() & ~mask | from.status() & mask));
  }
}
