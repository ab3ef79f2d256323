package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.decode.Mnemonic;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.MemOp;
import org.sallyport.cpu.vmx.interpret.Op;
import org.sallyport.cpu.vmx.simd.XmmRegisters;
import org.sallyport.cpu.vmx.state.Flag;
import org.sallyport.cpu.vmx.state.Registers;
import org.sallyport.cpu.vmx.state.Vector;

/** FXSAVE, FXRSTOR, XSAVE, XSAVEOPT, XRSTOR (SDM volume 1, chapter "Managing State Using the XSAVE Feature Set"). */
final class StateOps extends MemOp {
  static final int X87 = 1;
  static final int SSE = 2;
  static final int PKRU = 1 << 9;

  /** Where PKRU is in the standard format (CPUID leaf 0DH, sub-leaf 9). */
  static final int PKRU_OFFSET = 2688;

  /** Bits of MXCSR that exist. */
  static final int MXCSR_MASK = 0xffff;

  private static final int LEGACY = 512;
  private static final int HEADER = 64;

  private final Mnemonic mnemonic;
  private final boolean wide;
  private final boolean mode64;

  private StateOps(Instruction in, Cpu cpu) {
    super(in, cpu);
    mnemonic = in.mnemonic;
    wide = in.operandSize == 8;
    mode64 = cpu.codeMode() == org.sallyport.api.cpu.CodeMode.BITS64;
  }

  static Op bind(Instruction in, Cpu cpu) {
    return new StateOps(in, cpu);
  }

  @Override
  public Op execute(Cpu c) {
    boolean extended = mnemonic != Mnemonic.FXSAVE && mnemonic != Mnemonic.FXRSTOR;
    if (extended ? (c.cr4 & Flag.CR4_OSXSAVE) == 0 : (c.cr0 & Flag.CR0_EM) != 0) {
      throw extended ? c.ud() : c.fault(Vector.NM);
    }
    if ((c.cr0 & Flag.CR0_TS) != 0) {
      throw c.fault(Vector.NM);
    }
    boolean write = mnemonic != Mnemonic.FXRSTOR && mnemonic != Mnemonic.XRSTOR;
    int bytes = extended ? LEGACY + HEADER : LEGACY;
    long a = write ? writeAddress(c, bytes) : readAddress(c, bytes);
    if ((a & (extended ? 63 : 15)) != 0) {
      throw c.gp();
    }
    if (write) {
      c.checkWrite(a, bytes);
      if (extended && (requested(c) & PKRU) != 0) {
        c.checkWrite(a + PKRU_OFFSET, 4);
      }
    } else {
      c.checkRead(a, bytes);
    }
    switch (mnemonic) {
      case FXSAVE -> {
        saveX87(c, a);
        saveMxcsr(c, a);
        saveXmm(c, a);
      }
      case FXRSTOR -> {
        int mxcsr = c.read32(a + 24);
        checkMxcsr(c, mxcsr);
        restoreX87(c, a);
        c.xmm.mxcsr = mxcsr;
        restoreXmm(c, a);
      }
      case XRSTOR -> restoreExtended(c, a);
      default -> saveExtended(c, a);
    }
    return next;
  }

  private static long requested(Cpu c) {
    return (c.r[Registers.RDX] << 32 | c.r[Registers.RAX] & 0xffffffffL) & c.xcr0;
  }

  private void saveExtended(Cpu c, long a) {
    long wanted = requested(c);
    if ((wanted & X87) != 0) {
      saveX87(c, a);
    }
    if ((wanted & SSE) != 0) {
      saveMxcsr(c, a);
      saveXmm(c, a);
    }
    long initial = 0;
    if ((wanted & PKRU) != 0) {
      c.write32(a + PKRU_OFFSET, c.pkru());
      initial = c.pkru() == 0 ? PKRU : 0;
    }
    c.write64(a + LEGACY, c.read64(a + LEGACY) & ~wanted | wanted & ~initial);
  }

  private void restoreExtended(Cpu c, long a) {
    long wanted = requested(c);
    long present = c.read64(a + LEGACY);
    if ((present & ~c.xcr0) != 0 || c.read64(a + LEGACY + 8) != 0 || c.read64(a + LEGACY + 16) != 0) {
      throw c.gp();
    }
    int mxcsr = c.read32(a + 24);
    int pkru = (wanted & present & PKRU) != 0 ? c.read32(a + PKRU_OFFSET) : 0;
    if ((wanted & SSE) != 0) {
      checkMxcsr(c, mxcsr);
      c.xmm.mxcsr = mxcsr;
      if ((present & SSE) != 0) {
        restoreXmm(c, a);
      } else {
        java.util.Arrays.fill(c.xmm.x, 0, mode64 ? 32 : 16, 0);
      }
    }
    if ((wanted & X87) != 0) {
      if ((present & X87) != 0) {
        restoreX87(c, a);
      } else {
        c.fpu.clear();
      }
    }
    if ((wanted & PKRU) != 0) {
      c.setPkru(pkru); // last: it may close the area
    }
  }

  private static void checkMxcsr(Cpu c, int mxcsr) {
    if ((mxcsr & ~MXCSR_MASK) != 0) {
      throw c.gp();
    }
  }

  private void saveX87(Cpu c, long a) {
    Fpu f = c.fpu;
    c.write16(a, f.control);
    c.write16(a + 2, f.statusWord());
    c.write16(a + 4, ~f.empty & 0xff);
    c.write16(a + 6, f.lastOpcode);
    if (wide) {
      c.write64(a + 8, f.lastInstruction);
      c.write64(a + 16, f.lastData);
    } else {
      c.write64(a + 8, f.lastInstruction & 0xffffffffL | (long) f.lastInstructionSelector << 32);
      c.write64(a + 16, f.lastData & 0xffffffffL | (long) f.lastDataSelector << 32);
    }
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      c.write64(a + 32 + 16 * i, f.mantissa[p]);
      c.write64(a + 40 + 16 * i, f.signExponent[p] & 0xffffL);
    }
  }

  private void restoreX87(Cpu c, long a) {
    Fpu f = c.fpu;
    f.loadControl(c.read16(a));
    f.statusWord(c.read16(a + 2));
    f.empty = ~c.read8(a + 4) & 0xff;
    f.lastOpcode = c.read16(a + 6) & 0x7ff;
    long instruction = c.read64(a + 8);
    long data = c.read64(a + 16);
    f.lastInstruction = wide ? instruction : instruction & 0xffffffffL;
    f.lastInstructionSelector = wide ? 0 : (int) (instruction >>> 32) & 0xffff;
    f.lastData = wide ? data : data & 0xffffffffL;
    f.lastDataSelector = wide ? 0 : (int) (data >>> 32) & 0xffff;
    for (int i = 0; i < 8; i++) {
      int p = f.physical(i);
      f.mantissa[p] = c.read64(a + 32 + 16 * i);
      f.signExponent[p] = c.read16(a + 40 + 16 * i);
    }
    f.updateSummary();
  }

  private static void saveMxcsr(Cpu c, long a) {
    c.write32(a + 24, c.xmm.mxcsr);
    c.write32(a + 28, MXCSR_MASK);
  }

  private void saveXmm(Cpu c, long a) {
    XmmRegisters xmm = c.xmm;
    int longs = mode64 ? 32 : 16;
    for (int i = 0; i < longs; i++) {
      c.write64(a + 160 + 8 * i, xmm.x[i]);
    }
  }

  private void restoreXmm(Cpu c, long a) {
    XmmRegisters xmm = c.xmm;
    int longs = mode64 ? 32 : 16;
    for (int i = 0; i < longs; i++) {
      xmm.x[i] = c.read64(a + 160 + 8 * i);
    }
  }
}
